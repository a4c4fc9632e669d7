"""Graham's four modes: resumed to the bit, and a report of them all."""

from dataclasses import replace

import numpy as np
import pytest

from cs231n.data import load
from cs231n.training.experiments import compare_modes
from cs231n.training.experiments import fractional_pooling as module
from cs231n.training.experiments.fractional_pooling import MODES, FractionalPooling

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


def test_passes_are_added_to_what_is_trained(digits, tmp_path, monkeypatch):
    recipe = replace(SMALL, epochs=1, passes=2)
    straight = compare_modes(digits, replace(recipe, passes=4), tmp_path / "straight", workers=0)
    two = compare_modes(digits, recipe, tmp_path / "added", workers=0)
    monkeypatch.setattr(module, "_train", lambda *args: pytest.fail("trained again"))
    more = compare_modes(digits, replace(recipe, passes=4), tmp_path / "added", workers=0)
    assert results(more) == results(straight)
    monkeypatch.setattr(module, "_passes", lambda *args: pytest.fail("tested again"))
    assert results(compare_modes(digits, recipe, tmp_path / "added", workers=0)) == results(two)


def test_modes_begin_alike_and_differ_in_what_they_draw(report):
    losses = [mode["loss"] for mode in report["modes"]]
    assert len({tuple(loss) for loss in losses}) == len(MODES)
    for mode in report["modes"]:
        assert len(mode["epoch_errors"]) == SMALL.epochs
        assert [error["passes"] for error in mode["errors"]] == [1, 2, 4]
        assert mode["gain"]["passes"] == 4


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
