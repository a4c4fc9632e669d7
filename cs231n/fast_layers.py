"""Convolution and max-pooling as matrix products and compiled loops: the upper rungs of the ladder.

=======================  =========================================================================
rung                     how
=======================  =========================================================================
``*_naive``              loops, in :mod:`cs231n.layers`
``conv_*_im2col``        index arrays unfold the windows, one matrix product, ``np.add.at`` folds
``conv_*_strides``       a strided view unfolds, one matrix product, a kernel folds
``conv_*_fast``          the fastest for the shape: Winograd's algorithm for small filters in
                         float32; elsewhere kernels unfold and fold a few images at a time, so
                         that the columns stay in cache
``conv_*_fft``           Fourier transforms, for large filters
``conv_*_pytorch``       PyTorch's own, where it is installed
=======================  =========================================================================
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cs231n import kernels as _kernels  # a star import must not bring it
from cs231n.im2col import col2im_indices, im2col_indices
from cs231n.im2col_cython import col2im_6d_cython
from cs231n.layers import convolution as _naive_rung
from cs231n.layers.convolution import ConvGeometry, conv_geometry
from cs231n.layers.fft_convolution import conv_backward_fft as conv_backward_fft
from cs231n.layers.fft_convolution import conv_forward_fft as conv_forward_fft
from cs231n.layers.pooling_rungs import max_pool_backward_fast as max_pool_backward_fast
from cs231n.layers.pooling_rungs import max_pool_backward_im2col as max_pool_backward_im2col
from cs231n.layers.pooling_rungs import max_pool_backward_reshape as max_pool_backward_reshape
from cs231n.layers.pooling_rungs import max_pool_forward_fast as max_pool_forward_fast
from cs231n.layers.pooling_rungs import max_pool_forward_im2col as max_pool_forward_im2col
from cs231n.layers.pooling_rungs import max_pool_forward_reshape as max_pool_forward_reshape
from cs231n.layers.torch_convolution import conv_backward_pytorch as conv_backward_pytorch
from cs231n.layers.torch_convolution import conv_forward_pytorch as conv_forward_pytorch
from cs231n.validation import Array, as_shaped

# x, w, b, conv_param, x_cols; the last is None where the windows are unfolded again in backward.
ConvCache = tuple[Array, Array, Array, Mapping[str, Any], Any]
ConvGradients = tuple[Array, Array, Array]

# Bytes of unfolded windows that are worked on at a time, so that they stay in cache: from 1 to 6 MB
# no difference was seen. conv_*_strides unfolds the whole batch: docs/results/ladder.md has both.
_COLUMN_BYTES = 2_500_000


def conv_forward_fast(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any], algorithm: str | None = None
) -> tuple[Array, ConvCache]:
    """Convolve images with filters, as :func:`~cs231n.layers.conv_forward_naive` does, but fast.

    Parameters
    ----------
    x : array (N, C, H, W)
    w : array (F, C, HH, WW)
    b : array (F,)
    conv_param : dict
        ``'stride'``: pixels between windows, at least 1; ``'pad'``: zeros on each side.
    algorithm : str, optional
        ``'naive'``, ``'im2col'``, ``'direct'``, ``'winograd'`` (filters of at most 7x7, stride
        1, less padding than their size) or ``'fft'``; chosen by shape and dtype where none is
        named.

    Returns
    -------
    out : array (N, F, OH, OW)
        ``OH = 1 + (H + 2 pad - HH) // stride``
    cache : tuple ``(x, w, b, conv_param, algorithm)`` for :func:`conv_backward_fast`

    Raises
    ------
    ValueError
        If the shapes do not match, the filter is larger than the padded input, or the algorithm
        cannot compute this convolution.

    References
    ----------
    Chellapilla, Puri & Simard, "High performance convolutional neural networks for document
    processing", 2006, https://inria.hal.science/inria-00112631; Lavin & Gray, "Fast algorithms for
    convolutional neural networks", 2015, https://arxiv.org/abs/1509.09308

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> conv_forward_fast(x, w, b, {"stride": 1, "pad": 1})[0][0, 0].tolist()
    [[4.0, 6.0, 4.0], [6.0, 9.0, 6.0], [4.0, 6.0, 4.0]]
    """
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    forward, _ = _ALGORITHMS[_algorithm(algorithm, g, x, w, b)]
    return forward(x, w, b, conv_param, g), (x, w, b, conv_param, algorithm)


def conv_backward_fast(dout: Array, cache: ConvCache) -> ConvGradients:
    """Differentiate :func:`conv_forward_fast`, by the algorithm of the forward pass.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    cache : what :func:`conv_forward_fast` returned

    Returns
    -------
    dx, dw, db : arrays of the shapes of ``x``, ``w`` and ``b``

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> out, cache = conv_forward_fast(x, w, b, {"stride": 1, "pad": 0})
    >>> conv_backward_fast(np.full((1, 1, 1, 1), 2.0), cache)[2].tolist()
    [2.0]
    """
    x, w, b, conv_param, last = cache
    algorithm = last if isinstance(last, str) else None  # other rungs keep their columns there
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    dout = as_shaped("dout", dout, (g.N, g.F, g.OH, g.OW), "as the output has")
    _, backward = _ALGORITHMS[_algorithm(algorithm, g, x, w, b)]
    return backward(dout, x, w, b, conv_param, g)


def _algorithm(name: str | None, g: ConvGeometry, x: Array, w: Array, b: Array) -> str:
    """Return the algorithm that was asked for, if it can be taken, or the fastest."""
    if name is None:
        dtypes = (x.dtype, w.dtype, b.dtype)
        pays = _kernels.winograd_pays(x.shape, w.shape, g.stride, g.pad, *dtypes)
        return "winograd" if pays else "im2col"
    if name not in _ALGORITHMS:
        raise ValueError(f"algorithm must be one of {[*_ALGORITHMS]} or None, got {name!r}")
    if name == "winograd" and not _kernels.winograd_fits(w.shape, g.stride, g.pad):
        raise ValueError(
            "algorithm 'winograd' takes filters of at most 7x7 with stride 1 and less padding than "
            f"their size, got {g.HH}x{g.WW}, stride {g.stride} and padding {g.pad}"
        )
    return name


def _convolve_naive(x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry) -> Array:
    return _naive_rung.conv_forward_naive(x, w, b, conv_param)[0]


def _differentiate_naive(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry
) -> ConvGradients:
    return _naive_rung.conv_backward_naive(dout, (x, w, b, conv_param))


def _convolve_fft(x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry) -> Array:
    return conv_forward_fft(x, w, b, conv_param)[0]


def _differentiate_fft(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry
) -> ConvGradients:
    return conv_backward_fft(dout, (x, w, b, conv_param, None))


def _convolve_winograd(x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry) -> Array:
    dtype = np.result_type(x, w, b)
    return _kernels.winograd_forward(x.astype(dtype, copy=False), w, b, g.pad)


def _differentiate_winograd(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry
) -> ConvGradients:
    dx = _kernels.winograd_backward_input(dout.astype(x.dtype, copy=False), w, g.pad)
    dw = _kernels.winograd_backward_weights(dout, x, g.pad, window=w.shape[2:])
    return dx, dw.astype(w.dtype, copy=False), _kernels.bias_gradient(dout)


def _convolve_direct(x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry) -> Array:
    dtype = np.result_type(x, w, b)
    x = x.astype(dtype, copy=False)
    return _kernels.conv_forward(x, w, b, g.stride, g.pad, algorithm="direct")


def _differentiate_direct(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry
) -> ConvGradients:
    place: dict[str, Any] = {"stride": g.stride, "pad": g.pad, "algorithm": "direct"}
    dx = _kernels.conv_backward_input(dout.astype(x.dtype, copy=False), w, x.shape, **place)
    dw = _kernels.conv_backward_weights(dout, x, w.shape, **place)
    return dx, dw.astype(w.dtype, copy=False), _kernels.bias_gradient(dout)


def _convolve_im2col(x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry) -> Array:
    filters = w.reshape(g.F, g.K)  # (F, C, HH, WW) -> (F, K)
    out = np.empty((g.N, g.F, g.P), dtype=np.result_type(x, w, b))
    for images, cols in _column_blocks(g, x.dtype):
        _unfold(x[images], cols, g)
        np.matmul(filters, cols, out=out[images])  # (F, K) @ (n, K, P) -> (n, F, P)
        out[images] += b[:, None]
    return out.reshape(g.N, g.F, g.OH, g.OW)


def _differentiate_im2col(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Any, g: ConvGeometry
) -> ConvGradients:
    filters = w.reshape(g.F, g.K)  # (F, C, HH, WW) -> (F, K)
    dmaps = dout.reshape(g.N, g.F, g.P)  # (N, F, OH, OW) -> (N, F, P)
    dx, dfilters = np.empty(x.shape, dtype=x.dtype), np.zeros_like(filters)
    for images, cols in _column_blocks(g, x.dtype):
        _unfold(x[images], cols, g)
        dfilters += (dmaps[images] @ cols.transpose(0, 2, 1)).sum(axis=0)  # (n, F, K) -> (F, K)
        dcols = np.matmul(filters.T, dmaps[images], out=cols)  # (K, F) @ (n, F, P) -> (n, K, P)
        _fold(dcols, dx[images], g)
    return dx, dfilters.reshape(w.shape), _kernels.bias_gradient(dout)


def conv_forward_im2col(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, ConvCache]:
    """Convolve by index arrays and one matrix product, in NumPy only.

    Parameters and results are those of :func:`conv_forward_fast`; the cache holds the unfolded
    windows, an array (C*HH*WW, OH*OW*N).

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> conv_forward_im2col(x, w, b, {"stride": 1, "pad": 0})[0].tolist()
    [[[[9.0]]]]
    """
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    x_cols = im2col_indices(x, g.HH, g.WW, g.pad, g.stride)
    out = w.reshape(g.F, g.K) @ x_cols + b[:, None]  # (F, K) @ (K, P*N) -> (F, P*N)
    # (F, P*N) -> (F, OH, OW, N) -> (N, F, OH, OW)
    out = out.reshape(g.F, g.OH, g.OW, g.N).transpose(3, 0, 1, 2)
    return np.ascontiguousarray(out), (x, w, b, conv_param, x_cols)


def conv_backward_im2col(dout: Array, cache: ConvCache) -> ConvGradients:
    """Differentiate :func:`conv_forward_im2col`.

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> out, cache = conv_forward_im2col(x, w, b, {"stride": 1, "pad": 0})
    >>> conv_backward_im2col(np.full((1, 1, 1, 1), 2.0), cache)[2].tolist()
    [2.0]
    """
    x, w, b, conv_param, x_cols = cache
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    dout = as_shaped("dout", dout, (g.N, g.F, g.OH, g.OW), "as the output has")
    dmaps = dout.transpose(1, 2, 3, 0).reshape(g.F, g.P * g.N)  # (N, F, OH, OW) -> (F, P*N)
    dcols = w.reshape(g.F, g.K).T @ dmaps  # (K, F) @ (F, P*N) -> (K, P*N)
    dx = col2im_indices(dcols, x.shape, g.HH, g.WW, g.pad, g.stride)
    return dx, (dmaps @ x_cols.T).reshape(w.shape), dout.sum(axis=(0, 2, 3))


def conv_forward_strides(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, ConvCache]:
    """Convolve by a strided view of the windows and one matrix product.

    Parameters and results are those of :func:`conv_forward_fast`; the cache holds the unfolded
    windows, an array (C*HH*WW, N*OH*OW).

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> conv_forward_strides(x, w, b, {"stride": 1, "pad": 0})[0].tolist()
    [[[[9.0]]]]
    """
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    x_padded = np.pad(x, ((0, 0), (0, 0), (g.pad, g.pad), (g.pad, g.pad)))
    windows = sliding_window_view(x_padded, (g.HH, g.WW), axis=(2, 3))
    windows = windows[:, :, :: g.stride, :: g.stride]  # (N, C, OH, OW, HH, WW)
    # (N, C, OH, OW, HH, WW) -> (C, HH, WW, N, OH, OW) -> (K, N*P)
    x_cols = windows.transpose(1, 4, 5, 0, 2, 3).reshape(g.K, g.N * g.P)
    out = w.reshape(g.F, g.K) @ x_cols + b[:, None]  # (F, K) @ (K, N*P) -> (F, N*P)
    # (F, N*P) -> (F, N, OH, OW) -> (N, F, OH, OW)
    out = out.reshape(g.F, g.N, g.OH, g.OW).swapaxes(0, 1)
    return np.ascontiguousarray(out), (x, w, b, conv_param, x_cols)


def conv_backward_strides(dout: Array, cache: ConvCache) -> ConvGradients:
    """Differentiate :func:`conv_forward_strides`.

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> out, cache = conv_forward_strides(x, w, b, {"stride": 1, "pad": 0})
    >>> conv_backward_strides(np.full((1, 1, 1, 1), 2.0), cache)[2].tolist()
    [2.0]
    """
    x, w, b, conv_param, x_cols = cache
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    dout = as_shaped("dout", dout, (g.N, g.F, g.OH, g.OW), "as the output has")
    dmaps = dout.swapaxes(0, 1).reshape(g.F, g.N * g.P)  # (N, F, OH, OW) -> (F, N*P)
    dcols = w.reshape(g.F, g.K).T @ dmaps  # (K, F) @ (F, N*P) -> (K, N*P)
    dcols = dcols.reshape(g.C, g.HH, g.WW, g.N, g.OH, g.OW)
    dx = col2im_6d_cython(dcols, g.N, g.C, g.H, g.W, g.HH, g.WW, g.pad, g.stride)
    return dx, (dmaps @ x_cols.T).reshape(w.shape), dout.sum(axis=(0, 2, 3))


def _column_blocks(g: ConvGeometry, dtype: np.dtype) -> Iterator[tuple[slice, Array]]:
    """Yield slices of images, with room for their columns (n, K, P): the same memory each time."""
    block = max(1, min(g.N, _COLUMN_BYTES // max(1, g.K * g.P * dtype.itemsize)))
    room = np.empty((block, g.K, g.P), dtype=dtype)
    for first in range(0, g.N, block):
        yield slice(first, first + block), room[: g.N - first]


# These two alternate with the BLAS block by block, so they leave the other cores to its threads,
# which spin while they wait: see docs/threads.md.


def _unfold(x: Array, cols: Array, g: ConvGeometry) -> None:
    by_row = cols.swapaxes(0, 1)  # (n, K, P) -> (K, n, P)
    _kernels.im2col(x, by_row, g.HH, g.WW, g.pad, g.stride, threads=1)


def _fold(cols: Array, x: Array, g: ConvGeometry) -> None:
    by_row = cols.swapaxes(0, 1)  # (n, K, P) -> (K, n, P)
    _kernels.col2im(by_row, x, g.HH, g.WW, g.pad, g.stride, threads=1)


_ALGORITHMS: dict[str, tuple[Callable[..., Array], Callable[..., ConvGradients]]] = {
    "naive": (_convolve_naive, _differentiate_naive),
    "im2col": (_convolve_im2col, _differentiate_im2col),
    "direct": (_convolve_direct, _differentiate_direct),
    "winograd": (_convolve_winograd, _differentiate_winograd),
    "fft": (_convolve_fft, _differentiate_fft),
}
