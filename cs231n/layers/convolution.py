"""Convolution by readable loops, and the geometry that every convolution shares."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from cs231n import validation
from cs231n.validation import Array, as_float_array, as_shaped

ConvCache = tuple[Array, Array, Array, Mapping[str, Any]]


class ConvGeometry(NamedTuple):
    """The sizes of one convolution; positions are counted by the floor rule."""

    N: int
    C: int
    H: int
    W: int
    F: int
    HH: int
    WW: int
    pad: int
    stride: int
    OH: int
    OW: int

    @property
    def K(self) -> int:
        """Numbers in one window."""
        return self.C * self.HH * self.WW

    @property
    def P(self) -> int:
        """Positions of the window."""
        return self.OH * self.OW


def conv_geometry(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, Array, Array, ConvGeometry]:
    """Check the arguments of a convolution; return them as float arrays, with their geometry."""
    x, w = as_float_array("x", x, ndim=4), as_float_array("w", w, ndim=4)
    N, C, H, W = x.shape
    F, filter_channels, HH, WW = w.shape
    if filter_channels != C:
        raise ValueError(
            f"w must have as many channels as x: x {x.shape} has {C}, w {w.shape} has "
            f"{filter_channels}"
        )
    if HH < 1 or WW < 1:
        raise ValueError(f"w must have filters of at least 1x1, got shape {w.shape}")
    b = as_shaped("b", b, (F,), f"to match w {w.shape}")
    stride, pad = (
        validation.as_extent(
            f"conv_param[{key!r}]", validation.parameter("conv_param", conv_param, key), minimum
        )
        for key, minimum in (("stride", 1), ("pad", 0))
    )
    OH = validation.output_extent("height", H, HH, pad, stride)
    OW = validation.output_extent("width", W, WW, pad, stride)
    validation.addressable("conv_param", (N, max(F, C * HH * WW), OH, OW), x.dtype)
    validation.addressable("conv_param", (N, C, H + 2 * pad, W + 2 * pad), x.dtype)
    return x, w, b, ConvGeometry(N, C, H, W, F, HH, WW, pad, stride, OH, OW)


def conv_forward_naive(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, ConvCache]:
    """Convolve images with filters (cross-correlation), by loops that are meant to be read.

    ``out[n, f, i, j] = b[f] + sum over c, kh, kw of
    x_padded[n, c, i stride + kh, j stride + kw] w[f, c, kh, kw]``

    Parameters
    ----------
    x : array (N, C, H, W)
    w : array (F, C, HH, WW)
    b : array (F,)
    conv_param : dict
        ``'stride'``: pixels between windows, at least 1; ``'pad'``: zeros on each side.

    Returns
    -------
    out : array (N, F, OH, OW)
        ``OH = 1 + (H + 2 pad - HH) // stride``: what does not fit a whole step is left out.
    cache : tuple ``(x, w, b, conv_param)`` for :func:`conv_backward_naive`

    Raises
    ------
    ValueError
        If the shapes do not match, or the filter is larger than the padded input.

    References
    ----------
    LeCun et al., "Gradient-based learning applied to document recognition", 1998,
    https://doi.org/10.1109/5.726791

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> conv_forward_naive(x, w, b, {"stride": 1, "pad": 1})[0][0, 0].tolist()
    [[4.0, 6.0, 4.0], [6.0, 9.0, 6.0], [4.0, 6.0, 4.0]]
    """
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    x_padded = np.pad(x, ((0, 0), (0, 0), (g.pad, g.pad), (g.pad, g.pad)))
    out = np.zeros((g.N, g.F, g.OH, g.OW), dtype=np.result_type(x, w, b))
    for n in range(g.N):
        for f in range(g.F):
            for i in range(g.OH):
                for j in range(g.OW):
                    top, left = i * g.stride, j * g.stride
                    window = x_padded[n, :, top : top + g.HH, left : left + g.WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout: Array, cache: ConvCache) -> tuple[Array, Array, Array]:
    """Differentiate :func:`conv_forward_naive`: each output hands its gradient to what made it.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    cache : what :func:`conv_forward_naive` returned

    Returns
    -------
    dx, dw, db : arrays of the shapes of ``x``, ``w`` and ``b``

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> out, cache = conv_forward_naive(x, w, b, {"stride": 1, "pad": 0})
    >>> conv_backward_naive(np.full((1, 1, 1, 1), 2.0), cache)[2].tolist()
    [2.0]
    """
    x, w, b, conv_param = cache
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    dout = as_shaped("dout", dout, (g.N, g.F, g.OH, g.OW), "as the output has")
    x_padded = np.pad(x, ((0, 0), (0, 0), (g.pad, g.pad), (g.pad, g.pad)))
    dx_padded = np.zeros_like(x_padded)
    dw, db = np.zeros_like(w), np.zeros_like(b)
    for n in range(g.N):
        for f in range(g.F):
            for i in range(g.OH):
                for j in range(g.OW):
                    top, left = i * g.stride, j * g.stride
                    here = (n, slice(None), slice(top, top + g.HH), slice(left, left + g.WW))
                    dx_padded[here] += dout[n, f, i, j] * w[f]
                    dw[f] += dout[n, f, i, j] * x_padded[here]
                    db[f] += dout[n, f, i, j]
    return dx_padded[:, :, g.pad : g.pad + g.H, g.pad : g.pad + g.W], dw, db
