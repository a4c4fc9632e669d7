"""Max-pooling over windows of any size and stride."""

import numpy as np

from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array, output_extent


def max_pool_forward(x: Array, HH: int, WW: int, stride: int) -> Array:
    """Return the maximum of each window; a NaN in the window is its maximum.

    Parameters
    ----------
    x : float array (N, C, H, W)
    HH, WW, stride : int

    Returns
    -------
    array (N, C, OH, OW) with ``OH = 1 + (H - HH) // stride``
    """
    out = np.empty(_output_shape(x, HH, WW, stride), dtype=x.dtype)
    x = np.ascontiguousarray(x)
    kernel_module("pooling", x.dtype).max_pool_forward(x, out, HH, WW, stride, get_num_threads())
    return out


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


def _output_shape(x: Array, HH: int, WW: int, stride: int) -> tuple[int, int, int, int]:
    N, C, H, W = x.shape
    OH = output_extent("height", H, HH, 0, stride)
    OW = output_extent("width", W, WW, 0, stride)
    return N, C, OH, OW
