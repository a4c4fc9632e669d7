"""Check all gradients of a layer or a loss, and name the likely cause of a wrong one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n.gradients.comparison import InputCheck, Settings, compare
from cs231n.gradients.subject import GradientError, Subject
from cs231n.gradients.trial import conduct, global_generator_kept


@dataclass(frozen=True)
class GradientReport:
    """The result of a check that passed: one line per input when printed."""

    inputs: tuple[InputCheck, ...]

    @property
    def errors(self) -> dict[str, float]:
        """The largest relative error of each input."""
        return {check.name: check.error for check in self.inputs}

    @property
    def max_error(self) -> float:
        """The largest relative error of all."""
        return max(self.errors.values())

    def __str__(self) -> str:
        return "\n".join(map(str, self.inputs))


def check_gradients(
    forward: Callable,
    backward: Callable,
    *inputs: Any,
    names: Sequence[str] | None = None,
    constants: Sequence[str] = (),
    tolerance: float = 1e-7,
    h: float = 1e-3,
    max_elements: int = 500,
    seed: int = 0,
) -> GradientReport:
    """Compare every gradient of a layer with measured slopes, in float64.

    Parameters
    ----------
    forward, backward : callable
        ``forward(*inputs) -> (out, cache)`` and ``backward(dout, cache) -> gradients`` in the order
        of the inputs. With several outputs ``(out1, out2, cache)``, ``backward(d1, d2, cache)``.
    *inputs
        Float arrays are differentiated (as float64 copies). Integer arrays, dicts, numbers are
        passed on; the gradients may leave them out or hold None in their place.
    names : sequence of str, optional
        Names of the inputs in messages; by default those of forward's parameters.
    constants : sequence of str
        Names of float arrays that are passed on without being differentiated.
    tolerance : float
        Allowed ``|a - n| / max(|a| + |n|, 1e-8)``. Beyond it, a difference within the rounding
        error of n (about 2e-12 for a loss up to 1) still passes.
    h : float
        First step of the five-point formula; it shrinks where two steps disagree.
    max_elements : int
        Larger inputs: this many elements drawn at random, and a random projection of them all.
    seed : int
        For the upstream gradient and for those draws.

    Raises
    ------
    GradientError
        An AssertionError: which input, which index, both values, the likely cause.
    TypeError, ValueError
        If the check was called wrongly, or forward returns no ``(out, cache)``.

    Examples
    --------
    >>> report = check_gradients(
    ...     lambda x: (x**2, x), lambda dout, x: 2 * x * dout, np.array([1.0, 2.0])
    ... )
    >>> report.max_error < 1e-7
    True
    """
    subject = Subject(forward, backward, inputs, names, constants)
    return _check(subject, _settings(tolerance, h, max_elements), seed, loss=False)


def check_loss_gradients(
    loss: Callable,
    *inputs: Any,
    names: Sequence[str] | None = None,
    constants: Sequence[str] = (),
    tolerance: float = 1e-7,
    h: float = 1e-3,
    max_elements: int = 500,
    seed: int = 0,
) -> GradientReport:
    """Compare the gradients of a loss that returns them with its value.

    Parameters
    ----------
    loss : callable
        ``loss(*inputs) -> (value, gradients)``; the gradients are an array, a tuple in the order
        of the inputs, or a dict with their names as keys.
    *inputs, names, constants, tolerance, h, max_elements, seed
        As in ``check_gradients``; labels are integers and are passed on.

    Returns
    -------
    GradientReport

    Raises
    ------
    GradientError, TypeError, ValueError
        As in ``check_gradients``.

    Examples
    --------
    >>> def mean_square(x, y):
    ...     return np.mean((x - y) ** 2), 2 * (x - y) / x.size
    >>> report = check_loss_gradients(
    ...     mean_square, np.array([1.0, 2.0]), np.array([0.0, 5.0]), constants=["y"]
    ... )
    >>> list(report.errors)
    ['x']
    """
    subject = Subject.of_loss(loss, inputs, names, constants)
    return _check(subject, _settings(tolerance, h, max_elements), seed, loss=True)


def _settings(tolerance: float, h: float, max_elements: int) -> Settings:
    for argument, value in (("tolerance", tolerance), ("h", h)):
        if not isinstance(value, (int, float, np.number)) or not 0 < value < np.inf:
            raise ValueError(f"{argument} must be a positive number, got {value!r}")
    if not isinstance(max_elements, (int, np.integer)) or max_elements < 1:
        raise ValueError(f"max_elements must be a whole number above 0, got {max_elements!r}")
    return Settings(float(tolerance), float(h), int(max_elements))


def _check(subject: Subject, settings: Settings, seed: int, loss: bool) -> GradientReport:
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed must be a whole number from 0 on, got {seed!r}")
    rng = np.random.default_rng(seed)
    with global_generator_kept():
        checks = compare(subject, conduct(subject, rng, loss), settings, rng)
    wrong = [check for check in checks if check.problem is not None]
    if wrong:
        right = [f"{check} (right)" for check in checks if check.problem is None]
        headline = f"check failed for the gradient of {', '.join(check.name for check in wrong)}"
        raise GradientError("\n".join([headline, *map(str, wrong), *right]))
    return GradientReport(tuple(checks))
