"""NumPy twins of the im2col kernels, with the signatures of ``_im2col.pyx``."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cs231n.validation import Array


def im2col(
    x: Array, cols: Array, HH: int, WW: int, pad: int, stride: int, OW: int, threads: int
) -> None:
    """Fill cols (C*HH*WW, N, OH*OW) with the windows of x (N, C, H, W)."""
    N, C = x.shape[:2]
    OH = cols.shape[2] // OW
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    windows = windows.transpose(
        1, 4, 5, 0, 2, 3
    )  # (N, C, OH, OW, HH, WW) -> (C, HH, WW, N, OH, OW)
    _split(cols, (C, HH, WW), (OH, OW))[...] = windows


def col2im(
    cols: Array, x: Array, HH: int, WW: int, pad: int, stride: int, OW: int, threads: int
) -> None:
    """Set x (N, C, H, W) to the sum of the columns (C*HH*WW, N, OH*OW) at their places."""
    N, C, H, W = x.shape
    OH = cols.shape[2] // OW
    windows = _split(cols, (C, HH, WW), (OH, OW))
    padded = np.zeros((C, N, H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    for kh in range(HH):
        for kw in range(WW):
            rows = slice(kh, kh + stride * OH, stride)
            columns = slice(kw, kw + stride * OW, stride)
            padded[:, :, rows, columns] += windows[:, kh, kw]
    x[...] = padded[:, :, pad : pad + H, pad : pad + W].swapaxes(0, 1)  # (C, N, ..) -> (N, C, ..)


def _split(cols: Array, filter_shape: tuple[int, int, int], map_shape: tuple[int, int]) -> Array:
    """View cols (C*HH*WW, N, OH*OW) as (C, HH, WW, N, OH, OW), whatever its layout."""
    rows, images, positions = cols.strides
    C, HH, WW = filter_shape
    OH, OW = map_shape
    return np.lib.stride_tricks.as_strided(
        cols,
        shape=(C, HH, WW, cols.shape[1], OH, OW),
        strides=(HH * WW * rows, WW * rows, rows, images, OW * positions, positions),
    )
