"""Stochastic pooling: a pixel of each window, drawn by its share of the window's sum."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cs231n import validation
from cs231n.layers.dropout import draws_noise
from cs231n.layers.noise import as_generator
from cs231n.layers.pooling import PoolGeometry, pool_geometry
from cs231n.validation import Array, as_shaped

# Of a number whose square, summed over a window, is still finite.
_LARGEST = 1e150

# The drawn place in each window, or each window's sum and mean; and x
StochasticCache = tuple[PoolGeometry, Array, Array | None, Array]


def stochastic_pool_forward(
    x: Array, pool_param: Mapping[str, Any]
) -> tuple[Array, StochasticCache]:
    """Draw one pixel of each window; at test time, take the mean with the same probabilities.

    With ``a`` a window's pixels and ``p = a / sum(a)``: ``out = a[l], l ~ p`` in training, and
    ``out = sum(p a)`` at test time, unless draws go on for an average over passes. A window of
    zeros gives 0.

    Parameters
    ----------
    x : array (N, C, H, W), not negative: what a ReLU outputs
    pool_param : dict
        ``'pool_height'``, ``'pool_width'``, ``'stride'``: as for :func:`max_pool_forward_naive`.
        ``'mode'``: ``'train'`` or ``'test'``. ``'inference'`` (optional): what test time means,
        ``'mean'`` (the default) or ``'monte_carlo'``: pixels are drawn as in training.
        ``'seed'``: an int gives the same draws at each call; a Generator draws; by default NumPy's
        global generator does.

    Returns
    -------
    out : array (N, C, OH, OW)
    cache : for :func:`stochastic_pool_backward`

    References
    ----------
    Zeiler & Fergus, "Stochastic pooling for regularization of deep convolutional neural
    networks", ICLR 2013, https://arxiv.org/abs/1301.3557

    Examples
    --------
    >>> import numpy as np
    >>> pool_param = {"pool_height": 1, "pool_width": 2, "stride": 2, "mode": "test"}
    >>> stochastic_pool_forward(np.array([[[[1.0, 3.0]]]]), pool_param)[0].tolist()
    [[[[2.5]]]]
    """
    keys = ("pool_height", "pool_width", "stride", "mode", "inference", "seed")
    validation.known_keys("pool_param", pool_param, keys)
    x, g = pool_geometry(x, pool_param)
    if (x < 0).any():
        raise ValueError(f"x must not be negative: its numbers are weights, got {x.min()}")
    if float(x.max(initial=0)) > _LARGEST:
        raise ValueError(f"x must be at most {_LARGEST}: windows are summed, got {x.max()}")
    windows = sliding_window_view(x, (g.HH, g.WW), axis=(2, 3))[:, :, :: g.stride, :: g.stride]
    # (N, C, OH, OW, HH, WW) -> (N, C, OH, OW, HH * WW)
    windows = windows.reshape(g.N, g.C, g.OH, g.OW, g.HH * g.WW)
    sums = np.cumsum(windows, axis=-1, dtype=np.float64)
    total = sums[..., -1]
    if not draws_noise("pool_param", pool_param):
        squares = np.sum(np.square(windows, dtype=np.float64), axis=-1)
        out = np.divide(squares, total, out=np.zeros_like(total), where=total != 0)
        return out.astype(x.dtype), (g, total, out, x)
    rng = as_generator("pool_param['seed']", pool_param.get("seed"))
    # Below the total even after rounding, so that a pixel of weight 0 is never drawn at the end.
    drawn = np.minimum(rng.random(total.shape) * total, np.nextafter(total, -1))
    place = np.argmax(sums > drawn[..., None], axis=-1)
    out = np.take_along_axis(windows, place[..., None], axis=-1)[..., 0]
    return np.where(np.isnan(total), np.nan, out).astype(x.dtype), (g, place, None, x)


def stochastic_pool_backward(dout: Array, cache: StochasticCache) -> Array:
    """Differentiate :func:`stochastic_pool_forward`, with the same pixels drawn.

    The drawn pixel gets its window's gradient; where test time takes the mean,
    ``dx = dout (2 a - out) / sum(a)``, and 0 in a window of zeros, where there is no derivative.

    Examples
    --------
    >>> import numpy as np
    >>> param = {"pool_height": 1, "pool_width": 2, "stride": 2, "mode": "train"}
    >>> _, cache = stochastic_pool_forward(np.array([[[[0.0, 3.0]]]]), param)
    >>> stochastic_pool_backward(np.array([[[[5.0]]]]), cache).tolist()
    [[[[0.0, 5.0]]]]
    """
    g, of_windows, out, x = cache
    dout = as_shaped("dout", dout, (g.N, g.C, g.OH, g.OW), "as the output has")
    dx = np.zeros_like(x)
    for place, (here, a) in enumerate(zip(_places(dx, g), _places(x, g), strict=True)):
        if out is None:
            here += np.where(of_windows == place, dout, 0).astype(x.dtype)
        else:
            slope = np.zeros_like(of_windows)
            np.divide(2 * a - out, of_windows, out=slope, where=of_windows != 0)
            here += (dout * slope).astype(x.dtype)
    return dx


def _places(x: Array, g: PoolGeometry) -> Iterator[Array]:
    """Yield, for each place in the window, a view of the pixels that all windows have there."""
    for kh in range(g.HH):
        for kw in range(g.WW):
            rows = slice(kh, kh + g.stride * g.OH, g.stride)
            yield x[:, :, rows, kw : kw + g.stride * g.OW : g.stride]
