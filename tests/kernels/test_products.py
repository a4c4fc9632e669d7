"""The matrix product: compiled and twin, on every instruction set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels

SETS = kernels.instruction_sets() or ("NumPy",)


def exact(a, b):
    return np.einsum("mk,kn->mn", a.astype(float), b.astype(float))


def check(actual, expected, a, b):
    """Each number within the rounding of its own sum."""
    eps = max(float(np.finfo(actual.dtype).eps), 2.0**-52)
    actual = actual.astype(float)
    bound = 4 * eps * (exact(np.abs(a), np.abs(b)) + np.abs(expected) + 1)
    assert actual.shape == expected.shape
    assert (np.abs(actual - expected) <= bound).all()


sizes = st.one_of(st.integers(0, 70), st.sampled_from([1, 12, 16, 32]))


@given(sizes, sizes, sizes, st.sampled_from([np.float32, np.float64]), st.sampled_from(SETS))
def test_any_shape(M, K, N, dtype, name):
    if name != "NumPy":
        kernels.set_instruction_set(name)
    a, b = values(M, K).astype(dtype), values(K, N, seed=1).astype(dtype)
    out = kernels.matmul(a, b)
    assert out.dtype == dtype
    check(out, exact(a, b), a, b)
    if name != "NumPy":
        kernels.set_instruction_set(SETS[0])


# More rows, columns and depth than a block has; tiny results of long sums, which are cut in parts.
@pytest.mark.parametrize(
    ("M", "K", "N"), [(400, 30, 20), (20, 30, 600), (5, 1500, 7), (200, 600, 300), (13, 257, 33)]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks(machine, M, K, N, dtype):
    a, b, bias, out = (
        values(*shape, seed=seed).astype(dtype)
        for seed, shape in enumerate([(M, K), (K, N), (N,), (M, N)])
    )
    check(kernels.matmul(a, b), exact(a, b), a, b)
    expected = exact(a, b) + bias
    check(kernels.matmul(a, b, bias=bias), expected, a, b)
    check(kernels.matmul(a, b, bias=bias, relu=True), np.maximum(expected, 0), a, b)
    summed = out.copy()
    assert kernels.matmul(a, b, bias=bias, accumulate=True, relu=True, out=summed) is summed
    check(summed, np.maximum(expected + out, 0), a, b)
    again = out.copy()
    kernels.matmul(a, b, bias=bias, accumulate=True, relu=True, out=again)
    np.testing.assert_array_equal(again, summed)


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, ">f4"])
def test_other_dtypes(dtype):
    a, b = values(5, 7).astype(dtype), values(7, 3, seed=1).astype(dtype)
    out = kernels.matmul(a, b)
    assert out.dtype == dtype
    check(out, exact(a, b), a, b)


def test_views(machine):
    a, b = values(30, 40).astype(np.float32), values(40, 50, seed=1).astype(np.float32)
    expected = kernels.matmul(a, b)
    wide = np.zeros((90, 120), np.float32)
    wide[::3, ::-3] = a
    packed = np.zeros(40 * 50, dtype=[("pad", np.uint8), ("value", np.float32)])
    odd = packed["value"].reshape(40, 50)
    odd[...] = b
    for left in (np.asfortranarray(a), wide[::3, ::-3], a[::-1].copy()[::-1]):
        for right in (np.asfortranarray(b), b.T.copy().T, odd):
            np.testing.assert_allclose(kernels.matmul(left, right), expected, rtol=1e-4, atol=1e-5)
    row = np.broadcast_to(a[0], (6, 40))
    np.testing.assert_allclose(
        kernels.matmul(row, b), np.tile(expected[0], (6, 1)), rtol=1e-4, atol=1e-5
    )


def test_nan_and_infinity(machine):
    a, b = np.ones((3, 4), np.float32), np.ones((4, 5), np.float32)
    a[1, 2], b[0, 4] = np.nan, np.inf
    for relu in (False, True):
        out = kernels.matmul(a, b, relu=relu)
        assert np.isnan(out[1]).all()
        np.testing.assert_array_equal(out[[0, 2]], [[4, 4, 4, 4, np.inf]] * 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a, b: kernels.matmul(a, a), "must match"),
        (lambda a, b: kernels.matmul(a, b.astype(np.float32)), "must match"),
        (lambda a, b: kernels.matmul(a[0], b), "a must have 2 dimensions"),
        (lambda a, b: kernels.matmul(a, b, bias=np.ones(2)), "bias must have shape"),
        (lambda a, b: kernels.matmul(a, b, out=np.ones((2, 2))), "out must have shape"),
        (lambda a, b: kernels.matmul(a, b, accumulate=True), "accumulate needs an out"),
        (lambda a, b: kernels.matmul(np.ones((3, 3)), b[:, :3], out=b[:, :3]), "contiguous"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call(values(2, 3), values(3, 4))


def test_the_output_must_not_be_an_input():
    a = values(3, 3)
    with pytest.raises(ValueError, match="out must not share memory"):
        kernels.matmul(a, values(3, 3), out=a)
