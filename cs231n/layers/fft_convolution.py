"""Convolution by Fourier transforms: the rung for large filters.

A correlation is a product of spectra, one of them conjugated, so its cost does not depend on the
size of the filter. With a stride, the rest of the result with stride 1 is computed in vain.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n.layers.convolution import ConvGeometry, conv_geometry
from cs231n.validation import Array, as_shaped

ConvCache = tuple[Array, Array, Array, Mapping[str, Any], None]


def conv_forward_fft(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, ConvCache]:
    """Convolve by Fourier transforms; parameters and results are those of the naive rung.

    References
    ----------
    Mathieu, Henaff & LeCun, "Fast training of convolutional networks through FFTs", 2014,
    https://arxiv.org/abs/1312.5851

    Examples
    --------
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> conv_forward_fft(x, w, b, {"stride": 1, "pad": 0})[0].round(9).tolist()
    [[[[9.0]]]]
    """
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    size = _size(g)
    # per frequency: (N, C) @ (C, F) -> (N, F)
    spectrum = _spectrum(_padded(x, g), size) @ _spectrum(w, size).conj().swapaxes(2, 3)
    out = _inverse(spectrum, size)[:, :, : g.stride * g.OH : g.stride, : g.stride * g.OW : g.stride]
    dtype = np.result_type(x, w, b)
    out = np.ascontiguousarray(out + b[:, None, None], dtype=dtype)
    return out, (x, w, b, conv_param, None)


def conv_backward_fft(dout: Array, cache: ConvCache) -> tuple[Array, Array, Array]:
    """Differentiate :func:`conv_forward_fft`.

    Examples
    --------
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> out, cache = conv_forward_fft(x, w, b, {"stride": 1, "pad": 0})
    >>> conv_backward_fft(np.full((1, 1, 1, 1), 2.0), cache)[2].tolist()
    [2.0]
    """
    x, w, b, conv_param, _ = cache
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    dout = as_shaped("dout", dout, (g.N, g.F, g.OH, g.OW), "as the output has")
    size = _size(g)
    apart = np.zeros((g.N, g.F, *size), dtype=dout.dtype)  # the gradients, stride pixels apart
    apart[:, :, : g.stride * g.OH : g.stride, : g.stride * g.OW : g.stride] = dout
    gradient = _spectrum(apart, size)
    # per frequency: (N, F) @ (F, C) -> (N, C), and (F, N) @ (N, C) -> (F, C)
    dx = _inverse(gradient @ _spectrum(w, size), size)
    dw = _inverse(gradient.conj().swapaxes(2, 3) @ _spectrum(_padded(x, g), size), size)
    dx = dx[:, :, g.pad : g.pad + g.H, g.pad : g.pad + g.W]
    dw = dw[:, :, : g.HH, : g.WW]
    dx, dw = np.ascontiguousarray(dx, dtype=x.dtype), np.ascontiguousarray(dw, dtype=w.dtype)
    return dx, dw, dout.sum(axis=(0, 2, 3))


def _size(g: ConvGeometry) -> tuple[int, int]:
    """Return the padded input's size: large enough that nothing wraps around."""
    return g.H + 2 * g.pad, g.W + 2 * g.pad


def _padded(x: Array, g: ConvGeometry) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (g.pad, g.pad), (g.pad, g.pad)))


def _spectrum(maps: Array, size: tuple[int, int]) -> Array:
    """Transform maps (A, B, height, width) -> (height, width / 2 + 1, A, B)."""
    return np.ascontiguousarray(np.fft.rfft2(maps, size).transpose(2, 3, 0, 1))


def _inverse(spectrum: Array, size: tuple[int, int]) -> Array:
    """Transform back (height, width / 2 + 1, A, B) -> (A, B, height, width)."""
    return np.fft.irfft2(spectrum.transpose(2, 3, 0, 1), size)
