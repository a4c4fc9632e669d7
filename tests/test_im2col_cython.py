import numpy as np
import oracles
import pytest
from hypothesis import given
from oracles import values
from test_im2col import BAD, published, unfoldings

from cs231n.im2col_cython import col2im_6d_cython, col2im_cython, im2col_cython


@given(unfoldings())
def test_columns_and_back(sizes):
    shape, geometry = sizes
    x = values(*shape)
    six = oracles.unfold(x, *geometry)
    cols = im2col_cython(x, *geometry)
    assert cols.flags.c_contiguous
    np.testing.assert_array_equal(cols, published(six))
    expected = oracles.fold(six, *shape[2:], *geometry[2:])
    for back in (
        col2im_cython(published(six), *shape, *geometry),
        col2im_6d_cython(six, *shape, *geometry),
    ):
        np.testing.assert_allclose(back, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtype_is_kept(dtype):
    x, geometry = values(1, 2, 4, 4).astype(dtype), (3, 2, 1, 2)
    cols = im2col_cython(x, *geometry)
    six = oracles.unfold(x, *geometry)
    assert cols.dtype == col2im_cython(cols, *x.shape, *geometry).dtype == dtype
    assert col2im_6d_cython(six, *x.shape, *geometry).dtype == dtype


@pytest.mark.parametrize(
    "change", [np.asfortranarray, lambda a: np.repeat(a, 2, axis=-1)[..., ::2], np.ndarray.tolist]
)
def test_any_memory_layout_and_lists(change):
    x, geometry = values(2, 2, 4, 5), (3, 2, 1, 2)
    six = oracles.unfold(x, *geometry)
    cols = published(six)
    np.testing.assert_array_equal(im2col_cython(change(x), *geometry), cols)
    expected = oracles.fold(six, 4, 5, 1, 2)
    for function, argument in ((col2im_cython, cols), (col2im_6d_cython, six)):
        back = function(change(argument), *x.shape, *geometry)
        np.testing.assert_allclose(back, expected, rtol=1e-13)


def test_columns_of_a_record_field():
    x, geometry = values(1, 1, 4, 4), (3, 3, 0, 1)
    six = oracles.unfold(x, *geometry)
    record = np.zeros((9, 4), dtype=[("value", "f8"), ("flag", "f4")])
    record["value"] = published(six)
    back = col2im_cython(record["value"], *x.shape, *geometry)
    np.testing.assert_allclose(back, oracles.fold(six, 4, 4, 0, 1))


@pytest.mark.parametrize(("geometry", "error", "message"), BAD)
def test_bad_windows(geometry, error, message):
    shape = (2, 3, 4, 5)
    with pytest.raises(error, match=message):
        im2col_cython(np.ones(shape), *geometry)
    with pytest.raises(error, match=message):
        col2im_cython(np.ones((27, 40)), *shape, *geometry)
    with pytest.raises(error):
        col2im_6d_cython(np.ones((3, 3, 3, 2, 4, 5)), *shape, *geometry)


def test_bad_shapes():
    with pytest.raises(ValueError, match=r"x must have 4 dimensions, got shape \(4, 5\)"):
        im2col_cython(np.ones((4, 5)), 3, 3, 1, 1)
    with pytest.raises(ValueError, match=r"cols must have shape \(9, 16\).*\(1, 1, 4, 4\), got"):
        col2im_cython(np.ones((9, 15)), 1, 1, 4, 4, 3, 3, 1, 1)
    with pytest.raises(ValueError, match=r"cols must have shape \(1, 3, 3, 1, 4, 4\).*got \(9, 16"):
        col2im_6d_cython(np.ones((9, 16)), 1, 1, 4, 4, 3, 3, 1, 1)
    for shape in ((-1, 1, 4, 4), (1, -1, 4, 4), (1, 1, -4, 4)):
        with pytest.raises(ValueError, match=r"must have shape|is larger than"):
            col2im_cython(np.ones((9, 16)), *shape, 3, 3, 1, 1)
    with pytest.raises(TypeError, match="x must hold real numbers, got dtype complex128"):
        im2col_cython(np.ones((1, 1, 4, 4)) * 1j, 3, 3, 1, 1)
