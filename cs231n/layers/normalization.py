"""Batch, layer, spatial batch and spatial group normalisation.

All four standardise along some axes, then scale by gamma and shift by beta; they differ in the axes
only. What they share stands at the end of the file.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n import validation
from cs231n.validation import Array, as_float_array, as_shaped

# The standardised input; 1/sqrt(variance + eps); gamma as broadcast over the input; the axes of the
# mean and variance (none where they are constants: batch normalisation at test time); the axes
# along which gamma and beta are shared; and gamma's shape as given.
NormCache = tuple[Array, Array, Array, tuple[int, ...], tuple[int, ...], tuple[int, ...]]
NormGradients = tuple[Array, Array, Array]
# Batch normalisation's cache of the rows, and the shape of the images.
SpatialCache = tuple[NormCache, tuple[int, ...]]


def batchnorm_forward(
    x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> tuple[Array, NormCache]:
    """Standardise each feature over the batch, then scale and shift it.

    ``out = gamma (x - mean) / sqrt(var + eps) + beta``, with mean and (biased) variance of the
    batch in training, and with their running averages at test time.

    Parameters
    ----------
    x : array (N, D)
    gamma, beta : array (D,)
    bn_param : dict
        ``'mode'``: ``'train'`` or ``'test'``; ``'eps'`` (1e-5); ``'momentum'`` (0.9);
        ``'running_mean'``, ``'running_var'``: (D,), created as zeros, and updated in place in
        training: ``running = momentum running + (1 - momentum) batch``.

    Returns
    -------
    out : array (N, D)
    cache : for :func:`batchnorm_backward` and :func:`batchnorm_backward_alt`

    References
    ----------
    Ioffe & Szegedy, "Batch normalization", ICML 2015, https://arxiv.org/abs/1502.03167

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0], [3.0]])
    >>> out, cache = batchnorm_forward(x, np.ones(1), np.zeros(1), {"mode": "train", "eps": 0})
    >>> out.ravel().tolist()
    [-1.0, 1.0]
    """
    x = as_float_array("x", x, ndim=2)
    gamma = as_shaped("gamma", gamma, x.shape[1:], f"to match x {x.shape}")
    beta = as_shaped("beta", beta, x.shape[1:], f"to match x {x.shape}")
    training = validation.mode("bn_param", bn_param) == "train"
    eps = _eps("bn_param", bn_param)
    mean, var = _batch_or_running_statistics(x, bn_param, training)
    inv_std = (1 / np.sqrt(var + eps)).astype(x.dtype, copy=False)
    x_hat = ((x - mean) * inv_std).astype(x.dtype, copy=False)
    out = (gamma * x_hat + beta).astype(x.dtype, copy=False)
    return out, (x_hat, inv_std, gamma, (0,) if training else (), (0,), gamma.shape)


def batchnorm_backward(dout: Array, cache: NormCache) -> NormGradients:
    """Differentiate :func:`batchnorm_forward` node by node through its graph.

    Parameters
    ----------
    dout : array (N, D)
    cache : what :func:`batchnorm_forward` returned

    Returns
    -------
    dx : array (N, D)
    dgamma, dbeta : array (D,)

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0], [3.0]])
    >>> out, cache = batchnorm_forward(x, np.ones(1), np.zeros(1), {"mode": "train"})
    >>> dx, dgamma, dbeta = batchnorm_backward(np.ones((2, 1)), cache)
    >>> np.allclose(dx, 0), dbeta.tolist()  # a shift of the whole batch changes nothing
    (True, [2.0])
    """
    x_hat, inv_std, gamma, statistics, shared, _ = cache
    dout = as_shaped("dout", dout, x_hat.shape, "as x has")
    dgamma = (dout * x_hat).sum(axis=shared)  # (N, D) -> (D,)
    dbeta = dout.sum(axis=shared)  # (N, D) -> (D,)
    dx_hat = dout * gamma
    if not statistics:  # test time: mean and variance are constants
        return (dx_hat * inv_std).astype(x_hat.dtype, copy=False), dgamma, dbeta
    # x_hat = centred * inv_std, inv_std = (var + eps)^-1/2, var = mean(centred^2)
    N = max(dout.shape[0], 1)
    centred = x_hat / inv_std
    dinv_std = (dx_hat * centred).sum(axis=0)
    dvar = -0.5 * inv_std**3 * dinv_std
    dcentred = dx_hat * inv_std + 2 / N * centred * dvar
    # centred = x - mean
    dmean = -dcentred.sum(axis=0)
    return (dcentred + dmean / N).astype(x_hat.dtype, copy=False), dgamma, dbeta


def batchnorm_backward_alt(dout: Array, cache: NormCache) -> NormGradients:
    """Differentiate :func:`batchnorm_forward` by the simplified formula.

    ``dx = (g - mean(g) - x_hat mean(g x_hat)) / sqrt(var + eps)`` with ``g = gamma dout``

    Parameters
    ----------
    dout : array (N, D)
    cache : what :func:`batchnorm_forward` returned

    Returns
    -------
    dx : array (N, D)
    dgamma, dbeta : array (D,)

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0], [3.0]])
    >>> out, cache = batchnorm_forward(x, np.ones(1), np.zeros(1), {"mode": "train"})
    >>> batchnorm_backward_alt(np.ones((2, 1)), cache)[2].tolist()
    [2.0]
    """
    return _normalization_backward(dout, cache)


def layernorm_forward(
    x: Array, gamma: Array, beta: Array, ln_param: dict[str, Any]
) -> tuple[Array, NormCache]:
    """Standardise each example over its features, then scale and shift each feature.

    Parameters
    ----------
    x : array (N, D)
    gamma, beta : array (D,)
    ln_param : dict
        ``'eps'`` (1e-5). A mode is ignored: training and test are the same.

    Returns
    -------
    out : array (N, D)
    cache : for :func:`layernorm_backward`

    References
    ----------
    Ba, Kiros & Hinton, "Layer normalization", 2016, https://arxiv.org/abs/1607.06450

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 3.0]])
    >>> layernorm_forward(x, np.ones(2), np.zeros(2), {"eps": 0})[0].tolist()
    [[-1.0, 1.0]]
    """
    x = as_float_array("x", x, ndim=2)
    gamma = as_shaped("gamma", gamma, x.shape[1:], f"to match x {x.shape}")
    beta = as_shaped("beta", beta, x.shape[1:], f"to match x {x.shape}")
    x_hat, inv_std = _standardize(x, (1,), _eps("ln_param", ln_param))
    out = (gamma * x_hat + beta).astype(x.dtype, copy=False)
    return out, (x_hat, inv_std, gamma, (1,), (0,), gamma.shape)


def layernorm_backward(dout: Array, cache: NormCache) -> NormGradients:
    """Differentiate :func:`layernorm_forward`.

    Parameters
    ----------
    dout : array (N, D)
    cache : what :func:`layernorm_forward` returned

    Returns
    -------
    dx : array (N, D)
    dgamma, dbeta : array (D,)

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = layernorm_forward(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2), {})
    >>> layernorm_backward(np.ones((1, 2)), cache)[2].tolist()
    [1.0, 1.0]
    """
    return _normalization_backward(dout, cache)


def spatial_batchnorm_forward(
    x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> tuple[Array, SpatialCache]:
    """Batch normalisation of each channel over all images and positions.

    Parameters
    ----------
    x : array (N, C, H, W)
    gamma, beta : array (C,)
    bn_param : dict
        As for :func:`batchnorm_forward`, with running averages of shape (C,).

    Returns
    -------
    out : array (N, C, H, W)
    cache : for :func:`spatial_batchnorm_backward`

    References
    ----------
    Ioffe & Szegedy, "Batch normalization", ICML 2015, https://arxiv.org/abs/1502.03167

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 3.0]).reshape(1, 1, 1, 2)
    >>> bn_param = {"mode": "train", "eps": 0}
    >>> spatial_batchnorm_forward(x, np.ones(1), np.zeros(1), bn_param)[0].ravel().tolist()
    [-1.0, 1.0]
    """
    x = as_float_array("x", x, ndim=4)
    gamma = as_shaped("gamma", gamma, x.shape[1:2], f"to match x {x.shape}")
    beta = as_shaped("beta", beta, x.shape[1:2], f"to match x {x.shape}")
    rows, cache = batchnorm_forward(_channels_last(x), gamma, beta, bn_param)
    return _channels_first(rows, x.shape), (cache, x.shape)


def spatial_batchnorm_backward(dout: Array, cache: SpatialCache) -> NormGradients:
    """Differentiate :func:`spatial_batchnorm_forward`.

    Parameters
    ----------
    dout : array (N, C, H, W)
    cache : what :func:`spatial_batchnorm_forward` returned

    Returns
    -------
    dx : array (N, C, H, W)
    dgamma, dbeta : array (C,)

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(8.0).reshape(2, 1, 2, 2)
    >>> out, cache = spatial_batchnorm_forward(x, np.ones(1), np.zeros(1), {"mode": "train"})
    >>> spatial_batchnorm_backward(np.ones_like(x), cache)[2].tolist()
    [8.0]
    """
    rows_cache, shape = cache
    dout = as_shaped("dout", dout, shape, "as x has")
    dx, dgamma, dbeta = batchnorm_backward_alt(_channels_last(dout), rows_cache)
    return _channels_first(dx, shape), dgamma, dbeta


def spatial_groupnorm_forward(
    x: Array, gamma: Array, beta: Array, G: int, gn_param: dict[str, Any]
) -> tuple[Array, NormCache]:
    """Standardise each group of channels of each image, then scale and shift each channel.

    Parameters
    ----------
    x : array (N, C, H, W)
    gamma, beta : array (1, C, 1, 1) or (C,)
    G : int
        Number of groups; divides C. G = 1 is layer, G = C is instance normalisation.
    gn_param : dict
        ``'eps'`` (1e-5).

    Returns
    -------
    out : array (N, C, H, W)
    cache : for :func:`spatial_groupnorm_backward`

    References
    ----------
    Wu & He, "Group normalization", ECCV 2018, https://arxiv.org/abs/1803.08494

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 3.0, 10.0, 30.0]).reshape(1, 4, 1, 1)
    >>> out, _ = spatial_groupnorm_forward(x, np.ones(4), np.zeros(4), 2, {"eps": 0})
    >>> out.ravel().tolist()
    [-1.0, 1.0, -1.0, 1.0]
    """
    x = as_float_array("x", x, ndim=4)
    N, C, H, W = x.shape
    G = validation.as_extent("G", G, minimum=1)
    if C % G:
        raise ValueError(f"G must divide the {C} channels of x {x.shape}, got {G}")
    channelwise = (1, C, 1, 1)
    gamma, beta = as_float_array("gamma", gamma), as_float_array("beta", beta)
    given = gamma.shape
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value.shape not in (channelwise, (C,)):
            raise ValueError(f"{name} must have shape {channelwise} or ({C},), got {value.shape}")
    grouped = x.reshape(N, G, C // G, H, W)  # (N, C, H, W) -> (N, G, C/G, H, W)
    x_hat, inv_std = _standardize(grouped, (2, 3, 4), _eps("gn_param", gn_param))
    per_group = (1, G, C // G, 1, 1)
    gamma, beta = gamma.reshape(per_group), beta.reshape(per_group)
    out = (gamma * x_hat + beta).astype(x.dtype, copy=False)
    cache = (x_hat, inv_std, gamma, (2, 3, 4), (0, 3, 4), given)
    return out.reshape(x.shape), cache  # (N, G, C/G, H, W) -> (N, C, H, W)


def spatial_groupnorm_backward(dout: Array, cache: NormCache) -> NormGradients:
    """Differentiate :func:`spatial_groupnorm_forward`.

    Parameters
    ----------
    dout : array (N, C, H, W)
    cache : what :func:`spatial_groupnorm_forward` returned

    Returns
    -------
    dx : array (N, C, H, W)
    dgamma, dbeta : arrays of gamma's shape

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(4.0).reshape(1, 4, 1, 1)
    >>> out, cache = spatial_groupnorm_forward(x, np.ones(4), np.zeros(4), 2, {})
    >>> spatial_groupnorm_backward(np.ones_like(x), cache)[2].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    x_hat = cache[0]
    N, G, per_group, H, W = x_hat.shape
    dout = as_shaped("dout", dout, (N, G * per_group, H, W), "as x has")
    dx, dgamma, dbeta = _normalization_backward(dout.reshape(x_hat.shape), cache)
    return dx.reshape(dout.shape), dgamma, dbeta  # (N, G, C/G, H, W) -> (N, C, H, W)


def _standardize(x: Array, axes: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """Return x with mean 0 and variance 1 along the axes, and the factor 1/std."""
    inv_std = 1 / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    return (x - x.mean(axis=axes, keepdims=True)) * inv_std, inv_std


def _batch_or_running_statistics(
    x: Array, bn_param: dict[str, Any], training: bool
) -> tuple[Array, Array]:
    """Return the mean and variance to normalise by, and keep the running averages up to date."""
    N, D = x.shape
    momentum = validation.as_fraction("bn_param['momentum']", bn_param.get("momentum", 0.9))
    running = [
        as_shaped(f"bn_param[{key!r}]", bn_param.get(key, np.zeros(D, x.dtype)), (D,), "to match x")
        for key in ("running_mean", "running_var")
    ]
    # An empty batch has no statistics, and leaves the running ones alone.
    used = [x.mean(axis=0), x.var(axis=0)] if training and N > 0 else running
    if used is not running:
        running = [
            momentum * old + (1 - momentum) * new for old, new in zip(running, used, strict=True)
        ]
    bn_param["running_mean"], bn_param["running_var"] = running
    return used[0], used[1]


def _eps(name: str, params: Mapping[str, Any]) -> float:
    if not isinstance(params, Mapping):
        raise TypeError(f"{name} must be a dict, got {type(params).__name__}")
    eps = params.get("eps", 1e-5)
    try:
        number = float(eps)
    except (TypeError, ValueError):
        raise TypeError(f"{name}['eps'] must be a number, got {eps!r}") from None
    if not number >= 0:
        raise ValueError(f"{name}['eps'] must be at least 0, got {eps!r}")
    return number


def _normalization_backward(dout: Array, cache: NormCache) -> NormGradients:
    x_hat, inv_std, gamma, statistics, shared, given = cache
    dout = as_shaped("dout", dout, x_hat.shape, "as x has")
    dgamma = (dout * x_hat).sum(axis=shared).reshape(given)
    dbeta = dout.sum(axis=shared).reshape(given)
    dx = dout * gamma
    if statistics and x_hat.size:
        dx = (
            dx
            - dx.mean(axis=statistics, keepdims=True)
            - x_hat * (dx * x_hat).mean(axis=statistics, keepdims=True)
        )
    return (dx * inv_std).astype(x_hat.dtype, copy=False), dgamma, dbeta


def _channels_last(x: Array) -> Array:
    """Turn maps into rows of channels, one row a position."""
    N, C, H, W = x.shape
    return x.transpose(0, 2, 3, 1).reshape(N * H * W, C)  # (N, C, H, W) -> (N*H*W, C)


def _channels_first(rows: Array, shape: tuple[int, ...]) -> Array:
    N, C, H, W = shape
    return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)  # (N*H*W, C) -> (N, C, H, W)
