"""ReLU, dropout and the softmax loss: compiled and twin, on every instruction set."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import numerical_gradient, values

from cs231n import kernels
from cs231n.kernels import numpy_activations

SETS = kernels.instruction_sets() or ("NumPy",)
DTYPES = [np.float32, np.float64, np.float16, np.longdouble, ">f4"]
compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (67,), (3, 5, 7), (2, 0, 3)])
def test_relu(machine, dtype, shape):
    x, dout = (values(*shape, seed=seed).astype(dtype) for seed in (0, 1))
    out = kernels.relu_forward(x)
    assert (out.dtype, out.shape) == (x.dtype, x.shape)
    np.testing.assert_array_equal(out, np.where(x > 0, x, 0))
    dx = kernels.relu_backward(dout, out)
    assert dx.dtype == x.dtype
    np.testing.assert_array_equal(dx, np.where(x > 0, dout, 0))


def test_relu_of_special_numbers(machine):
    special = [np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, -1e-45] * 9
    x = np.array(special, np.float32)
    out = kernels.relu_forward(x)
    np.testing.assert_array_equal(out, np.where(np.isnan(x) | (x > 0), x, 0))
    dout = np.full(x.shape, np.inf, np.float32)
    np.testing.assert_array_equal(kernels.relu_backward(dout, out), np.where(x > 0, np.inf, 0))


@given(st.integers(0, 200), st.floats(0.01, 1), st.integers(-(2**70), 2**70))
def test_dropout_keeps_or_drops_and_repeats(size, keep, key):
    x = 1 + np.abs(values(size))
    out = kernels.dropout_forward(x, keep, key)
    kept = out != 0
    np.testing.assert_allclose(out[kept], x[kept] / keep, rtol=1e-15)
    np.testing.assert_array_equal(kernels.dropout_backward(x, keep, key), out)
    np.testing.assert_array_equal(kernels.dropout_forward(x, keep, key + 2**64), out)


@compiled_only
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mask_is_the_same_everywhere(machine, dtype):
    x = np.ones(1003, dtype)
    twin = np.empty_like(x)
    for key in (0, 1, 2**64 - 1):
        numpy_activations.dropout(x, twin, key, 2**31, 2.0, 1)
        np.testing.assert_array_equal(kernels.dropout_forward(x, 0.5, key), twin)


def test_the_masks_look_random():
    count, keep = 100_000, 0.3
    masks = np.array([kernels.dropout_forward(np.ones(count), keep, key) != 0 for key in range(6)])
    # five standard errors of a mean and of a correlation
    error = 5 * np.sqrt(keep * (1 - keep) / count)
    np.testing.assert_allclose(masks.mean(axis=1), keep, atol=error)
    centred = (masks - keep) / np.sqrt(keep * (1 - keep))
    between_keys = centred @ centred.T / count
    np.testing.assert_allclose(between_keys - np.eye(6), 0, atol=0.05)
    assert np.abs(np.triu(between_keys, 1)).max() < 5 / np.sqrt(count)
    for lag in (1, 2, 16, 64):
        assert abs(np.mean(centred[0, lag:] * centred[0, :-lag])) < 5 / np.sqrt(count)


def test_everything_is_kept_with_probability_one(machine):
    x = values(300)
    np.testing.assert_array_equal(kernels.dropout_forward(x, 1, 5), x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_loss(machine, dtype):
    scores, y = (3 * values(7, 5)).astype(dtype), np.array([0, 4, 2, 2, 1, 3, 0])
    exact = scores.astype(float)
    powers = np.exp(exact)
    chosen = powers[range(7), y] / powers.sum(axis=1)
    loss, dscores = kernels.softmax_loss(scores, y)
    eps = max(float(np.finfo(dtype).eps), 1e-15)
    assert isinstance(loss, float)
    assert loss == pytest.approx(-np.log(chosen).mean(), rel=1e-14 + 1e-14)
    expected = powers / powers.sum(axis=1, keepdims=True)
    expected[range(7), y] -= 1
    assert dscores.dtype == scores.dtype
    np.testing.assert_allclose(dscores.astype(float), expected / 7, rtol=4 * eps, atol=eps / 10)


def test_the_softmax_gradient_is_the_loss_s():
    scores, y = values(4, 3), np.array([2, 0, 1, 1])
    numeric = numerical_gradient(lambda s: kernels.softmax_loss(s, y)[0], scores, 1.0)
    np.testing.assert_allclose(kernels.softmax_loss(scores, y)[1], numeric, rtol=1e-8, atol=1e-11)


def test_softmax_of_extreme_scores(machine):
    scores, y = np.array([[1e4, -1e4], [-1e30, 1e30]], np.float32), np.array([0, 1])
    loss, dscores = kernels.softmax_loss(scores, y)
    assert loss == 0
    assert not dscores.any()
    scores[0, 0] = np.nan
    assert np.isnan(kernels.softmax_loss(scores, y)[0])


def targets(N, C, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(C), N)


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_loss_of_targets(machine, dtype):
    scores, shares = (3 * values(7, 5)).astype(dtype), targets(7, 5)
    exact = scores.astype(float)
    p = np.exp(exact) / np.exp(exact).sum(axis=1, keepdims=True)
    loss, dscores = kernels.softmax_loss(scores, shares)
    eps = max(float(np.finfo(dtype).eps), 1e-15)
    assert isinstance(loss, float)
    assert loss == pytest.approx(-(shares * np.log(p)).sum() / 7, rel=1e-13)
    assert dscores.dtype == scores.dtype
    np.testing.assert_allclose(dscores.astype(float), (p - shares) / 7, rtol=4 * eps, atol=eps)


def test_the_gradient_of_targets_is_the_loss_s():
    scores, shares = values(4, 3), targets(4, 3)
    numeric = numerical_gradient(lambda s: kernels.softmax_loss(s, shares)[0], scores, 1.0)
    np.testing.assert_allclose(
        kernels.softmax_loss(scores, shares)[1], numeric, rtol=1e-8, atol=1e-11
    )


def test_targets_of_one_class_are_labels():
    scores, y = values(6, 4), np.array([0, 3, 2, 1, 1, 0])
    expected, gradient = kernels.softmax_loss(scores, y)
    for dscores in (None, scores):  # in the place of the scores, too
        loss, found = kernels.softmax_loss(scores.copy(), np.eye(4)[y], dscores=dscores)
        assert loss == expected
        np.testing.assert_array_equal(found, gradient)
    overwritten = values(6, 4)
    loss, found = kernels.softmax_loss(overwritten, targets(6, 4), dscores=overwritten)
    assert found is overwritten
    assert (loss, found.tolist()) == (
        (apart := kernels.softmax_loss(values(6, 4), targets(6, 4)))[0],
        apart[1].tolist(),
    )


def test_targets_of_what_is_impossible(machine):
    """A class that nobody asks for may have probability 0."""
    scores = np.array([[0.0, -np.inf, 0.0], [1e4, 0, -1e4]])
    loss, dscores = kernels.softmax_loss(scores, np.array([[0.5, 0, 0.5], [0.5, 0.5, 0]]))
    assert loss == pytest.approx((math.log(2) + 5e3) / 2)
    np.testing.assert_allclose(dscores, [[0, 0, 0], [0.25, -0.25, 0]])
    assert kernels.softmax_loss(np.zeros((0, 3)), np.zeros((0, 3)))[0] == 0


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (np.full((2, 2), 0.5), r"y must have shape \(2, 3\), got \(2, 2\)"),
        (np.full((2, 3), 0.5), "sum 1 in each row"),
        (np.array([[1.5, -0.5, 0], [1, 0, 0]]), "at least 0 .* got a least share of -0.5"),
        (np.full((2, 3), np.nan), "sum 1 in each row"),
    ],
)
def test_shares_that_are_none_are_refused(shares, message):
    with pytest.raises(ValueError, match=message):
        kernels.softmax_loss(np.zeros((2, 3)), shares)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_softmax_of_nothing(shape):
    labels = np.zeros(shape[0], int)
    if shape[1] == 0:
        with pytest.raises(ValueError, match="y must hold labels from 0 to -1"):
            kernels.softmax_loss(np.zeros(shape), labels)
        return
    loss, dscores = kernels.softmax_loss(np.zeros(shape), labels)
    assert (loss, dscores.shape) == (0, shape)


def test_in_place_and_unusual_arrays(machine):
    x, dout = values(6, 50), values(6, 50, seed=1)
    y = np.arange(6)
    calls = {
        "relu": (lambda a, out=None: kernels.relu_forward(a, out=out), x),
        "relu_backward": (lambda a, out=None: kernels.relu_backward(a, x, out=out), dout),
        "dropout": (lambda a, out=None: kernels.dropout_forward(a, 0.5, 3, out=out), x),
        "softmax": (lambda a, out=None: kernels.softmax_loss(a, y, dscores=out)[1], x),
    }
    for name, (call, argument) in calls.items():
        expected = call(argument)
        before = argument.copy()
        for form in (np.asfortranarray(argument), argument[:, ::-1].copy()[:, ::-1]):
            np.testing.assert_array_equal(call(form), expected, err_msg=name)
        np.testing.assert_array_equal(argument, before)
        read_only = argument.copy()
        read_only.flags.writeable = False
        np.testing.assert_array_equal(call(read_only), expected, err_msg=name)
        with pytest.raises(ValueError, match="contiguous, aligned and writeable"):
            call(argument, read_only)
        in_place = argument.copy()
        assert call(in_place, in_place) is in_place
        np.testing.assert_array_equal(in_place, expected, err_msg=name)
        memory = np.zeros(301)  # an output that overlaps its input, shifted by one
        memory[:300] = argument.ravel()
        shifted = memory[1:].reshape(6, 50)
        call(memory[:300].reshape(6, 50), shifted)
        np.testing.assert_array_equal(shifted, expected, err_msg=name)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: kernels.relu_forward(x.astype(int)), TypeError, "x must hold floating-point"),
        (lambda x: kernels.relu_backward(x[1:], x), ValueError, "dout must have the shape of y"),
        (lambda x: kernels.dropout_forward(x, 0, 1), ValueError, "keep must lie in"),
        (lambda x: kernels.dropout_forward(x, 1.5, 1), ValueError, "keep must lie in"),
        (lambda x: kernels.softmax_loss(x[0], [0]), ValueError, "scores must have shape"),
        (lambda x: kernels.softmax_loss(x, [0]), ValueError, "y must have shape"),
        (lambda x: kernels.softmax_loss(x, [0, 4]), ValueError, "y must hold labels"),
        (lambda x: kernels.relu_forward(x, out=x[:1]), ValueError, "out must have shape"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(values(2, 4))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (67,), (3, 5, 7), (2, 0, 3)])
def test_leaky_relu_and_sums(machine, dtype, shape):
    x, dout = (values(*shape, seed=seed).astype(dtype) for seed in (0, 1))
    slope = x.dtype.type(0.25)
    out = kernels.leaky_relu_forward(x, 0.25)
    assert (out.dtype, out.shape) == (x.dtype, x.shape)
    np.testing.assert_array_equal(out, np.where(x > 0, x, slope * x))
    dx = kernels.leaky_relu_backward(dout, out, 0.25)
    np.testing.assert_array_equal(dx, np.where(x > 0, dout, slope * dout))
    np.testing.assert_array_equal(kernels.add(x, dout), x + dout)
    np.testing.assert_array_equal(kernels.add(x, dout, relu=True), np.maximum(x + dout, 0))
    for place in (x.copy(), dout.copy()):
        a, b = (place, dout) if np.array_equal(place, x) else (x, place)
        assert kernels.add(a, b, out=place) is place
        np.testing.assert_array_equal(place, x + dout)


def test_leaky_relu_and_sums_of_special_numbers(machine):
    x = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, -1e-45] * 9, np.float32)
    out = kernels.leaky_relu_forward(x, 0.5)
    np.testing.assert_array_equal(out, np.where(x > 0, x, np.float32(0.5) * x))
    zero = np.zeros_like(x)
    np.testing.assert_array_equal(kernels.add(x, zero), x)
    np.testing.assert_array_equal(kernels.add(x, zero, relu=True), np.where(x < 0, 0, x))


@pytest.mark.parametrize("dtype", DTYPES)
def test_gelu_equals_the_distribution_of_the_c_library(machine, dtype):
    x = np.concatenate([np.linspace(-20, 20, 4001), values(67), [0.0, -0.0]]).astype(dtype)
    dout = (1 + values(*x.shape, seed=1)).astype(dtype)
    exact = x.astype(np.float64)
    below = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in exact])
    density = np.exp(-0.5 * exact**2) / math.sqrt(2 * math.pi)
    rtol = max(8 * float(np.finfo(dtype).eps), 1e-15)
    out, dx = kernels.gelu_forward(x), kernels.gelu_backward(dout, x)
    assert out.dtype == dx.dtype == x.dtype
    np.testing.assert_allclose(out.astype(float), exact * below, rtol=rtol, atol=rtol)
    slope = below + exact * density
    np.testing.assert_allclose(dx.astype(float), dout.astype(float) * slope, rtol=rtol, atol=rtol)
    tail = x < -4  # relative errors there, too, down to where float32 ends
    near = tail & (x > -12)
    np.testing.assert_allclose(
        out[near].astype(float), (exact * below)[near], rtol=1e4 * rtol, atol=1e-7 * (rtol > 1e-4)
    )
    in_place = x.copy()
    kernels.gelu_forward(in_place, out=in_place)
    np.testing.assert_array_equal(in_place, out)
    kernels.gelu_backward(dout, x, out=dout)
    np.testing.assert_array_equal(dout, dx)


def test_gelu_of_special_numbers(machine):
    for dtype in (np.float32, np.float64):
        out = kernels.gelu_forward(np.array([np.nan, np.inf] * 9, dtype))
        assert np.isnan(out[::2]).all()
        assert np.isinf(out[1::2]).all()


def test_wrong_slopes_and_shapes():
    x = np.ones(3)
    for slope in (-0.1, np.nan, np.inf):
        with pytest.raises(ValueError, match="slope must be a number of at least 0"):
            kernels.leaky_relu_forward(x, slope)
    with pytest.raises(ValueError, match=r"a must have the shape of b \(3,\), got \(2,\)"):
        kernels.add(x[:2], x)
    with pytest.raises(ValueError, match=r"dout must have the shape of x \(3,\), got \(2,\)"):
        kernels.gelu_backward(x[:2], x)
    with pytest.raises(TypeError, match="x must hold floating-point numbers, got dtype int"):
        kernels.gelu_forward(np.arange(3))
