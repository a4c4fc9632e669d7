"""Averages over noise, against averages taken by hand."""

import math

import numpy as np
import pytest

from cs231n.marginalize import average, predict, softmax, votes


def softmax_loop(scores):
    """One row at a time, in fractions of the largest."""
    rows = []
    for row in scores.tolist():
        parts = [math.exp(score - max(row)) for score in row]
        rows.append([part / math.fsum(parts) for part in parts])
    return np.array(rows)


def test_softmax_is_that_of_the_loop():
    scores = 5 * np.random.default_rng(0).standard_normal((20, 7))
    np.testing.assert_allclose(softmax(scores), softmax_loop(scores), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([1e4, 0], [1, 0]),
        ([-1e4, 0], [0, 1]),
        ([1e30, 1e30], [0.5, 0.5]),
        ([-1e30, -1e30, -1e30, -1e30], [0.25] * 4),
        ([0, -np.inf, 0], [0.5, 0, 0.5]),
        ([1e4, 1e4 - 1], [1 / (1 + math.exp(-1)), 1 / (1 + math.e)]),
        ([3], [1]),
    ],
)
def test_softmax_of_extremes(scores, expected, dtype):
    out = softmax(np.array([scores], dtype))
    assert out.dtype == dtype
    np.testing.assert_allclose(out, [expected], rtol=1e-6)


def test_softmax_does_not_modify_its_scores():
    scores = np.arange(6.0).reshape(2, 3)
    softmax(scores)
    np.testing.assert_array_equal(scores, np.arange(6.0).reshape(2, 3))


def test_softmax_of_no_rows_is_empty():
    assert softmax(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), ()])
def test_softmax_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="scores must have 2 dimensions"):
        softmax(np.zeros(shape))


def noisy(rng):
    """Scores that favour the first or the second of two classes, at random."""

    def forward(X):
        first = rng.random(len(X)) < 0.25
        return np.where(first[:, None], [np.log(9), 0], [0, np.log(3)])

    return forward


def test_the_average_of_many_passes_is_the_expectation():
    expected = 0.25 * np.array([0.9, 0.1]) + 0.75 * np.array([0.25, 0.75])
    errors = []
    for passes in (10, 1000):
        out = predict(noisy(np.random.default_rng(0)), np.zeros((50, 1)), passes)
        errors.append(np.sqrt(np.mean((out - expected) ** 2)))
    assert errors[1] < 0.02
    assert errors[1] < errors[0] / 5  # ten times less by 1/sqrt(R)


def test_probabilities_are_averaged_and_not_scores():
    scores = iter([np.array([[9.0, 0.0]]), np.array([[0.0, 1.0]])])
    out = predict(lambda X: next(scores), np.zeros((1, 1)), passes=2)
    expected = (softmax_loop(np.array([[9.0, 0.0]])) + softmax_loop(np.array([[0.0, 1.0]]))) / 2
    np.testing.assert_allclose(out, expected, rtol=1e-12)


def test_forward_sees_every_image_so_often_and_in_such_batches():
    seen = []

    def forward(X):
        seen.append(X[:, 0].tolist())
        return np.zeros((len(X), 2))

    predict(forward, np.arange(5)[:, None], passes=2, batch_size=2)
    assert seen == [[0, 1], [0, 1], [2, 3], [2, 3], [4], [4]]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 100])
def test_batches_do_not_change_a_forward_without_noise(batch_size):
    X = np.random.default_rng(0).standard_normal((7, 4))
    out = predict(lambda X: X, X, batch_size=batch_size)
    np.testing.assert_array_equal(out, softmax(X))


def test_predict_passes_once_by_default():
    passes = []
    predict(lambda X: passes.append(1) or np.zeros((len(X), 2)), np.zeros((3, 1)))
    assert len(passes) == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"passes": 0}, ValueError, "passes must lie in"),
        ({"passes": 1.5}, TypeError, "passes must be an integer"),
        ({"batch_size": 0}, ValueError, "batch_size must lie in"),
        ({"X": np.zeros((0, 4))}, ValueError, r"at least one image, got shape \(0, 4\)"),
    ],
)
def test_predict_refuses_wrong_arguments(options, error, message):
    with pytest.raises(error, match=message):
        predict(**({"model": lambda X: X, "X": np.zeros((2, 4))} | options))


def test_average_is_the_mean_of_any_iterable():
    arrays = np.random.default_rng(0).random((5, 3, 2))
    np.testing.assert_allclose(average(arrays), arrays.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(average(a for a in arrays), arrays.mean(axis=0), rtol=1e-12)


def test_average_leaves_its_arrays_as_they_are():
    arrays = [np.ones((2, 2)), np.zeros((2, 2))]
    out = average(arrays)
    out += 1
    assert (arrays[0] == 1).all()
    assert not arrays[1].any()
    alone = average(arrays[:1])
    alone += 1
    assert (arrays[0] == 1).all()


def test_average_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one array, got none"):
        average([])


def test_average_refuses_arrays_of_other_shapes():
    with pytest.raises(ValueError, match=r"one shape, got \(2, 3\) and \(3,\)"):
        average([np.ones((2, 3)), np.ones(3)])


def test_nan_is_no_vote():
    voted = votes(np.array([[np.nan, 1.0], [0.0, 1.0]]))
    np.testing.assert_array_equal(voted, [[np.nan, np.nan], [0, 1]])
