"""The update rules of :mod:`cs231n.optim`, in place and in one pass over memory.

All change `w` and the rule's state, which are of one shape and one floating-point dtype; arrays
that are not contiguous are changed in place, too, but slower. A `weight_decay` adds
``weight_decay * w`` to the gradient.
"""

from typing import Any

import numpy as np

from cs231n.kernels import numpy_updates
from cs231n.kernels.arrays import apart, as_real, in_order, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array, as_extent


def sgd_update(w: Array, dw: Array, learning_rate: float, *, weight_decay: float = 0.0) -> None:
    """Step against the gradient: ``w -= learning_rate dw``.

    Examples
    --------
    >>> w = np.array([1.0])
    >>> sgd_update(w, np.array([10.0]), 0.05)
    >>> w.tolist()
    [0.5]
    """
    _update("sgd", w, dw, {}, float(learning_rate), float(weight_decay))


def momentum_update(
    w: Array,
    dw: Array,
    velocity: Array,
    learning_rate: float,
    momentum: float,
    *,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> None:
    """Step by a velocity: ``velocity = momentum velocity - learning_rate dw; w += velocity``.

    With `nesterov` the step is ``momentum velocity - learning_rate dw``, of the new velocity.

    Examples
    --------
    >>> w, velocity = np.array([1.0]), np.array([1.0])
    >>> momentum_update(w, np.array([10.0]), velocity, 0.05, 0.9)
    >>> w.round(3).tolist(), velocity.round(3).tolist()
    ([1.4], [0.4])
    """
    numbers = float(learning_rate), float(momentum), bool(nesterov), float(weight_decay)
    _update("momentum", w, dw, {"velocity": velocity}, *numbers)


def rmsprop_update(
    w: Array,
    dw: Array,
    cache: Array,
    learning_rate: float,
    decay_rate: float,
    epsilon: float,
    *,
    weight_decay: float = 0.0,
) -> None:
    """Divide the step by a running root mean square of the gradient.

    ``cache = decay_rate cache + (1 - decay_rate) dw^2``,
    ``w -= learning_rate dw / (sqrt(cache) + epsilon)``

    Examples
    --------
    >>> w, cache = np.array([1.0]), np.array([0.0])
    >>> rmsprop_update(w, np.array([10.0]), cache, 0.01, 0.99, 1e-8)
    >>> w.round(3).tolist(), cache.round(3).tolist()
    ([0.9], [1.0])
    """
    numbers = float(learning_rate), float(decay_rate), float(epsilon), float(weight_decay)
    _update("rmsprop", w, dw, {"cache": cache}, *numbers)


def adam_update(
    w: Array,
    dw: Array,
    m: Array,
    v: Array,
    t: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    *,
    weight_decay: float = 0.0,
) -> None:
    """Step by running means of the gradient and its square, corrected for their start at zero.

    ``m = beta1 m + (1 - beta1) dw``, ``v = beta2 v + (1 - beta2) dw^2``,
    ``w -= learning_rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)``

    Parameters
    ----------
    w, dw, m, v : arrays of one shape
    t : int
        The number of this step; the first is 1.
    learning_rate, epsilon, weight_decay : float
    beta1, beta2 : float in [0, 1)

    Examples
    --------
    >>> w, m, v = np.ones(1), np.zeros(1), np.zeros(1)
    >>> adam_update(w, np.array([10.0]), m, v, 1, 1e-3, 0.9, 0.999, 1e-8)
    >>> w.round(6).tolist(), m.round(6).tolist(), v.round(6).tolist()
    ([0.999], [1.0], [0.1])
    """
    t = as_extent("t", t, minimum=1)
    for name, value in (("beta1", beta1), ("beta2", beta2)):
        if not 0 <= value < 1:
            raise ValueError(f"{name} must lie in [0, 1), got {value}")
    numbers = float(learning_rate), float(beta1), float(beta2), float(epsilon), float(weight_decay)
    _update("adam", w, dw, {"m": m, "v": v}, t, *numbers)


def _update(rule: str, w: Array, dw: Array, state: dict[str, Array], *numbers: Any) -> None:
    """Check the arrays, and run a rule on them flat, or where they cannot be, on its twin."""
    for name, array in (("w", w), *state.items()):
        if as_real(name, array).shape != w.shape or array.dtype != w.dtype:
            raise ValueError(
                f"{name} must have the shape {w.shape} and dtype {w.dtype} of w, "
                f"got {array.shape} and {array.dtype}"
            )
        if not array.flags.writeable:
            raise ValueError(f"{name} must be writeable: it is changed in place")
    if np.shape(dw) != w.shape:
        raise ValueError(f"dw must have the shape of w {w.shape}, got {np.shape(dw)}")
    if not w.size:
        return
    changed = [w, *state.values()]
    if not all(array.flags.c_contiguous and array.flags.aligned for array in changed):
        dw = np.array(dw, dtype=w.dtype)
        getattr(numpy_updates, rule)(w, dw, *changed[1:], *numbers, 1)
        return
    dw = apart(in_order(dw, w.dtype), *changed)
    flat = [array.reshape(-1) for array in (w, dw, *changed[1:])]  # any shape -> (size,)
    threads = threads_for(w.size, get_num_threads())
    getattr(kernel_module("updates", w.dtype), rule)(*flat, *numbers, threads)
