"""im2col and col2im: compiled, NumPy twin and naive loops, in every layout of the columns."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels
from cs231n.kernels import backend, numpy_im2col

# The logical axes of cols are (K, N, P); these are the orders in memory.
LAYOUTS = {"by image": (1, 0, 2), "image fastest": (0, 2, 1), "6d": (0, 1, 2), "reverse": (2, 1, 0)}
DTYPES = [np.float32, np.float64, np.float16, np.longdouble, ">f8"]
compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")


@st.composite
def unfoldings(draw, least=0):
    """x (N, C, H, W) and HH, WW, pad, stride; sizes of zero, odd sizes, pads over the window."""
    N, C = draw(st.integers(least, 3)), draw(st.integers(least, 3))
    pad, stride = draw(st.integers(0, 5)), draw(st.integers(1, 5))
    H, W = draw(st.integers(0 if pad else 1, 9)), draw(st.integers(0 if pad else 1, 9))
    HH = draw(st.integers(1, min(5, H + 2 * pad)))
    WW = draw(st.integers(1, min(5, W + 2 * pad)))
    return (N, C, H, W), (HH, WW, pad, stride)


def empty_columns(shape, dtype, layout, gap=1):
    """An array of this shape in the layout's order of memory, with gaps or reversed."""
    order = LAYOUTS[layout]
    stored = [shape[axis] * abs(gap) for axis in order]
    room = np.full(stored, np.nan, dtype=dtype)
    return room[tuple(slice(None, None, gap) for _ in order)].transpose(np.argsort(order))


def unfold(x, HH, WW, pad, stride, layout="6d", gap=1):
    """What kernels.im2col makes, and what the loops make, both (K, N, P)."""
    expected = oracles.unfold(x, HH, WW, pad, stride)
    K, P = int(np.prod(expected.shape[:3])), int(np.prod(expected.shape[4:]))
    cols = empty_columns((K, x.shape[0], P), x.dtype, layout, gap)
    kernels.im2col(x, cols, HH, WW, pad, stride)
    return cols, expected.reshape(cols.shape)


@given(
    unfoldings(), st.sampled_from(DTYPES), st.sampled_from([*LAYOUTS]), st.sampled_from([1, 2, -1])
)
def test_im2col(sizes, dtype, layout, gap):
    shape, geometry = sizes
    x = values(*shape).astype(dtype)
    cols, expected = unfold(x, *geometry, layout, gap)
    assert cols.dtype == x.dtype
    np.testing.assert_array_equal(cols, expected)


@given(
    unfoldings(), st.sampled_from(DTYPES), st.sampled_from([*LAYOUTS]), st.sampled_from([1, 2, -1])
)
def test_col2im(sizes, dtype, layout, gap):
    shape, (HH, WW, pad, stride) = sizes
    N, C, H, W = shape
    six = oracles.unfold(np.zeros(shape), HH, WW, pad, stride).shape
    # Small integers, which even float16 adds without rounding.
    loops = np.round(3 * values(*six)).astype(dtype)
    cols = empty_columns((C * HH * WW, N, six[4] * six[5]), dtype, layout, gap)
    cols[...] = loops.reshape(cols.shape)
    x = np.full(shape, np.nan, dtype=dtype)
    kernels.col2im(cols, x, HH, WW, pad, stride)
    np.testing.assert_array_equal(x, oracles.fold(loops, H, W, pad, stride))


@given(unfoldings(least=1), st.sampled_from([*LAYOUTS]))
def test_adjointness(sizes, layout):
    """<im2col(x), c> = <x, col2im(c)>, for any x and c."""
    shape, geometry = sizes
    x = values(*shape)
    cols, _ = unfold(x, *geometry, layout)
    c = empty_columns(cols.shape, x.dtype, layout)
    c[...] = values(*cols.shape, seed=1)
    back = np.empty_like(x)
    kernels.col2im(c, back, *geometry)
    assert np.sum(cols * c) == pytest.approx(np.sum(x * back), rel=1e-12, abs=1e-11)


@compiled_only
@given(unfoldings(), st.sampled_from([np.float32, np.float64]), st.sampled_from([*LAYOUTS]))
def test_the_compiled_kernels_equal_their_twins_bit_for_bit(sizes, dtype, layout):
    shape, (HH, WW, pad, stride) = sizes
    x = values(*shape).astype(dtype)
    cols, _ = unfold(x, HH, WW, pad, stride, layout)
    OW = 1 + (shape[3] + 2 * pad - WW) // stride
    twin = empty_columns(cols.shape, dtype, layout)
    numpy_im2col.im2col(x, twin, HH, WW, pad, stride, OW, 1)
    np.testing.assert_array_equal(cols, twin)
    cols[...] = values(*cols.shape, seed=1)
    results = np.empty((2, *shape), dtype=dtype)
    kernels.col2im(cols, results[0], HH, WW, pad, stride)
    numpy_im2col.col2im(cols, results[1], HH, WW, pad, stride, OW, 1)
    np.testing.assert_array_equal(results[0], results[1])


@compiled_only
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_threads_change_no_bit(two_threads, dtype, layout):
    x, geometry = values(5, 7, 13, 11).astype(dtype), (3, 2, 2, 2)
    threaded, expected = unfold(x, *geometry, layout)
    np.testing.assert_array_equal(threaded, expected)
    c = empty_columns(threaded.shape, dtype, layout)
    c[...] = values(*c.shape, seed=1)
    back = np.empty((2, *x.shape), dtype=dtype)
    kernels.col2im(c, back[0], *geometry)
    kernels.set_num_threads(1)
    kernels.col2im(c, back[1], *geometry)
    np.testing.assert_array_equal(back[0], back[1])


@compiled_only
@pytest.mark.parametrize("dtype", DTYPES)
def test_only_float_and_double_are_compiled(dtype):
    module = backend.kernel_module("im2col", np.dtype(dtype))
    assert (module is numpy_im2col) == (np.dtype(dtype) not in backend.COMPILED_DTYPES)


def test_nothing_but_the_columns_is_written():
    x = values(2, 2, 4, 5)
    x.flags.writeable = False
    expected = oracles.unfold(x, 3, 3, 0, 1).reshape(18, 2, -1)
    room = np.full((30, 7, 60), 7.0)
    cols = room[6:24, 2:4, 20 : 20 + expected.shape[2]]
    kernels.im2col(x, cols, 3, 3, 0, 1)
    np.testing.assert_array_equal(cols, expected)
    cols[...] = 7.0
    assert (room == 7.0).all()


def test_columns_of_a_record_field():
    """Their steps are no whole number of elements, which compiled loops cannot take."""
    x = values(1, 2, 4, 4)
    expected = oracles.unfold(x, 3, 3, 0, 1)
    record = np.zeros((18, 1, 4), dtype=[("value", "f8"), ("flag", "f4")])
    record["value"] = expected.reshape(18, 1, 4)
    back = np.empty_like(x)
    kernels.col2im(record["value"], back, 3, 3, 0, 1)
    np.testing.assert_allclose(back, oracles.fold(expected, 4, 4, 0, 1))
    with pytest.raises(ValueError, match="cols must have strides of whole elements"):
        kernels.im2col(x, record["value"], 3, 3, 0, 1)


def test_nan_and_infinity_stay_where_they_are():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 0, 0], x[0, 0, 2, 2] = np.nan, np.inf
    cols, expected = unfold(x, 2, 2, 1, 1)
    np.testing.assert_array_equal(cols, expected)
    back = np.empty_like(x)
    kernels.col2im(np.where(np.isnan(cols), np.nan, 0.0), back, 2, 2, 1, 1)
    assert np.isnan(back[0, 0, 0, 0])
    assert np.isnan(back).sum() == 1


X, COLS = np.zeros((2, 3, 5, 5)), np.zeros((27, 2, 9))


@pytest.mark.parametrize(
    ("cols", "geometry", "message"),
    [
        (COLS[:, :, :8], (3, 3, 0, 1), r"cols must have shape \(27, 2, 9\) for x \(2, 3, 5, 5\)"),
        (COLS[:, :1], (3, 3, 0, 1), r"3x3 window with pad 0 and stride 1, got \(27, 1, 9\)"),
        (COLS.reshape(27, 18), (3, 3, 0, 1), r"got \(27, 18\)"),
        (COLS, (6, 3, 0, 1), "height 6 is larger than the padded input's 5"),
        (COLS, (3, 8, 1, 1), r"width 8 is larger than .* 5 \+ 2 \* 1 = 7"),
        (COLS, (3, 3, 0, 0), "stride must be at least 1"),
        (COLS, (3, 3, 0, -1), "stride must be at least 1"),
        (COLS, (3, 3, -1, 1), "padding at least 0"),
        (COLS, (0, 3, 0, 1), "height and stride must be at least 1"),
    ],
)
def test_bad_arguments(cols, geometry, message):
    with pytest.raises(ValueError, match=message):
        kernels.im2col(X, cols, *geometry)
    with pytest.raises(ValueError, match=message):
        kernels.col2im(cols, X.copy(), *geometry)


def test_col2im_writes_in_place_and_so_needs_contiguous_memory():
    with pytest.raises(ValueError, match="x must be C-contiguous"):
        kernels.col2im(COLS, np.asfortranarray(X), 3, 3, 0, 1)
