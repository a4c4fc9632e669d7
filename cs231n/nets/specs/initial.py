"""How a parameter begins: each way draws an array of a given shape."""

from dataclasses import dataclass

import numpy as np

from cs231n.validation import Array


class Initial:
    """A way to begin."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return a float64 array of this shape."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Initial):
    """Every element the same."""

    value: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return a filled array; nothing is drawn."""
        return np.full(shape, self.value)


@dataclass(frozen=True)
class Normal(Initial):
    """Gaussian numbers with mean 0 and this standard deviation."""

    scale: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent normal numbers."""
        return self.scale * rng.standard_normal(shape)


def weights(fan_in: int, scale: float | None) -> Normal:
    """Return normal numbers of this scale, or of He's where none is given: ``sqrt(2 / fan_in)``.

    He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015, https://arxiv.org/abs/1502.01852

    Examples
    --------
    >>> weights(8, None)
    Normal(scale=0.5)
    """
    return Normal((2 / fan_in) ** 0.5 if scale is None else scale)
