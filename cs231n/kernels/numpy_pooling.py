"""NumPy twins of the pooling kernels, with the signatures of ``_pooling.pyx``."""

from collections.abc import Iterator

import numpy as np

from cs231n.validation import Array


def max_pool_forward(
    x: Array, out: Array, HH: int, WW: int, stride: int, pad: int, threads: int
) -> None:
    """Fill out (N, C, OH, OW) with the maximum of each window of x (N, C, H, W)."""
    out[...] = -np.inf
    for here, pixels, _ in _places(x.shape, out.shape, HH, WW, stride, pad):
        np.maximum(out[here], x[pixels], out=out[here])


def max_pool_backward(
    dout: Array,
    x: Array,
    out: Array,
    share: Array,
    dx: Array,
    HH: int,
    WW: int,
    stride: int,
    pad: int,
    threads: int,
) -> None:
    """Fill dx with dout, shared equally among the maxima of each window; share is workspace."""
    places = list(_places(x.shape, out.shape, HH, WW, stride, pad))
    share[...] = 0
    for here, pixels, _ in places:
        share[here] += _is_maximum(x[pixels], out[here])
    np.divide(dout, share, out=share)
    dx[...] = 0
    for here, pixels, _ in places:
        won = _is_maximum(x[pixels], out[here])
        np.add(dx[pixels], share[here], out=dx[pixels], where=won)


def max_pool_winners(
    x: Array, out: Array, winners: Array, HH: int, WW: int, stride: int, pad: int, threads: int
) -> None:
    """Fill out, and set bit kh * WW + kw of each window's number where its maximum is."""
    max_pool_forward(x, out, HH, WW, stride, pad, threads)
    winners[...] = 0
    for here, pixels, bit in _places(x.shape, out.shape, HH, WW, stride, pad):
        won = _is_maximum(x[pixels], out[here])
        winners[here] |= won.astype(winners.dtype) << winners.dtype.type(bit)


def from_winners(
    dout: Array, winners: Array, dx: Array, HH: int, WW: int, stride: int, pad: int, threads: int
) -> None:
    """Fill dx with dout, shared equally among the maxima that the bits name."""
    one = winners.dtype.type(1)
    won = [(winners >> winners.dtype.type(bit) & one).astype(bool) for bit in range(HH * WW)]
    share = dout / np.sum(won, axis=0, dtype=dout.dtype.newbyteorder("="))
    dx[...] = 0
    for here, pixels, bit in _places(dx.shape, dout.shape, HH, WW, stride, pad):
        np.add(dx[pixels], share[here], out=dx[pixels], where=won[bit][here])


def avg_pool_forward(
    x: Array, out: Array, HH: int, WW: int, stride: int, pad: int, threads: int
) -> None:
    """Fill out (N, C, OH, OW) with the mean of each window of x (N, C, H, W)."""
    out[...] = 0
    for here, pixels, _ in _places(x.shape, out.shape, HH, WW, stride, pad):
        out[here] += x[pixels]
    out /= _counts(x.shape, out, HH, WW, stride, pad)


def avg_pool_backward(
    dout: Array, dx: Array, HH: int, WW: int, stride: int, pad: int, threads: int
) -> None:
    """Fill dx with dout, spread equally over each window."""
    share = dout / _counts(dx.shape, dout, HH, WW, stride, pad)
    dx[...] = 0
    for here, pixels, _ in _places(dx.shape, dout.shape, HH, WW, stride, pad):
        dx[pixels] += share[here]


def _places(
    x_shape: tuple[int, ...], out_shape: tuple[int, ...], HH: int, WW: int, stride: int, pad: int
) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...], int]]:
    """Yield, for each place in the window: windows that have it in the map, pixels, its number."""
    whole = slice(None)
    for kh in range(HH):
        rows, lines = _inside(x_shape[2], out_shape[2], kh - pad, stride)
        for kw in range(WW):
            columns, pixels = _inside(x_shape[3], out_shape[3], kw - pad, stride)
            yield (whole, whole, rows, columns), (whole, whole, lines, pixels), kh * WW + kw


def _inside(size: int, windows: int, shift: int, stride: int) -> tuple[slice, slice]:
    """Return the windows whose pixel at this shift lies in the map, and those pixels."""
    first = max(0, -(shift // stride))
    end = max(first, min(windows, (size - 1 - shift) // stride + 1))
    begin = first * stride + shift
    return slice(first, end), slice(begin, begin + (end - first) * stride, stride)


def _counts(x_shape: tuple[int, ...], out: Array, HH: int, WW: int, stride: int, pad: int) -> Array:
    """Return how many pixels of the map each window (OH, OW) has."""
    counts = np.zeros(out.shape[2:], out.dtype.newbyteorder("="))
    for (_, _, *here), _, _ in _places(x_shape, out.shape, HH, WW, stride, pad):
        counts[tuple(here)] += 1
    return counts


def _is_maximum(view: Array, out: Array) -> Array:
    # A window with a NaN has the maximum NaN, which equals nothing: its NaNs get the gradient.
    return (view == out) | (view != view)
