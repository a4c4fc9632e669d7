"""The first pass over a list of specs: which shape each layer gets, and what its arrays are called.

No array is made: sizes that do not fit are refused while they cost nothing.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from cs231n.nets.language import as_layers
from cs231n.nets.specs import Affine, Flatten, Parameter, Shape, Spec
from cs231n.validation import addressable, as_extent


@dataclass(frozen=True)
class Placed:
    """A layer at its place.

    Attributes
    ----------
    index : int
        Where it stands in the list that was given.
    spec : Spec
    input_shape, output_shape : of one image
    parameters, running : dict
        What is learnt, and what is kept from pass to pass, by name: ``'W1'``.
    """

    index: int
    spec: Spec
    input_shape: Shape
    output_shape: Shape
    parameters: dict[str, Parameter]
    running: dict[str, Parameter]

    @property
    def names(self) -> dict[str, str]:
        """The arrays' names, by their stems: ``{'W': 'W1', 'b': 'b1'}``."""
        return {p.stem: name for name, p in {**self.parameters, **self.running}.items()}


def place(layers: str | Iterable[Spec | str], input_shape: Shape) -> tuple[Placed, ...]:
    """Hand the shape of the input from layer to layer.

    Numbers count the convolutions and affine layers; a normalisation has the number of the one
    before it, as in the course: W1, b1, gamma1, beta1, W2.

    Parameters
    ----------
    layers : specs, or text as :func:`~cs231n.nets.parse` reads it
    input_shape : (C, H, W) or (D,)

    Raises
    ------
    ValueError
        Naming the layer's index, if its input does not fit, and its place in a text.

    Examples
    --------
    >>> from cs231n.nets.specs import Affine, Conv, MaxPool
    >>> [layer.output_shape for layer in place([Conv(4), MaxPool(), Affine(10)], (1, 8, 8))]
    [(4, 8, 8), (4, 4, 4), (64,), (10,)]
    """
    layers = as_layers(layers)
    placed: list[Placed] = []
    shape = _input_shape(input_shape)
    number = 0
    taken: set[str] = set()
    for index, spec in enumerate(layers):
        if isinstance(spec, Affine) and len(shape) > 1:
            placed.append(Placed(index, Flatten(), shape, (math.prod(shape),), {}, {}))
            shape = placed[-1].output_shape
        output_shape, parameters, running = _fit(index, spec, shape, layers.where)
        number += any(array.stem == "W" for array in (*parameters, *running))
        suffix = _free_suffix(str(number), (*parameters, *running), taken)
        named = [{p.stem + suffix: p for p in group} for group in (parameters, running)]
        taken.update(*named)
        placed.append(Placed(index, spec, shape, output_shape, *named))
        shape = output_shape
    if not placed:
        raise ValueError("layers must not be empty")
    if math.prod(shape[1:]) != 1:
        raise ValueError(
            f"the last layer must give one score a class, (C,) or (C, 1, 1), got {shape}"
            f"{layers.where(layers[-1])}"
        )
    return tuple(placed)


def _input_shape(shape: Shape) -> Shape:
    if not isinstance(shape, tuple | list) or len(shape) not in (1, 3):
        raise ValueError(f"input_shape must be (C, H, W) or (D,), got {shape!r}")
    return tuple(as_extent("input_shape", extent, minimum=1) for extent in shape)


def _fit(
    index: int, spec: Spec, shape: Shape, where: Callable[[Spec], str]
) -> tuple[Shape, tuple[Parameter, ...], tuple[Parameter, ...]]:
    """Return what the spec makes of this input, or say which layer cannot take it."""
    try:
        output_shape = spec.output_shape(shape)
        parameters, running = spec.parameters(shape), spec.running(shape)
        for array in (output_shape, *(parameter.shape for parameter in parameters)):
            addressable("it", array, np.dtype(np.longdouble))
    except ValueError as error:
        message = f"layer {index}, {spec}, with an input {shape}: {error}{where(spec)}"
        raise ValueError(message) from None
    return output_shape, parameters, running


def _free_suffix(number: str, arrays: tuple[Parameter, ...], taken: set[str]) -> str:
    """Return the number, or number_2, number_3 for further normalisations after one layer."""
    suffix, copy = number, 1
    while any(array.stem + suffix in taken for array in arrays):
        copy += 1
        suffix = f"{number}_{copy}"
    return suffix
