"""NumPy twins of the update rules, with the signatures of ``_updates.pyx``; any strides."""

import numpy as np

from cs231n.validation import Array


def sgd(w: Array, dw: Array, learning_rate: float, weight_decay: float, threads: int) -> None:
    """Step w against the gradient."""
    w -= learning_rate * _decayed(dw, w, weight_decay)


def momentum(
    w: Array,
    dw: Array,
    velocity: Array,
    learning_rate: float,
    momentum: float,
    nesterov: bool,
    weight_decay: float,
    threads: int,
) -> None:
    """Step w by its velocity, which the gradient changes."""
    down = learning_rate * _decayed(dw, w, weight_decay)
    velocity[...] = momentum * velocity - down
    w += momentum * velocity - down if nesterov else velocity


def rmsprop(
    w: Array,
    dw: Array,
    cache: Array,
    learning_rate: float,
    decay_rate: float,
    epsilon: float,
    weight_decay: float,
    threads: int,
) -> None:
    """Step w by the gradient over its running root mean square."""
    g = _decayed(dw, w, weight_decay)
    cache[...] = decay_rate * cache + (1 - decay_rate) * g**2
    w -= learning_rate * g / (np.sqrt(cache) + epsilon)


def adam(
    w: Array,
    dw: Array,
    m: Array,
    v: Array,
    t: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
    threads: int,
) -> None:
    """Step w by running means of the gradient and its square, corrected for their start."""
    g = _decayed(dw, w, weight_decay)
    m[...] = beta1 * m + (1 - beta1) * g
    v[...] = beta2 * v + (1 - beta2) * g**2
    w -= learning_rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)


def _decayed(dw: Array, w: Array, weight_decay: float) -> Array:
    return dw + weight_decay * w if weight_decay else dw
