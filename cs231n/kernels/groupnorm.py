"""Group normalisation, alone or with a ReLU behind it."""

import numpy as np

from cs231n.kernels.arrays import apart, in_order, result
from cs231n.kernels.backend import kernel_module
from cs231n.kernels.norm_arrays import (
    Gradients,
    Normalized,
    as_maps,
    channels_of,
    gradient_like,
    norm_threads,
    parameter_gradients,
    vectors_like,
)
from cs231n.kernels.workspace import workspace
from cs231n.validation import Array


def groupnorm_forward(
    x: Array,
    gamma: Array,
    beta: Array,
    groups: int,
    eps: float,
    *,
    relu: bool = False,
    out: Array | None = None,
    mean: Array | None = None,
    var: Array | None = None,
) -> Normalized:
    """Standardise each image over groups of channels and the map, then scale and shift channels.

    ``out = gamma (x - mean) / sqrt(var + eps) + beta``, and its ReLU where asked.

    Parameters
    ----------
    x : float array (N, C, ...)
    gamma, beta : array (C,)
    groups : int, which divides C
    eps : float
    relu : bool
        Whether to set negative outputs to zero.
    out, mean, var : arrays, optional
        Where to write the results; contiguous, and of x's dtype. `out` may be `x`.

    Returns
    -------
    out : array of x's shape
    mean, var : array (N, groups); 0 where there is nothing

    References
    ----------
    Wu & He, "Group normalization", 2018, https://arxiv.org/abs/1803.08494

    Examples
    --------
    >>> x = np.array([[1.0, 3.0, 10.0, 30.0]])
    >>> groupnorm_forward(x, np.ones(4), np.zeros(4), 2, 0.0)[0].tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    C = channels_of(x)
    _check_groups(groups, x)
    gamma, beta = vectors_like(x, C, gamma=gamma, beta=beta)
    out = result("out", out, x.shape, x.dtype)
    mean, var = (
        result(name, array, (len(x), groups), x.dtype)
        for name, array in (("mean", mean), ("var", var))
    )
    if not x.size:
        mean[...] = var[...] = 0
        return out, mean, var
    gamma, beta = (apart(array, out, mean, var) for array in (gamma, beta))
    kernel_module("normalization", x.dtype).groupnorm_forward(
        as_maps(apart(x, out)), gamma, beta, as_maps(out), mean, var, eps, relu, norm_threads(x)
    )
    return out, mean, var


def groupnorm_backward(
    dout: Array,
    x: Array,
    gamma: Array,
    beta: Array,
    mean: Array,
    var: Array,
    eps: float,
    *,
    relu: bool = False,
    out: Array | None = None,
    dgamma: Array | None = None,
    dbeta: Array | None = None,
) -> Gradients:
    """Differentiate :func:`groupnorm_forward`.

    ``dx = (g - mean(g) - x_hat mean(g x_hat)) / sqrt(var + eps)`` with ``g = gamma dout``, or with
    `relu` 0 where the output was not positive, and the means over each group.

    Parameters
    ----------
    dout, x : array (N, C, ...)
    gamma, beta : array (C,)
    mean, var : array (N, groups), as :func:`groupnorm_forward` returned them
    eps, relu : as they were in the forward pass
    out, dgamma, dbeta : arrays, optional
        Where to write the results; contiguous, and of x's dtype. `out` may be `dout`.

    Returns
    -------
    dx : array of x's shape
    dgamma, dbeta : array (C,)
    """
    C = channels_of(x)
    gamma, beta = vectors_like(x, C, gamma=gamma, beta=beta)
    if mean.ndim != 2 or len(mean) != len(x) or var.shape != mean.shape:
        raise ValueError(
            f"mean and var must have shape (N, groups) for x {x.shape}, got {mean.shape} and "
            f"{var.shape}"
        )
    _check_groups(mean.shape[1], x)
    dout = gradient_like(dout, x)
    dx = result("out", out, x.shape, x.dtype)
    dgamma, dbeta = parameter_gradients(dgamma, dbeta, C, x.dtype)
    if not x.size:
        dgamma[...] = dbeta[...] = 0
        return dx, dgamma, dbeta
    mean, var = in_order(mean, x.dtype), in_order(var, x.dtype)
    gamma, beta, mean, var = (apart(array, dx, dgamma, dbeta) for array in (gamma, beta, mean, var))
    dout, x = apart(dout, dx), apart(x, dx)
    size = 16 * len(x) * C  # two float64 a channel of each image
    with workspace(size, "groupnorm") as memory:
        sums = memory[:size].view(np.float64).reshape(len(x), C, 2)
        kernel_module("normalization", x.dtype).groupnorm_backward(
            *(as_maps(dout), as_maps(x), gamma, beta, mean, var, as_maps(dx), dgamma, dbeta, sums),
            *(eps, relu, norm_threads(x)),
        )
    return dx, dgamma, dbeta


def _check_groups(groups: int, x: Array) -> None:
    if groups < 1 or x.shape[1] % groups:
        raise ValueError(f"groups must divide the channels of x {x.shape}, got {groups}")
