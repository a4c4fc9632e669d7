"""Errors of averages over passes, counted by hand here."""

import math

import numpy as np
import pytest

from cs231n.training.experiments.passes import errors_by_passes, gain_of_passes


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
        p = np.mean(wrong) / 100
        assert error.images_error == pytest.approx(100 * math.sqrt(p * (1 - p) / 40))


def test_the_standard_error_is_the_spread_of_other_noise():
    rng = np.random.default_rng(1)
    truth, y = rng.normal(0, 1.5, (60, 3)), rng.integers(3, size=60)

    def once():
        passes = truth + rng.normal(0, 1, (16, 60, 3))
        return errors_by_passes(np.exp(passes) / np.exp(passes).sum(axis=2, keepdims=True), y)

    runs = [once() for _ in range(60)]
    for place, count in enumerate((1, 2, 4, 8, 12, 16)):
        spread = np.std([run[place].mean for run in runs], ddof=1)
        told = np.mean([run[place].standard_error for run in runs])
        assert runs[0][place].passes == count
        assert 0.7 * spread < told < 1.4 * spread


def test_one_pass_and_passes_that_agree():
    probabilities, y = np.array([[[0.9, 0.1], [0.2, 0.8]]]), np.array([0, 0])
    (error,) = errors_by_passes(probabilities, y)
    assert (error.mean, error.standard_error) == (50.0, None)
    errors = errors_by_passes(probabilities.repeat(4, axis=0), y)
    assert [(error.mean, error.standard_error) for error in errors] == [(50.0, 0.0)] * 3


def test_the_gain_is_paired_by_image():
    right, wrong = [0.9, 0.1], [0.4, 0.6]
    # The first image is wrong in one pass of two, the second never, the third always.
    passes = np.array([[right, right, wrong], [wrong, right, wrong]])
    gain = gain_of_passes(passes, np.zeros(3, int))
    changes = np.array([-50.0, 0.0, 0.0])
    assert gain["passes"] == 2
    assert gain["mean"] == pytest.approx(changes.mean())
    assert gain["standard_error"] == pytest.approx(changes.std(ddof=1) / math.sqrt(3))
