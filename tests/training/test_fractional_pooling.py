"""Graham's four modes: resumed to the bit, and errors that are counted by hand here."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cs231n.data import load
from cs231n.training.experiments import compare_modes
from cs231n.training.experiments import fractional_pooling as module
from cs231n.training.experiments.fractional_pooling import (
    MODES,
    FractionalPooling,
    errors_by_passes,
    gain_of_passes,
)

SMALL = FractionalPooling(filters=2, levels=3, epochs=3, batch_size=50, passes=4)


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def report(digits, tmp_path_factory):
    return compare_modes(digits, SMALL, tmp_path_factory.mktemp("straight"), workers=0)


def results(report):
    return [
        {key: mode[key] for key in ("name", "loss", "epoch_errors", "errors", "gain")}
        for mode in report["modes"]
    ]


def test_a_run_that_was_killed_goes_on_to_the_bit(digits, report, tmp_path):
    def stop_in_the_second_mode(done, total):
        seen.append((done, total))
        if done == 5:
            raise KeyboardInterrupt

    seen = []
    with pytest.raises(KeyboardInterrupt):
        compare_modes(digits, SMALL, tmp_path, workers=0, on_progress=stop_in_the_second_mode)
    again = []
    found = compare_modes(
        digits, SMALL, tmp_path, 0, lambda done, total: again.append((done, total))
    )
    assert seen == [(n, 12) for n in range(6)]
    assert again == [(n, 12) for n in range(5, 13)]
    assert results(found) == results(report)


def test_workers_change_nothing(digits, report, tmp_path):
    assert results(compare_modes(digits, SMALL, tmp_path, workers=2)) == results(report)


def test_what_is_done_is_not_done_again(digits, tmp_path, monkeypatch):
    recipe = replace(SMALL, epochs=1)
    first = compare_modes(digits, recipe, tmp_path, workers=0)
    monkeypatch.setattr(module, "_train", lambda *args: pytest.fail("trained again"))
    assert results(compare_modes(digits, recipe, tmp_path, workers=0)) == results(first)


def test_modes_begin_alike_and_differ_in_what_they_draw(report):
    losses = [mode["loss"] for mode in report["modes"]]
    assert len({tuple(loss) for loss in losses}) == len(MODES)
    for mode in report["modes"]:
        assert len(mode["epoch_errors"]) == SMALL.epochs
        assert [error["passes"] for error in mode["errors"]] == [1, 2, 4]
        assert mode["gain"]["passes"] == 4


def test_errors_are_those_of_disjoint_groups():
    rng = np.random.default_rng(0)
    probabilities, y = rng.dirichlet(np.ones(3), size=(5, 40)), rng.integers(3, size=40)
    found = errors_by_passes(probabilities, y)
    assert [error.passes for error in found] == [1, 2, 4]
    for error, groups in zip(found, (5, 2, 1), strict=True):
        wrong = []
        for group in range(groups):
            members = [probabilities[group * error.passes + i] for i in range(error.passes)]
            wrong.append(100 * np.mean(sum(members).argmax(axis=1) != y))
        assert error.groups == groups
        assert error.mean == pytest.approx(np.mean(wrong))
        if groups == 1:
            assert error.standard_error is None
        else:
            spread = np.std(wrong, ddof=1) / math.sqrt(groups)
            assert error.standard_error == pytest.approx(spread)
        p = np.mean(wrong) / 100
        assert error.images_error == pytest.approx(100 * math.sqrt(p * (1 - p) / 40))


def test_the_gain_is_paired_by_image():
    right, wrong = [0.9, 0.1], [0.4, 0.6]
    # The first image is wrong in one pass of two, the second never, the third always.
    passes = np.array([[right, right, wrong], [wrong, right, wrong]])
    gain = gain_of_passes(passes, np.zeros(3, int))
    changes = np.array([-50.0, 0.0, 0.0])
    assert gain["passes"] == 2
    assert gain["mean"] == pytest.approx(changes.mean())
    assert gain["standard_error"] == pytest.approx(changes.std(ddof=1) / math.sqrt(3))


def test_images_that_do_not_fit_are_refused_before_anything_is_written(digits, tmp_path):
    with pytest.raises(ValueError, match=r"levels must make a field that images of \(8, 8\)"):
        compare_modes(digits, replace(SMALL, levels=1), tmp_path / "none", workers=0)
    assert not (tmp_path / "none").exists()


def test_a_rate_that_diverges_is_named(digits, tmp_path):
    recipe = replace(SMALL, learning_rate=1e30)
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match=r"learning_rate 1e\+30 made the loss nan in epoch 1"),
    ):
        compare_modes(digits, recipe, tmp_path, workers=0)


@pytest.mark.parametrize("name", ["filters", "levels", "epochs", "batch_size", "passes"])
def test_settings_must_be_positive(name):
    with pytest.raises(ValueError, match=f"{name} must lie in"):
        FractionalPooling(**{name: 0})
