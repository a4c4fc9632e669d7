"""The ladder: which techniques each rung has."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from cs231n.augmentation import CutMix, Flip, MixUp, fit_pca
from cs231n.nets import Affine, Network, describe, parse
from cs231n.training.edits import (
    append_dropout,
    drop_nothing,
    insert_1x1,
    soften_pooling,
    stack_small_filters,
)
from cs231n.training.recipes import RECIPES
from cs231n.training.rungs import RUNGS, ladder
from cs231n.training.setups import ONCE, Way

NAMES = ["baseline", "small-filters", "1x1", "dropout", "augmentation", "averaging", "ensemble"]
SHAPES = dict.fromkeys(RECIPES, (3, 32, 32)) | {"digits": (1, 8, 8), "mnist": (1, 28, 28)}
GREY = ("digits", "mnist")


def test_the_ladder_is_that_of_the_lecture(recipe):
    steps = ladder(recipe)
    assert [rung.name for rung, _ in steps] == NAMES
    assert [describe(setup.layers) for _, setup in steps[:4]] == [
        recipe.layers,
        "[conv3-2 relu]*2 pool2 conv3-2 relu pool2 fc-8 relu",
        "[conv3-2 relu]*2 conv1-2 relu pool2 conv3-2 relu conv1-2 relu pool2 fc-8 relu",
        "[conv3-2 relu]*2 conv1-2 relu pool2 conv3-2 relu conv1-2 relu pool2 fc-8 relu dropout0.5",
    ]
    assert all(setup.layers == steps[3][1].layers for _, setup in steps[4:])
    flags = [(setup.augmentation, setup.average, setup.ensemble) for _, setup in steps]
    both = ("flip", "crop")
    assert flags == [
        *[((), False, False)] * 4,
        (both, False, False),
        (both, True, False),
        (both, True, True),
    ]


def test_techniques_are_added_one_by_one(recipe):
    names = ["baseline", "crop", "affine", "flip", "weight-averaging", "multi-crop", "averaging"]
    setups = [setup for _, setup in ladder(recipe, names)]
    assert [setup.augmentation for setup in setups] == [
        (),
        ("crop",),
        ("crop", "affine"),
        *[("crop", "affine", "flip")] * 4,
    ]
    assert [setup.average_weights for setup in setups] == [False] * 4 + [True] * 3
    assert [setup.multi_crop for setup in setups] == [False] * 5 + [True] * 2
    assert [setup.way(5) for setup in setups[-3:]] == [ONCE, Way(views=True), Way(5, True)]
    # All at once adds what is not there yet.
    ((_, setup), *_), (*_, (_, last)) = (
        ladder(recipe, names) for names in (["augmentation"], ["flip", "augmentation"])
    )
    assert (setup.augmentation, last.augmentation) == (("flip", "crop"), ("flip", "crop"))


def test_dropconnect_takes_the_place_of_dropout(recipe):
    steps = ladder(recipe, ["dropout", "dropconnect"])
    drop = "conv5-2 relu pool2 conv3-2 relu pool2 dropconnect-8 relu"
    assert [describe(setup.layers) for _, setup in steps] == [f"{recipe.layers} dropout0.5", drop]
    with pytest.raises(ValueError, match="layers must have an affine layer"):
        ladder(replace(recipe, layers="conv3-2 relu pool2"), ["dropconnect"])


def test_titles_say_how_many_passes(recipe):
    titles = [rung.title for rung, _ in ladder(recipe, ["averaging"])]
    assert titles == ["+ average over 3 passes"]
    ((rung, _),) = ladder(replace(recipe, passes=50), ["averaging"])
    assert "50 passes" in rung.description


# ---- what is wrong on some images ----


@pytest.mark.parametrize("dataset", GREY)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("flip", "a mirrored digit is another sign: a 2 becomes nearly a 5"),
        ("colour", "no colour"),
        ("pca", "no colour"),
    ],
)
def test_what_would_change_what_an_image_shows_is_refused(dataset, name, reason):
    with pytest.raises(ValueError, match=f"'{name}' is refused on these images: .*{reason}"):
        ladder(RECIPES[dataset], ["baseline", name])
    assert name not in RECIPES[dataset].techniques


def test_techniques_that_the_recipe_does_not_have_are_refused(recipe):
    with pytest.raises(ValueError, match="of flip, crop, affine here, got 'elastic'"):
        recipe.check(("flip", "elastic"))
    mixing = {"mixup": MixUp(), "cutmix": CutMix()}
    mixed = replace(recipe, techniques={**recipe.techniques, **mixing})
    mixed.check(("flip", "mixup"))
    with pytest.raises(ValueError, match=r"one way at most, got \['mixup', 'cutmix'\]"):
        mixed.check(("flip", "mixup", "cutmix"))
    with pytest.raises(ValueError, match="'colour' is refused"):
        recipe.pipeline(("colour",), np.zeros((2, 1, 8, 8), np.uint8))


@pytest.mark.parametrize("name", ["shapes", "cifar10"])
def test_fancy_pca_is_that_of_the_runs_own_training_images(name):
    X = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8)).astype(np.uint8)
    for images in (X, X[:3]):
        chain = RECIPES[name].pipeline(("flip", "pca"), images).images
        assert chain.parts == (Flip(), fit_pca(images))


def test_rungs_come_in_the_order_asked_for(recipe):
    steps = ladder(recipe, ["ensemble", "dropout"])
    assert [rung.name for rung, _ in steps] == ["ensemble", "dropout"]
    assert [setup.ensemble for _, setup in steps] == [True, True]
    assert [describe(setup.layers) for _, setup in steps] == [
        recipe.layers,
        f"{recipe.layers} dropout0.5",
    ]


def test_every_rung_explains_itself():
    for rung in RUNGS:
        assert rung.title
        assert rung.description.endswith(".")


def test_how_a_network_predicts_does_not_change_how_it_is_trained(recipe):
    networks = [setup.network for _, setup in ladder(recipe, [*NAMES, "multi-crop"])]
    assert networks[4] == networks[5] == networks[6] == networks[7]
    assert len(set(networks)) == 5


@pytest.mark.parametrize(
    "names",
    [["droput"], ["dropout", "dropout"], [], ["baseline", ""], ["Baseline"], ["baseline", "x"]],
)
def test_other_names_are_refused_with_those_that_there_are(recipe, names):
    with pytest.raises(ValueError, match=", ".join(rung.name for rung in RUNGS)):
        ladder(recipe, names)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_complete(name):
    recipe = RECIPES[name]
    assert recipe.passes > 1
    assert recipe.members > 1
    assert 0 < recipe.keep_ratio < 1
    assert recipe.augmentation
    recipe.check(recipe.augmentation)
    # Every technique that has a rung is there, or is refused.
    assert {*recipe.techniques, *recipe.refuses} == {"flip", "crop", "affine", "colour", "pca"}
    assert ("flip" in recipe.refuses) == (name in GREY)  # a mirrored digit is no digit
    assert recipe.passes % 6 == 0  # views, mirrored or not, all have their turns


@pytest.mark.parametrize("name", RECIPES)
def test_every_rung_of_every_recipe_is_a_network(name):
    recipe = RECIPES[name]
    every = [r.name for r in RUNGS if r.name not in recipe.refuses]
    X = np.zeros((2, *SHAPES[name]), np.uint8)
    for names in (None, every, *([rung] for rung in every)):
        for _, setup in ladder(recipe, names):
            network = Network([*setup.layers, Affine(10)], SHAPES[name], seed=0)
            assert network.placed[-1].output_shape == (10,)
            chain = recipe.pipeline(setup.augmentation, X).images
            assert chain is None or chain(X, np.random.default_rng(0)).shape == X.shape


@pytest.mark.parametrize("name", RECIPES)
def test_transforms_can_be_sent_to_other_processes(name):
    assert pickle.loads(pickle.dumps(RECIPES[name])).described() == RECIPES[name].described()


# ---- changes of a description ----


def fields(layers):
    return Network([*layers, Affine(2)], (3, 32, 32), seed=0).summary()


@pytest.mark.parametrize("size", [3, 5, 7, 9])
def test_a_stack_sees_what_the_large_filter_saw(size):
    layers = parse(f"conv{size}-4 relu pool2 conv{size}-6 relu pool2")
    stacked = stack_small_filters(layers)
    before, after = fields(layers), fields(stacked)
    assert after.layers[-2].field == before.layers[-2].field
    assert after.layers[-2].output_shape == before.layers[-2].output_shape
    convs = [layer for layer in stacked if type(layer).__name__ == "Conv"]
    assert {conv.size for conv in convs} == {3}
    assert len(convs) == 2 * (size - 1) // 2


@pytest.mark.parametrize(
    "text",
    ["conv5-4/2", "conv5-4:dilation=2", "conv5-4:pad=0", "conv5-4:dilation=2,pad=2", "conv4-4"],
)
def test_what_no_stack_equals_stays(text):
    layers = tuple(parse(f"{text} relu"))
    assert stack_small_filters(layers) == layers


def test_a_stack_keeps_the_other_options():
    (large, _) = parse("conv5-4(bias=no, init=normal(0.1)) relu")
    first, _, second, _ = stack_small_filters([large, *parse("relu")])
    assert first == second == replace(large, size=3)


def test_1x1_filters_change_no_field_and_no_shape():
    layers = parse("conv3-4 relu pool2 conv3-6 relu conv3-8/2 relu pool2")
    inserted = insert_1x1(layers)
    assert describe(inserted) == (
        "conv3-4 relu conv1-4 relu pool2 conv3-6 relu conv3-8/2 relu conv1-8 relu pool2"
    )
    assert fields(inserted).layers[-2].field == fields(layers).layers[-2].field
    assert insert_1x1(parse("pool2 fc-4 relu")) == tuple(parse("pool2 fc-4 relu"))


def test_normalisation_follows_each_filter_that_comes():
    layers = parse("conv5-4:bias=no bn relu pool2")
    small, pointwise = "conv3-4:bias=no bn relu", "conv1-4:bias=no bn relu"
    assert stack_small_filters(layers) == tuple(parse(f"{small} {small} pool2"))
    assert insert_1x1(layers) == tuple(parse(f"conv5-4:bias=no bn relu {pointwise} pool2"))


def test_two_gentle_poolings_shrink_a_map_as_much():
    layers = parse("conv3-4 bn relu pool2 conv5-6/2 relu pool2 pool3 fc-4")
    softened = soften_pooling(layers)
    assert softened == tuple(
        parse(
            "conv3-4 bn relu fmp√2 conv3-4 bn relu fmp√2 "
            "conv5-6/2 relu fmp√2 conv3-6 relu fmp√2 pool3 fc-4"
        )
    )
    assert soften_pooling(parse("pool2 conv3-4 pool2")) == tuple(
        parse("fmp√2 fmp√2 conv3-4 fmp√2 conv3-4 relu fmp√2")
    )


@pytest.mark.parametrize("side", range(3, 65))
def test_gentle_poolings_fit_every_map(side):
    before, after = (
        Network((*edit(parse("conv3-2 relu pool2")), Affine(2)), (1, side, side), seed=0)
        for edit in (tuple, soften_pooling)
    )
    ends = [
        next(p for p in reversed(net.placed) if len(p.output_shape) == 3).output_shape[1]
        for net in (before, after)
    ]
    assert ends[1] - ends[0] in (0, 1)
    assert after.scores(np.zeros((1, 1, side, side)), noise=0).shape == (1, 2)


def test_what_drops_nothing_has_the_same_parameters():
    text = "conv3-4 relu dropout0.5 pool2 residual(conv3-4 dropout0.5) dropconnect-6:keep=0.3 relu"
    dropping = parse(text)
    still = drop_nothing(dropping)
    assert describe(still) == "conv3-4 relu pool2 residual(conv3-4) fc-6 relu"
    networks = [Network([*layers, Affine(2)], (1, 8, 8), seed=0) for layers in (dropping, still)]
    assert list(networks[0].params) == list(networks[1].params)
    for name, w in networks[0].params.items():
        np.testing.assert_array_equal(networks[1].params[name], w)
    X = np.random.default_rng(0).normal(size=(5, 1, 8, 8))
    scores = [network.scores(X) for network in networks]
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-5)


def test_dropout_stands_in_front_of_the_scores():
    assert append_dropout(parse("fc-4 relu"), 0.7) == tuple(parse("fc-4 relu dropout(keep=0.7)"))
