"""How a parameter begins: each way draws an array of a given shape.

A shape is that of filters (F, C, HH, WW) or of an affine layer's matrix (D, M); from it follow how
many numbers a unit reads (fan in) and how many units read a number (fan out).
"""

import math
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

    def __post_init__(self) -> None:
        if not 0 <= self.scale < math.inf:
            raise ValueError(f"Normal's scale must be a number of at least 0, got {self.scale!r}")

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent normal numbers."""
        return self.scale * rng.standard_normal(shape)


@dataclass(frozen=True)
class He(Initial):
    """Gaussian numbers with variance ``2 / fan_in``: a ReLU behind them keeps the signal's size.

    He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015, https://arxiv.org/abs/1502.01852
    """

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent normal numbers."""
        return (2 / fans(shape)[0]) ** 0.5 * rng.standard_normal(shape)


HE = He()  # what a layer begins with unless told otherwise


@dataclass(frozen=True)
class Glorot(Initial):
    """Uniform numbers with variance ``2 / (fan_in + fan_out)``.

    Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010, https://proceedings.mlr.press/v9/glorot10a.html
    """

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent uniform numbers."""
        most = (6 / sum(fans(shape))) ** 0.5
        return rng.uniform(-most, most, shape)


@dataclass(frozen=True)
class FanInUniform(Initial):
    """Uniform numbers with variance ``1 / (3 fan_in)``, with which PyTorch's layers begin.

    LeCun, Bottou, Orr & Müller, "Efficient backprop", 1998, asked for three times as much.
    """

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent uniform numbers."""
        most = fans(shape)[0] ** -0.5
        return rng.uniform(-most, most, shape)


@dataclass(frozen=True)
class GrahamUniform(Initial):
    """Glorot's, for filters whose outputs are pooled: fan out shrinks by ``reduction`` an axis.

    Graham, "Fractional max-pooling", 2014, https://arxiv.org/abs/1412.6071
    """

    reduction: float = 1.0

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent uniform numbers."""
        fan_in, fan_out = fans(shape)
        most = (6 / (fan_in + fan_out / self.reduction**2)) ** 0.5
        return rng.uniform(-most, most, shape)


@dataclass(frozen=True)
class Dirac(Initial):
    """The first filters pass their channel on unchanged; the others begin as with `rest`.

    Zagoruyko & Komodakis, "DiracNets", 2017, https://arxiv.org/abs/1706.00388
    """

    rest: Initial = HE

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return filters (F, C, HH, WW)."""
        w = self.rest.draw(rng, shape)
        F, C, HH, WW = shape
        same = range(min(F, C))
        w[same] = 0
        w[same, same, HH // 2, WW // 2] = 1
        return w


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return fan in and fan out of filters (F, C, HH, WW) or of a matrix (D, M).

    Examples
    --------
    >>> fans((64, 3, 5, 5)), fans((100, 10))
    ((75, 1600), (100, 10))
    """
    if len(shape) == 2:
        return shape[0], shape[1]
    F, C, *window = shape
    return C * math.prod(window), F * math.prod(window)
