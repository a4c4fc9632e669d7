"""The published index functions, and the compiled functions of the same layout."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n.im2col import (
    col2im,
    col2im_indices,
    field_coords,
    get_im2col_indices,
    get_num_fields,
    im2col_indices,
    im2col_naive,
)


@st.composite
def unfoldings(draw):
    """x_shape and field_height, field_width, padding, stride."""
    N, C, padding = (draw(st.integers(0, 3)) for _ in range(3))
    H, W = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    field_height = draw(st.integers(1, min(4, H + 2 * padding)))
    field_width = draw(st.integers(1, min(4, W + 2 * padding)))
    return (N, C, H, W), (field_height, field_width, padding, draw(st.integers(1, 4)))


def published(cols):
    """(C, HH, WW, N, OH, OW) -> (C*HH*WW, OH*OW*N): position-major, the image fastest."""
    C, HH, WW, N, OH, OW = cols.shape
    return cols.transpose(0, 1, 2, 4, 5, 3).reshape(C * HH * WW, OH * OW * N)


@given(unfoldings())
def test_columns_and_back(sizes):
    shape, geometry = sizes
    x = values(*shape)
    six = oracles.unfold(x, *geometry)
    np.testing.assert_array_equal(im2col_indices(x, *geometry), published(six))
    back = col2im_indices(published(six), shape, *geometry)
    expected = oracles.fold(six, *shape[2:], *geometry[2:])
    np.testing.assert_allclose(back, expected, rtol=1e-13, atol=1e-15)


def test_row_and_column_order_in_numbers():
    x = np.arange(16.0).reshape(2, 2, 2, 2)
    cols = im2col_indices(x, 1, 2, padding=0)
    # Rows: channel, then place in the window. Columns: position, then image.
    expected = [[0, 8, 2, 10], [1, 9, 3, 11], [4, 12, 6, 14], [5, 13, 7, 15]]
    np.testing.assert_array_equal(cols, expected)


def test_the_indices_are_not_square():
    k, i, j = get_im2col_indices((2, 3, 5, 4), 3, 2, padding=1, stride=2)
    assert k.shape == (18, 1)
    assert i.shape == j.shape == (18, 3 * 3)
    assert (k.max(), i.max(), j.max()) == (2, 6, 5)
    x_padded = np.pad(values(2, 3, 5, 4), ((0, 0), (0, 0), (1, 1), (1, 1)))
    assert x_padded[:, k, i, j].shape == (2, 18, 9)


def test_the_published_defaults():
    x = values(2, 3, 4, 4)
    cols = im2col_indices(x, 3, 3)
    np.testing.assert_array_equal(cols, im2col_indices(x, 3, 3, padding=1, stride=1))
    np.testing.assert_array_equal(
        col2im_indices(cols, x.shape),
        col2im_indices(cols, x.shape, field_height=3, field_width=3, padding=1, stride=1),
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_is_kept(dtype):
    x = values(1, 2, 4, 4).astype(dtype)
    cols = im2col_indices(x, 3, 3)
    assert cols.dtype == col2im_indices(cols, x.shape).dtype == dtype
    assert im2col_indices(np.ones((1, 1, 3, 3), int), 3, 3).dtype == np.float64


def test_integral_floats_are_taken():
    x = values(1, 2, 4, 4)
    cols = im2col_indices(x, 3.0, 3.0, 1.0, 1.0)
    np.testing.assert_array_equal(cols, im2col_indices(x, 3, 3, 1, 1))
    np.testing.assert_array_equal(
        col2im_indices(cols, x.shape, 3.0, 3.0, 1.0, 1.0), col2im_indices(cols, x.shape)
    )


BAD = [
    ((0, 3, 1, 1), ValueError, r"field_height must lie in \[1, .* got 0"),
    ((3, -1, 1, 1), ValueError, r"field_width must lie in \[1, .* got -1"),
    ((3, 1.5, 1, 1), TypeError, "field_width must be an integer, got 1.5"),
    ((3, 3, -1, 1), ValueError, r"padding must lie in \[0, .* got -1"),
    ((3, 3, 2**40, 1), ValueError, f"padding must lie in .* got {2**40}"),
    ((3, 3, 10**9, 1), ValueError, "padding asks for an array of shape .* bytes"),
    ((3, 3, 10**9, 10**9), ValueError, "padding asks for an array of shape .* bytes"),
    ((3, 3, 1, 0), ValueError, r"stride must lie in \[1, .* got 0"),
    ((3, 3, 1, 0.5), TypeError, "stride must be an integer, got 0.5"),
    ((7, 3, 1, 1), ValueError, r"height 7 is larger than the padded input's 4 \+ 2 \* 1 = 6"),
    ((3, 8, 1, 1), ValueError, r"width 8 is larger than the padded input's 5 \+ 2 \* 1 = 7"),
]


@pytest.mark.parametrize(("geometry", "error", "message"), BAD)
def test_bad_windows(geometry, error, message):
    shape = (2, 3, 4, 5)
    with pytest.raises(error, match=message):
        get_im2col_indices(shape, *geometry)
    with pytest.raises(error, match=message):
        im2col_indices(np.ones(shape), *geometry)
    with pytest.raises(error, match=message):
        col2im_indices(np.ones((27, 40)), shape, *geometry)


def test_bad_shapes():
    with pytest.raises(ValueError, match=r"x_shape must be \(N, C, H, W\), got \(3, 4, 5\)"):
        get_im2col_indices((3, 4, 5), 3, 3)
    with pytest.raises(ValueError, match=r"x_shape must be \(N, C, H, W\), got \(3, 4, 5\)"):
        col2im_indices(np.ones((9, 9)), (3, 4, 5))
    with pytest.raises(ValueError, match=r"x must have 4 dimensions, got shape \(3, 4, 5\)"):
        im2col_indices(np.ones((3, 4, 5)), 3, 3)
    with pytest.raises(ValueError, match=r"cols must have shape \(9, 16\).*\(1, 1, 4, 4\), got"):
        col2im_indices(np.ones((16, 9)), (1, 1, 4, 4))
    with pytest.raises(TypeError, match="x must hold real numbers"):
        im2col_indices(np.ones((1, 1, 4, 4)) * 1j, 3, 3)
    with pytest.raises(TypeError, match="cols must hold real numbers"):
        col2im_indices(np.ones((9, 16), dtype=object), (1, 1, 4, 4))


@pytest.mark.parametrize("sizes", [(3, 3, 1, 1), (2, 3, 0, 2), (1, 4, 2, 3), (5, 2, 2, 1)])
def test_naive_loops_and_index_arrays_agree(sizes):
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 6))
    cols = im2col_naive(x, *sizes)
    np.testing.assert_array_equal(cols, im2col_indices(x, *sizes))
    np.testing.assert_allclose(
        col2im(cols, x.shape, *sizes), col2im_indices(cols, x.shape, *sizes), rtol=1e-12, atol=1e-12
    )
    OH, OW = get_num_fields(x.shape, *sizes)
    assert len(list(field_coords(x.shape, *sizes))) == OH * OW == cols.shape[1] // len(x)
