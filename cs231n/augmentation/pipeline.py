"""Chains of augmentations."""

from collections.abc import Callable
from functools import partial

import numpy as np

from cs231n.validation import Array

Augmentation = Callable[[Array, np.random.Generator], Array]


class Compose:
    """Apply augmentations one after the other.

    Parameters
    ----------
    *steps : callables ``(X, rng) -> X``
        Use :func:`functools.partial` to set their options.

    Examples
    --------
    >>> from functools import partial
    >>> import numpy as np
    >>> from cs231n.augmentation import random_flips, random_shifts
    >>> augment = Compose(random_flips, partial(random_shifts, pixels=2))
    >>> augment.describe()
    'random_flips, random_shifts(pixels=2)'
    >>> augment(np.zeros((4, 3, 8, 8), np.uint8), np.random.default_rng(0)).shape
    (4, 3, 8, 8)
    """

    def __init__(self, *steps: Augmentation) -> None:
        for step in steps:
            if not callable(step):
                raise TypeError(f"steps must be callables (X, rng) -> X, got {step!r}")
        self.steps = steps

    def __call__(self, X: Array, rng: np.random.Generator) -> Array:
        """Return the augmented batch; ``X`` itself stays as it is."""
        for step in self.steps:
            X = step(X, rng)
        return X

    def __repr__(self) -> str:
        return f"Compose({self.describe()})"

    def describe(self) -> str:
        """Name the steps with their options."""
        return ", ".join(_describe(step) for step in self.steps)


def _describe(step: Augmentation) -> str:
    if not isinstance(step, partial):
        return getattr(step, "__name__", repr(step))
    options = [repr(value) for value in step.args]
    options += [f"{name}={value!r}" for name, value in step.keywords.items()]
    return f"{_describe(step.func)}({', '.join(options)})"
