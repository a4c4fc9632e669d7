"""Max-pooling over given regions: fractional max-pooling, whose regions `layers` draws."""

import numpy as np

from cs231n.kernels.arrays import as_real, in_order, result
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.kernels.workspace import empty_aligned
from cs231n.validation import Array

# Rows and columns of a window whose places 16 bits can name.
MOST_PIXELS = 4


def fractional_winners(x_shape: tuple[int, ...], rows: Array, cols: Array, most: int) -> Array:
    """Return an empty array for the winners of :func:`fractional_max_pool_forward`.

    A byte an output for windows of at most 2 rows and columns, two bytes for larger ones.

    Examples
    --------
    >>> fractional_winners((1, 3, 2, 2), np.array([[[[0, 2]]]]), np.array([[[[0, 2]]]]), 2).shape
    (1, 3, 1, 1)
    """
    return np.empty((*x_shape[:2], rows.shape[2], cols.shape[2]), _winners_dtype(most))


def fractional_max_pool_forward(
    x: Array,
    rows: Array,
    cols: Array,
    most: int = 2,
    *,
    out: Array | None = None,
    winners: Array | None = None,
) -> Array:
    """Return the maximum of each region; a NaN in the region is its maximum.

    Parameters
    ----------
    x : float array (N, C, H, W)
    rows : int array (1 or N, 1 or C, OH, 2)
        Each region's first row, and the one behind its last; the first rows increase.
    cols : int array (1 or N, 1 or C, OW, 2)
    most : int
        The most rows or columns that a region may have: 2, 3 or 4.
    out : array (N, C, OH, OW), optional
        Where to write the result.
    winners : array (N, C, OH, OW), optional
        Bit ``kh * most + kw`` of each is set where its region's maximum is; uint8 if `most` is 2,
        else uint16 (:func:`fractional_winners`). The backward pass needs them instead of `x`.

    Returns
    -------
    array (N, C, OH, OW)

    Examples
    --------
    >>> rows, cols = np.array([[[[0, 1]]]]), np.array([[[[0, 2], [1, 3]]]])
    >>> fractional_max_pool_forward(np.array([[[[1.0, 7.0, 9.0]]]]), rows, cols).tolist()
    [[[[7.0, 9.0]]]]
    """
    rows, cols = _regions(as_real("x", x).shape, rows, cols, most)
    shape = (*x.shape[:2], rows.shape[2], cols.shape[2])
    out = result("out", out, shape, x.dtype)
    if winners is not None:
        winners = result("winners", winners, shape, _winners_dtype(most))
    x = in_order(x, x.dtype)
    if np.may_share_memory(x, out):
        raise ValueError("out must not share memory with x")
    if out.size:
        kernel_module("fractional", x.dtype).forward(
            x, rows, cols, out, winners, most, get_num_threads()
        )
    return out


def fractional_max_pool_backward(
    dout: Array,
    winners: Array,
    x_shape: tuple[int, ...],
    rows: Array,
    cols: Array,
    most: int = 2,
    *,
    out: Array | None = None,
) -> Array:
    """Return the gradient on x from the winners that the forward pass set; `x` is not needed.

    Maxima that tie share their region's gradient equally.

    Examples
    --------
    >>> rows, cols = np.array([[[[0, 1]]]]), np.array([[[[0, 2], [1, 3]]]])
    >>> winners = np.array([[[[3, 2]]]], np.uint8)
    >>> dout = np.array([[[[8.0, 1.0]]]])
    >>> fractional_max_pool_backward(dout, winners, (1, 1, 1, 3), rows, cols).tolist()
    [[[[4.0, 4.0, 1.0]]]]
    """
    rows, cols = _regions(x_shape, rows, cols, most)
    shape = (*x_shape[:2], rows.shape[2], cols.shape[2])
    for name, array, dtype in (("dout", dout, dout.dtype), ("winners", winners, None)):
        wanted = dtype or _winners_dtype(most)
        if array.shape != shape or array.dtype != wanted:
            raise ValueError(
                f"{name} must have shape {shape} and dtype {wanted} for x {x_shape}, "
                f"got {array.shape} and {array.dtype}"
            )
    dtype = as_real("dout", dout).dtype
    if out is None:  # on a cache line, or it could not be written past the cache
        out = empty_aligned(tuple(x_shape), dtype)
    dx = result("out", out, tuple(x_shape), dtype)
    if np.may_share_memory(dx, dout):
        raise ValueError("out must not share memory with dout")
    if dout.size:
        dout, winners = in_order(dout, dout.dtype), in_order(winners, winners.dtype)
        kernel_module("fractional", dx.dtype).backward(
            dout, winners, rows, cols, dx, most, get_num_threads()
        )
    else:
        dx[...] = 0
    return dx


def _winners_dtype(most: int) -> np.dtype:
    if not 2 <= most <= MOST_PIXELS:
        raise ValueError(f"most must be 2, 3 or 4, got {most!r}")
    return np.dtype(np.uint8 if most == 2 else np.uint16)


def _regions(x_shape: tuple[int, ...], rows: Array, cols: Array, most: int) -> tuple[Array, Array]:
    """Return the regions as the kernels want them, which would read anywhere that they say."""
    if len(x_shape) != 4:
        raise ValueError(f"x must have 4 dimensions, got shape {x_shape}")
    _winners_dtype(most)
    N, C, H, W = x_shape
    return (
        checked_intervals("rows", rows, (N, C), H, most),
        checked_intervals("cols", cols, (N, C), W, most),
    )


def checked_intervals(
    name: str, given: Array, sets: tuple[int, int], size: int, most: int
) -> Array:
    """Return intervals (1 or N, 1 or C, count, 2) in order, if they lie within `size` pixels."""
    array = in_order(given, np.dtype(np.intp)) if np.asarray(given).dtype.kind in "iu" else given
    if (
        array.dtype.kind not in "iu"
        or array.ndim != 4
        or any(have not in (1, want) for have, want in zip(array.shape, sets, strict=False))
        or array.shape[2] < 1
        or array.shape[3] != 2
    ):
        raise ValueError(
            f"{name} must hold integers of shape (1 or {sets[0]}, 1 or {sets[1]}, count, 2), "
            f"got {array.dtype} of shape {array.shape}"
        )
    if not array.size:
        return array
    first, end = array[..., 0], array[..., 1]
    extent = end - first
    if first.min() < 0 or end.max() > size:
        raise ValueError(
            f"{name} must lie within 0 and {size}, got from {first.min()} to {end.max()}"
        )
    if extent.min() < 1 or extent.max() > most:
        raise ValueError(
            f"{name} must be from 1 to {most} pixels long, got {extent.min()} to {extent.max()}"
        )
    if (first[..., 1:] <= first[..., :-1]).any():
        raise ValueError(f"{name} must begin one behind the other")
    return array
