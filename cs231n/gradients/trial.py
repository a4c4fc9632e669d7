"""The experiments before the comparison, which bring out hidden state.

A forward pass that draws random numbers, a backward pass that writes into its cache or reads a
global: each of them can give right values once and wrong ones the next time, in a training loop.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n.gradients.subject import Call, GradientError, Subject


@dataclass(frozen=True)
class Trial:
    """What the experiments leave for the comparison."""

    outs: tuple[np.ndarray, ...]
    douts: tuple[np.ndarray, ...]
    gradients: list[Any]
    other_inputs: list[Any] | None  # inputs of the forward call before this one
    other_gradients: list[Any] | None  # what backward made of that call's cache


def conduct(subject: Subject, rng: np.random.Generator, loss: bool = False) -> Trial:
    """Run forward and backward a few times in orders that bring out hidden state.

    Parameters
    ----------
    subject : Subject
        The layer under test.
    rng : numpy Generator
        Draws the upstream gradients and the inputs of the other forward call.
    loss : bool
        The upstream gradient of a loss is 1.

    Returns
    -------
    Trial
        The gradients to compare.

    Raises
    ------
    GradientError
        If forward is not deterministic, or backward depends on more than ``dout`` and its cache,
        or changes one of them.

    Examples
    --------
    >>> subject = Subject(lambda x: (3 * x, None), lambda dout, cache: 3 * dout, [np.ones(2)])
    >>> trial = conduct(subject, np.random.default_rng(0))
    >>> np.allclose(trial.gradients[0], 3 * trial.douts[0])
    True
    """
    before = subject.forward(subject.inputs)
    # Another call in between: a cache that lags one call behind would otherwise look right.
    other = _try_forward(subject, [_shuffled(v, rng) for v in subject.inputs])
    call = subject.forward(subject.inputs)
    _require_deterministic(before, call)
    douts = tuple(np.ones_like(o) if loss else _normal(o.shape, rng) for o in call.outs)
    gradients = subject.backward(douts, call)
    _require_repeatable(subject, douts, call, gradients)
    later = None if other is None else _try_forward(subject, other.inputs)
    if later is not None:
        _require_independent(subject, douts, call, gradients)
    if other is None or any(o.shape != d.shape for o, d in zip(other.outs, douts, strict=True)):
        return Trial(call.outs, douts, gradients, None, None)
    other_gradients = _try_backward(subject, douts, other)
    return Trial(call.outs, douts, gradients, list(other.inputs), other_gradients)


@contextmanager
def global_generator_kept() -> Iterator[None]:
    """Leave numpy's global generator as it was: layers with a seed (dropout) reset it."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)


def _normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.standard_normal(shape))


def _shuffled(value: Any, rng: np.random.Generator) -> Any:
    """Return other values in the same range: a logarithm or a square root must not mind them."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return value
    return rng.permutation(value.ravel()).reshape(value.shape) * rng.uniform(0.5, 1, value.shape)


def _try_forward(subject: Subject, inputs: Sequence[Any]) -> Call | None:
    try:
        return subject.forward(inputs)
    except Exception:  # inputs of our own making: a layer may refuse them with any error
        return None


def _try_backward(subject: Subject, douts: Sequence[np.ndarray], call: Call) -> list[Any] | None:
    try:
        return subject.backward(douts, call)
    except Exception:  # only a clue for the diagnosis
        return None


def _require_deterministic(before: Call, call: Call) -> None:
    if not all(_same(a, b) for a, b in zip(before.outs, call.outs, strict=True)):
        raise GradientError(
            "forward is not deterministic: the same inputs gave two different outputs, so nothing "
            "can be compared. Fix the random numbers (for dropout a 'seed' in dropout_param), or "
            "look for state that one call leaves to the next"
        )


def _require_repeatable(
    subject: Subject, douts: Sequence[np.ndarray], call: Call, gradients: list[Any]
) -> None:
    try:
        again = subject.backward(douts, call)
    except GradientError:
        raise
    except Exception as error:
        raise GradientError(
            f"backward worked once, but raised {type(error).__name__} when called again with the "
            "same cache: it uses up or changes its cache. Work on copies"
        ) from error
    if not _all_same(gradients, again):
        raise GradientError(
            "backward gave other gradients when it was called again with the same dout and cache: "
            "it changes an array of its cache in place (or keeps state). Work on copies"
        )


def _require_independent(
    subject: Subject, douts: Sequence[np.ndarray], call: Call, gradients: list[Any]
) -> None:
    if not _all_same(gradients, subject.backward(douts, call)):
        raise GradientError(
            "stale cache: after another forward call, backward gave other gradients for the same "
            "dout and the same cache. It reads something that the latest forward call left behind "
            "(a global, an attribute, a buffer that is used again); put it into the cache"
        )


def _all_same(gradients: Sequence[Any], others: Sequence[Any]) -> bool:
    return all(_same(a, b) for a, b in zip(gradients, others, strict=True))


def _same(a: Any, b: Any) -> bool:
    """Compare float arrays, up to the rounding that threads may change; let the rest pass."""
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype.kind == "f"):
        return True
    if a.shape != b.shape:
        return False
    scale = float(np.max(np.abs(a), initial=0.0, where=np.isfinite(a)))
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-12 * scale, equal_nan=True))
