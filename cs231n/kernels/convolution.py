"""Convolution: by Winograd's algorithm where it pays, and directly elsewhere."""

import numpy as np

from cs231n.kernels import unfolded
from cs231n.kernels.arrays import in_order
from cs231n.kernels.backend import COMPILED_DTYPES, get_num_threads, is_compiled, kernel_module
from cs231n.kernels.conv_arrays import (
    check_shape,
    conv_result,
    conv_threads,
    four,
    output_shape,
)
from cs231n.kernels.winograd import (
    winograd_backward_input,
    winograd_backward_weights,
    winograd_fits,
    winograd_forward,
    winograd_pays,
)
from cs231n.validation import Array

ALGORITHMS = ("winograd", "direct", "im2col")

# Larger strides, and strides with dilation, take the way through columns.
_LARGEST_DIRECT_STRIDE = 16


def conv_forward(
    x: Array,
    w: Array,
    b: Array | None,
    stride: int,
    pad: int,
    *,
    dilation: int = 1,
    algorithm: str | None = None,
    relu: bool = False,
    out: Array | None = None,
) -> Array:
    """Convolve images with filters.

    Parameters
    ----------
    x : float array (N, C, H, W)
    w : array (F, C, HH, WW)
    b : array (F,), or None for no bias
    stride, pad : int
    dilation : int
        Pixels from one weight of a filter to the next.
    algorithm : ``'winograd'``, ``'direct'`` or ``'im2col'``, optional
        The fastest by default. Without compiled kernels, direct convolution is im2col.
    relu : bool
        Whether to set negative outputs to zero.
    out : array (N, F, OH, OW), optional
        Where to write the result.

    Returns
    -------
    array (N, F, OH, OW) with ``OH = 1 + (H + 2 pad - dilation (HH - 1) - 1) // stride``

    References
    ----------
    Yu & Koltun, "Multi-scale context aggregation by dilated convolutions", 2015,
    https://arxiv.org/abs/1511.07122

    Examples
    --------
    >>> x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    >>> conv_forward(x, w, None, 1, 0)[0, 0].tolist()
    [[4.0, 4.0], [4.0, 4.0]]
    >>> conv_forward(x, w, None, 1, 0, dilation=2)[0, 0].tolist()
    [[4.0]]
    """
    b = np.zeros(len(w), x.dtype) if b is None else b
    shape = output_shape(four("x", x), four("w", w), stride, pad, dilation)
    taken = _algorithm(algorithm, x.shape, w.shape, stride, pad, dilation, x, w, b)
    if taken == "winograd":
        return winograd_forward(x, w, b, pad, relu=relu, out=out)
    check_shape("b", b, (len(w),))
    out = conv_result(out, shape, x.dtype, x, w, b)
    if out.size:
        x, w, b = (in_order(array, x.dtype) for array in (x, w, b))
        if taken == "direct" and w.size:
            threads = conv_threads(w[0].size * out.size)
            kernel_module("convolution", x.dtype).direct_forward(
                x, w, b, out, stride, dilation, pad, relu, threads
            )
        else:
            unfolded.forward(x, _dilated(w, dilation), b, out, stride, pad, relu)
    return out


def conv_backward_input(
    dout: Array,
    w: Array,
    x_shape: tuple[int, ...],
    stride: int,
    pad: int,
    *,
    dilation: int = 1,
    algorithm: str | None = None,
    out: Array | None = None,
) -> Array:
    """Return the gradient on x of :func:`conv_forward`.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    w : array (F, C, HH, WW)
    x_shape : (N, C, H, W)
    stride, pad, dilation, algorithm, out : as in :func:`conv_forward`
    """
    check_shape("dout", dout, output_shape(x_shape, four("w", w), stride, pad, dilation))
    taken = _algorithm(algorithm, x_shape, w.shape, stride, pad, dilation, dout, w)
    if taken == "winograd":
        return winograd_backward_input(dout, w, pad, out=out)
    dx = conv_result(out, tuple(x_shape), dout.dtype, dout, w)
    if dx.size:
        dout, w = (in_order(array, dx.dtype) for array in (dout, w))
        if taken == "direct" and w.size:
            threads = conv_threads(w[0].size * dout.size)
            kernel_module("convolution", dx.dtype).direct_backward_input(
                dout, w, dx, stride, dilation, pad, threads
            )
        else:
            unfolded.backward_input(dout, _dilated(w, dilation), dx, stride, pad)
    return dx


def conv_backward_weights(
    dout: Array,
    x: Array,
    w_shape: tuple[int, ...],
    stride: int,
    pad: int,
    *,
    dilation: int = 1,
    algorithm: str | None = None,
    out: Array | None = None,
) -> Array:
    """Return the gradient on the filters of :func:`conv_forward`.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    x : array (N, C, H, W)
    w_shape : (F, C, HH, WW)
    stride, pad, dilation, algorithm, out : as in :func:`conv_forward`
    """
    check_shape("dout", dout, output_shape(four("x", x), w_shape, stride, pad, dilation))
    taken = _algorithm(algorithm, x.shape, w_shape, stride, pad, dilation, dout, x)
    if taken == "winograd":
        return winograd_backward_weights(dout, x, pad, window=(w_shape[2], w_shape[3]), out=out)
    dw = conv_result(out, tuple(w_shape), x.dtype, dout, x)
    if x.size and dout.size:
        dout, x = (in_order(array, x.dtype) for array in (dout, x))
        if taken == "direct":
            threads = conv_threads(dw[0].size * dout.size)
            kernel_module("convolution", x.dtype).direct_backward_weights(
                dout, x, dw, stride, dilation, pad, threads
            )
        else:
            wide = _dilated(dw, dilation)
            unfolded.backward_weights(dout, x, wide, stride, pad)
            dw[...] = wide[:, :, ::dilation, ::dilation]
    else:
        dw[...] = 0
    return dw


def bias_gradient(dout: Array, *, out: Array | None = None) -> Array:
    """Return the sum (F,) of dout (N, F, OH, OW) over images and positions.

    Examples
    --------
    >>> bias_gradient(np.ones((2, 3, 4, 4))).tolist()
    [32.0, 32.0, 32.0]
    """
    N, F, OH, OW = dout.shape
    db = conv_result(out, (F,), dout.dtype, dout)
    if not dout.size:
        db[...] = 0
    else:
        maps = in_order(dout, dout.dtype).reshape(N, F, OH * OW)
        kernel_module("convolution", dout.dtype).bias_gradient(maps, db, get_num_threads())
    return db


def _algorithm(
    name: str | None,
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    stride: int,
    pad: int,
    dilation: int,
    *arrays: Array,
) -> str:
    """Return the algorithm that was asked for, if it can be taken, or the fastest."""
    dtypes = [array.dtype for array in arrays]
    if name is None:
        pays = winograd_pays(x_shape, w_shape, stride, pad, *dtypes, dilation=dilation)
        name = "winograd" if pays else "direct"
    if name not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {ALGORITHMS} or None, got {name!r}")
    if name == "winograd" and not winograd_fits(w_shape, stride, pad, dilation):
        raise ValueError(
            "algorithm 'winograd' takes filters of at most 7 x 7 with stride 1, no dilation and "
            f"less padding than their size, got {w_shape[2]}x{w_shape[3]}, stride {stride}, "
            f"dilation {dilation} and padding {pad}"
        )
    if name == "direct":
        far = stride > 1 if dilation > 1 else stride > _LARGEST_DIRECT_STRIDE
        if far or not is_compiled() or dtypes[0] not in COMPILED_DTYPES:
            return "im2col"
    return name


def _dilated(w: Array, dilation: int) -> Array:
    """Return filters (F, C, HH, WW) with zeros between their weights."""
    if dilation == 1:
        return w
    F, C, HH, WW = w.shape
    wide = np.zeros((F, C, dilation * (HH - 1) + 1, dilation * (WW - 1) + 1), w.dtype)
    wide[:, :, ::dilation, ::dilation] = w
    return wide
