"""Max-pooling by readable loops, and the geometry that every pooling shares."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from cs231n import validation
from cs231n.validation import Array, as_float_array, as_shaped

PoolCache = tuple[Array, Mapping[str, Any]]


class PoolGeometry(NamedTuple):
    """The sizes of one pooling; windows are counted by the floor rule."""

    N: int
    C: int
    H: int
    W: int
    HH: int
    WW: int
    stride: int
    OH: int
    OW: int


def pool_geometry(x: Array, pool_param: Mapping[str, Any]) -> tuple[Array, PoolGeometry]:
    """Check the arguments of a pooling; return x as a float array, with the geometry."""
    x = as_float_array("x", x, ndim=4)
    N, C, H, W = x.shape
    HH, WW, stride = (
        validation.as_extent(
            f"pool_param[{key!r}]", validation.parameter("pool_param", pool_param, key), minimum=1
        )
        for key in ("pool_height", "pool_width", "stride")
    )
    OH = validation.output_extent("height", H, HH, 0, stride)
    OW = validation.output_extent("width", W, WW, 0, stride)
    return x, PoolGeometry(N, C, H, W, HH, WW, stride, OH, OW)


def max_pool_forward_naive(x: Array, pool_param: Mapping[str, Any]) -> tuple[Array, PoolCache]:
    """Take the maximum of each window, by loops that are meant to be read.

    ``out[n, c, i, j] = max over kh, kw of x[n, c, i stride + kh, j stride + kw]``

    Parameters
    ----------
    x : array (N, C, H, W)
    pool_param : dict
        ``'pool_height'``, ``'pool_width'``: the window; ``'stride'``: pixels between windows.

    Returns
    -------
    out : array (N, C, OH, OW)
        ``OH = 1 + (H - pool_height) // stride``: what does not fit a whole step is left out.
    cache : tuple ``(x, pool_param)`` for :func:`max_pool_backward_naive`

    References
    ----------
    Ranzato et al., "Unsupervised learning of invariant feature hierarchies with applications to
    object recognition", CVPR 2007, https://doi.org/10.1109/CVPR.2007.383157

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    >>> max_pool_forward_naive(x, pool_param)[0][0, 0].tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """
    x, g = pool_geometry(x, pool_param)
    out = np.zeros((g.N, g.C, g.OH, g.OW), dtype=x.dtype)
    for n in range(g.N):
        for c in range(g.C):
            for i in range(g.OH):
                for j in range(g.OW):
                    top, left = i * g.stride, j * g.stride
                    out[n, c, i, j] = x[n, c, top : top + g.HH, left : left + g.WW].max()
    return out, (x, pool_param)


def max_pool_backward_naive(dout: Array, cache: PoolCache) -> Array:
    """Differentiate :func:`max_pool_forward_naive`: the maximum gets its window's gradient.

    Maxima that tie share it equally: for two of them, just what central differences measure.

    Parameters
    ----------
    dout : array (N, C, OH, OW)
    cache : what :func:`max_pool_forward_naive` returned

    Returns
    -------
    dx : array (N, C, H, W)

    Examples
    --------
    >>> import numpy as np
    >>> pool_param = {"pool_height": 1, "pool_width": 2, "stride": 1}
    >>> x = np.array([[[[1.0, 7.0, 7.0]]]])
    >>> max_pool_backward_naive(np.ones((1, 1, 1, 2)), (x, pool_param)).tolist()
    [[[[0.0, 1.5, 0.5]]]]
    """
    x, pool_param = cache
    x, g = pool_geometry(x, pool_param)
    dout = as_shaped("dout", dout, (g.N, g.C, g.OH, g.OW), "as the output has")
    dx = np.zeros_like(x)
    for n in range(g.N):
        for c in range(g.C):
            for i in range(g.OH):
                for j in range(g.OW):
                    top, left = i * g.stride, j * g.stride
                    here = (n, c, slice(top, top + g.HH), slice(left, left + g.WW))
                    is_max = (x[here] == x[here].max()) | np.isnan(x[here])
                    dx[here] += is_max * (dout[n, c, i, j] / is_max.sum())
    return dx
