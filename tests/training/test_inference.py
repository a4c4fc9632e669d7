"""Networks asked in several ways: what the report says, and what it must not depend on."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from cs231n.nets import Dropout, parse
from cs231n.training import pool
from cs231n.training.experiments import DROPCONNECT, DROPOUT, STUDIES
from cs231n.training.experiments.inference import (
    Question,
    Study,
    compare_inference,
    describe_inference,
)
from cs231n.training.experiments.reporting import error, log_loss
from cs231n.training.networks import Trained
from cs231n.training.setups import ONCE, Way
from cs231n.training.statistics import paired_difference

ASKED = {
    "once": ONCE,
    "exact": Way(moments=True),
    "samples": Way(moments=True, samples=5),
    "4 passes": Way(4),
    "1 pass": Way(1),
    "2 passes": Way(2),
}


@pytest.fixture
def recipe(recipe):
    return replace(recipe, layers="conv3-2 bn relu pool2 dropconnect-8 relu", seeds=3)


@pytest.fixture
def study(recipe):
    return Study(
        name="toy",
        title="Toy",
        source="nowhere",
        published="nothing",
        questions=tuple(Question(title, way) for title, way in ASKED.items()),
        recipes={"toy": recipe},
    )


def recorded(monkeypatch):
    """Return a list that fills with what is trained."""
    trained, original = [], pool.run

    def run(job, *args):
        trained.append(Trained(job, original(job, *args)))
        return trained[-1].outcome

    monkeypatch.setattr(pool, "run", run)
    return trained


def without_times(report):
    rows = [{**row, "seconds": None} for row in report["rows"]]
    return {**report, "rows": rows, "seconds": None, "date": None, "training_seconds": None}


# ---- the studies ----


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_the_first_question_is_what_the_others_are_compared_with(study):
    titles, ways = zip(*((q.title, q.way) for q in study.questions), strict=True)
    assert ways[0] == ONCE
    assert len(set(titles)) == len(set(ways)) == len(ways)
    passes = [way.passes for way in ways if way.passes]
    assert passes == [1, 2, 5, 10, 20, 50, 100]
    for title, way in zip(titles, ways, strict=True):
        if way.passes:
            assert title.split()[2] == str(way.passes)
        if way.samples:
            assert f"{way.samples} samples" in title


def test_the_networks_drop_what_they_are_named_after():
    for recipe in DROPOUT.recipes.values():
        layers = parse(recipe.layers)
        assert [layer.keep for layer in layers if isinstance(layer, Dropout)] == [0.8, 0.5]
    for recipe in DROPCONNECT.recipes.values():
        assert parse(recipe.layers)[-2].keep == 0.5


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_recipes_ask_for_no_more_images_than_there_are(study):
    there = {"digits": 1000, "shapes": 10_000, "cifar10": 50_000}
    assert set(study.recipes) == set(there)
    for name, recipe in study.recipes.items():
        assert recipe.train_size + recipe.validation_size <= there[name]


# ---- the measures ----


def test_the_log_loss_is_that_of_the_label():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), 50).astype(np.float32)
    y = rng.integers(4, size=50)
    expected = sum(-math.log(float(row[label])) for row, label in zip(p, y, strict=True)) / 50
    assert log_loss(p, y) == pytest.approx(expected, abs=1e-6)
    wrong = sum(
        max(range(4), key=list(row).__getitem__) != label for row, label in zip(p, y, strict=True)
    )
    assert error(p, y) == pytest.approx(100 * wrong / 50)


def test_what_was_thought_impossible_costs_no_more_than_single_precision_can_tell():
    p = np.array([[1, 0], [1, 1e-44]], np.float32)
    assert log_loss(p, np.array([1, 1])) == pytest.approx(126 * math.log(2), abs=1e-5)
    assert log_loss(np.array([[1.0, 1e-30]]), np.array([1])) == pytest.approx(30 * math.log(10))


# ---- the report ----


def test_every_row_is_measured_on_what_its_own_question_gave(study, dataset, recipe, monkeypatch):
    trained = recorded(monkeypatch)
    report = compare_inference(study, dataset, recipe, workers=0)
    assert [t.job.seed for t in trained] == [0, 1, 2]
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert [row["title"] for row in report["rows"]] == list(ASKED)
    assert [row["passes"] for row in report["rows"]] == [0, 0, 0, 4, 1, 2]
    for row, way in zip(report["rows"], ASKED.values(), strict=True):
        said = [t.probabilities(way) for t in trained]
        for key, measure in (("error", error), ("log_loss", log_loss)):
            values = [measure(p, dataset.y_test) for p in said]
            assert row[key]["values"] == values
            assert row[key]["mean"] == pytest.approx(np.mean(values))
            assert row[key]["standard_error"] == pytest.approx(np.std(values, ddof=1) / 3**0.5)
    losses = [tuple(row["log_loss"]["values"]) for row in report["rows"]]
    assert len(set(losses)) == len(losses)  # else rows could be swapped


def test_differences_are_paired_with_the_first_row(study, dataset, recipe):
    first, *others = compare_inference(study, dataset, recipe, workers=0)["rows"]
    assert first["error"]["difference"] is first["log_loss"]["difference"] is None
    assert first["seconds"] is None
    for row in others:
        assert row["seconds"] > 0
        for key in ("error", "log_loss"):
            change, verdict = paired_difference(row[key]["values"], first[key]["values"])
            assert row[key]["difference"] == {
                "mean": change.mean,
                "standard_error": change.standard_error,
                "verdict": verdict,
            }


def test_the_network_is_described(study, dataset, recipe, monkeypatch):
    trained = recorded(monkeypatch)
    report = compare_inference(study, dataset, recipe, workers=0)
    assert report["layers"] == "conv3-2 bn relu pool2 dropconnect-8 relu"
    assert report["parameters"] == trained[0].outcome.parameters
    assert report["validation_errors"] == [
        pytest.approx(100 - 100 * t.outcome.val_accuracy.max(), abs=1e-3) for t in trained
    ]
    assert (report["title"], report["published"]) == ("Toy", "nothing")


def test_the_test_labels_choose_nothing(study, dataset, recipe, monkeypatch):
    trained = recorded(monkeypatch)
    for labels in (dataset.y_test, np.random.default_rng(1).permutation(dataset.y_test)):
        compare_inference(study, replace(dataset, y_test=labels), recipe, workers=0)
    for one, other in zip(trained[:3], trained[3:], strict=True):
        np.testing.assert_array_equal(one.outcome.probabilities, other.outcome.probabilities)
        np.testing.assert_array_equal(one.outcome.averaged, other.outcome.averaged)


def test_a_stopped_run_goes_on_and_workers_change_nothing(
    tmp_path, study, dataset, recipe, monkeypatch
):
    trained, original = [], pool.run

    def run(job, *args):
        if len(trained) == 2:
            raise KeyboardInterrupt
        trained.append(job)
        return original(job, *args)

    monkeypatch.setattr(pool, "run", run)
    with pytest.raises(KeyboardInterrupt):
        compare_inference(study, dataset, recipe, tmp_path, workers=0)
    monkeypatch.setattr(pool, "run", lambda job, *a: trained.append(job) or original(job, *a))
    resumed = compare_inference(study, dataset, recipe, tmp_path, workers=0)
    assert [job.seed for job in trained] == [0, 1, 2]
    monkeypatch.undo()
    fresh = compare_inference(study, dataset, recipe, workers=1)
    assert without_times(resumed) == without_times(fresh)


def test_one_seed_has_no_verdict(study, dataset, recipe):
    report = compare_inference(study, dataset, replace(recipe, seeds=1), workers=0)
    assert report["rows"][0]["error"]["standard_error"] is None
    assert report["rows"][1]["error"]["difference"]["verdict"] == "one seed: no verdict"


def test_a_description_tells_runs_apart(study, dataset, recipe):
    description = describe_inference(study, dataset, recipe)
    assert json.loads(json.dumps(description)) == description
    for change in (
        *({"epochs": 3}, {"seeds": 2}, {"train_size": 3}, {"layers": "dropconnect-9 relu"}),
        *({"validation_size": 3}, {"learning_rate": 0.1}, {"batch_size": 7}),
    ):
        assert describe_inference(study, dataset, replace(recipe, **change)) != description
    fewer = replace(study, questions=study.questions[:-1])
    assert describe_inference(fewer, dataset, recipe) != description


def test_impossible_sizes_are_refused_before_any_work(study, dataset, recipe, monkeypatch):
    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained"))
    with pytest.raises(ValueError, match="train_size 51 and 10 validation images"):
        compare_inference(study, dataset, replace(recipe, train_size=51), workers=0)
