"""The main job: what it reports, and what it must not depend on."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from outcome_checks import without_times

from cs231n.augmentation import Shift
from cs231n.nets import parse
from cs231n.training import pool
from cs231n.training import squeeze as job
from cs231n.training.edits import append_dropout
from cs231n.training.networks import Job, Trained, run, split
from cs231n.training.rungs import RUNGS, ladder
from cs231n.training.setups import Setup, Way
from cs231n.training.squeeze import describe_run, squeeze
from cs231n.training.statistics import estimate, paired_difference

ALL = ["baseline", "dropout", "augmentation", "averaging", "ensemble"]  # of one network
EVERY = ["baseline", "small-filters", "1x1", *ALL[1:]]


@pytest.fixture
def kept(monkeypatch):
    """The outcomes of every job of a call."""
    outcomes = {}

    def run_jobs(*args):
        outcomes.update(original(*args))
        return outcomes

    original = job.run_jobs
    monkeypatch.setattr(job, "run_jobs", run_jobs)
    return outcomes


def jobs_of(names, recipe):
    return job._jobs(ladder(recipe, names), recipe)


def setups(recipe):
    """Return those of the rungs that train something of their own."""
    plain = Setup(tuple(parse(recipe.layers)))
    dropped = replace(plain, layers=append_dropout(plain.layers, recipe.keep_ratio))
    return plain, dropped, replace(dropped, augmentation=("flip", "crop"))


# ---- which networks are trained ----


def test_every_network_is_trained_once(recipe):
    jobs = jobs_of(ALL, recipe)
    keys = [(j.setup, j.seed, j.member) for j in jobs]
    assert len(set(keys)) == len(keys)
    plain, dropped, warped = setups(recipe)
    expected = {
        *((plain, seed, 0) for seed in range(2)),
        *((dropped, seed, 0) for seed in range(2)),
        *((warped, seed, member) for seed in range(2) for member in range(2)),
    }
    assert set(keys) == expected
    assert {j.ways for j in jobs if j.setup == warped} == {(Way(recipe.passes),)}
    assert {j.ways for j in jobs if j.setup != warped} == {()}


def test_a_network_predicts_by_all_the_ways_that_its_rungs_want(recipe):
    jobs = jobs_of(["flip", "multi-crop", "averaging", "weight-averaging"], recipe)
    assert [(j.setup.average_weights, j.seed, j.ways) for j in jobs] == [
        *((False, seed, (Way(views=True), Way(3, True))) for seed in range(2)),
        *((True, seed, (Way(3, True),)) for seed in range(2)),
    ]


def test_the_longest_jobs_come_first(recipe):
    passes = [sum(way.passes for way in j.ways) for j in jobs_of(ALL, recipe)]
    assert passes == sorted(passes, reverse=True)


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (["baseline"], 2),
        (["baseline", "averaging"], 2),  # shared
        (["ensemble"], 4),
        (["baseline", "ensemble", "dropout"], 8),
        (["baseline", "dropout", "augmentation"], 6),
        (["baseline", "small-filters", "1x1"], 6),
        (EVERY, 12),
    ],
)
def test_rungs_that_share_networks_share_jobs(recipe, names, count):
    assert len(jobs_of(names, recipe)) == count


# ---- what is reported ----


def test_results_are_complete_and_ready_for_json(dataset, recipe):
    results = squeeze(dataset, recipe, ALL, workers=0).results
    assert json.loads(json.dumps(results, allow_nan=False)) == results
    assert set(results) == {*("schema", "date", "seconds", "dataset", "seeds", "settings", "rungs")}
    assert results["seeds"] == [0, 1]
    assert results["dataset"] == {
        "name": "toy",
        "input_shape": [1, 8, 8],
        "class_names": ["top", "middle", "bottom"],
        "train_size": 20,
        "validation_size": 10,
        "test_size": 30,
    }
    assert results["settings"] == {
        "layers": "conv5-2 relu pool2 conv3-2 relu pool2 fc-8 relu",
        "epochs": 2,
        "augmentation": ["flip", "crop"],
        "technique flip": "Flip()",
        "technique crop": "Shift(pixels=1)",
        "technique affine": "Affine(degrees=10)",
        "batch_size": 10,
        "learning_rate": 1e-2,
        "learning_rate_decay": 0.95,
        "keep_ratio": 0.5,
        "averaged_epochs": 2.0,
        "view_shift": 1,
        "passes": 3,
        "members": 2,
        "rungs": ALL,
    }
    assert [rung["name"] for rung in results["rungs"]] == ALL
    for rung in results["rungs"]:
        assert set(rung) == {
            *("name", "title", "description", "errors", "mean", "standard_error"),
            *("difference", "seconds", "parameters", "curves"),
        }


def error(probabilities, y):
    wrong = sum(int(np.argmax(row) != label) for row, label in zip(probabilities, y, strict=True))
    return round(100 * wrong / len(y), 4)


def test_errors_are_those_of_the_outcomes(dataset, recipe, kept):
    rungs = squeeze(dataset, recipe, ALL, workers=0).results["rungs"]
    by_key = {(j.setup, j.seed, j.member): outcome for j, outcome in kept.items()}
    plain, dropped, warped = setups(recipe)
    predicted = [
        lambda seed: by_key[plain, seed, 0].probabilities,
        lambda seed: by_key[dropped, seed, 0].probabilities,
        lambda seed: by_key[warped, seed, 0].probabilities,
        lambda seed: by_key[warped, seed, 0].averaged[0],
        lambda seed: (
            (by_key[warped, seed, 0].averaged[0] + by_key[warped, seed, 1].averaged[0]) / 2
        ),
    ]
    for rung, of_seed in zip(rungs, predicted, strict=True):
        expected = [error(of_seed(seed), dataset.y_test) for seed in (0, 1)]
        assert rung["errors"] == expected
        assert rung["mean"] == pytest.approx(np.mean(expected))
        assert rung["standard_error"] == estimate(expected).standard_error


def test_every_rung_is_compared_with_the_one_before(dataset, recipe):
    rungs = squeeze(dataset, recipe, EVERY, workers=0).results["rungs"]
    assert rungs[0]["difference"] is None
    for before, rung in pairwise(rungs):
        expected, verdict = paired_difference(rung["errors"], before["errors"])
        assert rung["difference"] == {
            "previous": before["name"],
            "mean": expected.mean,
            "standard_error": expected.standard_error,
            "verdict": verdict,
        }


def test_costs_are_those_of_all_the_networks_that_a_rung_uses(dataset, recipe, kept):
    rungs = squeeze(dataset, recipe, ALL, workers=0).results["rungs"]
    one = (50 + 2) + (36 + 2) + (64 + 8) + (24 + 3)
    assert [rung["parameters"] for rung in rungs] == [one, one, one, one, 2 * one]
    warped = {j: o for j, o in kept.items() if j.setup == setups(recipe)[2]}
    first = [o for j, o in warped.items() if j.member == 0]
    assert rungs[2]["seconds"] == pytest.approx(np.mean([o.seconds for o in first]))
    assert rungs[3]["seconds"] == pytest.approx(
        np.mean([o.seconds + o.averaging_seconds[0] for o in first])
    )
    assert rungs[4]["seconds"] == pytest.approx(
        sum(o.seconds + o.averaging_seconds[0] for o in warped.values()) / 2
    )


def test_curves_stand_at_the_first_rung_of_a_network(dataset, recipe, kept):
    rungs = squeeze(dataset, recipe, ALL, workers=0).results["rungs"]
    assert [len(rung["curves"]) for rung in rungs] == [2, 2, 2, 0, 0]
    outcome = kept[Job(setups(recipe)[0], 1)]
    curve = rungs[0]["curves"][1]
    assert curve["seed"] == 1
    np.testing.assert_allclose(curve["loss"], outcome.loss, atol=1e-5)
    np.testing.assert_allclose(curve["train_accuracy"], outcome.train_accuracy, atol=1e-5)
    np.testing.assert_allclose(curve["val_accuracy"], outcome.val_accuracy, atol=1e-5)


def test_one_seed_has_no_verdict(dataset, recipe):
    results = squeeze(dataset, replace(recipe, seeds=1), ALL[:2], workers=0).results
    assert results["rungs"][1]["difference"]["verdict"] == "one seed: no verdict"
    assert results["rungs"][1]["standard_error"] is None


def test_the_surest_mistakes_of_the_last_rung_are_shown(dataset, recipe, kept):
    found = squeeze(dataset, recipe, ["baseline", "dropout"], workers=0).misclassified
    probabilities = kept[Job(setups(recipe)[1], 0)].probabilities
    wrong = [i for i in range(30) if probabilities[i].argmax() != dataset.y_test[i]]
    assert len(found["images"]) == len(wrong) > 0
    assert (found["true"] != found["predicted"]).all()
    assert (np.diff(found["confidence"]) <= 0).all()
    for image, true, predicted, confidence in zip(*found.values(), strict=True):
        (i,) = (i for i in wrong if np.array_equal(dataset.X_test[i], image))
        assert (true, predicted) == (dataset.y_test[i], probabilities[i].argmax())
        assert confidence == probabilities[i].max()


def test_augmented_samples_are_training_images_and_their_variants(dataset, recipe):
    squeezed = squeeze(dataset, recipe, ["augmentation"], workers=0)
    originals, variants = squeezed.augmented["originals"], squeezed.augmented["variants"]
    np.testing.assert_array_equal(originals, split(dataset, recipe, 0)["X_train"][:8])
    assert variants.shape == (8, 7, 1, 8, 8)
    assert len(np.unique(variants[0].reshape(7, -1), axis=0)) > 1
    assert squeeze(dataset, recipe, ["baseline"], workers=0).augmented is None
    mirrored = squeeze(dataset, recipe, ["flip"], workers=0).augmented
    for original, variants in zip(*mirrored.values(), strict=True):
        for variant in variants:
            assert any(np.array_equal(variant, way) for way in (original, original[..., ::-1]))


def test_every_rung_can_be_climbed(dataset, recipe, kept):
    """Each alone and all in one: the numbers are those of the outcomes."""
    allowed = [rung.name for rung in RUNGS if rung.name not in recipe.refuses]
    short = replace(recipe, seeds=1, epochs=1)
    rungs = squeeze(dataset, short, allowed, workers=0).results["rungs"]
    assert [rung["name"] for rung in rungs] == allowed
    by_key = {(j.setup, j.member): (j, outcome) for j, outcome in kept.items()}
    last = ladder(short, allowed)[-1][1]
    assert (last.average, last.multi_crop, last.average_weights) == (True, True, True)
    members = [by_key[last.network, member] for member in range(2)]
    mean = sum(o.averaged[j.ways.index(Way(3, True))] for j, o in members)
    assert rungs[-1]["errors"] == [error(mean, dataset.y_test)]
    for name in allowed:
        ((_, setup),) = ladder(short, [name])
        (rung,) = squeeze(dataset, short, [name], workers=0).results["rungs"]
        job = next(j for j in kept if j.setup == setup.network and j.member == 0)
        alone = Trained(job, kept[job]).probabilities(setup.way(3))
        if not setup.ensemble:
            assert rung["errors"] == [error(alone, dataset.y_test)]
        kept.clear()


def test_an_average_of_more_passes_trains_nothing_but_its_own(tmp_path, dataset, recipe, kept):
    squeeze(dataset, recipe, ["dropout", "averaging"], tmp_path, workers=0)
    (three,) = {j.ways for j in kept}
    kept.clear()
    squeeze(dataset, replace(recipe, passes=5), ["dropout", "averaging"], tmp_path, workers=0)
    assert (three, {j.ways for j in kept}) == ((Way(3),), {(Way(5),)})


# ---- what it must not depend on ----


def test_the_test_set_chooses_nothing(dataset, recipe, kept):
    squeeze(dataset, recipe, workers=0)
    first = dict(kept)
    shuffled = np.random.default_rng(1).permutation(dataset.y_test)
    squeeze(replace(dataset, y_test=shuffled), recipe, workers=0)
    assert len(first) == 12
    for j, outcome in first.items():
        assert kept[j] is not outcome
        np.testing.assert_array_equal(kept[j].probabilities, outcome.probabilities)
        np.testing.assert_array_equal(kept[j].averaged, outcome.averaged)
        np.testing.assert_array_equal(kept[j].loss, outcome.loss)


def test_results_are_the_same_every_time_and_leave_the_generator_alone(dataset, recipe):
    np.random.seed(5)
    expected = np.random.random(3)
    np.random.seed(5)
    results = [without_times(squeeze(dataset, recipe, workers=0).results) for _ in range(2)]
    np.testing.assert_array_equal(np.random.random(3), expected)
    assert results[0] == results[1]


def test_the_same_description_goes_with_the_same_run(dataset, recipe):
    description = describe_run(dataset, recipe, ALL)
    assert describe_run(dataset, recipe, EVERY) == describe_run(dataset, recipe)
    assert json.loads(json.dumps(description)) == description
    techniques = {**recipe.techniques, "crop": Shift(2)}
    changes = (
        *({"epochs": 3}, {"seeds": 3}, {"train_size": 3}, {"passes": 4}),
        *({"augmentation": ("flip",)}, {"techniques": techniques}),
    )
    for change in changes:
        assert describe_run(dataset, replace(recipe, **change)) != description
    assert describe_run(dataset, recipe, ALL[::-1]) != description


def test_impossible_sizes_are_refused_before_any_work(dataset, recipe, monkeypatch):
    monkeypatch.setattr(job, "run_jobs", lambda *args: pytest.fail("trained"))
    with pytest.raises(ValueError, match="train_size 51 and 10 validation images"):
        squeeze(dataset, replace(recipe, train_size=51), workers=0)
    with pytest.raises(ValueError, match="rungs must be different names"):
        squeeze(dataset, recipe, ["nothing"], workers=0)
    refusing = replace(recipe, refuses={"flip": "a mirrored digit is another sign"})
    for names in (["baseline", "flip"], ["augmentation"]):
        with pytest.raises(ValueError, match=r"'flip' is refused .*: a mirrored digit is another"):
            squeeze(dataset, refusing, names, workers=0)


# ---- going on where it stopped ----


def test_a_second_run_trains_nothing(tmp_path, dataset, recipe, monkeypatch):
    first = squeeze(dataset, recipe, folder=tmp_path, workers=0).results
    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained again"))
    second = squeeze(dataset, recipe, folder=tmp_path, workers=0).results
    assert second["rungs"] == first["rungs"]  # the seconds, too, are those of the training


def test_more_seeds_train_only_the_new_ones(tmp_path, dataset, recipe, monkeypatch):
    squeeze(dataset, recipe, ALL[:2], tmp_path, workers=0)
    trained = []
    monkeypatch.setattr(pool, "run", lambda j, *args: trained.append(j) or run(j, *args))
    squeeze(dataset, replace(recipe, seeds=3), ALL[:2], tmp_path, workers=0)
    assert {j.seed for j in trained} == {2}
    assert len(trained) == 2


# The same run in a process of its own, which is killed.
RUN = """
    import json, sys
    from dataclasses import replace
    from pathlib import Path
    from cs231n.data import load
    from cs231n.training.recipes import RECIPES
    from cs231n.training.squeeze import squeeze

    RUNGS = ["baseline", "dropout", "augmentation", "averaging", "ensemble"]

    if __name__ == "__main__":
        recipe = replace(
            RECIPES["digits"], train_size=60, epochs=5, seeds=3, passes=2, members=3,
            layers="conv3-2 relu pool2 conv3-2 relu pool2 fc-8 relu",
        )
        folder, workers = Path(sys.argv[1]), int(sys.argv[2])
        print(json.dumps(squeeze(load("digits"), recipe, RUNGS, folder, workers).results))
"""


def command(folder, workers=0):
    return [sys.executable, str(folder.parent / "run.py"), str(folder), str(workers)]


def finish(folder):
    output = subprocess.run(command(folder), capture_output=True, check=True).stdout
    return without_times(json.loads(output))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The results of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "run.py").write_text(textwrap.dedent(RUN))
    return finish(folder / "networks")


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("workers", [0, 2])
def test_a_killed_run_goes_on_to_the_same_results(tmp_path, workers, uninterrupted):
    (tmp_path / "run.py").write_text(textwrap.dedent(RUN))
    folder = tmp_path / "networks"
    killed = subprocess.Popen(command(folder, workers), stdout=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while len(list(folder.glob("*/*.npz"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.002)
    killed.kill()
    assert killed.communicate()[0] == b""
    assert killed.returncode == -signal.SIGKILL
    before = {path: path.read_bytes() for path in folder.glob("*/*.npz")}
    assert 3 <= len(before) < 15  # 15 networks in all

    assert finish(folder) == uninterrupted
    for path, content in before.items():
        assert path.read_bytes() == content  # used, and not written anew
