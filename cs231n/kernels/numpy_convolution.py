"""NumPy twins of the convolution kernels, with the signatures of ``_convolution.pyx``.

Winograd's algorithm F(4x4, 3x3) computes a tile of 4x4 outputs from 6x6 inputs with 36 products
instead of 144: ``Y = A' [(G g G') * (B' d B)] A``. Larger filters are sums of pieces of 3x3
weights. See docs/convolution.md.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cs231n.validation import Array

# For the interpolation points 0, 1, -1, 2, -2 and infinity: Lavin & Gray, "Fast algorithms for
# convolutional neural networks", 2015, https://arxiv.org/abs/1509.09308
INPUT = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)  # B'
FILTER = (
    np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
)  # G
OUTPUT = np.array(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
)  # A'


def winograd_convolve(
    x: Array,
    w: Array,
    b: Array,
    out: Array,
    pad_h: int,
    pad_w: int,
    turned: bool,
    relu: bool,
    threads: int,
) -> None:
    """Fill out (N, F, OH, OW) with x convolved with w (F, C, HH, WW), plus b (F,).

    With `turned`, w is (C, F, HH, WW) and each filter is turned by half a turn.
    """
    N, F, OH, OW = out.shape
    if turned:
        w = w[:, :, ::-1, ::-1].swapaxes(0, 1)  # (C, F, HH, WW) -> (F, C, HH, WW)
    M = np.zeros((6, 6, F, N * -(-OH // 4) * -(-OW // 4)), out.dtype)
    for top, left, piece in _pieces(w):
        V, (TH, TW) = _input_tiles(x, pad_h - top, pad_w - left, OH, OW)
        U = _both_ways(FILTER, piece)  # (F, C, 3, 3) -> (F, C, 6, 6)
        M += U.transpose(2, 3, 0, 1) @ V  # (6, 6, F, C) @ (6, 6, C, N*TH*TW)
    Y = _both_ways(OUTPUT, M.transpose(2, 3, 0, 1))  # (F, N*TH*TW, 6, 6) -> (F, N*TH*TW, 4, 4)
    # (F, N, TH, TW, 4, 4) -> (N, F, TH, 4, TW, 4) -> (N, F, 4 TH, 4 TW)
    Y = Y.reshape(F, N, TH, TW, 4, 4).transpose(1, 0, 2, 4, 3, 5).reshape(N, F, 4 * TH, 4 * TW)
    out[...] = Y[:, :, :OH, :OW] + b[:, None, None]
    if relu:
        np.maximum(out, 0, out=out)


def winograd_weights(dout: Array, x: Array, dw: Array, pad: int, threads: int) -> None:
    """Fill dw (F, C, HH, WW), by pieces, with G' [sum over tiles of (A dY A') * (B' d B)] G."""
    N, F, OH, OW = dout.shape
    TH, TW = -(-OH // 4), -(-OW // 4)
    dY = np.pad(dout, ((0, 0), (0, 0), (0, 4 * TH - OH), (0, 4 * TW - OW)))
    # (N, F, 4 TH, 4 TW) -> (N, F, TH, 4, TW, 4) -> (F, N, TH, TW, 4, 4)
    dY = dY.reshape(N, F, TH, 4, TW, 4).transpose(1, 0, 2, 4, 3, 5)
    dM = _both_ways(OUTPUT.T, dY).reshape(F, N * TH * TW, 6, 6)
    for top, left, _ in _pieces(dw):
        V, _ = _input_tiles(x, pad - top, pad - left, OH, OW)
        dU = dM.transpose(2, 3, 0, 1) @ V.swapaxes(2, 3)  # (6, 6, F, T) @ (6, 6, T, C)
        gradient = _both_ways(FILTER.T, dU.transpose(2, 3, 0, 1))  # (F, C, 6, 6) -> (F, C, 3, 3)
        HH, WW = dw[:, :, top : top + 3, left : left + 3].shape[2:]
        dw[:, :, top : top + 3, left : left + 3] = gradient[:, :, :HH, :WW]


def bias_gradient(dout: Array, db: Array, threads: int) -> None:
    """Fill db (F,) with the sum of dout (N, F, P)."""
    np.sum(dout, axis=(0, 2), out=db)


def _pieces(w: Array) -> Iterator[tuple[int, int, Array]]:
    """Yield where each piece of 3x3 weights begins, and the piece, zeros where the filter ends."""
    HH, WW = w.shape[2:]
    padded = np.pad(w, ((0, 0), (0, 0), (0, -HH % 3), (0, -WW % 3)))
    for top in range(0, HH, 3):
        for left in range(0, WW, 3):
            yield top, left, padded[:, :, top : top + 3, left : left + 3]


def _input_tiles(
    x: Array, pad_h: int, pad_w: int, OH: int, OW: int
) -> tuple[Array, tuple[int, int]]:
    """Return B' d B of all tiles, (6, 6, C, N*TH*TW), and how many tiles a map has.

    A negative padding leaves lines out.
    """
    N, C, H, W = x.shape
    TH, TW = -(-OH // 4), -(-OW // 4)
    below, right = 4 * TH + 2 - H - pad_h, 4 * TW + 2 - W - pad_w
    x = x[:, :, max(-pad_h, 0) :, max(-pad_w, 0) :]
    edges = [(max(before, 0), max(after, 0)) for before, after in ((pad_h, below), (pad_w, right))]
    x = np.pad(x, ((0, 0), (0, 0), *edges))
    d = sliding_window_view(x, (6, 6), axis=(2, 3))[:, :, ::4, ::4]  # (N, C, TH, TW, 6, 6)
    V = _both_ways(INPUT, d[:, :, :TH, :TW])
    return V.transpose(4, 5, 1, 0, 2, 3).reshape(6, 6, C, N * TH * TW), (TH, TW)


def _both_ways(matrix: Array, tiles: Array) -> Array:
    """Transform the last two axes of the tiles: matrix @ tile @ matrix'."""
    matrix = matrix.astype(tiles.dtype)
    return matrix @ tiles @ matrix.T
