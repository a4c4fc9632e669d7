"""Batch and group normalisation, alone or with a ReLU behind them, and layer normalisation."""

import numpy as np

from cs231n.kernels.arrays import apart, as_real, in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.kernels.workspace import workspace
from cs231n.validation import Array

Normalized = tuple[Array, Array, Array]
Gradients = tuple[Array, Array, Array]


def batchnorm_forward(
    x: Array,
    gamma: Array,
    beta: Array,
    eps: float,
    *,
    relu: bool = False,
    out: Array | None = None,
    mean: Array | None = None,
    var: Array | None = None,
) -> Normalized:
    """Standardise each channel over the batch (and the map), then scale and shift it.

    ``out = gamma (x - mean) / sqrt(var + eps) + beta``, and its ReLU where asked.

    Parameters
    ----------
    x : float array (N, C, ...) or (N, C)
    gamma, beta : array (C,)
    eps : float
    relu : bool
        Whether to set negative outputs to zero.
    out, mean, var : arrays, optional
        Where to write the results; contiguous, and of x's dtype. `out` may be `x`.

    Returns
    -------
    out : array of x's shape
    mean, var : array (C,), the batch's mean and biased variance; 0 where the batch is empty

    References
    ----------
    Ioffe & Szegedy, "Batch normalization", ICML 2015, https://arxiv.org/abs/1502.03167

    Examples
    --------
    >>> x = np.array([[1.0], [3.0]])
    >>> out, mean, var = batchnorm_forward(x, np.ones(1), np.zeros(1), 0.0, relu=True)
    >>> out.ravel().tolist(), mean.tolist(), var.tolist()
    ([0.0, 1.0], [2.0], [1.0])
    """
    C = _channels(x)
    gamma, beta = _vectors(x, C, gamma=gamma, beta=beta)
    out = result("out", out, x.shape, x.dtype)
    mean, var = (
        result(name, array, (C,), x.dtype) for name, array in (("mean", mean), ("var", var))
    )
    if not x.size:
        mean[...] = var[...] = 0
        return out, mean, var
    gamma, beta = (apart(array, out, mean, var) for array in (gamma, beta))
    kernel_module("normalization", x.dtype).batchnorm_forward(
        _maps(apart(x, out)), gamma, beta, _maps(out), mean, var, eps, relu, _threads(x)
    )
    return out, mean, var


def batchnorm_inference(
    x: Array,
    gamma: Array,
    beta: Array,
    mean: Array,
    var: Array,
    eps: float,
    *,
    relu: bool = False,
    out: Array | None = None,
) -> Array:
    """Do as :func:`batchnorm_forward` does, with a mean and a variance (C,) that are given.

    Examples
    --------
    >>> one = np.ones(1)
    >>> batchnorm_inference(np.array([[5.0]]), one, one, one, 4 * one, 0.0).tolist()
    [[3.0]]
    """
    C = _channels(x)
    gamma, beta, mean, var = _vectors(x, C, gamma=gamma, beta=beta, mean=mean, var=var)
    out = result("out", out, x.shape, x.dtype)
    if x.size:
        gamma, beta, mean, var = (apart(array, out) for array in (gamma, beta, mean, var))
        kernel_module("normalization", x.dtype).batchnorm_inference(
            _maps(apart(x, out)), gamma, beta, mean, var, _maps(out), eps, relu, _threads(x)
        )
    return out


def batchnorm_backward(
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
    """Differentiate :func:`batchnorm_forward`.

    ``dx = gamma (g - mean(g) - x_hat mean(g x_hat)) / sqrt(var + eps)``, where g is `dout`, or
    with `relu` 0 where the output was not positive. The output is computed again for that, to the
    same bit, so it need not be kept.

    Parameters
    ----------
    dout, x : array (N, C, ...) or (N, C)
    gamma, beta : array (C,)
    mean, var : array (C,), as :func:`batchnorm_forward` returned them
    eps, relu : as they were in the forward pass
    out, dgamma, dbeta : arrays, optional
        Where to write the results; contiguous, and of x's dtype. `out` may be `dout`.

    Returns
    -------
    dx : array of x's shape
    dgamma, dbeta : array (C,)

    Examples
    --------
    >>> x, one, zero = np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1)
    >>> out, mean, var = batchnorm_forward(x, one, zero, 0.0)
    >>> dx, dgamma, dbeta = batchnorm_backward(np.ones((2, 1)), x, one, zero, mean, var, 0.0)
    >>> np.allclose(dx, 0), dbeta.tolist()  # a shift of the whole batch changes nothing
    (True, [2.0])
    """
    C = _channels(x)
    gamma, beta, mean, var = _vectors(x, C, gamma=gamma, beta=beta, mean=mean, var=var)
    dout = _gradient(dout, x)
    dx = result("out", out, x.shape, x.dtype)
    dgamma, dbeta = _parameter_gradients(dgamma, dbeta, C, x.dtype)
    if not x.size:
        dgamma[...] = dbeta[...] = 0
        return dx, dgamma, dbeta
    gamma, beta, mean, var = (apart(array, dx, dgamma, dbeta) for array in (gamma, beta, mean, var))
    dout, x = apart(dout, dx), apart(x, dx)
    kernel_module("normalization", x.dtype).batchnorm_backward(
        *(_maps(dout), _maps(x), gamma, beta, mean, var, _maps(dx), dgamma, dbeta),
        *(eps, relu, _threads(x)),
    )
    return dx, dgamma, dbeta


def layernorm_forward(
    x: Array,
    gamma: Array,
    beta: Array,
    eps: float,
    *,
    out: Array | None = None,
    mean: Array | None = None,
    var: Array | None = None,
) -> Normalized:
    """Standardise each row, then scale and shift each feature.

    ``out = gamma (x - mean) / sqrt(var + eps) + beta``

    Parameters
    ----------
    x : float array (N, D)
    gamma, beta : array (D,)
    eps : float
    out, mean, var : arrays, optional
        Where to write the results; contiguous, and of x's dtype. `out` may be `x`.

    Returns
    -------
    out : array (N, D)
    mean, var : array (N,), each row's mean and biased variance; 0 where it is empty

    References
    ----------
    Ba, Kiros & Hinton, "Layer normalization", 2016, https://arxiv.org/abs/1607.06450

    Examples
    --------
    >>> layernorm_forward(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2), 0.0)[0].tolist()
    [[-1.0, 1.0]]
    """
    N, D = _rows(x)
    gamma, beta = _vectors(x, D, gamma=gamma, beta=beta)
    out = result("out", out, x.shape, x.dtype)
    mean, var = (
        result(name, array, (N,), x.dtype) for name, array in (("mean", mean), ("var", var))
    )
    if not x.size:
        mean[...] = var[...] = 0
        return out, mean, var
    gamma, beta = (apart(array, out, mean, var) for array in (gamma, beta))
    kernel_module("normalization", x.dtype).layernorm_forward(
        _maps(apart(x, out)), gamma, beta, _maps(out), mean, var, eps, _threads(x)
    )
    return out, mean, var


def layernorm_backward(
    dout: Array,
    x: Array,
    gamma: Array,
    mean: Array,
    var: Array,
    eps: float,
    *,
    out: Array | None = None,
    dgamma: Array | None = None,
    dbeta: Array | None = None,
) -> Gradients:
    """Differentiate :func:`layernorm_forward`.

    ``dx = (g - mean(g) - x_hat mean(g x_hat)) / sqrt(var + eps)`` with ``g = gamma dout``

    Parameters
    ----------
    dout, x : array (N, D)
    gamma : array (D,)
    mean, var : array (N,), as :func:`layernorm_forward` returned them
    eps : float
    out, dgamma, dbeta : arrays, optional
        Where to write the results; contiguous, and of x's dtype. `out` may be `dout`.

    Returns
    -------
    dx : array (N, D)
    dgamma, dbeta : array (D,)
    """
    N, D = _rows(x)
    (gamma,), (mean, var) = _vectors(x, D, gamma=gamma), _vectors(x, N, mean=mean, var=var)
    dout = _gradient(dout, x)
    dx = result("out", out, x.shape, x.dtype)
    dgamma, dbeta = _parameter_gradients(dgamma, dbeta, D, x.dtype)
    if not x.size:
        dgamma[...] = dbeta[...] = 0
        return dx, dgamma, dbeta
    gamma, mean, var = (apart(array, dx, dgamma, dbeta) for array in (gamma, mean, var))
    dout, x = apart(dout, dx), apart(x, dx)
    kernel_module("normalization", x.dtype).layernorm_backward(
        *(_maps(dout), _maps(x), gamma, mean, var, _maps(dx), dgamma, dbeta),
        *(eps, _threads(x)),
    )
    return dx, dgamma, dbeta


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
    C = _channels(x)
    _check_groups(groups, x)
    gamma, beta = _vectors(x, C, gamma=gamma, beta=beta)
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
        _maps(apart(x, out)), gamma, beta, _maps(out), mean, var, eps, relu, _threads(x)
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
    C = _channels(x)
    gamma, beta = _vectors(x, C, gamma=gamma, beta=beta)
    if mean.ndim != 2 or len(mean) != len(x) or var.shape != mean.shape:
        raise ValueError(
            f"mean and var must have shape (N, groups) for x {x.shape}, got {mean.shape} and "
            f"{var.shape}"
        )
    _check_groups(mean.shape[1], x)
    dout = _gradient(dout, x)
    dx = result("out", out, x.shape, x.dtype)
    dgamma, dbeta = _parameter_gradients(dgamma, dbeta, C, x.dtype)
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
            *(_maps(dout), _maps(x), gamma, beta, mean, var, _maps(dx), dgamma, dbeta, sums),
            *(eps, relu, _threads(x)),
        )
    return dx, dgamma, dbeta


def _check_groups(groups: int, x: Array) -> None:
    if groups < 1 or x.shape[1] % groups:
        raise ValueError(f"groups must divide the channels of x {x.shape}, got {groups}")


def _channels(x: Array) -> int:
    if as_real("x", x).ndim < 2:
        raise ValueError(f"x must have shape (N, C) or (N, C, ...), got {x.shape}")
    return int(x.shape[1])


def _rows(x: Array) -> tuple[int, int]:
    if as_real("x", x).ndim != 2:
        raise ValueError(f"x must have shape (N, D), got {x.shape}")
    N, D = x.shape
    return N, D


def _vectors(x: Array, count: int, **vectors: Array) -> list[Array]:
    """Return the vectors in x's dtype and in order, if each holds `count` numbers."""
    for name, vector in vectors.items():
        if np.shape(vector) != (count,):
            raise ValueError(
                f"{name} must have shape ({count},) for x {x.shape}, got {np.shape(vector)}"
            )
    return [in_order(vector, x.dtype) for vector in vectors.values()]


def _gradient(dout: Array, x: Array) -> Array:
    if dout.shape != x.shape:
        raise ValueError(f"dout must have the shape of x {x.shape}, got {dout.shape}")
    return in_order(dout, x.dtype)


def _parameter_gradients(
    dgamma: Array | None, dbeta: Array | None, count: int, dtype: np.dtype
) -> tuple[Array, Array]:
    return result("dgamma", dgamma, (count,), dtype), result("dbeta", dbeta, (count,), dtype)


def _maps(x: Array) -> Array:
    return in_order(x, x.dtype).reshape(*x.shape[:2], -1)  # (N, C, ...) -> (N, C, M)


def _threads(x: Array) -> int:
    return threads_for(x.size, get_num_threads())
