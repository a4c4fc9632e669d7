"""An ensemble against its members: who is best, what averages say, and how certain it is."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cs231n.training import pool
from cs231n.training.experiments.ensemble import (
    RECIPES,
    compare_members,
    describe_ensemble,
    examine,
)
from cs231n.training.networks import Outcome


def outcome(probabilities, *val_accuracy):
    return Outcome(
        probabilities=np.asarray(probabilities, np.float32),
        averaged=np.empty((0, *np.shape(probabilities)), np.float32),
        loss=np.zeros(1),
        train_accuracy=np.zeros(len(val_accuracy)),
        val_accuracy=np.array(val_accuracy),
        seconds=1.0,
        averaging_seconds=np.empty(0),
        parameters=1,
    )


def random_members(M=5, T=40, C=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(C, size=T)
    members = []
    for m in range(M):
        scores = rng.standard_normal((T, C)) + (0.4 + 0.2 * m) * np.eye(C)[y]
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        members.append(outcome(p, 0.1, 0.9 - 0.1 * m, 0.2))  # the worse, the better validated
    return members, y


@pytest.fixture
def recipe(recipe):
    return replace(recipe, layers="conv3-2 relu pool2 fc-8 relu", members=4, seeds=2)


# ---- one ensemble ----


def test_the_best_member_is_chosen_on_validation_images():
    members, y = random_members()
    found = examine(members, y)
    assert int(np.argmax(found.accuracies)) != 0  # the test images would choose another one
    assert found.best == 0
    assert found.validation_accuracies == [90, 80, 70, 60, 50]  # of the epoch that was kept
    assert found.gains["best"] == pytest.approx(found.together - found.accuracies[0])
    assert found.gains["mean"] == pytest.approx(found.together - np.mean(found.accuracies))


def test_of_equally_good_members_the_first_is_the_best():
    members, y = random_members()
    tied = [replace(one, val_accuracy=np.array([0.5])) for one in members]
    assert examine(tied, y).best == 0


def test_averages_are_those_of_members_that_follow_one_another():
    members, y = random_members()
    found = examine(members, y)
    for n in range(1, 6):
        for m in range(5):
            total = np.zeros((40, 3))
            for k in range(n):
                total += members[(m + k) % 5].probabilities
            right = sum(int(np.argmax(total[t])) == y[t] for t in range(40))
            assert found.averages[n - 1][m] == pytest.approx(100 * right / 40)
    assert found.accuracies == found.averages[0]
    assert found.together == found.averages[4][0]
    assert len({tuple(row) for row in found.averages}) == 5


def test_standard_errors_are_those_over_images_of_paired_answers():
    members, y = random_members()
    found = examine(members, y)
    together = np.mean([one.probabilities for one in members], axis=0).argmax(axis=1) == y
    alone = [one.probabilities.argmax(axis=1) == y for one in members]
    rng = np.random.default_rng(0)
    draws = rng.integers(40, size=(4000, 40))  # bootstrap
    for name, right in (("best", alone[0]), ("mean", np.mean(alone, axis=0))):
        gains = (100.0 * together - 100.0 * right)[draws].mean(axis=1)
        assert found.gains_error[name] == pytest.approx(gains.std(), rel=0.05)


# ---- several ensembles ----


def without_times(report):
    return {**report, "seconds": None, "date": None, "training_seconds": None}


def test_a_report_is_complete_and_ready_for_json(dataset, recipe, monkeypatch):
    outcomes, original = {}, pool.run

    def run(job, *args):
        outcomes[job.seed, job.member] = original(job, *args)
        return outcomes[job.seed, job.member]

    monkeypatch.setattr(pool, "run", run)
    report = compare_members(dataset, recipe, workers=0)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert list(outcomes) == [(seed, member) for seed in range(2) for member in range(4)]
    singles = [
        [100 * np.mean(outcomes[s, m].probabilities.argmax(1) == dataset.y_test) for m in range(4)]
        for s in range(2)
    ]
    assert len(np.unique(np.round(singles, 6))) > 2  # members differ
    for found, expected in zip(report["ensembles"], singles, strict=True):
        np.testing.assert_allclose(found["accuracies"], expected, atol=1e-3)
    assert report["singles"]["values"] == pytest.approx(np.mean(singles, axis=1), abs=1e-3)
    together = [found["averages"][-1][0] for found in report["ensembles"]]
    best = [found["accuracies"][found["best"]] for found in report["ensembles"]]
    assert report["together"]["values"] == together
    assert report["best"]["values"] == best
    assert report["gains"]["best"]["values"] == pytest.approx(np.subtract(together, best))
    assert report["gains"]["best"]["mean"] == pytest.approx(np.mean(together) - np.mean(best))
    curve = report["curve"]
    assert [row["networks"] for row in curve] == [1, 2, 3, 4]
    for n, row in enumerate(curve):
        firsts = [found["averages"][n][0] for found in report["ensembles"]]
        assert row["first"]["values"] == firsts
        means = [np.mean(found["averages"][n]) for found in report["ensembles"]]
        assert row["any"]["values"] == pytest.approx(means, abs=1e-3)
    assert report["settings"]["members"] == 4
    assert report["parameters"] == outcomes[0, 0].parameters


@pytest.mark.parametrize(("sign", "verdict"), [(1, "helps"), (-1, "hurts")])
def test_a_gain_is_said_to_help(sign, verdict):
    from cs231n.training.experiments.ensemble import Repetition, _summary

    ensembles = [
        Repetition([50.0, 51.0], [1.0, 2.0], 1, [[50.0, 51.0], [51 + sign * g] * 2], {})
        for g in (4.0, 4.1, 4.2)
    ]
    gain = _summary(ensembles)["gains"]["best"]
    assert gain["verdict"] == verdict
    assert gain["mean"] == pytest.approx(sign * 4.1)


def test_a_stopped_run_goes_on_and_workers_change_nothing(tmp_path, dataset, recipe, monkeypatch):
    trained, original = [], pool.run

    def run(job, *args):
        if len(trained) == 5:
            raise KeyboardInterrupt
        trained.append(job)
        return original(job, *args)

    monkeypatch.setattr(pool, "run", run)
    with pytest.raises(KeyboardInterrupt):
        compare_members(dataset, recipe, tmp_path, workers=0)
    monkeypatch.setattr(pool, "run", lambda job, *a: trained.append(job) or original(job, *a))
    resumed = compare_members(dataset, recipe, tmp_path, workers=0)
    assert len(trained) == 8
    monkeypatch.undo()
    assert without_times(resumed) == without_times(compare_members(dataset, recipe, workers=1))


def test_the_test_labels_choose_nothing(dataset, recipe):
    shuffled = replace(dataset, y_test=np.random.default_rng(1).permutation(dataset.y_test))
    one, other = (compare_members(d, recipe, workers=0)["ensembles"] for d in (dataset, shuffled))
    for key in ("best", "validation_accuracies"):
        assert [e[key] for e in one] == [e[key] for e in other]
    assert [e["accuracies"] for e in one] != [e["accuracies"] for e in other]


def test_a_description_tells_runs_apart(dataset, recipe):
    description = describe_ensemble(dataset, recipe)
    for change in ({"members": 5}, {"epochs": 3}, {"seeds": 3}, {"layers": "fc-9 relu"}):
        assert describe_ensemble(dataset, replace(recipe, **change)) != description


def test_what_is_impossible_is_refused_before_any_work(dataset, recipe, monkeypatch):
    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained"))
    with pytest.raises(ValueError, match="train_size 51 and 10 validation images"):
        compare_members(dataset, replace(recipe, train_size=51), workers=0)
    with pytest.raises(ValueError, match="members"):
        compare_members(dataset, replace(recipe, members=0), workers=0)


def test_recipes_ask_for_no_more_images_than_there_are():
    there = {"digits": 1000, "shapes": 10_000, "cifar10": 50_000}
    assert set(RECIPES) == set(there)
    for name, recipe in RECIPES.items():
        assert recipe.members == 10
        assert recipe.train_size + recipe.validation_size <= there[name]
