"""NumPy twins of the normalisation kernels, with the signatures of ``_normalization.pyx``.

All take x as (N, C, M), with M = 1 where there is no map.
"""

import numpy as np

from cs231n.validation import Array


def batchnorm_forward(
    x: Array,
    gamma: Array,
    beta: Array,
    out: Array,
    mean: Array,
    var: Array,
    eps: float,
    relu: bool,
    threads: int,
) -> None:
    """Fill mean and var (C,) over the batch, and out."""
    mean[...] = _mean(x, (0, 2))
    var[...] = _mean((x - mean[:, None]) ** 2, (0, 2))
    batchnorm_inference(x, gamma, beta, mean, var, out, eps, relu, threads)


def batchnorm_inference(
    x: Array,
    gamma: Array,
    beta: Array,
    mean: Array,
    var: Array,
    out: Array,
    eps: float,
    relu: bool,
    threads: int,
) -> None:
    """Fill out with a mean and a variance that are given."""
    y = _normalised(x, gamma, beta, mean, var, eps)
    out[...] = np.maximum(y, 0) if relu else y


def batchnorm_backward(
    dout: Array,
    x: Array,
    gamma: Array,
    beta: Array,
    mean: Array,
    var: Array,
    dx: Array,
    dgamma: Array,
    dbeta: Array,
    eps: float,
    relu: bool,
    threads: int,
) -> None:
    """Fill dx, dgamma and dbeta; dx may be dout."""
    g = np.where(_normalised(x, gamma, beta, mean, var, eps) > 0, dout, 0) if relu else dout
    inverse = _inverse_deviation(var, eps)
    centred = x - mean[:, None]
    g_sum = np.sum(g, axis=(0, 2), dtype=inverse.dtype)
    product_sum = np.sum(g * centred, axis=(0, 2), dtype=inverse.dtype)
    count = x.shape[0] * x.shape[2]
    dbeta[...], dgamma[...] = g_sum, product_sum * inverse
    scale, slope = (
        (gamma * inverse).astype(x.dtype),
        (product_sum / count * inverse**2).astype(x.dtype),
    )
    dx[...] = scale[:, None] * (
        g - (g_sum / count).astype(x.dtype)[:, None] - slope[:, None] * centred
    )


def layernorm_forward(
    x: Array,
    gamma: Array,
    beta: Array,
    out: Array,
    mean: Array,
    var: Array,
    eps: float,
    threads: int,
) -> None:
    """Fill mean and var (N,) over each row, and out."""
    mean[...] = _mean(x, (1, 2))
    var[...] = _mean((x - mean[:, None, None]) ** 2, (1, 2))
    inverse = _inverse_deviation(var, eps).astype(x.dtype)
    out[...] = (x - mean[:, None, None]) * inverse[:, None, None] * gamma[:, None] + beta[:, None]


def layernorm_backward(
    dout: Array,
    x: Array,
    gamma: Array,
    mean: Array,
    var: Array,
    dx: Array,
    dgamma: Array,
    dbeta: Array,
    eps: float,
    threads: int,
) -> None:
    """Fill dx, dgamma and dbeta; dx may be dout."""
    inverse = _inverse_deviation(var, eps)
    centred = x - mean[:, None, None]
    scale = inverse.astype(x.dtype)[:, None, None]
    g = dout * gamma[:, None]
    dgamma[...] = np.sum(dout * (centred * scale), axis=(0, 2), dtype=inverse.dtype)
    dbeta[...] = np.sum(dout, axis=(0, 2), dtype=inverse.dtype)
    slope = (_mean(g * centred, (1, 2)) * inverse**2).astype(x.dtype)[:, None, None]
    g_mean = _mean(g, (1, 2)).astype(x.dtype)[:, None, None]
    dx[...] = scale * (g - g_mean - slope * centred)


def groupnorm_forward(
    x: Array,
    gamma: Array,
    beta: Array,
    out: Array,
    mean: Array,
    var: Array,
    eps: float,
    relu: bool,
    threads: int,
) -> None:
    """Fill mean and var (N, groups) over each group of channels, and out."""
    groups = x.reshape(*mean.shape, -1)  # (N, C, M) -> (N, G, C/G * M)
    mean[...] = _mean(groups, (2,))
    var[...] = _mean((groups - mean[:, :, None]) ** 2, (2,))
    y = _grouped(x, mean, var, eps) * gamma[:, None] + beta[:, None]
    out[...] = np.maximum(y, 0) if relu else y


def groupnorm_backward(
    dout: Array,
    x: Array,
    gamma: Array,
    beta: Array,
    mean: Array,
    var: Array,
    dx: Array,
    dgamma: Array,
    dbeta: Array,
    sums: Array,
    eps: float,
    relu: bool,
    threads: int,
) -> None:
    """Fill dx, dgamma and dbeta; dx may be dout."""
    x_hat = _grouped(x, mean, var, eps)
    g = np.where(x_hat * gamma[:, None] + beta[:, None] > 0, dout, 0) if relu else dout
    wide = _wide(x.dtype)
    dbeta[...] = np.sum(g, axis=(0, 2), dtype=wide)
    dgamma[...] = np.sum(g * x_hat, axis=(0, 2), dtype=wide)
    inverse = _inverse_deviation(var, eps).astype(x.dtype)
    by_group, x_hat = (
        (g * gamma[:, None]).reshape(*mean.shape, -1),
        x_hat.reshape(*mean.shape, -1),
    )
    slope = _mean(by_group * x_hat, (2,)).astype(x.dtype)[:, :, None]
    g_mean = _mean(by_group, (2,)).astype(x.dtype)[:, :, None]
    dx[...] = (inverse[:, :, None] * (by_group - g_mean - slope * x_hat)).reshape(x.shape)


def _grouped(x: Array, mean: Array, var: Array, eps: float) -> Array:
    """Return x (N, C, M), standardised by the means and variances (N, G) of its groups."""
    inverse = _inverse_deviation(var, eps).astype(x.dtype)
    groups = x.reshape(*mean.shape, -1)
    return ((groups - mean[:, :, None]) * inverse[:, :, None]).reshape(x.shape)


def response_work(shape: tuple[int, ...]) -> int:
    """Return how many numbers of workspace arrays of this shape need."""
    return 0


def response_forward(
    x: Array, out: Array, work: Array, size: int, alpha: float, beta: float, k: float
) -> None:
    """Fill out with x / (k + alpha sum of x^2 over the nearest channels) ** beta."""
    d = k + alpha * _near_sums(x**2, size // 2, (size - 1) // 2)
    out[...] = x * d**-beta


def response_backward(
    dout: Array, x: Array, dx: Array, work: Array, size: int, alpha: float, beta: float, k: float
) -> None:
    """Fill dx, which may be dout."""
    d = k + alpha * _near_sums(x**2, size // 2, (size - 1) // 2)
    sums = _near_sums(dout * x * d ** (-beta - 1), (size - 1) // 2, size // 2)
    dx[...] = dout * d**-beta - 2 * alpha * beta * x * sums


def _near_sums(values: Array, before: int, behind: int) -> Array:
    """Return for each channel of (N, C, M) the sum over it, some before it and some behind."""
    C = values.shape[1]
    sums = np.zeros_like(values)
    for shift in range(-min(before, C - 1), min(behind, C - 1) + 1):
        first, end = max(0, -shift), min(C, C - shift)
        sums[:, first:end] += values[:, first + shift : end + shift]
    return sums


def _normalised(x: Array, gamma: Array, beta: Array, mean: Array, var: Array, eps: float) -> Array:
    scale = (gamma * _inverse_deviation(var, eps)).astype(x.dtype)
    return (x - mean[:, None]) * scale[:, None] + beta[:, None]


def _mean(values: Array, axes: tuple[int, ...]) -> Array:
    return np.mean(values, axis=axes, dtype=_wide(values.dtype))


def _inverse_deviation(var: Array, eps: float) -> Array:
    wide = _wide(var.dtype)
    # No deviation and no eps: infinite, as in the compiled kernels, and nothing to be warned of.
    with np.errstate(divide="ignore"):
        return 1 / np.sqrt(var.astype(wide) + wide.type(eps))


def _wide(dtype: np.dtype) -> np.dtype:
    return np.promote_types(dtype, np.float64)
