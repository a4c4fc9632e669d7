"""What the wrappers of the normalisation kernels share: arrays that fit x, in order."""

import numpy as np

from cs231n.kernels.arrays import as_real, in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads
from cs231n.validation import Array

Normalized = tuple[Array, Array, Array]
Gradients = tuple[Array, Array, Array]


def channels_of(x: Array) -> int:
    """Return C of x (N, C, ...)."""
    if as_real("x", x).ndim < 2:
        raise ValueError(f"x must have shape (N, C) or (N, C, ...), got {x.shape}")
    return int(x.shape[1])


def vectors_like(x: Array, count: int, **vectors: Array) -> list[Array]:
    """Return the vectors in x's dtype and in order, if each holds `count` numbers."""
    for name, vector in vectors.items():
        if np.shape(vector) != (count,):
            raise ValueError(
                f"{name} must have shape ({count},) for x {x.shape}, got {np.shape(vector)}"
            )
    return [in_order(vector, x.dtype) for vector in vectors.values()]


def gradient_like(dout: Array, x: Array) -> Array:
    """Return the gradient in order, if it has x's shape."""
    if dout.shape != x.shape:
        raise ValueError(f"dout must have the shape of x {x.shape}, got {dout.shape}")
    return in_order(dout, x.dtype)


def parameter_gradients(
    dgamma: Array | None, dbeta: Array | None, count: int, dtype: np.dtype
) -> tuple[Array, Array]:
    """Return where the gradients on gamma and beta go."""
    return result("dgamma", dgamma, (count,), dtype), result("dbeta", dbeta, (count,), dtype)


def as_maps(x: Array) -> Array:
    """View x as (N, C, M), contiguous."""
    return in_order(x, x.dtype).reshape(*x.shape[:2], -1)  # (N, C, ...) -> (N, C, M)


def norm_threads(x: Array) -> int:
    """Return how many threads a pass over x is worth."""
    return threads_for(x.size, get_num_threads())
