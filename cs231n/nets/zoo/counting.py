"""Parameters and multiply-adds of a whole net, residual blocks included, without an array."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cs231n.nets.specs import Residual, Shape, Spec


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
    parameters = frozen = multiply_adds = 0
    for spec, shape in _leaves(layers, input_shape):
        parameters += sum(math.prod(p.shape) for p in spec.parameters(shape))
        frozen += sum(math.prod(p.shape) for p in spec.running(shape) if p.stem == "W")
        multiply_adds += spec.multiply_adds(shape)
    return Counts(parameters, frozen, multiply_adds)


def _leaves(layers: Iterable[Spec], shape: Shape) -> Iterator[tuple[Spec, Shape]]:
    """Yield each layer with the shape of its input; of a residual block, the layers inside."""
    for spec in layers:
        if isinstance(spec, Residual):
            yield from _leaves(spec.body, shape)
            yield from _leaves(spec.shortcut, shape)
        else:
            yield spec, shape
        shape = spec.output_shape(shape)
