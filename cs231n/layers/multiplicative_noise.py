"""Relatives of dropout: normal noise, and whole channels that are dropped."""

from typing import Any

import numpy as np

from cs231n import validation
from cs231n.layers.dropout import DropoutCache, draws_noise, dropout_backward, keep_of
from cs231n.layers.noise import as_generator
from cs231n.validation import Array, as_float_array

_KEYS = ("p", "p_is_dropped", "mode", "inference", "seed")


def gaussian_dropout_forward(x: Array, dropout_param: dict[str, Any]) -> tuple[Array, DropoutCache]:
    """Multiply each number by normal noise with the mean and the variance of dropout's.

    ``out = x noise`` with ``noise ~ N(1, (1 - q) / q)`` in training; ``out = x`` at test time.

    Parameters
    ----------
    x : array of any shape
    dropout_param : dict
        ``'p'``, ``'p_is_dropped'``, ``'mode'``, ``'inference'``: as for :func:`dropout_forward`.
        ``'seed'``: an int gives the same noise at each call; a Generator draws it; by default
        NumPy's global generator does. Other keys are refused.

    Returns
    -------
    out : array like ``x``
    cache : tuple ``(dropout_param, noise)``; the noise is None at test time

    References
    ----------
    Srivastava et al., "Dropout", JMLR 2014, section 10,
    https://jmlr.org/papers/v15/srivastava14a.html

    Examples
    --------
    >>> import numpy as np
    >>> out, _ = gaussian_dropout_forward(np.ones(10_000), {"p": 0.8, "mode": "train", "seed": 0})
    >>> bool(abs(out.mean() - 1) < 0.02), bool(abs(out.var() - 0.25) < 0.02)
    (True, True)
    """
    x = as_float_array("x", x)
    validation.known_keys("dropout_param", dropout_param, _KEYS)
    keep = keep_of("dropout_param", dropout_param)
    if not draws_noise("dropout_param", dropout_param):
        return x, (dropout_param, None)
    rng = as_generator("dropout_param['seed']", dropout_param.get("seed"))
    noise = 1 + np.sqrt((1 - keep) / keep) * rng.standard_normal(x.shape)
    noise = noise.astype(x.dtype)
    return x * noise, (dropout_param, noise)


def gaussian_dropout_backward(dout: Array, cache: DropoutCache) -> Array:
    """Differentiate :func:`gaussian_dropout_forward`: ``dx = dout noise``.

    Examples
    --------
    >>> import numpy as np
    >>> gaussian_dropout_backward(np.ones(2), ({}, np.array([0.5, 1.5]))).tolist()
    [0.5, 1.5]
    """
    return dropout_backward(dout, cache)


def spatial_dropout_forward(x: Array, dropout_param: dict[str, Any]) -> tuple[Array, DropoutCache]:
    """Inverted dropout of whole channels: neighbouring pixels would tell what a single one was.

    ``out[n, c] = x[n, c] mask[n, c] / q`` with ``mask ~ Bernoulli(q)`` in training.

    Parameters
    ----------
    x : array (N, C, ...)
    dropout_param : dict
        As for :func:`gaussian_dropout_forward`.

    Returns
    -------
    out : array like ``x``
    cache : tuple ``(dropout_param, mask)``; the mask has the shape of ``x``, but takes N C numbers

    References
    ----------
    Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015,
    https://arxiv.org/abs/1411.4280

    Examples
    --------
    >>> import numpy as np
    >>> dropout_param = {"p": 0.5, "mode": "train", "seed": 0}
    >>> spatial_dropout_forward(np.ones((1, 3, 1, 2)), dropout_param)[0].tolist()
    [[[[0.0, 0.0]], [[2.0, 2.0]], [[2.0, 2.0]]]]
    """
    x = as_float_array("x", x)
    if x.ndim < 2:
        raise ValueError(f"x must have shape (N, C, ...), got {x.shape}")
    validation.known_keys("dropout_param", dropout_param, _KEYS)
    keep = keep_of("dropout_param", dropout_param)
    if not draws_noise("dropout_param", dropout_param):
        return x, (dropout_param, None)
    rng = as_generator("dropout_param['seed']", dropout_param.get("seed"))
    mask = ((rng.random(x.shape[:2]) < keep) / keep).astype(x.dtype)
    mask = mask.reshape(mask.shape + (1,) * (x.ndim - 2))  # (N, C) -> (N, C, 1, ...)
    mask = np.broadcast_to(mask, x.shape)
    return x * mask, (dropout_param, mask)


def spatial_dropout_backward(dout: Array, cache: DropoutCache) -> Array:
    """Differentiate :func:`spatial_dropout_forward`: ``dx = dout mask / q``.

    Examples
    --------
    >>> import numpy as np
    >>> spatial_dropout_backward(np.ones((1, 2)), ({}, np.array([[0.0, 2.0]]))).tolist()
    [[0.0, 2.0]]
    """
    return dropout_backward(dout, cache)
