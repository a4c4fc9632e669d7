"""Affine layers, and what makes vectors of maps."""

import math
from dataclasses import dataclass

from cs231n.nets.specs.base import Parameter, Shape, Spec, check_extents, check_number
from cs231n.nets.specs.initial import Constant, weights


@dataclass(frozen=True, repr=False)
class Flatten(Spec):
    """Maps (C, H, W) as a vector (C*H*W,); implied in front of an affine layer.

    Examples
    --------
    >>> Flatten().output_shape((8, 4, 4))
    (128,)
    """

    def output_shape(self, shape: Shape) -> Shape:
        """Return (D,)."""
        return (math.prod(shape),)


@dataclass(frozen=True, repr=False)
class Affine(Spec):
    """A matrix product and a bias, to vectors of ``units``.

    Attributes
    ----------
    units : int
    weight_scale : float
        Standard deviation of the initial weights; None stands for He's.

    Examples
    --------
    >>> [p.shape for p in Affine(10).parameters((128,))]
    [(128, 10), (10,)]
    """

    units: int
    weight_scale: float | None = None

    def __post_init__(self) -> None:
        check_extents(self, units=1)
        if self.weight_scale is not None:
            check_number(self, "weight_scale", 0, float("inf"))

    def output_shape(self, shape: Shape) -> Shape:
        """Return (M,)."""
        return (self.units,)

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return W (D, M) and b (M,)."""
        D = math.prod(shape)
        w = Parameter("W", (D, self.units), weights(D, self.weight_scale), decays=True)
        return w, Parameter("b", (self.units,), Constant(0.0))

    def multiply_adds(self, shape: Shape) -> int:
        """Return D M."""
        return math.prod(shape) * self.units
