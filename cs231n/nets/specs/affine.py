"""Affine layers, and what makes vectors of maps."""

import math
from dataclasses import dataclass

from cs231n.nets.specs.base import (
    Parameter,
    Shape,
    Spec,
    Window,
    check_extents,
    check_initial,
    check_keep,
    whole_map,
)
from cs231n.nets.specs.initial import HE, Constant, Initial


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
    bias : bool
    initial : Initial, of W
    bias_value : float, at which every bias begins

    Examples
    --------
    >>> [p.shape for p in Affine(10).parameters((128,))]
    [(128, 10), (10,)]
    """

    units: int
    bias: bool = True
    initial: Initial = HE
    bias_value: float = 0.0

    def __post_init__(self) -> None:
        check_extents(self, units=1)
        check_initial(self)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (M,)."""
        return (self.units,)

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the whole map."""
        return whole_map(shape)

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return W (D, M), and b (M,) where there is a bias."""
        w = Parameter("W", (math.prod(shape), self.units), self.initial, decays=True)
        b = Parameter("b", (self.units,), Constant(self.bias_value))
        return (w, b) if self.bias else (w,)

    def multiply_adds(self, shape: Shape) -> int:
        """Return D M."""
        return math.prod(shape) * self.units


@dataclass(frozen=True, repr=False)
class DropConnect(Affine):
    """An affine layer whose weights are dropped at random in training, for each image anew.

    Attributes
    ----------
    keep : float
        The probability with which a weight is kept.

    References
    ----------
    Wan, Zeiler, Zhang, LeCun & Fergus, "Regularization of neural networks using DropConnect",
    2013, https://proceedings.mlr.press/v28/wan13.html

    Examples
    --------
    >>> DropConnect(10, keep=0.8)
    DropConnect(units=10, keep=0.8)
    """

    keep: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_keep(self)
