"""Max-pooling and average pooling over windows of any size, stride and padding.

Windows begin `pad` pixels before the map, and with `ceil` a last one may reach beyond it: what lies
outside does not count. The sizes are those of PyTorch, whose ``count_include_pad`` is False here.
"""

import numpy as np

from cs231n.kernels.arrays import in_order, result
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.kernels.workspace import workspace
from cs231n.validation import Array, pooled_extent

# Places in a window that the bits of a number can name.
MOST_WINNERS = 16


def winners_dtype(HH: int, WW: int) -> type[np.uint8] | type[np.uint16] | None:
    """Return the dtype whose bits can name the places of a window, or None for larger ones."""
    if HH * WW > MOST_WINNERS:
        return None
    return np.uint8 if HH * WW <= 8 else np.uint16


def max_pool_forward(
    x: Array,
    HH: int,
    WW: int,
    stride: int,
    *,
    pad: int = 0,
    ceil: bool = False,
    out: Array | None = None,
    winners: Array | None = None,
) -> Array:
    """Return the maximum of each window; a NaN in the window is its maximum.

    Parameters
    ----------
    x : float array (N, C, H, W)
    HH, WW, stride, pad : int
        The padding is less than the window.
    ceil : bool
        Whether a last window that begins in the map may reach beyond it.
    out : array (N, C, OH, OW), optional
        Where to write the result.
    winners : array (N, C, OH, OW), optional
        Bit ``kh * WW + kw`` of each is set where its window's maximum is: uint8 for windows of at
        most 8 pixels, uint16 for at most 16. It is what :func:`max_pool_backward_winners` needs,
        instead of `x`.

    Returns
    -------
    array (N, C, OH, OW) with ``OH = 1 + (H + 2 pad - HH) // stride``

    Examples
    --------
    >>> winners = np.empty((1, 1, 1, 1), np.uint8)
    >>> max_pool_forward(np.array([[[[1.0, 7.0]]]]), 1, 2, 2, winners=winners).item()
    7.0
    >>> winners.item()
    2
    """
    out = result("out", out, _map_shape(x.shape, HH, WW, stride, pad, ceil), x.dtype)
    x = in_order(x, x.dtype)
    if np.may_share_memory(x, out):
        raise ValueError("out must not share memory with x")
    window = (HH, WW, stride, pad, get_num_threads())
    if winners is None:
        kernel_module("pooling", x.dtype).max_pool_forward(x, out, *window)
    else:
        winners = result("winners", winners, out.shape, _winners_dtype(HH, WW))
        kernel_module("pooling", x.dtype).max_pool_winners(x, out, winners, *window)
    return out


def max_pool_backward_winners(
    dout: Array,
    winners: Array,
    x_shape: tuple[int, ...],
    HH: int,
    WW: int,
    stride: int,
    *,
    pad: int = 0,
    ceil: bool = False,
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
    dtype = _winners_dtype(HH, WW)
    dout, dx = _gradients(dout, x_shape, (HH, WW, stride, pad, ceil), out)
    if winners.shape != dout.shape or winners.dtype != dtype:
        raise ValueError(
            f"winners must be {dtype} of dout's shape {dout.shape}, got {winners.dtype} of shape "
            f"{winners.shape}"
        )
    kernel_module("pooling", dx.dtype).from_winners(
        dout, in_order(winners, dtype), dx, HH, WW, stride, pad, get_num_threads()
    )
    return dx


def avg_pool_forward(
    x: Array,
    HH: int,
    WW: int,
    stride: int,
    *,
    pad: int = 0,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the mean of what each window has of the map, (N, C, OH, OW).

    Examples
    --------
    >>> avg_pool_forward(np.array([[[[1.0, 7.0]]]]), 1, 2, 2).item()
    4.0
    >>> avg_pool_forward(np.array([[[[1.0, 7.0, 9.0]]]]), 1, 2, 2, ceil=True).tolist()
    [[[[4.0, 9.0]]]]
    """
    out = result("out", out, _map_shape(x.shape, HH, WW, stride, pad, ceil), x.dtype)
    x = in_order(x, x.dtype)
    if np.may_share_memory(x, out):
        raise ValueError("out must not share memory with x")
    kernel_module("pooling", x.dtype).avg_pool_forward(
        x, out, HH, WW, stride, pad, get_num_threads()
    )
    return out


def avg_pool_backward(
    dout: Array,
    x_shape: tuple[int, ...],
    HH: int,
    WW: int,
    stride: int,
    *,
    pad: int = 0,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the gradient on x (N, C, H, W): each window's, spread equally over it.

    Examples
    --------
    >>> avg_pool_backward(np.array([[[[8.0]]]]), (1, 1, 1, 2), 1, 2, 2).tolist()
    [[[[4.0, 4.0]]]]
    """
    dout, dx = _gradients(dout, x_shape, (HH, WW, stride, pad, ceil), out)
    kernel_module("pooling", dx.dtype).avg_pool_backward(
        dout, dx, HH, WW, stride, pad, get_num_threads()
    )
    return dx


def max_pool_backward(
    dout: Array,
    x: Array,
    y: Array,
    HH: int,
    WW: int,
    stride: int,
    *,
    pad: int = 0,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the gradient on `x`; maxima that tie share their window's gradient equally.

    Parameters
    ----------
    dout, y : array (N, C, OH, OW), the gradient on the output and the output itself
    x : array (N, C, H, W)
    HH, WW, stride, pad, ceil : as in :func:`max_pool_forward`
    out : array (N, C, H, W), optional
        Where to write the result.
    """
    expected = _map_shape(x.shape, HH, WW, stride, pad, ceil)
    for name, array in (("dout", dout), ("y", y)):
        if array.shape != expected:
            raise ValueError(
                f"{name} must have shape {expected} for x {x.shape} and {HH}x{WW} windows "
                f"with stride {stride}, got {array.shape}"
            )
    dx = result("out", out, x.shape, x.dtype)
    dout, x, y = (in_order(a, dx.dtype) for a in (dout, x, y))
    if any(np.may_share_memory(dx, array) for array in (dout, x, y)):
        raise ValueError("out must not share memory with another argument")
    with workspace(y.nbytes, "pooling") as memory:
        share = memory[: y.nbytes].view(x.dtype).reshape(y.shape)
        kernel_module("pooling", dx.dtype).max_pool_backward(
            dout, x, y, share, dx, HH, WW, stride, pad, get_num_threads()
        )
    return dx


def _winners_dtype(HH: int, WW: int) -> np.dtype:
    dtype = winners_dtype(HH, WW)
    if dtype is None:
        raise ValueError(f"winners name at most {MOST_WINNERS} places, got {HH}x{WW} windows")
    return np.dtype(dtype)


def _gradients(
    dout: Array,
    x_shape: tuple[int, ...],
    window: tuple[int, int, int, int, bool],
    out: Array | None,
) -> tuple[Array, Array]:
    """Return dout as the kernels want it, and where the gradient on x goes."""
    expected, (HH, WW, stride, *_) = _map_shape(x_shape, *window), window
    if dout.shape != expected:
        raise ValueError(
            f"dout must have shape {expected} for x {x_shape} and {HH}x{WW} windows with stride "
            f"{stride}, got {dout.shape}"
        )
    dx = result("out", out, tuple(x_shape), dout.dtype)
    if np.may_share_memory(dx, dout):
        raise ValueError("out must not share memory with dout")
    return in_order(dout, dout.dtype), dx


def _map_shape(
    x_shape: tuple[int, ...], HH: int, WW: int, stride: int, pad: int, ceil: bool
) -> tuple[int, int, int, int]:
    N, C, H, W = x_shape
    OH = pooled_extent("height", H, HH, pad, stride, ceil)
    OW = pooled_extent("width", W, WW, pad, stride, ceil)
    return N, C, OH, OW
