"""NumPy twins of the activation kernels, with the signatures of ``_activations.pyx``."""

import math

import numpy as np

from cs231n.validation import Array


def relu_forward(x: Array, out: Array, threads: int) -> None:
    """Fill out with x where it is not negative."""
    np.maximum(x, 0, out=out)


def relu_backward(dout: Array, y: Array, dx: Array, threads: int) -> None:
    """Fill dx with dout where y, the ReLU's output, is positive."""
    dx[...] = np.where(y > 0, dout, 0)


def leaky_relu_forward(x: Array, out: Array, slope: float, threads: int) -> None:
    """Fill out with x where it is positive, and slope x elsewhere."""
    out[...] = np.where(x > 0, x, x.dtype.type(slope) * x)


def leaky_relu_backward(dout: Array, y: Array, dx: Array, slope: float, threads: int) -> None:
    """Fill dx with dout where y, the leaky ReLU's output, is positive, and slope dout elsewhere."""
    dx[...] = np.where(y > 0, dout, dout.dtype.type(slope) * dout)


def gelu_forward(x: Array, out: Array, threads: int) -> None:
    """Fill out with x P(Z <= x), Z standard normal."""
    out[...] = x * _normal(x)


def gelu_backward(dout: Array, x: Array, dx: Array, threads: int) -> None:
    """Fill dx with dout (P(Z <= x) + x p(x)), p the density."""
    density = np.exp(-0.5 * x.astype(float) ** 2) / math.sqrt(2 * math.pi)
    dx[...] = dout * (_normal(x) + x * density)


def _normal(x: Array) -> Array:
    """Return P(Z <= x) in double precision."""
    return 0.5 * np.asarray(_erfc(x.astype(float) * -math.sqrt(0.5)), dtype=float)


# The C library's, one number at a time: NumPy has none.
_erfc = np.frompyfunc(math.erfc, 1, 1)


def add(a: Array, b: Array, out: Array, relu: bool, threads: int) -> None:
    """Fill out with a + b, or its ReLU."""
    np.add(a, b, out=out)
    if relu:
        np.maximum(out, 0, out=out)


def dropout(x: Array, out: Array, key: int, threshold: int, scale: float, threads: int) -> None:
    """Fill out with scale x where the hash of the place says so, else with 0."""
    place = np.arange(1, x.size + 1, dtype=np.uint64)
    z = np.uint64(key) + place * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    out[...] = np.where(z >> np.uint64(32) < np.uint64(threshold), x * x.dtype.type(scale), 0)


def softmax(scores: Array, y: Array, losses: Array, dscores: Array, threads: int) -> None:
    """Fill losses (N,) and dscores (N, C), which are divided by N."""
    N = scores.shape[0]
    rows = np.arange(N)
    # float16 and float32 gain digits, longdouble keeps its own
    precise = scores.astype(np.result_type(scores.dtype.newbyteorder("="), np.float64))
    with np.errstate(invalid="ignore"):  # infinite scores
        precise -= precise.max(axis=1, keepdims=True)
    powers = np.exp(precise)
    sums = powers.sum(axis=1, keepdims=True)
    losses[...] = np.log(sums[:, 0]) - precise[rows, y]
    powers /= sums
    powers[rows, y] -= 1
    dscores[...] = powers / N
