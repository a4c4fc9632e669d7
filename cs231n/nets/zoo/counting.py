"""Parameters and multiply-adds of a whole net, residual blocks included, without an array."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cs231n.nets.placing import place
from cs231n.nets.specs import Shape, Spec


@dataclass(frozen=True)
class Counts:
    """What a net costs.

    Attributes
    ----------
    parameters : int
        Numbers that are learnt.
    frozen : int
        Filters' numbers that are not.
    multiply_adds : int
        Of the forward pass of one image, by the direct method.
    """

    parameters: int
    frozen: int
    multiply_adds: int


def count(layers: Iterable[Spec], input_shape: Shape) -> Counts:
    """Add up what the layers say of themselves.

    Examples
    --------
    >>> from cs231n.nets.specs import Affine, Conv
    >>> count([Conv(8), Affine(10)], (1, 4, 4))
    Counts(parameters=1370, frozen=0, multiply_adds=2432)
    """
    placed = place(layers, input_shape, scores=False)
    return Counts(
        sum(math.prod(p.shape) for layer in placed for p in layer.parameters.values()),
        sum(
            math.prod(p.shape) for layer in placed for p in layer.running.values() if p.stem == "W"
        ),
        sum(layer.spec.multiply_adds(layer.input_shape) for layer in placed),
    )
