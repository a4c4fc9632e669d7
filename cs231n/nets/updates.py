"""Update rules in place, with their state allocated once; the formulas are those of `optim`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cs231n import kernels
from cs231n.kernels.workspace import empty_aligned
from cs231n.validation import Array


def _sgd(w: Array, dw: Array, t: int, decay: float, learning_rate: float) -> None:
    kernels.sgd_update(w, dw, learning_rate, weight_decay=decay)


def _momentum(
    w: Array,
    dw: Array,
    t: int,
    decay: float,
    learning_rate: float,
    momentum: float,
    velocity: Array,
) -> None:
    kernels.momentum_update(w, dw, velocity, learning_rate, momentum, weight_decay=decay)


def _nesterov(
    w: Array,
    dw: Array,
    t: int,
    decay: float,
    learning_rate: float,
    momentum: float,
    velocity: Array,
) -> None:
    kernels.momentum_update(
        w, dw, velocity, learning_rate, momentum, nesterov=True, weight_decay=decay
    )


def _rmsprop(
    w: Array,
    dw: Array,
    t: int,
    decay: float,
    learning_rate: float,
    decay_rate: float,
    epsilon: float,
    cache: Array,
) -> None:
    kernels.rmsprop_update(w, dw, cache, learning_rate, decay_rate, epsilon, weight_decay=decay)


def _adam(
    w: Array,
    dw: Array,
    t: int,
    decay: float,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    m: Array,
    v: Array,
) -> None:
    kernels.adam_update(w, dw, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay=decay)


@dataclass(frozen=True)
class Rule:
    """A rule, its hyper-parameters' defaults, and the arrays that it keeps for each parameter."""

    update: Callable[..., None]
    defaults: Mapping[str, float]
    kept: tuple[str, ...] = ()


RULES = {
    "sgd": Rule(_sgd, {"learning_rate": 1e-2}),
    "sgd_momentum": Rule(_momentum, {"learning_rate": 1e-2, "momentum": 0.9}, ("velocity",)),
    "nesterov_momentum": Rule(_nesterov, {"learning_rate": 1e-2, "momentum": 0.9}, ("velocity",)),
    "rmsprop": Rule(
        _rmsprop, {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}, ("cache",)
    ),
    "adam": Rule(
        _adam,
        {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        ("m", "v"),
    ),
}


class Updates:
    """One rule's state for all parameters.

    Attributes
    ----------
    rule : str
    t : int
        Updates made.
    kept : dict
        For each parameter the rule's arrays, by name.
    """

    def __init__(self, rule: str, params: Mapping[str, Array]) -> None:
        if rule not in RULES:
            raise ValueError(f"update must be one of {', '.join(RULES)}, got {rule!r}")
        self.rule, self.t = rule, 0
        self.kept = {name: self._zeros(w) for name, w in params.items()}

    def apply(
        self,
        params: Mapping[str, Array],
        grads: Mapping[str, Array],
        decay: Mapping[str, float],
        hyper: Mapping[str, Any],
    ) -> None:
        """Update every parameter in place.

        Parameters
        ----------
        params, grads : dicts of arrays
        decay : dict
            Strength of the L2 penalty on each parameter.
        hyper : dict
            As :func:`hyper_parameters` returns it.
        """
        self.t += 1
        update = RULES[self.rule].update
        for name, dw in grads.items():
            update(params[name], dw, self.t, decay[name], **hyper, **self.kept[name])

    def _zeros(self, w: Array) -> dict[str, Array]:
        arrays = {kept: empty_aligned(w.shape, w.dtype) for kept in RULES[self.rule].kept}
        for array in arrays.values():
            array[...] = 0
        return arrays


def hyper_parameters(rule: str, given: Mapping[str, Any]) -> dict[str, float]:
    """Return the rule's hyper-parameters, those that are not given by default.

    Examples
    --------
    >>> hyper_parameters("sgd_momentum", {"momentum": 0.5})
    {'learning_rate': 0.01, 'momentum': 0.5}
    """
    if rule not in RULES:
        raise ValueError(f"update must be one of {', '.join(RULES)}, got {rule!r}")
    defaults = RULES[rule].defaults
    unknown = [name for name in given if name not in defaults]
    if unknown:
        raise TypeError(f"{rule} takes {', '.join(defaults)}, got {', '.join(unknown)}")
    return {name: float(given.get(name, default)) for name, default in defaults.items()}
