"""Word embedding, and the layers that treat every step alike."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import numerical_gradient, values, worst_element

from cs231n.rnn_layers import (
    temporal_affine_backward,
    temporal_affine_forward,
    temporal_softmax_loss,
    word_embedding_backward,
    word_embedding_forward,
)

N, T, V, D = 2, 3, 5, 4


# ---- word embedding ----


def test_each_word_becomes_its_row():
    x, W = np.array([[0, 4, 4], [2, 0, 1]]), values(V, D)
    out, _ = word_embedding_forward(x, W)
    assert out.shape == (2, 3, D)
    for n, t, d in np.ndindex(out.shape):
        assert out[n, t, d] == W[x[n, t], d]


def test_the_result_is_no_view_of_the_weights():
    W = values(V, D)
    out, _ = word_embedding_forward(np.array([[1, 2]]), W)
    kept = W.copy()
    out[...] = 0
    np.testing.assert_array_equal(W, kept)


@given(st.lists(st.integers(0, V - 1), min_size=0, max_size=12), st.integers(0, 3))
def test_repeated_words_add_up(words, D):
    x = np.array(words, dtype=int).reshape(1, -1)
    dout = values(1, len(words), D)
    dW = word_embedding_backward(dout, word_embedding_forward(x, np.zeros((V, D)))[1])
    expected = np.zeros((V, D))
    for t, word in enumerate(words):
        for d in range(D):
            expected[word, d] += dout[0, t, d]
    np.testing.assert_allclose(dW, expected, rtol=1e-12, atol=1e-15)


def test_the_gradient_is_the_derivative():
    x, W, dout = np.array([[0, 3, 0], [4, 4, 4]]), values(V, D), values(2, 3, D, seed=1)
    dW = word_embedding_backward(dout, word_embedding_forward(x, W)[1])
    expected = numerical_gradient(lambda W: word_embedding_forward(x, W)[0], W, dout)
    assert worst_element(dW, expected)[0] <= 1e-7


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("word_type", [np.uint8, np.int32, np.int64])
def test_dtypes_are_kept(dtype, word_type):
    x = np.array([[1, 0, 200]], dtype=word_type)
    out, cache = word_embedding_forward(x, np.ones((201, 3), dtype))
    assert out.dtype == word_embedding_backward(out, cache).dtype == dtype
    # 200 * 3 does not fit into uint8.
    assert word_embedding_backward(out, cache)[200].tolist() == [1, 1, 1]


def test_many_small_numbers_are_summed_exactly_enough():
    x, dout = np.zeros((1, 100_000), int), np.full((1, 100_000, 1), 0.1, np.float32)
    _, cache = word_embedding_forward(x, np.zeros((1, 1), np.float32))
    assert word_embedding_backward(dout, cache)[0, 0] == pytest.approx(10_000, rel=1e-7)


@pytest.mark.parametrize("word", [-1, V, 10**9])
def test_words_without_a_row_are_refused(word):
    message = rf"^x must hold words from 0 to 4, as there are 5.*got values from .*{word}"
    with pytest.raises(ValueError, match=message if word > 0 else r"got values from -1 to 1$"):
        word_embedding_forward(np.array([[1, word]]), values(V, D))


def test_float_words_and_wrong_shapes_are_refused():
    with pytest.raises(TypeError, match=r"^x must hold words as integers, got dtype float64"):
        word_embedding_forward(np.array([[1.0]]), values(V, D))
    with pytest.raises(ValueError, match=r"^W must have 2 dimensions"):
        word_embedding_forward(np.array([[1]]), values(V))
    _, cache = word_embedding_forward(np.array([[1, 2]]), values(V, D))
    with pytest.raises(ValueError, match=r"^dout must have shape \(1, 2, 4\)"):
        word_embedding_backward(np.ones((2, 1, D)), cache)


# ---- temporal affine ----


def test_temporal_affine_is_the_same_sum_at_each_step():
    x, w, b = values(N, T, D), values(D, V, seed=1), values(V, seed=2)
    out, cache = temporal_affine_forward(x, w, b)
    for n, t, m in np.ndindex(N, T, V):
        expected = b[m] + sum(x[n, t, d] * w[d, m] for d in range(D))
        assert out[n, t, m] == pytest.approx(expected, rel=1e-12)
    dx, dw, db = temporal_affine_backward(out, cache)
    assert (dx.shape, dw.shape, db.shape) == (x.shape, w.shape, b.shape)


def test_temporal_affine_names_what_does_not_match():
    x, w, b = values(N, T, D), values(D, V), values(V)
    with pytest.raises(ValueError, match=r"^x must hold 3 numbers a step.*\(3, 5\).*\(2, 3, 4\)$"):
        temporal_affine_forward(x, w[:3], b)
    with pytest.raises(ValueError, match=r"^x must have 3 dimensions"):
        temporal_affine_forward(x[0], w, b)
    with pytest.raises(ValueError, match=r"^b must have shape \(5,\)"):
        temporal_affine_forward(x, w, b[:1])
    # Rows of steps that could be cut in another way are not taken.
    _, cache = temporal_affine_forward(x, w, b)
    with pytest.raises(ValueError, match=r"^dout must have shape \(2, 3, 5\)"):
        temporal_affine_backward(np.ones((T, N, V)), cache)


# ---- temporal softmax loss ----


def loss_by_hand(x, y, mask):
    total = 0.0
    for n, t in np.ndindex(y.shape):
        if mask[n, t]:
            total -= x[n, t, y[n, t]] - math.log(sum(math.exp(v) for v in x[n, t]))
    return total / len(x)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_loss_sums_over_steps_and_averages_over_the_batch(share):
    rng = np.random.default_rng(0)
    x, y = values(6, T, V), rng.integers(V, size=(6, T))
    mask = rng.random((6, T)) < share
    loss, dx = temporal_softmax_loss(x, y, mask)
    assert loss == pytest.approx(loss_by_hand(x, y, mask), rel=1e-12)
    expected = numerical_gradient(lambda x: loss_by_hand(x, y, mask), x, 1.0)
    assert worst_element(dx, expected)[0] <= 1e-7


def test_equal_scores_cost_log_v_a_step():
    """What the notebook looks at: 2.3, 23 and, with a tenth of the mask, 2.3 again."""
    y = np.zeros((100, 10), int)
    for steps, mask in ((1, np.ones((100, 1))), (10, np.ones((100, 10), bool))):
        loss, _ = temporal_softmax_loss(np.zeros((100, steps, 10)), y[:, :steps], mask)
        assert loss == pytest.approx(steps * math.log(10), rel=1e-12)
    mask = np.zeros((100, 10), bool)
    mask[:, 3] = True
    loss, _ = temporal_softmax_loss(np.zeros((100, 10, 10)), y, mask)
    assert loss == pytest.approx(math.log(10), rel=1e-12)


def test_what_is_masked_matters_to_nothing():
    x, y = values(N, T, V), np.array([[0, 1, 2], [3, 4, 0]])
    mask = np.array([[True, False, True], [True, True, False]])
    expected = temporal_softmax_loss(x, y, mask)
    x, y = x.copy(), y.copy()
    x[~mask], y[~mask] = np.nan, -1
    loss, dx = temporal_softmax_loss(x, y, mask)
    assert loss == expected[0]
    np.testing.assert_array_equal(dx, expected[1])
    assert (dx[~mask] == 0).all()


def test_verbose_prints_the_shape_of_the_flat_gradient(capsys):
    x, y, mask = values(N, T, V), np.zeros((N, T), int), np.ones((N, T), bool)
    temporal_softmax_loss(x, y, mask)
    assert capsys.readouterr().out == ""
    temporal_softmax_loss(x, y, mask, verbose=True)
    assert capsys.readouterr().out == "dx_flat:  (6, 5)\n"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.ones((6, V))}, ValueError, r"^x must have 3 dimensions"),
        ({"y": np.ones((T, N), int)}, ValueError, r"^y must have shape \(2, 3\).*got \(3, 2\)"),
        ({"y": np.ones((N, T))}, TypeError, r"^y must hold integer labels"),
        ({"y": np.full((N, T), V)}, ValueError, r"^y must hold labels from 0 to 4, got"),
        ({"mask": np.ones(6)}, ValueError, r"^mask must have shape \(2, 3\)"),
        ({"mask": np.full((N, T), 0.5)}, ValueError, r"^mask must hold only True and False"),
    ],
)
def test_what_does_not_fit_is_refused(change, error, message):
    fitting = {"x": values(N, T, V), "y": np.ones((N, T), int), "mask": np.ones((N, T), bool)}
    with pytest.raises(error, match=message):
        temporal_softmax_loss(**{**fitting, **change})
