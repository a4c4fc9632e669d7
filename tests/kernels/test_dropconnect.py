"""The kernels of DropConnect: twins, instruction sets, threads, memory, and what they refuse."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import values

from cs231n import kernels
from cs231n.kernels import numpy_dropconnect

compiled_only = pytest.mark.skipif(not kernels.is_compiled(), reason="needs compiled kernels")


def by_kernel(x, w, dout, keep, key):
    return (
        kernels.dropconnect_product(x, w, keep, key),
        kernels.dropconnect_input(dout, w, keep, key),
        kernels.dropconnect_weights(x, dout, keep, key),
    )


def by_twin(x, w, dout, keep, key):
    steps = round(kernels.rounded_keep(keep) * 65536)
    out, dx, dw = np.zeros(dout.shape), np.zeros(x.shape), np.zeros(w.shape)
    numpy_dropconnect.product(x, w, out, key, steps, 1)
    numpy_dropconnect.input_gradient(dout, w, dx, key, steps, 1)
    numpy_dropconnect.weight_gradient(x, dout, dw, key, steps, 1)
    return out, dx, dw


@compiled_only
@pytest.mark.parametrize("name", kernels.instruction_sets())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=40)
@given(
    st.tuples(st.integers(0, 140), st.integers(0, 140), st.integers(0, 140)),
    st.sampled_from([0.5, 0.25, 0.8, 0.3, 1.0, 1e-9]),
    st.integers(-(2**70), 2**70),
)
def test_the_compiled_kernels_equal_their_twins(name, dtype, sizes, keep, key):
    N, D, M = sizes
    x, w, dout = (values(*s, seed=1).astype(dtype) for s in ((N, D), (D, M), (N, M)))
    kernels.set_instruction_set(name)
    actual = by_kernel(x, w, dout, keep, key)
    kernels.set_instruction_set(kernels.instruction_sets()[0])
    arrays = (array.astype(float) for array in (x, w, dout))
    if keep == 1:
        expected = (x @ w, dout @ w.T, x.T @ dout)
    else:
        expected = by_twin(*arrays, keep, key & (2**64 - 1))
    tolerance = 200 * float(np.finfo(dtype).eps)
    for mine, theirs in zip(actual, expected, strict=True):
        assert mine.dtype == dtype
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)


@compiled_only
@pytest.mark.parametrize("size", [(130, 100, 200), (2000, 300, 7)])
def test_two_threads_change_no_bit(two_threads, size):
    N, D, M = size
    arrays = [values(*s).astype(np.float32) for s in ((N, D), (D, M), (N, M))]
    both = by_kernel(*arrays, 0.5, 1)
    kernels.set_num_threads(1)
    for mine, theirs in zip(both, by_kernel(*arrays, 0.5, 1), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_first_bits_never_change():
    """Masks are part of a run's record: another machine must draw the same ones."""
    words = np.packbits(kernels.dropconnect_mask(0, 2, 64, 0.5, 0), axis=1, bitorder="little")
    assert words.view("<u8").ravel().tolist() == [0xE220A8397B1DCDAF, splitmix(0, 16)]


def splitmix(seed, i):
    """Output i of the generator SplitMix64, in Python's integers."""
    z = (seed + (i + 1) * 0x9E3779B97F4A7C15) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    return z ^ (z >> 31)


@compiled_only
def test_no_mask_is_ever_stored():
    N, D, M = 64, 256, 512
    x, w, dout = (values(*s).astype(np.float32) for s in ((N, D), (D, M), (N, M)))
    tracemalloc.start()
    by_kernel(x, w, dout, 0.5, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # N D M bits would take 1 MB; the three results take 0.7 MB.
    assert peak < 1.2 * (x.nbytes + w.nbytes + dout.nbytes)


def test_a_result_is_added_to_out():
    out = np.full((2, 3), 5.0)
    x, w = values(2, 4), values(4, 3)
    assert kernels.dropconnect_product(x, w, 0.5, 1, out=out) is out
    np.testing.assert_allclose(out - 5, kernels.dropconnect_product(x, w, 0.5, 1), atol=1e-12)


@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a[::-1].copy()[::-1]])
def test_any_memory_layout(change):
    arrays = [values(*s) for s in ((3, 7), (7, 70), (3, 70))]
    expected = by_kernel(*arrays, 0.3, 1)
    for mine, theirs in zip(by_kernel(*map(change, arrays), 0.3, 1), expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, w, d: kernels.dropconnect_product(x[0], w, 0.5, 1), "x must have 2 dimensions"),
        (lambda x, w, d: kernels.dropconnect_product(x, w[1:], 0.5, 1), "w must have shape"),
        (lambda x, w, d: kernels.dropconnect_product(x, w.astype("f4"), 0.5, 1), "w must .* dtype"),
        (lambda x, w, d: kernels.dropconnect_product(x, w, 0.5, 1, out=x), "out must have shape"),
        (lambda x, w, d: kernels.dropconnect_input(d[:, 1:], w, 0.5, 1), "w must have shape"),
        (lambda x, w, d: kernels.dropconnect_weights(x, d[1:], 0.5, 1), "dout must have shape"),
        (lambda x, w, d: kernels.dropconnect_product(x, w, 0, 1), r"keep must lie in \(0, 1\]"),
        (lambda x, w, d: kernels.dropconnect_product(x, w, 1.1, 1), r"keep must lie in \(0, 1\]"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call(values(2, 4), values(4, 3), values(2, 3))
