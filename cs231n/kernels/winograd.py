"""Winograd's algorithm F(4x4, 3x3): convolution with stride 1, in fewer products.

Larger filters are sums of pieces of 3x3 weights, which are summed before the way back.
"""

import numpy as np

from cs231n.kernels.arrays import in_order
from cs231n.kernels.backend import is_compiled, kernel_module
from cs231n.kernels.conv_arrays import (
    check_shape,
    conv_result,
    conv_threads,
    four,
    output_shape,
)
from cs231n.validation import Array

_LARGEST_FILTER = 7
# Below these the transforms cost more than the products that they save: docs/results/speed.md.
_FEWEST_CHANNELS, _FEWEST_FILTERS, _LEAST_SAVING = 8, 8, 1.5


def winograd_fits(w_shape: tuple[int, ...], stride: int, pad: int, dilation: int = 1) -> bool:
    """Tell whether Winograd's algorithm can compute this convolution and its gradients.

    Examples
    --------
    >>> winograd_fits((64, 64, 5, 5), 1, 2), winograd_fits((64, 64, 3, 3), 2, 1)
    (True, False)
    """
    HH, WW = w_shape[2:]
    window = max(HH, WW) <= _LARGEST_FILTER
    return window and stride == dilation == 1 and pad < min(HH, WW)


def winograd_saving(w_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> float:
    """Return how many products the direct method makes for one of Winograd's algorithm.

    Examples
    --------
    >>> winograd_saving((64, 64, 3, 3), (1, 64, 32, 32))
    4.0
    """
    (HH, WW), (OH, OW) = w_shape[2:], out_shape[2:]
    pieces, tiles = -(-HH // 3) * -(-WW // 3), -(-OH // 4) * -(-OW // 4)
    return HH * WW * OH * OW / max(36 * pieces * tiles, 1)


def winograd_pays(
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    stride: int,
    pad: int,
    *dtypes: np.dtype | type,
    dilation: int = 1,
) -> bool:
    """Tell whether Winograd's algorithm is the fastest for this convolution.

    It is in float32, where its rounding errors, a few times those of a plain sum, do no harm;
    gradient checks in float64 stay exact.

    Examples
    --------
    >>> winograd_pays((1, 64, 8, 8), (64, 64, 3, 3), 1, 1, np.float64)
    False
    """
    F, C = w_shape[:2]
    return (
        is_compiled()
        and all(dtype == np.float32 for dtype in dtypes)
        and winograd_fits(w_shape, stride, pad, dilation)
        and C >= _FEWEST_CHANNELS
        and F >= _FEWEST_FILTERS
        and winograd_saving(w_shape, output_shape(x_shape, w_shape, stride, pad)) >= _LEAST_SAVING
    )


def winograd_forward(
    x: Array, w: Array, b: Array, pad: int, *, relu: bool = False, out: Array | None = None
) -> Array:
    """Convolve images with filters and stride 1 by Winograd's algorithm F(4x4, 3x3).

    Parameters
    ----------
    x : array (N, C, H, W)
    w : array (F, C, HH, WW), HH and WW at most 7
    b : array (F,)
    pad : int, less than HH and WW
    relu : bool
        Whether to set negative outputs to zero.
    out : array, optional
        Where to write the result: fresh memory costs a page fault for each 4 KB.

    Returns
    -------
    array (N, F, H + 2 pad - HH + 1, W + 2 pad - WW + 1)

    References
    ----------
    Lavin & Gray, "Fast algorithms for convolutional neural networks", 2015,
    https://arxiv.org/abs/1509.09308

    Examples
    --------
    >>> x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))
    >>> bool(np.isclose(winograd_forward(x, w, np.zeros(1), 0), 9))
    True
    """
    shape = output_shape(four("x", x), four("w", w), 1, pad)
    _check(w.shape, pad)
    check_shape("b", b, (len(w),))
    out = conv_result(out, shape, x.dtype, x, w, b)
    _convolve(x, w, b, out, (pad, pad), turned=False, relu=relu)
    return out


def winograd_backward_input(dout: Array, w: Array, pad: int, *, out: Array | None = None) -> Array:
    """Return the gradient on x: the same convolution, with the filters turned and transposed.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    w : array (F, C, HH, WW)
    pad : int, of the forward pass
    out : array, optional
        Where to write the result.
    """
    N, F, OH, OW = four("dout", dout)
    filters, C, HH, WW = four("w", w)
    _check(w.shape, pad)
    H, W = OH + HH - 1 - 2 * pad, OW + WW - 1 - 2 * pad
    if filters != F or min(H, W) < 0:
        raise ValueError(
            f"dout {dout.shape} and w {w.shape} do not belong together with a padding of {pad}"
        )
    dx = conv_result(out, (N, C, H, W), dout.dtype, dout, w)
    zeros = np.zeros(C, dtype=dout.dtype)
    _convolve(dout, w, zeros, dx, (HH - 1 - pad, WW - 1 - pad), turned=True, relu=False)
    return dx


def winograd_backward_weights(
    dout: Array, x: Array, pad: int, *, window: tuple[int, int] = (3, 3), out: Array | None = None
) -> Array:
    """Return the gradient (F, C, HH, WW) on the filters.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    x : array (N, C, H, W)
    pad : int, of the forward pass
    window : (HH, WW)
    out : array, optional
        Where to write the result.
    """
    C, F = four("x", x)[1], four("dout", dout)[1]
    w_shape = (F, C, *window)
    _check(w_shape, pad)
    check_shape("dout", dout, output_shape(x.shape, w_shape, 1, pad))
    dw = conv_result(out, w_shape, x.dtype, dout, x)
    if not (x.size and dout.size):
        dw[...] = 0
    else:
        dout, x = in_order(dout, x.dtype), in_order(x, x.dtype)
        kernel_module("convolution", _module_dtype(x.dtype)).winograd_weights(
            dout, x, dw, pad, conv_threads(dw[0].size * dout.size)
        )
    return dw


def _convolve(
    x: Array, w: Array, b: Array, out: Array, pads: tuple[int, int], *, turned: bool, relu: bool
) -> None:
    if not out.size:
        return
    if not x.size:  # no channels: nothing but the bias
        out[...] = np.maximum(b, 0)[:, None, None] if relu else b[:, None, None]
        return
    x, w, b = (in_order(array, out.dtype) for array in (x, w, b))
    products = w.shape[2] * w.shape[3] * x.shape[1] * out.size
    kernel_module("convolution", _module_dtype(out.dtype)).winograd_convolve(
        x, w, b, out, *pads, turned, relu, conv_threads(products)
    )


def _check(w_shape: tuple[int, ...], pad: int) -> None:
    """Refuse what a kernel cannot do, or where it would read beyond an array."""
    if not (pad >= 0 and winograd_fits(w_shape, 1, pad)):
        raise ValueError(
            f"Winograd's algorithm takes filters of at most {_LARGEST_FILTER} x {_LARGEST_FILTER} "
            f"and a padding from 0 to less than them, got filters {w_shape} and padding {pad}"
        )


def _module_dtype(dtype: np.dtype) -> np.dtype:
    """Winograd's algorithm is compiled for float32 only; every other dtype goes to the twin."""
    return dtype if dtype == np.float32 else np.dtype(np.longdouble)
