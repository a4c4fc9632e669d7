import math

import numpy as np
import pytest
from oracles import values

from cs231n.layers import softmax_loss, svm_loss

LOSSES = pytest.mark.parametrize("loss", [svm_loss, softmax_loss])


def hinge(row, y):
    return sum(max(0.0, s - row[y] + 1) for c, s in enumerate(row) if c != y)


def cross_entropy(row, y):
    return math.log(sum(math.exp(s) for s in row)) - row[y]


@pytest.mark.parametrize(("loss", "of_row"), [(svm_loss, hinge), (softmax_loss, cross_entropy)])
@pytest.mark.parametrize(("N", "C"), [(1, 1), (1, 4), (7, 2), (5, 10)])
def test_value_is_the_mean_over_the_batch(loss, of_row, N, C):
    x, y = values(N, C), np.arange(N) % C
    expected = sum(of_row(row.tolist(), label) for row, label in zip(x, y, strict=True)) / N
    assert loss(x, y)[0] == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_softmax_survives_scores_that_overflow():
    x = np.array([[1e4, 0.0, -1e4], [-1e4, -1e4, 0.0]])
    loss, dx = softmax_loss(x, np.array([1, 2]))
    assert loss == pytest.approx(5e3)
    np.testing.assert_allclose(dx, [[0.5, -0.5, 0], [0, 0, 0]], atol=1e-15)


def test_softmax_of_float32_keeps_small_probabilities():
    loss, _ = softmax_loss(np.array([[0.0, 200.0]], dtype=np.float32), np.array([0]))
    assert loss == pytest.approx(200.0)


def test_a_margin_of_exactly_one_costs_nothing():
    loss, dx = svm_loss(np.array([[2.0, 1.0, 0.0]]), np.array([0]))
    assert loss == 0
    np.testing.assert_array_equal(dx, np.zeros((1, 3)))


@LOSSES
def test_gradient_rows_sum_to_zero(loss):
    _, dx = loss(values(6, 5), np.arange(6) % 5)
    np.testing.assert_allclose(dx.sum(axis=1), 0, atol=1e-15)


@LOSSES
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, np.uint64, list])
def test_labels_of_any_integer_type(loss, dtype):
    y = [2, 0] if dtype is list else np.array([2, 0], dtype=dtype)
    assert loss(values(2, 3), y)[0] == loss(values(2, 3), np.array([2, 0]))[0]


@LOSSES
@pytest.mark.parametrize("y", [[], np.zeros(0), np.zeros(0, int)])
def test_empty_batch(loss, y):
    value, dx = loss(np.zeros((0, 3)), y)
    assert (value, dx.shape) == (0.0, (0, 3))


@LOSSES
@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ((2, 3), [0, 3], ValueError, "y must hold labels from 0 to 2, got values from 0 to 3"),
        ((2, 3), [-1, 1], ValueError, "y must hold labels from 0 to 2, got values from -1 to 1"),
        ((2, 3), [0, 1, 2], ValueError, r"y must have shape \(2,\).*got \(3,\)"),
        ((2, 3), [[0], [1]], ValueError, r"y must have shape \(2,\).*got \(2, 1\)"),
        ((2, 3), 1, ValueError, r"y must have shape \(2,\).*got \(\)"),
        ((2, 0), [0, 0], ValueError, "y must hold labels from 0 to -1"),
        ((2, 3), [0.0, 1.0], TypeError, "y must hold integer labels, got dtype float64"),
        ((2, 3), [True, False], TypeError, "y must hold integer labels, got dtype bool"),
        ((2, 3), ["0", "1"], TypeError, "y must hold integer labels, got dtype <U1"),
        ((3,), [0, 0, 0], ValueError, r"x must have 2 dimensions, got shape \(3,\)"),
        ((2, 3, 1), [0, 0], ValueError, r"x must have 2 dimensions, got shape \(2, 3, 1\)"),
    ],
)
def test_bad_labels_and_scores(loss, x, y, error, message):
    with pytest.raises(error, match=message):
        loss(np.ones(x), y)
