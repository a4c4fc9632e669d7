"""NumPy twins of the pooling kernels, with the signatures of ``_pooling.pyx``."""

from collections.abc import Iterator

import numpy as np

from cs231n.validation import Array


def max_pool_forward(x: Array, out: Array, HH: int, WW: int, stride: int, threads: int) -> None:
    """Fill out (N, C, OH, OW) with the maximum of each window of x (N, C, H, W)."""
    shifted = _shifted_views(x, out.shape[2:], HH, WW, stride)
    out[...] = next(shifted)
    for view in shifted:
        np.maximum(out, view, out=out)


def max_pool_backward(
    dout: Array,
    x: Array,
    out: Array,
    share: Array,
    dx: Array,
    HH: int,
    WW: int,
    stride: int,
    threads: int,
) -> None:
    """Fill dx with dout, shared equally among the maxima of each window; share is workspace."""
    share[...] = 0
    for view in _shifted_views(x, out.shape[2:], HH, WW, stride):
        share += _is_maximum(view, out)
    np.divide(dout, share, out=share)
    dx[...] = 0
    gradients = _shifted_views(dx, out.shape[2:], HH, WW, stride)
    for view, gradient in zip(
        _shifted_views(x, out.shape[2:], HH, WW, stride), gradients, strict=True
    ):
        np.add(gradient, share, out=gradient, where=_is_maximum(view, out))


def max_pool_winners(
    x: Array, out: Array, winners: Array, HH: int, WW: int, stride: int, threads: int
) -> None:
    """Fill out, and set bit kh * WW + kw of each window's byte where its maximum is."""
    max_pool_forward(x, out, HH, WW, stride, threads)
    winners[...] = 0
    for bit, view in enumerate(_shifted_views(x, out.shape[2:], HH, WW, stride)):
        winners |= _is_maximum(view, out).astype(np.uint8) << np.uint8(bit)


def from_winners(
    dout: Array, winners: Array, dx: Array, HH: int, WW: int, stride: int, threads: int
) -> None:
    """Fill dx with dout, shared equally among the maxima that the bits name."""
    won = [(winners >> np.uint8(bit) & np.uint8(1)).astype(bool) for bit in range(HH * WW)]
    share = dout / np.sum(won, axis=0, dtype=dout.dtype.newbyteorder("="))
    dx[...] = 0
    for is_winner, gradient in zip(
        won, _shifted_views(dx, dout.shape[2:], HH, WW, stride), strict=True
    ):
        np.add(gradient, share, out=gradient, where=is_winner)


def avg_pool_forward(x: Array, out: Array, HH: int, WW: int, stride: int, threads: int) -> None:
    """Fill out (N, C, OH, OW) with the mean of each window of x (N, C, H, W)."""
    out[...] = 0
    for view in _shifted_views(x, out.shape[2:], HH, WW, stride):
        out += view
    out /= HH * WW


def avg_pool_backward(dout: Array, dx: Array, HH: int, WW: int, stride: int, threads: int) -> None:
    """Fill dx with dout, spread equally over each window."""
    dx[...] = 0
    for gradient in _shifted_views(dx, dout.shape[2:], HH, WW, stride):
        gradient += dout / (HH * WW)


def _shifted_views(
    x: Array, map_shape: tuple[int, ...], HH: int, WW: int, stride: int
) -> Iterator[Array]:
    """Yield, for each place in the window, the pixels that all windows have there."""
    OH, OW = map_shape
    for kh in range(HH):
        for kw in range(WW):
            yield x[:, :, kh : kh + stride * OH : stride, kw : kw + stride * OW : stride]


def _is_maximum(view: Array, out: Array) -> Array:
    # A window with a NaN has the maximum NaN, which equals nothing: its NaNs get the gradient.
    return (view == out) | (view != view)
