"""Max-pooling and average pooling over windows of any size and stride."""

import numpy as np

from cs231n.kernels.arrays import in_order, result
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array, output_extent

# Places in a window that a byte of bits can name.
MOST_WINNERS = 8


def max_pool_forward(
    x: Array,
    HH: int,
    WW: int,
    stride: int,
    *,
    out: Array | None = None,
    winners: Array | None = None,
) -> Array:
    """Return the maximum of each window; a NaN in the window is its maximum.

    Parameters
    ----------
    x : float array (N, C, H, W)
    HH, WW, stride : int
    out : array (N, C, OH, OW), optional
        Where to write the result.
    winners : uint8 array (N, C, OH, OW), optional
        Bit ``kh * WW + kw`` of each is set where its window's maximum is, for windows of at most 8
        pixels: what :func:`max_pool_backward_winners` needs, instead of `x`.

    Returns
    -------
    array (N, C, OH, OW) with ``OH = 1 + (H - HH) // stride``

    Examples
    --------
    >>> winners = np.empty((1, 1, 1, 1), np.uint8)
    >>> max_pool_forward(np.array([[[[1.0, 7.0]]]]), 1, 2, 2, winners=winners).item()
    7.0
    >>> winners.item()
    2
    """
    out = result("out", out, _output_shape(x, HH, WW, stride), x.dtype)
    x = in_order(x, x.dtype)
    if np.may_share_memory(x, out):
        raise ValueError("out must not share memory with x")
    module, window = kernel_module("pooling", x.dtype), (HH, WW, stride, get_num_threads())
    if winners is None:
        module.max_pool_forward(x, out, *window)
    else:
        _check_winners(HH, WW)
        winners = result("winners", winners, out.shape, np.dtype(np.uint8))
        module.max_pool_winners(x, out, winners, *window)
    return out


def max_pool_backward_winners(
    dout: Array,
    winners: Array,
    x_shape: tuple[int, ...],
    HH: int,
    WW: int,
    stride: int,
    *,
    out: Array | None = None,
) -> Array:
    """Return the gradient on x (N, C, H, W) from the winners that :func:`max_pool_forward` set.

    Examples
    --------
    >>> winners = np.array([[[[3]]]], np.uint8)  # two maxima share
    >>> dout = np.array([[[[8.0]]]])
    >>> max_pool_backward_winners(dout, winners, (1, 1, 1, 2), 1, 2, 2).tolist()
    [[[[4.0, 4.0]]]]
    """
    _check_winners(HH, WW)
    dout, dx = _gradients(dout, x_shape, HH, WW, stride, out)
    if winners.shape != dout.shape or winners.dtype != np.uint8:
        raise ValueError(
            f"winners must be uint8 of dout's shape {dout.shape}, got {winners.dtype} of shape "
            f"{winners.shape}"
        )
    kernel_module("pooling", dx.dtype).from_winners(
        dout, in_order(winners, winners.dtype), dx, HH, WW, stride, get_num_threads()
    )
    return dx


def avg_pool_forward(x: Array, HH: int, WW: int, stride: int, *, out: Array | None = None) -> Array:
    """Return the mean of each window, (N, C, OH, OW).

    Examples
    --------
    >>> avg_pool_forward(np.array([[[[1.0, 7.0]]]]), 1, 2, 2).item()
    4.0
    """
    out = result("out", out, _output_shape(x, HH, WW, stride), x.dtype)
    x = in_order(x, x.dtype)
    if np.may_share_memory(x, out):
        raise ValueError("out must not share memory with x")
    kernel_module("pooling", x.dtype).avg_pool_forward(x, out, HH, WW, stride, get_num_threads())
    return out


def avg_pool_backward(
    dout: Array,
    x_shape: tuple[int, ...],
    HH: int,
    WW: int,
    stride: int,
    *,
    out: Array | None = None,
) -> Array:
    """Return the gradient on x (N, C, H, W): each window's, spread equally over it.

    Examples
    --------
    >>> avg_pool_backward(np.array([[[[8.0]]]]), (1, 1, 1, 2), 1, 2, 2).tolist()
    [[[[4.0, 4.0]]]]
    """
    dout, dx = _gradients(dout, x_shape, HH, WW, stride, out)
    kernel_module("pooling", dx.dtype).avg_pool_backward(
        dout, dx, HH, WW, stride, get_num_threads()
    )
    return dx


def max_pool_backward(dout: Array, x: Array, out: Array, HH: int, WW: int, stride: int) -> Array:
    """Return the gradient on `x`; maxima that tie share their window's gradient equally.

    Parameters
    ----------
    dout, out : array (N, C, OH, OW), the gradient on the output and the output itself
    x : array (N, C, H, W)
    HH, WW, stride : int
    """
    expected = _output_shape(x, HH, WW, stride)
    for name, array in (("dout", dout), ("out", out)):
        if array.shape != expected:
            raise ValueError(
                f"{name} must have shape {expected} for x {x.shape} and {HH}x{WW} windows "
                f"with stride {stride}, got {array.shape}"
            )
    dx = np.empty(x.shape, dtype=x.dtype)
    share = np.empty(out.shape, dtype=x.dtype)
    dout, x, out = (np.ascontiguousarray(a, dtype=dx.dtype) for a in (dout, x, out))
    kernel_module("pooling", dx.dtype).max_pool_backward(
        dout, x, out, share, dx, HH, WW, stride, get_num_threads()
    )
    return dx


def _check_winners(HH: int, WW: int) -> None:
    if HH * WW > MOST_WINNERS:
        raise ValueError(f"winners name at most {MOST_WINNERS} places, got {HH}x{WW} windows")


def _gradients(
    dout: Array, x_shape: tuple[int, ...], HH: int, WW: int, stride: int, out: Array | None
) -> tuple[Array, Array]:
    """Return dout as the kernels want it, and where the gradient on x goes."""
    expected = _map_shape(x_shape, HH, WW, stride)
    if dout.shape != expected:
        raise ValueError(
            f"dout must have shape {expected} for x {x_shape} and {HH}x{WW} windows with stride "
            f"{stride}, got {dout.shape}"
        )
    dx = result("out", out, tuple(x_shape), dout.dtype)
    if np.may_share_memory(dx, dout):
        raise ValueError("out must not share memory with dout")
    return in_order(dout, dout.dtype), dx


def _output_shape(x: Array, HH: int, WW: int, stride: int) -> tuple[int, int, int, int]:
    return _map_shape(x.shape, HH, WW, stride)


def _map_shape(
    x_shape: tuple[int, ...], HH: int, WW: int, stride: int
) -> tuple[int, int, int, int]:
    N, C, H, W = x_shape
    OH = output_extent("height", H, HH, 0, stride)
    OW = output_extent("width", W, WW, 0, stride)
    return N, C, OH, OW
