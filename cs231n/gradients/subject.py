"""A layer or a loss under test: called with care, so that a wrong answer is caught where it arises.

Every call gets fresh copies. What a call returns, and what it does to what it was given, is checked
here; whether the gradients are *right* is the business of ``cs231n.gradient_check``.
"""

import copy
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


class GradientError(AssertionError):
    """A gradient check failed; the message says where and what the likely cause is."""


@dataclass(frozen=True)
class Call:
    """One forward call: what it was given (the caller's copies) and what came of it."""

    inputs: Sequence[Any]
    given: Sequence[Any]
    outs: tuple[np.ndarray, ...]
    cache: Any


class Subject:
    """A forward and a backward pass together with the inputs to try them on.

    Parameters
    ----------
    forward, backward : callable
        ``forward(*inputs) -> (out, cache)``, ``backward(dout, cache) -> gradients``. Several
        outputs stand before the cache, and ``backward`` takes as many upstream gradients.
    inputs : sequence
        Float arrays are differentiated; everything else is passed on as it is.
    names : sequence of str, optional
        Names of the inputs; by default those in the signature of ``forward``.
    constants : sequence of str
        Names of float arrays which are not to be differentiated.

    Examples
    --------
    >>> def forward(x, factor):
    ...     return factor * x, factor
    >>> def backward(dout, factor):
    ...     return factor * dout
    >>> subject = Subject(forward, backward, [np.ones(2), 3])
    >>> [subject.names[i] for i in subject.moving]
    ['x']
    """

    def __init__(
        self,
        forward: Callable,
        backward: Callable,
        inputs: Sequence[Any],
        names: Sequence[str] | None = None,
        constants: Sequence[str] = (),
    ) -> None:
        for argument, function in (("forward", forward), ("backward", backward)):
            if not callable(function):
                raise TypeError(f"{argument} must be callable, got {describe(function)}")
        self._forward, self._backward = forward, backward
        self.who = ("forward", "backward")  # in messages
        self.names = _names(forward, len(inputs), names)
        self.inputs = [_as_input(n, v) for n, v in zip(self.names, inputs, strict=True)]
        self.moving = self._differentiable(_strings("constants", constants))

    @classmethod
    def of_loss(
        cls,
        loss: Callable,
        inputs: Sequence[Any],
        names: Sequence[str] | None = None,
        constants: Sequence[str] = (),
    ) -> "Subject":
        """Make a subject of ``loss(*inputs) -> (value, gradients)``; the cache is the gradients."""
        if not callable(loss):
            raise TypeError(f"loss must be callable, got {describe(loss)}")

        def forward(*given: Any) -> tuple[Any, Any]:
            result = loss(*given)
            if not isinstance(result, tuple) or len(result) != 2 or np.size(result[0]) != 1:
                raise TypeError(
                    f"loss must return a tuple (number, gradients), got {_described_pair(result)}"
                )
            return np.reshape(result[0], ()), result[1]

        names = _signature_names(loss, len(inputs)) if names is None else names
        subject = cls(forward, lambda dout, gradients: gradients, inputs, names, constants)
        subject.who = ("loss", "loss")
        return subject

    def _differentiable(self, constants: Sequence[str]) -> list[int]:
        unknown = [name for name in constants if name not in self.names]
        if unknown:
            raise ValueError(f"constants names {unknown}, but the inputs are {self.names}")
        moving = [
            i
            for i, (name, value) in enumerate(zip(self.names, self.inputs, strict=True))
            if _is_float_array(value) and name not in constants
        ]
        if not moving:
            came = [f"{n} is {describe(v)}" for n, v in zip(self.names, self.inputs, strict=True)]
            raise ValueError(
                f"inputs: nothing to differentiate ({'; '.join(came) or 'there are none'}); "
                "expected at least one float array, e.g. np.array(2.0) for a number"
            )
        for i in moving:
            _require_finite(self.names[i], self.inputs[i])
        return moving

    def forward(self, inputs: Sequence[Any]) -> Call:
        """Run forward on copies of the inputs."""
        given = [_fresh(value) for value in inputs]
        result = self._forward(*given)
        if not isinstance(result, tuple) or len(result) < 2:
            raise TypeError(f"forward must return a tuple (out, cache), got {describe(result)}")
        self._require_untouched(given, inputs, self.who[0])
        outs = tuple(_as_output(out, self.who[0]) for out in result[:-1])
        return Call(inputs, given, outs, result[-1])

    def run(self, inputs: Sequence[Any]) -> tuple[np.ndarray, ...]:
        """Return the outputs alone."""
        return self.forward(inputs).outs

    def backward(self, douts: Sequence[np.ndarray], call: Call) -> list[Any]:
        """Run backward on copies of ``douts``; return one gradient for each moving input."""
        lent = [dout.copy() for dout in douts]
        try:
            raw = self._backward(*lent, call.cache)
        except Exception as error:
            # The type of the error stays: a skeleton's NotImplementedError means something.
            if hasattr(error, "add_note"):  # Python 3.11
                shapes = ", ".join(str(dout.shape) for dout in douts)
                error.add_note(f"raised by backward(dout, cache) with dout of shape {shapes}")
            raise
        if not all(np.array_equal(a, b) for a, b in zip(lent, douts, strict=True)):
            raise GradientError(
                "backward changed dout in place. dout belongs to the layer above: work on a copy "
                "(dx = dout * mask, or dout.copy())"
            )
        self._require_untouched(call.given, call.inputs, "backward")
        return [np.array(g) if isinstance(g, np.ndarray) else g for g in self._aligned(raw)]

    def _require_untouched(self, given: Sequence, inputs: Sequence, who: str) -> None:
        for name, now, before in zip(self.names, given, inputs, strict=True):
            if isinstance(now, np.ndarray) and not np.array_equal(now, before):
                raise GradientError(
                    f"{who} changed its input {name} in place. The input belongs to the caller: "
                    f"work on a copy ({name}.copy(), or out = {name} * ... for out *= ...)"
                )

    def _aligned(self, raw: Any) -> list[Any]:
        """Return one gradient per moving input, whether or not the constants have a place."""
        moving = [self.names[i] for i in self.moving]
        if isinstance(raw, dict):
            if set(raw) == set(moving):
                return [raw[name] for name in moving]
            raise GradientError(
                f"{self.who[1]} returned a dict with keys {sorted(map(str, raw))}, but the "
                f"differentiable inputs are {moving}"
            )
        gradients = list(raw) if isinstance(raw, (tuple, list)) else [raw]
        if len(gradients) == len(moving):
            return gradients
        if len(gradients) == len(self.inputs):
            self._require_no_gradient_of_constants(gradients)
            return [gradients[i] for i in self.moving]
        raise GradientError(
            f"{self.who[1]} returned {_count(len(gradients), 'gradient')}, but {self.who[0]} has "
            f"{_count(len(moving), 'differentiable input')}: {', '.join(moving)}"
            + self._about_constants()
        )

    def _require_no_gradient_of_constants(self, gradients: Sequence[Any]) -> None:
        for i, (name, value) in enumerate(zip(self.names, self.inputs, strict=True)):
            if isinstance(value, np.ndarray) and value.dtype.kind in "iub" and _given(gradients[i]):
                raise TypeError(
                    f"{name} is {describe(value)}, so it is held constant, but {self.who[1]} "
                    f"returned a gradient for it; pass {name}.astype(float), or return None for it"
                )

    def _about_constants(self) -> str:
        others = [i for i in range(len(self.inputs)) if i not in self.moving]
        held = [f"{self.names[i]} ({describe(self.inputs[i])})" for i in others]
        return f"; held constant: {', '.join(held)}" if held else ""


def describe(value: Any) -> str:
    """Say in a few words what a value is.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
        The type, and for arrays the dtype and the shape.

    Examples
    --------
    >>> describe(np.zeros((2, 3))), describe((1, 2)), describe(None)
    ('a float64 array of shape (2, 3)', 'a tuple of length 2', 'None')
    """
    if isinstance(value, np.ndarray):
        article = "an" if value.dtype.name[0] in "aeio" else "a"
        return f"{article} {value.dtype} array of shape {value.shape}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of length {len(value)}"
    return "None" if value is None else f"{type(value).__name__}"


def _described_pair(result: Any) -> str:
    if isinstance(result, tuple) and len(result) == 2:
        return f"({describe(result[0])}, {describe(result[1])})"
    return describe(result)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _given(gradient: Any) -> bool:
    return isinstance(gradient, np.ndarray) and bool(np.any(gradient))


def _strings(argument: str, value: Any) -> list[str]:
    if isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"{argument} must be a sequence of names, got {value!r}")
    return list(value)


def _names(forward: Callable, count: int, names: Sequence[str] | None) -> list[str]:
    if names is None:
        return _signature_names(forward, count)
    names = _strings("names", names)
    if len(names) != count or len(set(names)) != count:
        raise ValueError(f"names must be {count} different names, one per input, got {names}")
    return names


def _signature_names(forward: Callable, count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):  # compiled functions need not have a signature
        parameters = []
    positional = [
        p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return (positional + [f"inputs[{i}]" for i in range(len(positional), count)])[:count]


def _is_float_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _as_input(name: str, value: Any) -> Any:
    if isinstance(value, list) and _holds_floats(value):
        raise TypeError(f"{name} must be an array, got a list of floats; pass np.array({name})")
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be an array of floats or integers, got {describe(value)}")
    return np.array(value, dtype=np.float64 if value.dtype.kind == "f" else value.dtype)


def _holds_floats(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, list) and any(map(_holds_floats, value)))


def _require_finite(name: str, value: np.ndarray) -> None:
    if not np.isfinite(value).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
        raise ValueError(f"{name} must be finite, got {value[index]} at index {index}")


def _fresh(value: Any) -> Any:
    """Copy what a layer may change: arrays, and dicts such as bn_param with its running mean."""
    if isinstance(value, np.ndarray):
        return value.copy()
    return copy.deepcopy(value) if isinstance(value, (dict, list)) else value


def _as_output(out: Any, who: str) -> np.ndarray:
    array = np.array(out) if isinstance(out, (np.ndarray, np.generic, float)) else None
    if array is None or array.dtype.kind != "f":
        raise TypeError(f"out must be a float array (or a float for a loss), got {describe(out)}")
    if array.dtype.itemsize < 8:
        raise GradientError(
            f"{who} returned {describe(array)} for float64 inputs: a cast inside (astype, "
            "np.zeros(..., dtype=...)) loses digits"
        )
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise GradientError(
            f"{who} returned {array[index]} at index {index} of out: look for 0/0, log(0) or an "
            "overflow in exp (subtract the maximum first)"
        )
    return array
