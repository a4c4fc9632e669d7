"""Naive, reshape, im2col and fast max-pooling: the same numbers to the last bit."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_table import POOLINGS, variant
from oracles import values

from cs231n import fast_layers

ALGORITHMS = ["naive", "im2col", "fast"]
every_algorithm = pytest.mark.parametrize("suffix", ALGORITHMS)


def window(HH, WW, stride):
    return {"pool_height": HH, "pool_width": WW, "stride": stride}


# Any window, and often those that networks use and kernels have loops of their own for.
windows = st.one_of(
    st.sampled_from([(2, 2, 2), (3, 3, 2)]),
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5)),
)


@st.composite
def poolings(draw):
    """An image with few different values, so that many tie, and a window."""
    N, C = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    HH, WW, stride = draw(windows)
    H, W = draw(st.integers(HH, HH + 6)), draw(st.integers(WW, WW + 6))
    x = values(N, C, H, W, seed=draw(st.integers(0, 99)))
    x = draw(st.sampled_from([x, np.round(x), np.zeros_like(x)]))
    return x, window(HH, WW, stride)


@given(poolings())
def test_forward_and_backward(problem):
    x, pool_param = problem
    expected = oracles.pool(x, *pool_param.values())
    dout = values(*expected.shape, seed=9)
    dx = oracles.pool_gradient(dout, x, *pool_param.values())
    for suffix in ALGORITHMS:
        forward, backward = variant("max_pool", suffix)
        out, cache = forward(x, pool_param)
        np.testing.assert_array_equal(out, expected, err_msg=suffix)
        np.testing.assert_allclose(backward(dout, cache), dx, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_reshape_where_windows_tile(size, tied):
    x = values(2, 3, 2 * size, 3 * size)
    x = np.round(x) if tied else x
    out, cache = fast_layers.max_pool_forward_reshape(x, window(size, size, size))
    np.testing.assert_array_equal(out, oracles.pool(x, size, size, size))
    dout = values(*out.shape, seed=9)
    np.testing.assert_allclose(
        fast_layers.max_pool_backward_reshape(dout, cache),
        oracles.pool_gradient(dout, x, size, size, size),
        rtol=1e-13,
    )


@pytest.mark.parametrize("case", POOLINGS)
def test_against_torch(case):
    torch = pytest.importorskip("torch")
    x_shape, HH, WW, stride = POOLINGS[case]
    x = oracles.spread(*x_shape)
    tensor = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.max_pool2d(tensor, (HH, WW), stride=stride)
    dout = values(*expected.shape, seed=9)
    expected.backward(torch.tensor(dout))
    for suffix in ALGORITHMS:
        forward, backward = variant("max_pool", suffix)
        out, cache = forward(x, window(HH, WW, stride))
        np.testing.assert_array_equal(out, expected.detach().numpy())
        np.testing.assert_allclose(backward(dout, cache), tensor.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize("suffix", [*ALGORITHMS, "reshape"])
def test_ties_share_equally_and_nan_takes_all(suffix):
    x = np.array([[[[1.0, 1.0], [1.0, 0.0]]], [[[np.nan, 9.0], [np.nan, 0.0]]]])
    forward, backward = variant("max_pool", suffix)
    out, cache = forward(x, window(2, 2, 2))
    np.testing.assert_array_equal(out.ravel(), [1.0, np.nan])
    dx = backward(np.full((2, 1, 1, 1), 6.0), cache)
    np.testing.assert_array_equal(dx, [[[[2.0, 2.0], [2.0, 0.0]]], [[[3.0, 0.0], [3.0, 0.0]]]])


@pytest.mark.parametrize("suffix", [*ALGORITHMS, "reshape"])
@pytest.mark.parametrize("fill", [-np.inf, np.inf, -1.0])
def test_constant_windows(suffix, fill):
    forward, backward = variant("max_pool", suffix)
    out, cache = forward(np.full((1, 2, 4, 4), fill), window(2, 2, 2))
    assert (out == fill).all()
    np.testing.assert_array_equal(backward(np.ones_like(out), cache), np.full((1, 2, 4, 4), 0.25))


@pytest.mark.parametrize(
    ("pool_param", "method"),
    [
        (window(2, 2, 2), "reshape"),
        (window(3, 3, 2), "im2col"),
        (window(2, 4, 2), "im2col"),
        (window(4, 4, 4), "im2col"),
    ],
)
def test_the_fast_cache_names_the_published_method(pool_param, method):
    _, cache = fast_layers.max_pool_forward_fast(values(1, 1, 4, 6), pool_param)
    assert cache[0] == method


def bad(**changes):
    return {**window(2, 2, 2), **changes}


@pytest.mark.parametrize("suffix", [*ALGORITHMS, "reshape"])
@pytest.mark.parametrize(
    ("x", "pool_param", "error", "message"),
    [
        ((3, 4, 4), bad(), ValueError, r"x must have 4 dimensions, got shape \(3, 4, 4\)"),
        ((1, 3, 4, 4), bad(pool_height=5), ValueError, r"height 5 is larger .* 4 \+ 2 \* 0 = 4"),
        ((1, 3, 4, 4), bad(pool_width=5), ValueError, r"width 5 is larger than"),
        ((1, 3, 0, 4), bad(), ValueError, r"height 2 is larger than"),
        ((1, 3, 4, 4), bad(pool_height=0), ValueError, r"'pool_height'\] must lie in \[1, .* 0"),
        ((1, 3, 4, 4), bad(pool_width=-2), ValueError, r"'pool_width'\] must lie in \[1, .* -2"),
        ((1, 3, 4, 4), bad(stride=0), ValueError, r"pool_param\['stride'\] must lie in \[1, .* 0"),
        ((1, 3, 4, 4), bad(stride=-1), ValueError, r"pool_param\['stride'\] must lie in .* -1"),
        ((1, 3, 4, 4), bad(stride=1.5), TypeError, r"pool_param\['stride'\] must be an integer"),
        ((1, 3, 4, 4), bad(stride=2**40), ValueError, r"pool_param\['stride'\] must lie in"),
        ((1, 3, 4, 4), bad(pool_height=10**9), ValueError, r"height 1000000000 is larger"),
        ((1, 3, 4, 4), {"stride": 2}, ValueError, r"pool_param must have the key 'pool_height'"),
        ((1, 3, 4, 4), {}, ValueError, r"key 'pool_height', got the keys \[\]"),
        ((1, 3, 4, 4), None, TypeError, r"pool_param must be a dict, got NoneType"),
    ],
)
def test_bad_arguments(suffix, x, pool_param, error, message):
    with pytest.raises(error, match=message):
        variant("max_pool", suffix)[0](np.ones(x), pool_param)


@pytest.mark.parametrize(
    ("H", "W", "param"),
    [(5, 4, window(2, 2, 2)), (4, 4, window(2, 4, 2)), (4, 4, window(2, 2, 1))],
)
def test_reshape_refuses_windows_that_do_not_tile(H, W, param):
    with pytest.raises(ValueError, match=rf"square windows that tile x \(1, 1, {H}, {W}\)"):
        fast_layers.max_pool_forward_reshape(np.ones((1, 1, H, W)), param)


@every_algorithm
def test_a_huge_stride_leaves_one_window(suffix):
    x = values(2, 1, 3, 4)
    out, cache = variant("max_pool", suffix)[0](x, window(3, 3, 2**31 - 1))
    np.testing.assert_array_equal(out, oracles.pool(x, 3, 3, 100))
    assert variant("max_pool", suffix)[1](out, cache).shape == x.shape


def test_a_pool_param_changed_between_the_passes_cannot_write_outside():
    """The cache keeps the dict itself, as published: a change must raise, never corrupt memory."""
    pool_param = window(2, 2, 3)
    out, cache = fast_layers.max_pool_forward_fast(values(1, 1, 5, 5), pool_param)
    pool_param["stride"] = 4
    with pytest.raises(ValueError, match=r"dout must have shape \(1, 1, 1, 1\)"):
        fast_layers.max_pool_backward_fast(out, cache)
