"""Convolution and max-pooling as matrix products and compiled loops: the upper rungs of the ladder.

=======================  =========================================================================
rung                     how
=======================  =========================================================================
``*_naive``              loops, in :mod:`cs231n.layers`
``conv_*_im2col``        index arrays unfold the windows, one matrix product, ``np.add.at`` folds
``conv_*_strides``       a strided view unfolds, one matrix product, a kernel folds
``conv_*_fast``          kernels unfold and fold a few images at a time, so that the columns stay
                         in cache
``conv_*_pytorch``       PyTorch's own, where it is installed
=======================  =========================================================================
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cs231n import kernels as _kernels  # a star import must not bring it
from cs231n.im2col import col2im_indices, im2col_indices
from cs231n.im2col_cython import col2im_6d_cython
from cs231n.layers.convolution import ConvGeometry, conv_geometry
from cs231n.layers.pooling import PoolGeometry, pool_geometry
from cs231n.layers.torch_convolution import conv_backward_pytorch as conv_backward_pytorch
from cs231n.layers.torch_convolution import conv_forward_pytorch as conv_forward_pytorch
from cs231n.validation import Array, as_shaped

# x, w, b, conv_param, x_cols; the last is None where the windows are unfolded again in backward.
ConvCache = tuple[Array, Array, Array, Mapping[str, Any], Any]
ConvGradients = tuple[Array, Array, Array]

# Bytes of unfolded windows that are worked on at a time, so that they stay in cache: from 1 to 6 MB
# no difference was seen. conv_*_strides unfolds the whole batch: docs/benchmarks.md has both.
_COLUMN_BYTES = 2_500_000


def conv_forward_fast(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, ConvCache]:
    """Convolve images with filters, as :func:`~cs231n.layers.conv_forward_naive` does, but fast.

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
        ``OH = 1 + (H + 2 pad - HH) // stride``
    cache : tuple ``(x, w, b, conv_param, None)`` for :func:`conv_backward_fast`

    Raises
    ------
    ValueError
        If the shapes do not match, or the filter is larger than the padded input.

    References
    ----------
    Chellapilla, Puri & Simard, "High performance convolutional neural networks for document
    processing", 2006, https://inria.hal.science/inria-00112631

    Examples
    --------
    >>> import numpy as np
    >>> x, w, b = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)
    >>> conv_forward_fast(x, w, b, {"stride": 1, "pad": 1})[0][0, 0].tolist()
    [[4.0, 6.0, 4.0], [6.0, 9.0, 6.0], [4.0, 6.0, 4.0]]
    """
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    filters = w.reshape(g.F, g.K)  # (F, C, HH, WW) -> (F, K)
    out = np.empty((g.N, g.F, g.P), dtype=np.result_type(x, w, b))
    for images, cols in _column_blocks(g, x.dtype):
        _unfold(x[images], cols, g)
        np.matmul(filters, cols, out=out[images])  # (F, K) @ (n, K, P) -> (n, F, P)
        out[images] += b[:, None]
    return out.reshape(g.N, g.F, g.OH, g.OW), (x, w, b, conv_param, None)


def conv_backward_fast(dout: Array, cache: ConvCache) -> ConvGradients:
    """Differentiate :func:`conv_forward_fast`.

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
    x, w, b, conv_param, _ = cache
    x, w, b, g = conv_geometry(x, w, b, conv_param)
    dout = as_shaped("dout", dout, (g.N, g.F, g.OH, g.OW), "as the output has")
    filters = w.reshape(g.F, g.K)  # (F, C, HH, WW) -> (F, K)
    dmaps = dout.reshape(g.N, g.F, g.P)  # (N, F, OH, OW) -> (N, F, P)
    dx, dfilters = np.empty(x.shape, dtype=x.dtype), np.zeros_like(filters)
    for images, cols in _column_blocks(g, x.dtype):
        _unfold(x[images], cols, g)
        dfilters += (dmaps[images] @ cols.transpose(0, 2, 1)).sum(axis=0)  # (n, F, K) -> (F, K)
        dcols = np.matmul(filters.T, dmaps[images], out=cols)  # (K, F) @ (n, F, P) -> (n, K, P)
        _fold(dcols, dx[images], g)
    return dx, dfilters.reshape(w.shape), dout.sum(axis=(0, 2, 3))


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


def max_pool_forward_fast(
    x: Array, pool_param: Mapping[str, Any]
) -> tuple[Array, tuple[str, tuple[Array, Array, Mapping[str, Any]]]]:
    """Take the maximum of each window, with a kernel; any window and stride, overlapping too.

    Parameters
    ----------
    x : array (N, C, H, W)
    pool_param : dict
        ``'pool_height'``, ``'pool_width'``: the window; ``'stride'``: pixels between windows.

    Returns
    -------
    out : array (N, C, OH, OW)
    cache : tuple ``(method, (x, out, pool_param))`` for :func:`max_pool_backward_fast`; the method
        is ``'reshape'`` where square windows tile the image and ``'im2col'`` elsewhere, as
        published, though one kernel serves both

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    >>> max_pool_forward_fast(x, pool_param)[0][0, 0].tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """
    x, g = pool_geometry(x, pool_param)
    out = _kernels.max_pool_forward(x, g.HH, g.WW, g.stride)
    return out, ("reshape" if _tiles(g) else "im2col", (x, out, pool_param))


def max_pool_backward_fast(
    dout: Array, cache: tuple[str, tuple[Array, Array, Mapping[str, Any]]]
) -> Array:
    """Differentiate :func:`max_pool_forward_fast`; maxima that tie share the gradient equally.

    Examples
    --------
    >>> import numpy as np
    >>> pool_param = {"pool_height": 1, "pool_width": 2, "stride": 1}
    >>> out, cache = max_pool_forward_fast(np.array([[[[1.0, 7.0, 7.0]]]]), pool_param)
    >>> max_pool_backward_fast(np.ones((1, 1, 1, 2)), cache).tolist()
    [[[[0.0, 1.5, 0.5]]]]
    """
    _, (x, out, pool_param) = cache
    x, g = pool_geometry(x, pool_param)
    dout = as_shaped("dout", dout, out.shape, "as the output has")
    return _kernels.max_pool_backward(dout, x, out, g.HH, g.WW, g.stride)


def max_pool_forward_reshape(
    x: Array, pool_param: Mapping[str, Any]
) -> tuple[Array, tuple[Array, Array, Array]]:
    """Take the maximum of each window by a reshape, for square windows that tile the image.

    Parameters and ``out`` are those of :func:`max_pool_forward_fast`; the cache is
    ``(x, x_reshaped, out)``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(4.0).reshape(1, 1, 2, 2)
    >>> pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    >>> max_pool_forward_reshape(x, pool_param)[0].tolist()
    [[[[3.0]]]]
    """
    x, g = pool_geometry(x, pool_param)
    if not _tiles(g):
        raise ValueError(
            f"pool_param must describe square windows that tile x {x.shape} for pooling by "
            f"reshape, got {g.HH}x{g.WW} windows with stride {g.stride}"
        )
    # (N, C, H, W) -> (N, C, OH, HH, OW, WW)
    x_reshaped = x.reshape(g.N, g.C, g.OH, g.HH, g.OW, g.WW)
    out = x_reshaped.max(axis=(3, 5))
    return out, (x, x_reshaped, out)


def max_pool_backward_reshape(dout: Array, cache: tuple[Array, Array, Array]) -> Array:
    """Differentiate :func:`max_pool_forward_reshape`; maxima that tie share the gradient equally.

    Examples
    --------
    >>> import numpy as np
    >>> pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    >>> out, cache = max_pool_forward_reshape(np.arange(4.0).reshape(1, 1, 2, 2), pool_param)
    >>> max_pool_backward_reshape(np.ones((1, 1, 1, 1)), cache).tolist()
    [[[[0.0, 0.0], [0.0, 1.0]]]]
    """
    x, x_reshaped, out = cache
    dout = as_shaped("dout", dout, out.shape, "as the output has")
    maxima = out[:, :, :, None, :, None]  # (N, C, OH, OW) -> (N, C, OH, 1, OW, 1)
    is_max = (x_reshaped == maxima) | np.isnan(x_reshaped)
    share = dout[:, :, :, None, :, None] / is_max.sum(axis=(3, 5), keepdims=True)
    dx = (is_max * share).astype(x.dtype, copy=False)
    return dx.reshape(x.shape)  # (N, C, OH, HH, OW, WW) -> (N, C, H, W)


def max_pool_forward_im2col(
    x: Array, pool_param: Mapping[str, Any]
) -> tuple[Array, tuple[Array, Array, Array, Mapping[str, Any]]]:
    """Take the maximum of each window after unfolding, in NumPy only; any window and stride.

    Parameters and ``out`` are those of :func:`max_pool_forward_fast`; the cache is
    ``(x, x_cols, out, pool_param)``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> pool_param = {"pool_height": 2, "pool_width": 2, "stride": 1}
    >>> max_pool_forward_im2col(x, pool_param)[0].tolist()
    [[[[4.0, 5.0], [7.0, 8.0]]]]
    """
    x, g = pool_geometry(x, pool_param)
    # Each channel becomes an image of its own: (N, C, H, W) -> (N*C, 1, H, W)
    planes = x.reshape(g.N * g.C, 1, g.H, g.W)
    x_cols = im2col_indices(planes, g.HH, g.WW, padding=0, stride=g.stride)
    # (P*N*C,) -> (OH, OW, N, C) -> (N, C, OH, OW)
    out = x_cols.max(axis=0).reshape(g.OH, g.OW, g.N, g.C).transpose(2, 3, 0, 1)
    return np.ascontiguousarray(out), (x, x_cols, out, pool_param)


def max_pool_backward_im2col(
    dout: Array, cache: tuple[Array, Array, Array, Mapping[str, Any]]
) -> Array:
    """Differentiate :func:`max_pool_forward_im2col`; maxima that tie share the gradient equally.

    Examples
    --------
    >>> import numpy as np
    >>> pool_param = {"pool_height": 2, "pool_width": 2, "stride": 1}
    >>> out, cache = max_pool_forward_im2col(np.arange(4.0).reshape(1, 1, 2, 2), pool_param)
    >>> max_pool_backward_im2col(np.ones((1, 1, 1, 1)), cache).tolist()
    [[[[0.0, 0.0], [0.0, 1.0]]]]
    """
    x, x_cols, out, pool_param = cache
    x, g = pool_geometry(x, pool_param)
    dout = as_shaped("dout", dout, out.shape, "as the output has")
    maxima, dmaps = (a.transpose(2, 3, 0, 1).ravel() for a in (out, dout))  # (N, C, ..) -> (P*N*C,)
    is_max = (x_cols == maxima) | np.isnan(x_cols)
    dcols = (is_max * (dmaps / is_max.sum(axis=0))).astype(x.dtype, copy=False)
    planes = (g.N * g.C, 1, g.H, g.W)
    dx = col2im_indices(dcols, planes, g.HH, g.WW, padding=0, stride=g.stride)
    return dx.reshape(x.shape)  # (N*C, 1, H, W) -> (N, C, H, W)


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


def _tiles(g: PoolGeometry) -> bool:
    square = g.HH == g.WW == g.stride
    return square and g.H % g.HH == 0 and g.W % g.WW == 0
