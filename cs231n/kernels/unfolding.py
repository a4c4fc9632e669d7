"""Unfold images into columns and add columns back into images."""

from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array, output_extent


def im2col(
    x: Array, cols: Array, HH: int, WW: int, pad: int, stride: int, threads: int | None = None
) -> None:
    """Fill `cols` with the windows of `x`.

    Parameters
    ----------
    x : float array (N, C, H, W)
    cols : array (C*HH*WW, N, OH*OW), written; of any memory layout and of x's dtype
        Transposing it gives the layouts that are in use: per image (N, C*HH*WW, OH*OW), and the
        published ones (C*HH*WW, OH*OW*N) and (C, HH, WW, N, OH, OW).
    HH, WW, pad, stride : int
        Window, zero padding on each side, and step; ``OH = 1 + (H + 2 pad - HH) // stride``.
    threads : int, optional
        At most so many; :func:`~cs231n.kernels.get_num_threads` by default.
    """
    OW = _map_width(x.shape, cols, HH, WW, pad, stride)
    kernels = kernel_module("im2col", x.dtype)
    x = _contiguous(x)
    if not _whole_steps(cols):
        raise ValueError(f"cols must have strides of whole elements, got {cols.strides} bytes")
    kernels.im2col(x, cols, HH, WW, pad, stride, OW, _at_most(threads))


def col2im(
    cols: Array, x: Array, HH: int, WW: int, pad: int, stride: int, threads: int | None = None
) -> None:
    """Set `x` to the sum of all columns at their places: the transpose of :func:`im2col`.

    Parameters
    ----------
    cols : array (C*HH*WW, N, OH*OW), of any memory layout
    x : contiguous array (N, C, H, W), overwritten
    HH, WW, pad, stride, threads : int
        As in :func:`im2col`.
    """
    OW = _map_width(x.shape, cols, HH, WW, pad, stride)
    if not x.flags.c_contiguous:
        raise ValueError("x must be C-contiguous, because it is written in place")
    if not _whole_steps(cols):
        cols = cols.copy()
    kernels = kernel_module("im2col", x.dtype)
    kernels.col2im(cols, x, HH, WW, pad, stride, OW, _at_most(threads))


def _map_width(
    x_shape: tuple[int, ...], cols: Array, HH: int, WW: int, pad: int, stride: int
) -> int:
    N, C, H, W = x_shape
    OH = output_extent("height", H, HH, pad, stride)
    OW = output_extent("width", W, WW, pad, stride)
    expected = (C * HH * WW, N, OH * OW)
    if cols.shape != expected:
        raise ValueError(
            f"cols must have shape {expected} for x {x_shape} and a {HH}x{WW} window "
            f"with pad {pad} and stride {stride}, got {cols.shape}"
        )
    return OW


def _contiguous(x: Array) -> Array:
    return x if x.flags.c_contiguous else x.copy(order="C")


def _whole_steps(array: Array) -> bool:
    # A field of a structured array may not have them, and the compiled loops count in elements.
    return all(step % array.itemsize == 0 for step in array.strides)


def _at_most(threads: int | None) -> int:
    return get_num_threads() if threads is None else min(threads, get_num_threads())
