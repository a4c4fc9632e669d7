"""Arrays as the kernels want them: contiguous, aligned, and apart from where the result goes."""

import numpy as np

from cs231n.validation import Array

# Numbers below which a second thread costs more to wake than it brings.
_WORK_OF_ONE_THREAD = 1 << 15


def as_real(name: str, array: Array) -> Array:
    """Return `array` if it holds floating-point numbers."""
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must hold floating-point numbers, got dtype {array.dtype}")
    return array


def in_order(array: Array, dtype: np.dtype) -> Array:
    """Return `array`, or a contiguous and aligned copy in this dtype."""
    if isinstance(array, np.ndarray) and array.dtype == dtype:
        flags = array.flags
        if flags.c_contiguous and flags.aligned:
            return array  # np.require would take longer than a small kernel
    return np.require(array, dtype=dtype, requirements=["C_CONTIGUOUS", "ALIGNED"])


def result(name: str, out: Array | None, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    """Return `out` if it can take the result, or a new array."""
    if out is None:
        return np.empty(shape, dtype=dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name} must be an array, got {type(out).__name__}")
    if out.shape != shape or out.dtype != dtype:
        raise ValueError(
            f"{name} must have shape {shape} and dtype {dtype}, got {out.shape} and {out.dtype}"
        )
    if not (out.flags.c_contiguous and out.flags.writeable and out.flags.aligned):
        raise ValueError(f"{name} must be contiguous, aligned and writeable")
    return out


def integer_limits(dtype: np.dtype, working: np.dtype) -> tuple[float, float]:
    """Return the least and the largest number of an integer dtype that `working` can hold.

    Examples
    --------
    >>> integer_limits(np.dtype(np.uint8), np.dtype(np.float32))
    (0.0, 255.0)
    >>> integer_limits(np.dtype(np.int64), np.dtype(np.float64))[1] < 2**63  # which float64 has
    True
    """
    limits, kind = np.iinfo(dtype), working.type
    most = kind(limits.max)
    if int(most) > limits.max:
        most = np.nextafter(most, kind(0))
    return float(limits.min), float(most)


def rounded(values: Array, dtype: np.dtype) -> Array:
    """Return `values` in `dtype`; integers are rounded, halves up, and end at its limits.

    Examples
    --------
    >>> rounded(np.array([-7.0, 1.5, 300.0]), np.dtype(np.uint8)).tolist()
    [0, 2, 255]
    """
    if dtype.kind not in "iu":
        return values.astype(dtype)
    low, high = integer_limits(dtype, values.dtype)
    # Beyond 2**53, where halves are no more, adding one would lead over the limit.
    return np.minimum(np.floor(np.clip(values, low, high) + 0.5), high).astype(dtype)


def apart(array: Array, *results: Array) -> Array:
    """Return `array`, or a copy where a result would overwrite it before it is read.

    The kernels read each number before they write the one in its place, so only arrays that
    overlap without being the same need a copy.
    """
    for out in results:
        if np.may_share_memory(array, out) and not _is_same(array, out):
            return array.copy()
    return array


def threads_for(size: int, threads: int) -> int:
    """Return how many threads a pass over `size` numbers is worth."""
    return 1 if size < _WORK_OF_ONE_THREAD else threads


def _is_same(a: Array, b: Array) -> bool:
    return (
        a.__array_interface__["data"][0] == b.__array_interface__["data"][0]
        and a.shape == b.shape
        and a.dtype == b.dtype
    )
