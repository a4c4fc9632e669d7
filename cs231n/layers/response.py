"""Local response normalisation: loud channels quieten those beside them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n import validation
from cs231n.validation import Array, as_float_array, as_shaped

# x; what it is divided by before the power; size, alpha, beta.
ResponseCache = tuple[Array, Array, int, float, float]


def local_response_norm_forward(
    x: Array, lrn_param: Mapping[str, Any]
) -> tuple[Array, ResponseCache]:
    """Divide each number by a power of what its neighbours in the channels amount to.

    ``out = x / d^beta`` with ``d = k + alpha sum of x^2``, summed over the `size` channels nearest
    to each: from ``c - size // 2`` to ``c + (size - 1) // 2``.

    Parameters
    ----------
    x : array (N, C, H, W)
    lrn_param : dict
        ``'size'`` (5), ``'alpha'`` (1e-4), ``'beta'`` (0.75), ``'k'`` (2), the paper's.

    Returns
    -------
    out : array (N, C, H, W)
    cache : for :func:`local_response_norm_backward`

    References
    ----------
    Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks", 2012, section 3.3

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 2.0, 2.0]).reshape(1, 3, 1, 1)
    >>> lrn_param = {"size": 3, "alpha": 1, "beta": 0.5, "k": 0}
    >>> local_response_norm_forward(x, lrn_param)[0].ravel().round(3).tolist()
    [0.447, 0.667, 0.707]
    """
    x = as_float_array("x", x, ndim=4)
    if not isinstance(lrn_param, Mapping):
        raise TypeError(f"lrn_param must be a dict, got {type(lrn_param).__name__}")
    size = validation.as_extent("lrn_param['size']", lrn_param.get("size", 5), minimum=1)
    alpha, beta, k = (
        _number(lrn_param, key, usual) for key, usual in (("alpha", 1e-4), ("beta", 0.75), ("k", 2))
    )
    d = k + alpha * _sum_over_channels(x**2, size // 2, (size - 1) // 2)
    return (x * d**-beta).astype(x.dtype, copy=False), (x, d, size, alpha, beta)


def local_response_norm_backward(dout: Array, cache: ResponseCache) -> Array:
    """Differentiate :func:`local_response_norm_forward`.

    ``dx = dout d^-beta - 2 alpha beta x s``, where s is the sum of ``dout x d^(-beta - 1)`` over
    those channels whose d has x in it.

    Parameters
    ----------
    dout : array (N, C, H, W)
    cache : what :func:`local_response_norm_forward` returned

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones((1, 1, 1, 1))
    >>> _, cache = local_response_norm_forward(one, {"alpha": 0, "beta": 0.5, "k": 4})
    >>> local_response_norm_backward(one, cache).item()
    0.5
    """
    x, d, size, alpha, beta = cache
    dout = as_shaped("dout", dout, x.shape, "as x has")
    s = _sum_over_channels(dout * x * d ** (-beta - 1), (size - 1) // 2, size // 2)
    return (dout * d**-beta - 2 * alpha * beta * x * s).astype(x.dtype, copy=False)


def _sum_over_channels(values: Array, before: int, behind: int) -> Array:
    """Add to each channel of (N, C, H, W) so many before it and behind it."""
    padded = np.pad(values, ((0, 0), (before, behind), (0, 0), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, before + 1 + behind, axis=1)
    total: Array = windows.sum(axis=-1)  # (N, C, H, W, size) -> (N, C, H, W)
    return total


def _number(params: Mapping[str, Any], key: str, usual: float) -> float:
    value = params.get(key, usual)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"lrn_param[{key!r}] must be a number, got {value!r}") from None
    if not 0 <= number < np.inf:
        raise ValueError(f"lrn_param[{key!r}] must be at least 0, got {value!r}")
    return number
