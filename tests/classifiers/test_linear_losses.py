"""Linear losses: values by hand, slopes by measurement, and the layouts of all years."""

import math

import numpy as np
import pytest
from oracles import numerical_gradient

import cs231n
from cs231n.classifiers.linear_classifier import (
    softmax_loss_naive,
    softmax_loss_vectorized,
    svm_loss_naive,
    svm_loss_vectorized,
)
from cs231n.classifiers.linear_layout import examples_are_columns
from cs231n.gradient_check import grad_check_sparse

LOSSES = [svm_loss_naive, svm_loss_vectorized, softmax_loss_naive, softmax_loss_vectorized]
PAIRS = [(svm_loss_naive, svm_loss_vectorized), (softmax_loss_naive, softmax_loss_vectorized)]
EVERY_LOSS = pytest.mark.parametrize("loss", LOSSES)
N, D, C = 5, 4, 3


@pytest.fixture(autouse=True)
def newest_release():
    with cs231n.use_release(2026):
        yield


def problem(N=N, D=D, C=C, seed=0):
    """W (D, C), X (N, D), y (N,); no margin of the SVM is near its kink."""
    rng = np.random.default_rng([seed, N, D, C])
    return rng.standard_normal((D, C)), rng.standard_normal((N, D)), np.arange(N) % C


def expected_loss(loss, W, X, y, l2):
    """Compute the loss in plain Python."""
    total = 0.0
    for x, label in zip(X.tolist(), y.tolist(), strict=True):
        scores = [sum(x[d] * W[d, c] for d in range(len(x))) for c in range(W.shape[1])]
        if "svm" in loss.__name__:
            margins = (s - scores[label] + 1 for c, s in enumerate(scores) if c != label)
            total += sum(max(0, margin) for margin in margins)
        else:
            total += math.log(sum(map(math.exp, scores))) - scores[label]
    return total / len(X) + l2 * sum(w * w for w in W.ravel().tolist())


@EVERY_LOSS
@pytest.mark.parametrize(("N", "D", "C"), [(5, 4, 3), (1, 1, 1), (7, 2, 10), (3, 5, 3), (4, 4, 2)])
def test_values(loss, N, D, C):
    W, X, y = problem(N, D, C)
    assert loss(W, X, y, 0.3)[0] == pytest.approx(expected_loss(loss, W, X, y, 0.3), rel=1e-12)


@EVERY_LOSS
@pytest.mark.parametrize("reg", [0.0, 0.7])
@pytest.mark.parametrize("year", [2015, 2016, 2017, 2026])
@pytest.mark.parametrize("columns", [False, True])
def test_gradients_are_the_measured_slopes(loss, reg, year, columns):
    W, X, y = problem()
    if columns:
        W, X = W.T.copy(), X.T.copy()
    with cs231n.use_release(year):
        _, dW = loss(W, X, y, reg)
        expected = numerical_gradient(lambda w: loss(w, X, y, reg)[0], W, 1.0, h=1e-4)
    assert dW.shape == W.shape
    np.testing.assert_allclose(dW, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("naive", "vectorized"), PAIRS)
@pytest.mark.parametrize(("N", "D", "C"), [(5, 4, 3), (30, 50, 10), (1, 1, 1), (6, 6, 6)])
def test_naive_and_vectorized_agree(naive, vectorized, N, D, C):
    W, X, y = problem(N, D, C)
    loss, dW = naive(W, X, y, 0.01)
    fast_loss, fast_dW = vectorized(W, X, y, 0.01)
    assert fast_loss == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(fast_dW, dW, rtol=1e-10, atol=1e-13)
    assert type(loss) is type(fast_loss) is float


# ---- layouts and years ----


@EVERY_LOSS
@pytest.mark.parametrize("year", [2015, 2016, 2026])
@pytest.mark.parametrize("shape", [(5, 4, 3), (4, 4, 3), (5, 4, 4), (4, 5, 4)])
def test_both_layouts_are_one_problem(loss, year, shape):
    W, X, y = problem(*shape)
    with cs231n.use_release(year):
        value, dW = loss(W, X, y, 0.0)
        turned_value, turned_dW = loss(W.T, X.T, y, 0.0)
    assert turned_value == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(turned_dW.T, dW, rtol=1e-12, atol=1e-15)


@EVERY_LOSS
@pytest.mark.parametrize(
    ("year", "rows", "columns"),
    [(2015, 0.5, 0.5), (2016, 0.5, 0.5), (2017, 1, 0.5), (2026, 1, 0.5)],
)
def test_the_penalty_of_each_year(loss, year, rows, columns):
    W, X, y = problem()
    with cs231n.use_release(year):
        for factor, weights, images in ((rows, W, X), (columns, W.T, X.T)):
            (with_reg, dW), (without, dW0) = (loss(weights, images, y, reg) for reg in (0.6, 0.0))
            assert with_reg - without == pytest.approx(factor * 0.6 * np.sum(W**2), rel=1e-12)
            np.testing.assert_allclose(dW - dW0, 2 * factor * 0.6 * weights, rtol=1e-10)


@EVERY_LOSS
def test_the_release_settles_shapes_that_fit_both(loss):
    W, X, y = problem(4, 4, 4)
    rows = expected_loss(loss, W, X, y, 0.0)
    columns = expected_loss(loss, W.T, X.T, y, 0.0)
    assert rows != pytest.approx(columns)
    for year in (2016, 2026):
        with cs231n.use_release(year):
            assert loss(W, X, y, 0.0)[0] == pytest.approx(rows, rel=1e-12)
    with cs231n.use_release(2015):
        assert loss(W, X, y, 0.0)[0] == pytest.approx(columns, rel=1e-12)


def test_layouts_are_told_by_whatever_is_known():
    assert examples_are_columns(np.ones((3, 5)), count=5)
    assert not examples_are_columns(np.ones((5, 3)), count=5)
    assert examples_are_columns(np.ones((5, 5)), count=5, W=np.ones((2, 5)))
    assert not examples_are_columns(np.ones((5, 5)), count=5, W=np.ones((5, 2)))
    assert examples_are_columns(np.ones((5, 5)), count=5, usual=True)
    with cs231n.use_release(2015):
        assert examples_are_columns(np.ones((5, 5)), count=5)


# ---- numbers at their limits, and other dtypes ----


@EVERY_LOSS
def test_an_empty_batch_costs_the_penalty_only(loss):
    value, dW = loss(np.ones((4, 3)), np.zeros((0, 4)), np.zeros(0, int), 0.5)
    assert value == pytest.approx(6)
    np.testing.assert_allclose(dW, 1.0)


@pytest.mark.parametrize("loss", LOSSES[2:])
def test_large_scores_do_not_overflow(loss):
    value, dW = loss(np.array([[1e4, 0.0]]), np.ones((1, 1)), np.array([1]), 0.0)
    assert value == pytest.approx(1e4)
    np.testing.assert_allclose(dW, [[1, -1]])


@EVERY_LOSS
def test_float32_stays_and_bytes_are_taken_as_float64(loss):
    W, X, y = problem()
    assert loss(W.astype(np.float32), X.astype(np.float32), y, 0.1)[1].dtype == np.float32
    images = np.array([[250, 3, 200, 9], [255, 255, 1, 0]], dtype=np.uint8)
    value, dW = loss(W, images, y[:2], 0.1)
    assert dW.dtype == np.float64
    assert value == pytest.approx(loss(W, images.astype(float), y[:2], 0.1)[0], rel=1e-14)


@EVERY_LOSS
def test_inputs_stay_as_they_are(loss):
    arguments = problem()
    copies = [a.copy() for a in arguments]
    _, dW = loss(*arguments, 0.5)
    dW += 1
    for argument, copy in zip(arguments, copies, strict=True):
        np.testing.assert_array_equal(argument, copy)


@EVERY_LOSS
def test_the_first_loss_of_the_notebook(loss):
    """Nearly no weights: ln 10 for the softmax, 9 for the SVM; then the sparse gradient check."""
    W, X, y = problem(20, 30, 10)
    value, grad = loss(W * 1e-6, X, y, 0.0)
    assert value == pytest.approx(9 if "svm" in loss.__name__ else np.log(10), abs=1e-3)
    grad_check_sparse(lambda w: loss(w, X, y, 0.0)[0], W * 1e-6, grad, 10)


# ---- what is refused ----


@EVERY_LOSS
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": np.ones((5, 7))}, ValueError, r"got X \(5, 7\), W \(4, 3\) and 5 labels"),
        ({"y": np.zeros(6, int)}, ValueError, r"X must be \(N, D\).*6 labels"),
        ({"y": np.full(5, 3)}, ValueError, "y must hold labels from 0 to 2"),
        ({"y": np.full(5, -1)}, ValueError, "y must hold labels from 0 to 2"),
        ({"y": np.zeros(5)}, TypeError, "y must hold integer labels"),
        ({"y": np.zeros((5, 1), int)}, ValueError, r"y must have 1 dimension.*\(5, 1\)"),
        ({"W": np.ones(4)}, ValueError, "W must have 2 dimensions"),
        ({"X": np.ones((5, 2, 2))}, ValueError, "X must have 2 dimensions"),
        ({"X": np.full((5, 4), "a")}, TypeError, "X must hold real numbers"),
        ({"reg": "much"}, TypeError, "reg must be a number, got 'much'"),
    ],
)
def test_bad_arguments(loss, change, error, message):
    W, X, y = problem()
    with pytest.raises(error, match=message):
        loss(**({"W": W, "X": X, "y": y, "reg": 0.0} | change))
