"""NumPy twins of the kernels for fractional max-pooling, with the signatures of the ``.pyx``."""

from collections.abc import Iterator

import numpy as np

from cs231n.validation import Array


def forward(
    x: Array, rows: Array, cols: Array, out: Array, winners: Array | None, most: int, threads: int
) -> None:
    """Fill out (N, C, OH, OW) with the maximum of each region of x, and winners with bits."""
    out[...] = -np.inf
    for view, _, _ in _views(x, rows, cols, most):
        np.maximum(out, view, out=out)
    if winners is None:
        return
    winners[...] = 0
    for view, bit, inside in _views(x, rows, cols, most):
        # A NaN equals nothing, and is its region's maximum.
        is_maximum = ((view == out) | (view != view)) & inside
        winners |= is_maximum.astype(winners.dtype) << winners.dtype.type(bit)


def backward(
    dout: Array, winners: Array, rows: Array, cols: Array, dx: Array, most: int, threads: int
) -> None:
    """Fill dx with dout, shared equally among the maxima that the bits name."""
    count = sum((winners >> winners.dtype.type(bit)) & 1 for bit in range(most * most))
    share = dout / count.astype(dout.dtype.newbyteorder("="))
    N, C, H, W = dx.shape
    # Places beyond a short region are never winners, but may lie beyond the edge.
    padded = np.zeros((N, C, H + most, W + most), dtype=dx.dtype.newbyteorder("="))
    images, channels = np.ogrid[:N, :C]
    for kh, kw in np.ndindex(most, most):
        is_winner = ((winners >> winners.dtype.type(kh * most + kw)) & 1).astype(bool)
        row, col = rows[..., 0, None] + kh, cols[..., None, :, 0] + kw
        place = (images[..., None, None], channels[..., None, None], row, col)
        padded[place] += np.where(is_winner, share, 0)
    dx[...] = padded[:, :, :H, :W]


def _views(x: Array, rows: Array, cols: Array, most: int) -> Iterator[tuple[Array, int, Array]]:
    """Yield, for each place in the region, its pixels, its bit and whether it is inside.

    A short region shows its last row or column again.
    """
    images, channels = np.ogrid[: x.shape[0], : x.shape[1]]
    for kh, kw in np.ndindex(most, most):
        row = np.minimum(rows[..., 0] + kh, rows[..., 1] - 1)[..., :, None]
        col = np.minimum(cols[..., 0] + kw, cols[..., 1] - 1)[..., None, :]
        inside = (row == rows[..., 0, None] + kh) & (col == cols[..., None, :, 0] + kw)
        yield (
            x[images[..., None, None], channels[..., None, None], row, col],
            kh * most + kw,
            inside,
        )
