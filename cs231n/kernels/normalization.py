"""Batch normalisation, alone or with a ReLU behind it, and layer normalisation."""

from cs231n.kernels.arrays import apart, as_real, result
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
from cs231n.validation import Array


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
    >>> import numpy as np
    >>> x = np.array([[1.0], [3.0]])
    >>> out, mean, var = batchnorm_forward(x, np.ones(1), np.zeros(1), 0.0, relu=True)
    >>> out.ravel().tolist(), mean.tolist(), var.tolist()
    ([0.0, 1.0], [2.0], [1.0])
    """
    C = channels_of(x)
    gamma, beta = vectors_like(x, C, gamma=gamma, beta=beta)
    out = result("out", out, x.shape, x.dtype)
    mean, var = (
        result(name, array, (C,), x.dtype) for name, array in (("mean", mean), ("var", var))
    )
    if not x.size:
        mean[...] = var[...] = 0
        return out, mean, var
    gamma, beta = (apart(array, out, mean, var) for array in (gamma, beta))
    kernel_module("normalization", x.dtype).batchnorm_forward(
        as_maps(apart(x, out)), gamma, beta, as_maps(out), mean, var, eps, relu, norm_threads(x)
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
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> batchnorm_inference(np.array([[5.0]]), one, one, one, 4 * one, 0.0).tolist()
    [[3.0]]
    """
    C = channels_of(x)
    gamma, beta, mean, var = vectors_like(x, C, gamma=gamma, beta=beta, mean=mean, var=var)
    out = result("out", out, x.shape, x.dtype)
    if x.size:
        gamma, beta, mean, var = (apart(array, out) for array in (gamma, beta, mean, var))
        kernel_module("normalization", x.dtype).batchnorm_inference(
            as_maps(apart(x, out)), gamma, beta, mean, var, as_maps(out), eps, relu, norm_threads(x)
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
    >>> import numpy as np
    >>> x, one, zero = np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1)
    >>> out, mean, var = batchnorm_forward(x, one, zero, 0.0)
    >>> dx, dgamma, dbeta = batchnorm_backward(np.ones((2, 1)), x, one, zero, mean, var, 0.0)
    >>> np.allclose(dx, 0), dbeta.tolist()  # a shift of the whole batch changes nothing
    (True, [2.0])
    """
    C = channels_of(x)
    gamma, beta, mean, var = vectors_like(x, C, gamma=gamma, beta=beta, mean=mean, var=var)
    dout = gradient_like(dout, x)
    dx = result("out", out, x.shape, x.dtype)
    dgamma, dbeta = parameter_gradients(dgamma, dbeta, C, x.dtype)
    if not x.size:
        dgamma[...] = dbeta[...] = 0
        return dx, dgamma, dbeta
    gamma, beta, mean, var = (apart(array, dx, dgamma, dbeta) for array in (gamma, beta, mean, var))
    dout, x = apart(dout, dx), apart(x, dx)
    kernel_module("normalization", x.dtype).batchnorm_backward(
        *(as_maps(dout), as_maps(x), gamma, beta, mean, var, as_maps(dx), dgamma, dbeta),
        *(eps, relu, norm_threads(x)),
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
    >>> import numpy as np
    >>> layernorm_forward(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2), 0.0)[0].tolist()
    [[-1.0, 1.0]]
    """
    N, D = _rows(x)
    gamma, beta = vectors_like(x, D, gamma=gamma, beta=beta)
    out = result("out", out, x.shape, x.dtype)
    mean, var = (
        result(name, array, (N,), x.dtype) for name, array in (("mean", mean), ("var", var))
    )
    if not x.size:
        mean[...] = var[...] = 0
        return out, mean, var
    gamma, beta = (apart(array, out, mean, var) for array in (gamma, beta))
    kernel_module("normalization", x.dtype).layernorm_forward(
        as_maps(apart(x, out)), gamma, beta, as_maps(out), mean, var, eps, norm_threads(x)
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
    (gamma,), (mean, var) = vectors_like(x, D, gamma=gamma), vectors_like(x, N, mean=mean, var=var)
    dout = gradient_like(dout, x)
    dx = result("out", out, x.shape, x.dtype)
    dgamma, dbeta = parameter_gradients(dgamma, dbeta, D, x.dtype)
    if not x.size:
        dgamma[...] = dbeta[...] = 0
        return dx, dgamma, dbeta
    gamma, mean, var = (apart(array, dx, dgamma, dbeta) for array in (gamma, mean, var))
    dout, x = apart(dout, dx), apart(x, dx)
    kernel_module("normalization", x.dtype).layernorm_backward(
        *(as_maps(dout), as_maps(x), gamma, mean, var, as_maps(dx), dgamma, dbeta),
        *(eps, norm_threads(x)),
    )
    return dx, dgamma, dbeta


def _rows(x: Array) -> tuple[int, int]:
    if as_real("x", x).ndim != 2:
        raise ValueError(f"x must have shape (N, D), got {x.shape}")
    N, D = x.shape
    return N, D
