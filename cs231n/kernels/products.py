"""Matrix products that use the kernels' threads.

Between two kernels a BLAS costs more than it saves: its idle threads spin on the cores that the
kernels need (docs/threads.md).
"""

import numpy as np

from cs231n.kernels.arrays import as_real, in_order, result
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array

# Multiplications below which a second thread costs more to wake than it brings.
_WORK_OF_ONE_THREAD = 1_000_000


def matmul(
    a: Array,
    b: Array,
    *,
    out: Array | None = None,
    bias: Array | None = None,
    relu: bool = False,
    accumulate: bool = False,
) -> Array:
    """Multiply two matrices, which may be transposed or sliced views.

    Parameters
    ----------
    a : float array (M, K)
    b : array (K, N) of a's dtype
    out : array (M, N), optional
        Where to write the result; contiguous, and apart from the other arrays.
    bias : array (N,), optional
        Added to each row.
    relu : bool
        Whether to set negative results to zero.
    accumulate : bool
        Whether to add to what `out` holds.

    Returns
    -------
    array (M, N)

    Examples
    --------
    >>> matmul(np.ones((1, 2)), np.ones((3, 2)).T, bias=np.arange(3.0)).tolist()
    [[2.0, 3.0, 4.0]]
    """
    for name, array in (("a", a), ("b", b)):
        if as_real(name, array).ndim != 2:
            raise ValueError(f"{name} must have 2 dimensions, got shape {array.shape}")
    if a.shape[1] != b.shape[0] or a.dtype != b.dtype:
        raise ValueError(
            f"a (M, K) and b (K, N) must match, got {a.shape} {a.dtype} and {b.shape} {b.dtype}"
        )
    (M, K), N = a.shape, b.shape[1]
    if accumulate and out is None:
        raise ValueError("accumulate needs an out to add to")
    out = result("out", out, (M, N), a.dtype)
    if bias is not None:
        if np.shape(bias) != (N,):
            raise ValueError(f"bias must have shape ({N},), got {np.shape(bias)}")
        bias = in_order(bias, a.dtype)
    if any(np.may_share_memory(out, array) for array in (a, b, bias) if array is not None):
        raise ValueError("out must not share memory with another argument")
    if not out.size:
        return out
    if K == 0:  # one product of zeros stands for none
        a, b = np.zeros((M, 1), a.dtype), np.zeros((1, N), a.dtype)
    a, b = _whole_steps(a), _whole_steps(b)
    threads = get_num_threads() if M * N * K >= _WORK_OF_ONE_THREAD else 1
    kernel_module("products", a.dtype).matmul(a, b, bias, out, accumulate, relu, threads)
    return out


def _whole_steps(array: Array) -> Array:
    """Return `array`, or a copy where its steps are no whole numbers of elements."""
    if array.flags.aligned and not any(step % array.itemsize for step in array.strides):
        return array
    return array.copy()
