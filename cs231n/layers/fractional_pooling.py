"""Fractional max-pooling: random regions that shrink an image by less than two."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n import kernels
from cs231n.layers.fractional_regions import Regions, fractional_regions
from cs231n.validation import Array, as_float_array, as_shaped

FractionalCache = tuple[Array, tuple[int, ...], Regions]
NaiveCache = tuple[Array, Regions]


def fractional_max_pool_forward(
    x: Array, pool_param: Mapping[str, Any]
) -> tuple[Array, FractionalCache]:
    """Take the maximum of each region, regions being drawn anew at each call.

    ``out[n, c, i, j] = max of x[n, c, rows[i, 0] : rows[i, 1], cols[j, 0] : cols[j, 1]]``, with
    regions that begin at 0, end at the image's end, and are 1 or 2 pixels apart (2 or 3 where the
    image shrinks by more than two). At test time, too, they are random: average over some passes.

    Parameters
    ----------
    x : array (N, C, H, W)
    pool_param : dict
        ``'ratio'``: in (1, 3], by which the image shrinks, or ``'output_size'``: OH and OW, a
        number or two. The rest is optional.
        ``'sequence'``: ``'pseudorandom'`` (regular, at a random phase) or ``'random'``.
        ``'overlapping'``: True, windows of ``'window'`` pixels (by default 2, or 3 beyond ratio 2;
        ``'closed'``: each reaches the pixel at which the next begins), or False, tiles.
        ``'sharing'``: what shares its regions, the channels of an ``'image'``, the whole
        ``'batch'``, or nothing but each ``'channel'`` itself.
        ``'seed'``: an int gives the same regions at each call; a Generator draws them; by default
        NumPy's global generator does.
        ``'row_starts'``, ``'col_starts'``: (OH,), (N, OH) or (N, C, OH) given regions, instead;
        :func:`starts_from_samples` makes them of PyTorch's random samples.

    Returns
    -------
    out : array (N, C, OH, OW), ``OH = H / ratio`` to the nearest
    cache : tuple ``(winners, x.shape, regions)`` for :func:`fractional_max_pool_backward`

    References
    ----------
    Graham, "Fractional max-pooling", 2014, https://arxiv.org/abs/1412.6071

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(25.0).reshape(1, 1, 5, 5)
    >>> fractional_max_pool_forward(x, {"ratio": 1.5, "seed": 0})[0][0, 0].tolist()
    [[6.0, 8.0, 9.0], [11.0, 13.0, 14.0], [21.0, 23.0, 24.0]]
    """
    x = as_float_array("x", x, ndim=4)
    regions = fractional_regions(x.shape, pool_param)
    winners = kernels.fractional_winners(x.shape, *regions)
    out = kernels.fractional_max_pool_forward(x, *regions, winners=winners)
    return out, (winners, x.shape, regions)


def fractional_max_pool_backward(dout: Array, cache: FractionalCache) -> Array:
    """Differentiate :func:`fractional_max_pool_forward`: maxima that tie share equally.

    Examples
    --------
    >>> import numpy as np
    >>> pool_param = {"row_starts": [0], "col_starts": [0, 1]}
    >>> out, cache = fractional_max_pool_forward(np.array([[[[1.0, 7, 7], [7, 0, 0]]]]), pool_param)
    >>> fractional_max_pool_backward(np.full((1, 1, 1, 2), 2.0), cache).tolist()
    [[[[0.0, 2.0, 1.0], [1.0, 0.0, 0.0]]]]
    """
    winners, x_shape, regions = cache
    dout = as_shaped("dout", dout, winners.shape, "as the output has")
    return kernels.fractional_max_pool_backward(dout, winners, x_shape, *regions)


def fractional_max_pool_forward_naive(
    x: Array, pool_param: Mapping[str, Any]
) -> tuple[Array, NaiveCache]:
    """Do what :func:`fractional_max_pool_forward` does, by loops that are meant to be read.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> pool_param = {"row_starts": [0, 2], "col_starts": [0, 1, 2]}
    >>> fractional_max_pool_forward_naive(x, pool_param)[0].tolist()
    [[[[5.0, 6.0, 7.0], [13.0, 14.0, 15.0]]]]
    """
    x = as_float_array("x", x, ndim=4)
    regions = fractional_regions(x.shape, pool_param)
    (N, C, _, _), OH, OW = x.shape, regions.rows.shape[2], regions.cols.shape[2]
    out = np.zeros((N, C, OH, OW), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(OH):
                for j in range(OW):
                    out[n, c, i, j] = x[_region(regions, n, c, i, j)].max()
    return out, (x, regions)


def fractional_max_pool_backward_naive(dout: Array, cache: NaiveCache) -> Array:
    """Differentiate :func:`fractional_max_pool_forward_naive`.

    Examples
    --------
    >>> import numpy as np
    >>> pool_param = {"row_starts": [0], "col_starts": [0, 1]}
    >>> x = np.array([[[[1.0, 7.0, 2.0], [0.0, 0.0, 0.0]]]])
    >>> _, cache = fractional_max_pool_forward_naive(x, pool_param)
    >>> fractional_max_pool_backward_naive(np.ones((1, 1, 1, 2)), cache).tolist()
    [[[[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]]]
    """
    x, regions = cache
    (N, C, _, _), OH, OW = x.shape, regions.rows.shape[2], regions.cols.shape[2]
    dout = as_shaped("dout", dout, (N, C, OH, OW), "as the output has")
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(OH):
                for j in range(OW):
                    here = _region(regions, n, c, i, j)
                    is_max = (x[here] == x[here].max()) | np.isnan(x[here])
                    dx[here] += is_max * (dout[n, c, i, j] / is_max.sum())
    return dx


def _region(regions: Regions, n: int, c: int, i: int, j: int) -> tuple[int, int, slice, slice]:
    rows, cols, _ = regions
    top, bottom = rows[n % len(rows), c % rows.shape[1], i]
    left, right = cols[n % len(cols), c % cols.shape[1], j]
    return n, c, slice(top, bottom), slice(left, right)
