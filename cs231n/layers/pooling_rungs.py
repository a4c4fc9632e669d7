"""Max-pooling by a kernel, by a reshape and by unfolding: the rungs above the naive loops."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n import kernels
from cs231n.im2col import col2im_indices, im2col_indices
from cs231n.layers.pooling import PoolGeometry, pool_geometry
from cs231n.validation import Array, as_shaped


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
    out = kernels.max_pool_forward(x, g.HH, g.WW, g.stride)
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
    return kernels.max_pool_backward(dout, x, out, g.HH, g.WW, g.stride)


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


def _tiles(g: PoolGeometry) -> bool:
    square = g.HH == g.WW == g.stride
    return square and g.H % g.HH == 0 and g.W % g.WW == 0
