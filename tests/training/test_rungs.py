"""The ladder: which techniques each rung has."""

from dataclasses import replace

import pytest

from cs231n.nets import Affine, Network, describe, parse
from cs231n.training.edits import append_dropout, insert_1x1, stack_small_filters
from cs231n.training.recipes import RECIPES
from cs231n.training.rungs import RUNGS, ladder

NAMES = ["baseline", "small-filters", "1x1", "dropout", "augmentation", "averaging", "ensemble"]


def test_the_ladder_is_that_of_the_lecture(recipe):
    assert [rung.name for rung in RUNGS] == NAMES
    steps = ladder(recipe)
    assert [rung.name for rung, _ in steps] == NAMES
    assert [describe(setup.layers) for _, setup in steps[:4]] == [
        recipe.layers,
        "[conv3-2 relu]*2 pool2 conv3-2 relu pool2 fc-8 relu",
        "[conv3-2 relu]*2 conv1-2 relu pool2 conv3-2 relu conv1-2 relu pool2 fc-8 relu",
        "[conv3-2 relu]*2 conv1-2 relu pool2 conv3-2 relu conv1-2 relu pool2 fc-8 relu dropout0.5",
    ]
    assert all(setup.layers == steps[3][1].layers for _, setup in steps[4:])
    flags = [(setup.augment, setup.average, setup.ensemble) for _, setup in steps]
    assert flags == [
        *[(False, False, False)] * 4,
        (True, False, False),
        (True, True, False),
        (True, True, True),
    ]


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
    networks = [setup.network for _, setup in ladder(recipe)]
    assert networks[4] == networks[5] == networks[6]
    assert len(set(networks)) == 5


@pytest.mark.parametrize(
    "names",
    [["droput"], ["dropout", "dropout"], [], ["baseline", ""], ["Baseline"], ["baseline", "x"]],
)
def test_other_names_are_refused_with_those_that_there_are(recipe, names):
    with pytest.raises(ValueError, match=", ".join(NAMES)):
        ladder(recipe, names)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_complete(name):
    recipe = RECIPES[name]
    assert recipe.passes > 1
    assert recipe.members > 1
    assert 0 < recipe.keep_ratio < 1
    assert recipe.augmentation.describe()
    flips = "random_flips" in recipe.augmentation.describe()
    assert flips == (name in ("shapes", "cifar10"))  # a mirrored digit is no digit


@pytest.mark.parametrize("name", RECIPES)
def test_every_rung_of_every_recipe_is_a_network(name):
    shape = (1, 8, 8) if name == "digits" else (1, 28, 28) if name == "mnist" else (3, 32, 32)
    for _, setup in ladder(RECIPES[name]):
        network = Network([*setup.layers, Affine(10)], shape, seed=0)
        assert network.placed[-1].output_shape == (10,)


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


def test_dropout_stands_in_front_of_the_scores():
    assert append_dropout(parse("fc-4 relu"), 0.7) == tuple(parse("fc-4 relu dropout(keep=0.7)"))
