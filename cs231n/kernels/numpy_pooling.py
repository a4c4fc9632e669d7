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
