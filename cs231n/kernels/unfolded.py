"""Convolution of any shape: windows are unfolded into columns, then multiplied.

A few images at a time, so that their columns stay in cache; the products use the kernels' threads.
"""

import math
from collections.abc import Iterator

import numpy as np

from cs231n.kernels.products import matmul
from cs231n.kernels.unfolding import col2im, im2col
from cs231n.kernels.workspace import workspace
from cs231n.validation import Array

_COLUMN_BYTES = 2_500_000


def forward(x: Array, w: Array, b: Array, out: Array, stride: int, pad: int, relu: bool) -> None:
    """Fill out (N, F, OH, OW) with x (N, C, H, W) convolved with w (F, C, HH, WW), plus b (F,)."""
    HH, WW = w.shape[2:]
    for images, cols, maps in _blocks(x, w.shape, out.shape, stride, pad):
        im2col(x[images], cols, HH, WW, pad, stride)
        flat = _flat(maps)
        matmul(_flat(w), _flat(cols), out=flat)  # (F, K) @ (K, n P)
        flat += b[:, None]
        if relu:
            np.maximum(flat, 0, out=flat)
        _by_filter(out[images])[...] = maps


def backward_input(dout: Array, w: Array, dx: Array, stride: int, pad: int) -> None:
    """Fill dx (N, C, H, W) with the gradient on the input."""
    HH, WW = w.shape[2:]
    for images, cols, maps in _blocks(dx, w.shape, dout.shape, stride, pad):
        maps[...] = _by_filter(dout[images])
        matmul(_flat(w).T, _flat(maps), out=_flat(cols))  # (K, F) @ (F, n P)
        col2im(cols, dx[images], HH, WW, pad, stride)


def backward_weights(dout: Array, x: Array, dw: Array, stride: int, pad: int) -> None:
    """Fill dw (F, C, HH, WW) with the gradient on the filters."""
    HH, WW = dw.shape[2:]
    dw[...] = 0
    for images, cols, maps in _blocks(x, dw.shape, dout.shape, stride, pad):
        maps[...] = _by_filter(dout[images])
        im2col(x[images], cols, HH, WW, pad, stride)
        # (F, n P) @ (n P, K)
        matmul(_flat(maps), _flat(cols).T, out=_flat(dw), accumulate=True)


def _flat(array: Array) -> Array:
    """View (A, B, ...) as (A, all the others)."""
    return array.reshape(len(array), math.prod(array.shape[1:]))


def _by_filter(maps: Array) -> Array:
    """View maps (n, F, OH, OW) as (F, n, P)."""
    n, F, OH, OW = maps.shape
    return maps.reshape(n, F, OH * OW).swapaxes(0, 1)


def _blocks(
    x: Array, w_shape: tuple[int, ...], out_shape: tuple[int, ...], stride: int, pad: int
) -> Iterator[tuple[slice, Array, Array]]:
    """Yield some images, and memory for their columns (K, n, P) and their maps (F, n, P)."""
    N, F, OH, OW = out_shape
    K, P = math.prod(w_shape[1:]), OH * OW
    together = max(1, min(N, _COLUMN_BYTES // max(K * P * x.itemsize, 1)))
    with workspace(together * (K + F) * P * x.itemsize, "unfolded") as memory:
        for first in range(0, N, together):
            n = min(together, N - first)
            numbers = memory[: n * (K + F) * P * x.itemsize].view(x.dtype)
            cols, maps = numbers[: K * n * P], numbers[K * n * P :]
            yield slice(first, first + n), cols.reshape(K, n, P), maps.reshape(F, n, P)
