"""The experiments: their networks, their report, and what it must not depend on."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cs231n.augmentation import Shift, random_flips, random_shifts
from cs231n.data.shapes import load_shapes
from cs231n.nets import Affine, Network, compare, summary
from cs231n.training import pool
from cs231n.training.experiments import (
    AUGMENTATION,
    EXPERIMENTS,
    SMALL_FILTERS,
    compare_contenders,
)
from cs231n.training.experiments.claims import Claim, Contender, Experiment
from cs231n.training.experiments.running import describe_experiment
from cs231n.training.networks import Trained
from cs231n.training.setups import ONCE, Setup, Way
from cs231n.training.statistics import estimate, paired_difference

NAMES = [contender.name for contender in SMALL_FILTERS.contenders]


@pytest.fixture
def experiment(recipe):
    """Two networks for 8x8 images, and what is claimed of them."""
    return Experiment(
        name="toy",
        title="Toy",
        source="nowhere",
        contenders=(
            Contender("large", "one 5x5", "conv5-F relu pool2", augmentation=("flip", "crop")),
            Contender("small", "two 3x3", "[conv3-F relu]*2 pool2", 12.5, ("flip", "crop")),
        ),
        claims=(Claim("small", "large", "the test", 3.0),),
        filters={"F": 2},
        recipes={"toy": replace(recipe, layers="fc-4 relu")},
    )


@pytest.fixture
def report(experiment, dataset):
    return compare_contenders(experiment, dataset, experiment.recipes["toy"], workers=0)


def specs(name):
    (contender,) = (c for c in SMALL_FILTERS.contenders if c.name == name)
    return contender.specs("fc-128 relu", SMALL_FILTERS.filters)


# ---- the networks ----


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_claims_name_contenders_and_differences_are_those_of_the_papers(experiment):
    published = {c.name: c.published for c in experiment.contenders}
    assert len(published) == len(experiment.contenders)
    for claim in experiment.claims:
        better, worse = published[claim.better], published[claim.worse]
        if better is not None and worse is not None:
            assert claim.published == pytest.approx(worse - better)


@pytest.mark.parametrize("name", NAMES)
def test_the_networks_are_those_of_the_table(name):
    """Filter sizes, stage by stage; a convolution is followed by normalisation and ReLU."""
    stages = {
        "7x7": [[7], [7], [7]],
        "3x3x3": [[3, 3, 3]] * 3,
        "5x5": [[5], [5], [5]],
        "B": [[3, 3]] * 3,
        "C": [[3, 3], [3, 3, 1], [3, 3, 1]],
        "D": [[3, 3], [3, 3, 3], [3, 3, 3]],
    }[name]
    expected = []
    for filters, sizes in zip((16, 32, 64), stages, strict=True):
        for size in sizes:
            expected += [("Conv", size, filters), ("BatchNorm",), ("ReLU",)]
        expected.append(("MaxPool",))
    expected += [("Affine",), ("ReLU",)]
    found = [
        (type(s).__name__, s.size, s.filters) if type(s).__name__ == "Conv" else (type(s).__name__,)
        for s in specs(name)
    ]
    assert found == expected


@pytest.mark.parametrize("shape", [(3, 32, 32)])
def test_networks_that_are_compared_see_as_much(shape):
    def last_map(name):
        rows = summary([*specs(name), Affine(10)], shape).layers
        return next(row for row in reversed(rows) if len(row.output_shape) == 3)

    for one, other in (("7x7", "3x3x3"), ("5x5", "B"), ("B", "C")):
        assert last_map(one).field == last_map(other).field
        assert last_map(one).output_shape == last_map(other).output_shape
    for name in NAMES:
        network = Network([*specs(name), Affine(10)], shape, seed=0)
        assert network.scores(np.zeros((1, *shape))).shape == (1, 10)


def test_the_lectures_ratio_holds_within_a_stage():
    table = str(compare("conv7-C", "conv3-C conv3-C conv3-C"))
    assert "49C²" in table
    assert "27C²" in table


def test_small_filters_is_trained_as_when_its_results_were_made():
    """Mirroring and shifts of up to 3 pixels, whose draws those of the functions equal."""
    X = np.random.default_rng(0).integers(0, 256, (50, 3, 32, 32)).astype(np.uint8)
    for recipe in SMALL_FILTERS.recipes.values():
        for contender in SMALL_FILTERS.contenders:
            setup = contender.setup(recipe.layers, SMALL_FILTERS.filters)
            assert setup == Setup(specs(contender.name), ("flip", "crop"))
        chain = recipe.pipeline(("flip", "crop"), X).images
        expected = random_shifts(random_flips(X, rng := np.random.default_rng(1)), rng, 3)
        np.testing.assert_array_equal(chain(X, np.random.default_rng(1)), expected)


# ---- augmentation: one network in many ways ----


def test_each_technique_stands_alone_beside_nothing():
    contenders = {c.name: c for c in AUGMENTATION.contenders}
    assert (
        len({(c.layers, c.specs("fc-4", AUGMENTATION.filters)) for c in contenders.values()}) == 1
    )
    assert contenders.pop("none").augmentation == ()
    alone = [c for c in contenders.values() if len(c.augmentation) == 1 and not c.multi_crop]
    assert [(c.name,) for c in alone] == [c.augmentation for c in alone]
    against = [(claim.better, claim.worse) for claim in AUGMENTATION.claims]
    assert against == [
        *((c.name, "none") for c in alone),
        *(("together", "none"), ("multi-crop", "crop"), ("averaging", "together")),
    ]
    assert contenders["multi-crop"].augmentation == contenders["crop"].augmentation
    assert contenders["averaging"].augmentation == contenders["together"].augmentation
    for recipe in AUGMENTATION.recipes.values():
        assert {c.name for c in alone} == set(recipe.techniques)


@pytest.mark.parametrize("name", AUGMENTATION.recipes["shapes"].techniques)
def test_every_technique_changes_images_and_keeps_their_shape(name):
    X = load_shapes(40, 1).X_train
    pipeline = AUGMENTATION.recipes["shapes"].pipeline((name,), X)
    rng = np.random.default_rng(0)
    if pipeline.images is None:
        changed, _ = pipeline.mixing(X, np.arange(40) % 10, 10, rng)
    else:
        changed = pipeline.images(X, rng)
    assert (changed.shape, changed.dtype) == (X.shape, X.dtype)
    assert not np.array_equal(changed, X)
    # The image is still there: it looks more like itself than like the others.
    flat = [a.reshape(40, -1).astype(float) for a in (changed, X)]
    distances = np.linalg.norm(flat[0][:, None] - flat[1], axis=2)
    if name not in ("flip", "mixup", "cutmix"):
        assert np.mean(distances.argmin(axis=1) == np.arange(40)) > 0.7


def test_one_network_is_three_million_multiply_adds():
    recipe = AUGMENTATION.recipes["cifar10"]
    layers = AUGMENTATION.contenders[0].specs(recipe.layers, AUGMENTATION.filters)
    assert summary([*layers, Affine(10)], (3, 32, 32)).multiply_adds == pytest.approx(3e6, rel=0.1)


def test_contenders_that_differ_at_test_time_share_a_network(experiment, dataset, monkeypatch):
    large = experiment.contenders[0]
    many = replace(
        experiment,
        contenders=(
            replace(large, name="none", augmentation=()),
            large,
            replace(large, name="views", multi_crop=True),
            replace(large, name="passes", average=True),
            replace(large, name="both", average=True, multi_crop=True),
        ),
        claims=(Claim("both", "none", "the test"),),
    )
    outcomes, original = {}, pool.run

    def run(job, *args):
        outcomes[job] = original(job, *args)
        return outcomes[job]

    monkeypatch.setattr(pool, "run", run)
    recipe = experiment.recipes["toy"]
    report = compare_contenders(many, dataset, recipe, workers=0)
    assert [(j.seed, len(j.ways)) for j in outcomes] == [(0, 0), (0, 3), (1, 0), (1, 3)]
    trained = [Trained(*item) for item in outcomes.items()]
    ways = [ONCE, ONCE, Way(views=True), Way(3), Way(3, True)]
    for k, (row, way) in enumerate(zip(report["contenders"], ways, strict=True)):
        of_seeds = trained[0::2] if k == 0 else trained[1::2]
        expected = [
            round(100 * float(np.mean(t.probabilities(way).argmax(axis=1) != dataset.y_test)), 4)
            for t in of_seeds
        ]
        assert row["errors"] == expected
        assert row["seconds"] == pytest.approx(np.mean([t.seconds(way) for t in of_seeds]))
    assert [row["test_time"] for row in report["contenders"]] == [
        *("", "", "6 views", "3 noisy passes", "3 noisy passes, 6 views"),
    ]
    assert [row["augmentation"] for row in report["contenders"]][:2] == [
        {},
        {"flip": "Flip()", "crop": "Shift(pixels=1)"},
    ]


def test_what_is_refused_is_refused_before_any_work(experiment, dataset, monkeypatch):
    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained"))
    recipe = replace(experiment.recipes["toy"], refuses={"flip": "they are digits"})
    with pytest.raises(ValueError, match="'flip' is refused on these images: they are digits"):
        compare_contenders(experiment, dataset, recipe, workers=0)


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_recipes_ask_for_no_more_images_than_there_are(experiment):
    there = {"shapes": 10_000, "cifar10": 50_000}
    assert set(experiment.recipes) == set(there)
    for name, recipe in experiment.recipes.items():
        assert recipe.train_size + recipe.validation_size <= there[name]


# ---- the report ----


def test_a_report_is_complete_and_ready_for_json(report, experiment):
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert [row["name"] for row in report["contenders"]] == ["large", "small"]
    large, small = report["contenders"]
    assert large["layers"] == "conv5-2:bias=no bn relu pool2 fc-4 relu"
    # filters without bias, gamma and beta, 4 hidden units on 2 maps of 4x4, 3 classes
    assert large["parameters"] == 50 + 4 + (128 + 4) + (12 + 3)
    assert small["parameters"] == 18 + 36 + 8 + (128 + 4) + (12 + 3)
    assert large["multiply_adds"] == 64 * 50 + 128 + 12
    assert small["multiply_adds"] == 64 * (18 + 36) + 128 + 12
    assert large["receptive_field"] == small["receptive_field"] == 6
    assert (large["published"], small["published"]) == (None, 12.5)
    assert report["seeds"] == [0, 1]
    assert report["settings"]["ending"] == "fc-4 relu"


def test_errors_and_verdicts_are_those_of_the_outcomes(experiment, dataset, monkeypatch):
    outcomes = {}
    original = pool.run

    def run(job, *args):
        outcomes[job] = original(job, *args)
        return outcomes[job]

    monkeypatch.setattr(pool, "run", run)
    report = compare_contenders(experiment, dataset, experiment.recipes["toy"], workers=0)
    assert [job.seed for job in outcomes] == [0, 0, 1, 1]
    for k, row in enumerate(report["contenders"]):
        expected = [
            round(100 * float(np.mean(o.probabilities.argmax(axis=1) != dataset.y_test)), 4)
            for o in list(outcomes.values())[k::2]
        ]
        assert row["errors"] == expected
        assert row["standard_error"] == estimate(expected).standard_error
    large, small = (row["errors"] for row in report["contenders"])
    difference, verdict = paired_difference(small, large)
    (claim,) = report["claims"]
    assert claim["difference"] == {
        "mean": difference.mean,
        "standard_error": difference.standard_error,
        "verdict": verdict,
    }
    assert (claim["better"], claim["worse"], claim["published"]) == ("small", "large", 3.0)


def without_times(report):
    rows = [{**row, "seconds": None} for row in report["contenders"]]
    return {**report, "contenders": rows, "seconds": None, "date": None}


def test_the_same_seeds_give_the_same_digits_on_any_workers(report, experiment, dataset):
    again = compare_contenders(experiment, dataset, experiment.recipes["toy"], workers=2)
    assert without_times(again) == without_times(report)


def test_the_test_set_chooses_nothing(experiment, dataset, monkeypatch):
    seen = []
    original = pool.run
    monkeypatch.setattr(pool, "run", lambda *args: seen.append(original(*args)) or seen[-1])
    shuffled = np.random.default_rng(1).permutation(dataset.y_test)
    for labels in (dataset.y_test, shuffled):
        changed = replace(dataset, y_test=labels)
        compare_contenders(experiment, changed, experiment.recipes["toy"], workers=0)
    for first, second in zip(seen[:4], seen[4:], strict=True):
        np.testing.assert_array_equal(first.probabilities, second.probabilities)
        np.testing.assert_array_equal(first.val_accuracy, second.val_accuracy)


def test_a_stopped_run_goes_on_and_more_seeds_train_only_the_new_ones(
    tmp_path, experiment, dataset, monkeypatch
):
    recipe, trained, original = experiment.recipes["toy"], [], pool.run

    def run(job, *args):
        if len(trained) == 3:
            raise KeyboardInterrupt
        trained.append(job)
        return original(job, *args)

    monkeypatch.setattr(pool, "run", run)
    with pytest.raises(KeyboardInterrupt):
        compare_contenders(experiment, dataset, recipe, tmp_path, workers=0)
    monkeypatch.setattr(pool, "run", lambda job, *a: trained.append(job) or original(job, *a))
    resumed = compare_contenders(experiment, dataset, recipe, tmp_path, workers=0)
    assert len(trained) == 4
    fresh = compare_contenders(experiment, dataset, recipe, workers=0)
    assert without_times(resumed) == without_times(fresh)
    trained.clear()
    compare_contenders(experiment, dataset, replace(recipe, seeds=3), tmp_path, workers=0)
    assert {job.seed for job in trained} == {2}


def test_a_description_tells_runs_apart(experiment, dataset):
    recipe = experiment.recipes["toy"]
    description = describe_experiment(experiment, dataset, recipe)
    assert json.loads(json.dumps(description)) == description
    techniques = {**recipe.techniques, "crop": Shift(2)}
    for change in (
        *({"epochs": 3}, {"seeds": 3}, {"train_size": 3}, {"layers": "fc-5 relu"}),
        *({"techniques": techniques}, {"passes": 4}, {"view_shift": 2}),
    ):
        assert describe_experiment(experiment, dataset, replace(recipe, **change)) != description


def test_impossible_sizes_are_refused_before_any_work(experiment, dataset, monkeypatch):
    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained"))
    recipe = replace(experiment.recipes["toy"], train_size=51)
    with pytest.raises(ValueError, match="train_size 51 and 10 validation images"):
        compare_contenders(experiment, dataset, recipe, workers=0)
