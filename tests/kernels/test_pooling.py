"""Max-pooling: compiled, NumPy twin and naive loops."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels
from cs231n.kernels import numpy_pooling

DTYPES = [np.float32, np.float64, np.float16, np.longdouble, ">f4"]
compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")


# Any window, and often those that networks use and kernels have loops of their own for.
windows = st.one_of(
    st.sampled_from([(2, 2, 2), (3, 3, 2)]),
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)),
)


@st.composite
def poolings(draw, dtypes):
    """Images of distinct, tied or NaN-ridden values and a window (HH, WW, stride)."""
    N, C = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    HH, WW, stride = draw(windows)
    H, W = draw(st.integers(HH, HH + 7)), draw(st.integers(WW, WW + 7))
    x = values(N, C, H, W, seed=draw(st.integers(0, 99)))
    kind = draw(st.sampled_from(["distinct", "tied", "nan", "infinite"]))
    if kind == "tied":
        x = np.round(x)
    elif kind == "nan":
        x[np.abs(x) > 1] = np.nan
    elif kind == "infinite":
        x[x < 0.5] = -np.inf
    return x.astype(draw(st.sampled_from(dtypes))), (HH, WW, stride)


@given(poolings(DTYPES))
def test_forward_and_backward(problem):
    x, window = problem
    out = kernels.max_pool_forward(x, *window)
    assert out.dtype == x.dtype
    np.testing.assert_array_equal(out, oracles.pool(x, *window))
    dout = 1 + np.round(np.abs(values(*out.shape, seed=9)))
    dx = kernels.max_pool_backward(dout.astype(x.dtype), x, out, *window)
    assert dx.dtype == x.dtype
    rtol = 4 * max(float(np.finfo(x.dtype).eps), 2.0**-52) * window[0] * window[1]
    np.testing.assert_allclose(dx, oracles.pool_gradient(dout, x, *window), rtol=rtol)


@pytest.mark.parametrize("window", list(np.ndindex(4, 4, 4)))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_small_window(window, dtype):
    """Kernels have loops of their own for some windows; their neighbours must not take them."""
    window = tuple(n + 1 for n in window)
    x = values(1, 2, 7, 8).round().astype(dtype)
    out = kernels.max_pool_forward(x, *window)
    np.testing.assert_array_equal(out, oracles.pool(x, *window))
    dout = values(*out.shape, seed=9).astype(dtype)
    dx = kernels.max_pool_backward(dout, x, out, *window)
    np.testing.assert_allclose(dx, oracles.pool_gradient(dout, x, *window), rtol=1e-5, atol=1e-6)


@compiled_only
@given(poolings([np.float32, np.float64]))
def test_the_compiled_kernels_equal_their_twins(problem):
    x, window = problem
    out = kernels.max_pool_forward(x, *window)
    twin = np.full_like(out, 7)
    numpy_pooling.max_pool_forward(x, twin, *window, 0, 1)
    np.testing.assert_array_equal(out, twin)
    dout = values(*out.shape, seed=9).astype(x.dtype)
    dx = np.full_like(x, 7)
    numpy_pooling.max_pool_backward(dout, x, out, np.empty_like(out), dx, *window, 0, 1)
    # Windows that overlap are added in another order, so the last bits may differ.
    eps = float(np.finfo(x.dtype).eps)
    np.testing.assert_allclose(
        kernels.max_pool_backward(dout, x, out, *window), dx, rtol=8 * eps, atol=16 * eps
    )


@compiled_only
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_threads_change_no_bit(two_threads, dtype):
    x, window = np.round(4 * values(5, 7, 13, 11)).astype(dtype), (3, 2, 2)
    out = kernels.max_pool_forward(x, *window)
    dout = values(*out.shape, seed=9).astype(dtype)
    dx = kernels.max_pool_backward(dout, x, out, *window)
    kernels.set_num_threads(1)
    np.testing.assert_array_equal(out, kernels.max_pool_forward(x, *window))
    np.testing.assert_array_equal(dx, kernels.max_pool_backward(dout, x, out, *window))


@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a[..., ::-1]])
def test_any_memory_layout(change):
    x = change(values(2, 3, 5, 6))
    out = kernels.max_pool_forward(x, 2, 3, 1)
    np.testing.assert_array_equal(out, oracles.pool(x, 2, 3, 1))
    dout = change(values(*out.shape, seed=9))
    dx = kernels.max_pool_backward(dout, x, np.asfortranarray(out), 2, 3, 1)
    np.testing.assert_allclose(dx, oracles.pool_gradient(dout, x, 2, 3, 1), rtol=1e-13)


def test_read_only_arrays():
    x = values(1, 2, 4, 4)
    out, dout = kernels.max_pool_forward(x, 2, 2, 2), np.ones((1, 2, 2, 2))
    for array in (x, out, dout):
        array.flags.writeable = False
    np.testing.assert_array_equal(
        kernels.max_pool_backward(dout, x, out, 2, 2, 2), oracles.pool_gradient(dout, x, 2, 2, 2)
    )


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ((5, 2, 1), "height 5 is larger than"),
        ((2, 7, 1), "width 7 is larger than"),
        ((0, 2, 1), "height and stride must be at least 1"),
        ((2, -1, 1), "width and stride must be at least 1"),
        ((2, 2, 0), "stride must be at least 1"),
        ((2, 2, -2), "stride must be at least 1"),
    ],
)
def test_bad_windows(window, message):
    x = np.ones((1, 1, 4, 6))
    with pytest.raises(ValueError, match=message):
        kernels.max_pool_forward(x, *window)
    with pytest.raises(ValueError, match=message):
        kernels.max_pool_backward(x, x, x, *window)


@pytest.mark.parametrize("name", ["dout", "y"])
@pytest.mark.parametrize("shape", [(1, 1, 2, 2), (1, 1, 4, 4), (1, 1, 9), (2, 1, 3, 3)])
def test_shapes_that_would_reach_outside_are_refused(name, shape):
    arrays = {"dout": np.ones((1, 1, 3, 3)), "y": np.ones((1, 1, 3, 3)), name: np.ones(shape)}
    with pytest.raises(ValueError, match=rf"{name} must have shape \(1, 1, 3, 3\) for x"):
        kernels.max_pool_backward(arrays["dout"], np.ones((1, 1, 4, 4)), arrays["y"], 2, 2, 1)


@given(poolings(DTYPES), st.integers(1, 2))
def test_winners_give_the_same_gradient(problem, threads):
    x, window = problem
    bits = kernels.winners_dtype(*window[:2])
    if bits is None:
        with pytest.raises(ValueError, match="winners name at most 16 places"):
            kernels.max_pool_forward(x, *window, winners=np.empty(0, np.uint8))
        return
    before = kernels.get_num_threads()
    kernels.set_num_threads(threads)
    try:
        expected = kernels.max_pool_forward(x, *window)
        winners = np.full(expected.shape, 255, bits)
        out = np.full_like(expected, 7)
        assert kernels.max_pool_forward(x, *window, out=out, winners=winners) is out
        np.testing.assert_array_equal(out, expected)
        dout = values(*out.shape, seed=9).astype(x.dtype)
        dx = np.full_like(x, 7)
        assert kernels.max_pool_backward_winners(dout, winners, x.shape, *window, out=dx) is dx
        eps = float(np.finfo(x.dtype).eps)
        np.testing.assert_allclose(
            dx, kernels.max_pool_backward(dout, x, out, *window), rtol=64 * eps, atol=16 * eps
        )
    finally:
        kernels.set_num_threads(before)


@given(poolings(DTYPES))
def test_average_pooling(problem):
    x, (HH, WW, stride) = problem
    x = values(*x.shape).astype(x.dtype)
    out = kernels.avg_pool_forward(x, HH, WW, stride)
    assert out.dtype == x.dtype
    expected = np.zeros(out.shape)
    gradient = np.zeros(x.shape)
    dout = values(*out.shape, seed=9).astype(x.dtype)
    for i, j in np.ndindex(out.shape[2:]):
        window = np.s_[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
        expected[:, :, i, j] = x[window].astype(float).mean(axis=(2, 3))
        gradient[window] += dout[:, :, i, j, None, None].astype(float) / (HH * WW)
    eps = max(float(np.finfo(x.dtype).eps), 2.0**-52)
    np.testing.assert_allclose(out.astype(float), expected, rtol=0, atol=80 * eps)
    dx = kernels.avg_pool_backward(dout, x.shape, HH, WW, stride)
    np.testing.assert_allclose(dx.astype(float), gradient, rtol=0, atol=80 * eps)


@pytest.mark.parametrize("name", kernels.instruction_sets())
@pytest.mark.parametrize("window", [(2, 2, 2), (3, 2, 1), (3, 3, 2)])
def test_every_instruction_set(name, window):
    x = values(2, 3, 37, 41).astype(np.float32)
    results, bits = [], kernels.winners_dtype(*window[:2])
    for chosen in (kernels.instruction_sets()[-1], name):
        kernels.set_instruction_set(chosen)
        winners = np.empty((2, 3, *kernels.max_pool_forward(x, *window).shape[2:]), bits)
        out = kernels.max_pool_forward(x, *window, winners=winners)
        results.append(
            [out, winners, kernels.max_pool_backward_winners(out, winners, x.shape, *window)]
        )
        results[-1].append(kernels.avg_pool_forward(x, *window))
    kernels.set_instruction_set(kernels.instruction_sets()[0])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, d, w: kernels.max_pool_forward(x, 2, 2, 2, out=x), "out must have shape"),
        (lambda x, d, w: kernels.max_pool_forward(x, 2, 2, 2, winners=w[1:]), "winners must have"),
        (lambda x, d, w: kernels.max_pool_forward(x, 2, 2, 2, winners=d), "winners must have"),
        (
            lambda x, d, w: kernels.max_pool_backward_winners(d, d, x.shape, 2, 2, 2),
            "winners must be uint8",
        ),
        (
            lambda x, d, w: kernels.max_pool_backward_winners(d[1:], w, x.shape, 2, 2, 2),
            "dout must have shape",
        ),
        (
            lambda x, d, w: kernels.max_pool_backward_winners(d, w, x.shape, 5, 5, 2),
            "winners name at most 16",
        ),
        (lambda x, d, w: kernels.avg_pool_backward(d, (2, 3, 4), 2, 2, 2), "not enough values"),
        (lambda x, d, w: kernels.avg_pool_forward(x, 1, 1, 1, out=x), "out must not share memory"),
    ],
)
def test_bad_input_of_planned_pooling(call, message):
    x, dout = values(2, 3, 4, 4), values(2, 3, 2, 2)
    with pytest.raises(ValueError, match=message):
        call(x, dout, np.ones(dout.shape, np.uint8))


@pytest.mark.parametrize("name", kernels.instruction_sets())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "map_shape",
    [(4, 2), (4, 4), (6, 8), (4, 8), (8, 16), (7, 16), (8, 17), (5, 33), (4, 32), (6, 64), (3, 75)],
    ids=str,
)
def test_vectors_of_2x2_windows(name, dtype, map_shape):
    """Whole vectors, half ones in two rows together, and what is left over."""
    kernels.set_instruction_set(name)
    x = values(3, 5, *map_shape).round(1).astype(dtype)
    x[0, 0, 0, 0] = x[1, 2, -1, -1] = np.nan
    x[0, 1, :2, :2] = np.inf
    expected = oracles.pool(x, 2, 2, 2)
    winners = np.full(expected.shape, 255, np.uint8)
    out = kernels.max_pool_forward(x, 2, 2, 2, winners=winners)
    np.testing.assert_array_equal(out, expected)
    dout = values(*out.shape, seed=9).astype(dtype)
    dx = np.full_like(x, 7)
    kernels.max_pool_backward_winners(dout, winners, x.shape, 2, 2, 2, out=dx)
    gradient = oracles.pool_gradient(dout, x, 2, 2, 2)
    kernels.set_instruction_set(kernels.instruction_sets()[0])
    np.testing.assert_allclose(dx, gradient, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("offset", [0, 1, 3])
def test_large_gradients_are_written_past_the_cache(offset):
    dout = values(40, 40, 16, 16).astype(np.float32)
    winners = np.random.default_rng(0).integers(1, 16, dout.shape).astype(np.uint8)
    memory = np.empty(40 * 40 * 32 * 32 + 16, np.float32)
    dx = memory[offset : offset + 40 * 40 * 32 * 32].reshape(40, 40, 32, 32)
    kernels.max_pool_backward_winners(dout, winners, dx.shape, 2, 2, 2, out=dx)
    won = (winners[..., None] >> np.arange(4)) & 1
    shares = dout[..., None] / won.sum(axis=-1, keepdims=True) * won
    # (N, C, OH, OW, 2, 2) -> (N, C, OH, 2, OW, 2) -> (N, C, H, W)
    expected = shares.reshape(*dout.shape, 2, 2).swapaxes(3, 4).reshape(dx.shape)
    np.testing.assert_allclose(dx, expected, rtol=1e-6)


@st.composite
def windows_that_reach_out(draw):
    """Images, a window (HH, WW, stride), its padding, and whether it may reach out at the end."""
    HH, WW, stride = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 5))
    pad = draw(st.integers(0, min(HH, WW) - 1))
    H, W = (draw(st.integers(max(1, size - 2 * pad), size + 9)) for size in (HH, WW))
    x = values(2, 3, H, W, seed=draw(st.integers(0, 99)))
    kind = draw(st.sampled_from(["distinct", "tied", "nan", "infinite"]))
    if kind == "tied":
        x = np.round(x)
    elif kind == "nan":
        x[np.abs(x) > 1] = np.nan
    elif kind == "infinite":
        x[x < 0.5] = -np.inf
    return x, (HH, WW, stride), pad, draw(st.booleans())


def pixels(x_shape, out_shape, window, pad):
    """Yield for each window what it has of the map."""
    HH, WW, stride = window
    for i, j in np.ndindex(*out_shape[2:]):
        rows = [r for r in range(i * stride - pad, i * stride - pad + HH) if 0 <= r < x_shape[2]]
        columns = [c for c in range(j * stride - pad, j * stride - pad + WW) if 0 <= c < x_shape[3]]
        yield i, j, np.ix_(range(x_shape[0]), range(x_shape[1]), rows, columns)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@given(windows_that_reach_out())
def test_windows_that_reach_beyond_the_map(dtype, problem):
    x, window, pad, ceil = problem
    x, beyond = x.astype(dtype), {"pad": pad, "ceil": ceil}
    out, mean = (
        pool(x, *window, **beyond) for pool in (kernels.max_pool_forward, kernels.avg_pool_forward)
    )
    dout = 1 + np.abs(values(*out.shape, seed=9)).astype(dtype)
    dmax, dmean = np.zeros(x.shape), np.zeros(x.shape)
    rtol = 64 * max(float(np.finfo(dtype).eps), 2.0**-52)
    for i, j, part in pixels(x.shape, out.shape, window, pad):
        seen, given_ = x[part].astype(float), dout[:, :, i, j, None, None].astype(float)
        with np.errstate(invalid="ignore"):
            top, middle = seen.max(axis=(2, 3)), seen.mean(axis=(2, 3))
        np.testing.assert_array_equal(out[:, :, i, j], top)
        np.testing.assert_allclose(mean[:, :, i, j].astype(float), middle, rtol=0, atol=rtol)
        won = (seen == top[:, :, None, None]) | np.isnan(seen)
        dmax[part] += won * given_ / won.sum(axis=(2, 3), keepdims=True)
        dmean[part] += given_ / (seen.shape[2] * seen.shape[3])
    dx = kernels.max_pool_backward(dout, x, out, *window, **beyond, out=np.full_like(x, 7))
    np.testing.assert_allclose(dx.astype(float), dmax, rtol=rtol)
    dx = kernels.avg_pool_backward(dout, x.shape, *window, **beyond, out=np.full_like(x, 7))
    np.testing.assert_allclose(dx.astype(float), dmean, rtol=rtol)
    winners = np.full(out.shape, 255, kernels.winners_dtype(*window[:2]))
    again = kernels.max_pool_forward(x, *window, **beyond, winners=winners)
    np.testing.assert_array_equal(again, out)
    dx = kernels.max_pool_backward_winners(dout, winners, x.shape, *window, **beyond)
    np.testing.assert_allclose(dx.astype(float), dmax, rtol=rtol)


@given(windows_that_reach_out())
def test_windows_that_reach_out_are_those_of_pytorch(problem):
    torch = pytest.importorskip("torch")
    x, (HH, WW, stride), pad, ceil = problem
    x = values(*x.shape)
    beyond = {"stride": stride, "padding": pad, "ceil_mode": ceil}
    if 2 * pad > min(HH, WW):
        return  # PyTorch does not take it
    theirs = torch.tensor(x)
    top = torch.nn.functional.max_pool2d(theirs, (HH, WW), **beyond)
    mean = torch.nn.functional.avg_pool2d(theirs, (HH, WW), **beyond, count_include_pad=False)
    window = (HH, WW, stride)
    ours = kernels.max_pool_forward(x, *window, pad=pad, ceil=ceil)
    np.testing.assert_array_equal(ours, top.numpy())
    ours = kernels.avg_pool_forward(x, *window, pad=pad, ceil=ceil)
    np.testing.assert_allclose(ours, mean.numpy(), rtol=1e-12, atol=1e-12)


def test_empty_windows_are_refused():
    with pytest.raises(ValueError, match="pad must be less than the window's height"):
        kernels.max_pool_forward(np.ones((1, 1, 4, 4)), 2, 2, 2, pad=2)
    with pytest.raises(ValueError, match="the padding at least 0"):
        kernels.avg_pool_forward(np.ones((1, 1, 4, 4)), 2, 2, 2, pad=-1)


@pytest.mark.parametrize("width", [255, 256, 257, 515])
def test_rows_that_are_worked_on_in_parts(width):
    x = np.round(values(1, 2, 5, width)).astype(np.float32)
    for window in ((3, 3, 1), (2, 3, 1), (2, 2, 1)):
        out = kernels.max_pool_forward(x, *window, pad=1)
        winners = np.empty(out.shape, kernels.winners_dtype(*window[:2]))
        kernels.max_pool_forward(x, *window, pad=1, winners=winners)
        np.testing.assert_allclose(
            kernels.max_pool_backward_winners(out, winners, x.shape, *window, pad=1),
            kernels.max_pool_backward(out, x, out, *window, pad=1),
            rtol=1e-5,
        )
