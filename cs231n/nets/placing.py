"""The first pass over a list of specs: which shape each layer gets, and what its arrays are called.

No array is made: sizes that do not fit are refused while they cost nothing.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cs231n.nets.specs import Affine, Flatten, Parameter, Residual, Shape, Spec
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
        What is learnt, and what is kept from pass to pass, by name: ``'W1'``; a residual block
        has those of all layers inside.
    inner : tuple
        A residual block's body and its shortcut, each a tuple of layers at their places.
    """

    index: int
    spec: Spec
    input_shape: Shape
    output_shape: Shape
    parameters: dict[str, Parameter]
    running: dict[str, Parameter]
    inner: tuple[tuple["Placed", ...], ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """The arrays' names, by their stems: ``{'W': 'W1', 'b': 'b1'}``."""
        return {p.stem: name for name, p in {**self.parameters, **self.running}.items()}


def place(layers: Iterable[Spec], input_shape: Shape, *, scores: bool = True) -> tuple[Placed, ...]:
    """Hand the shape of the input from layer to layer.

    Numbers count the convolutions and affine layers; a normalisation has the number of the one
    before it, as in the course: W1, b1, gamma1, beta1, W2.

    Parameters
    ----------
    layers : specs
    input_shape : (C, H, W) or (D,)
    scores : bool
        Whether the last layer must give one number a class.

    Raises
    ------
    ValueError
        Naming the layer's index, if its input does not fit.

    Examples
    --------
    >>> from cs231n.nets.specs import Affine, Conv, MaxPool
    >>> [layer.output_shape for layer in place([Conv(4), MaxPool(), Affine(10)], (1, 8, 8))]
    [(4, 8, 8), (4, 4, 4), (64,), (10,)]
    """
    placed = _Placing().way(layers, _input_shape(input_shape), "layer")
    if not placed:
        raise ValueError("layers must not be empty")
    shape = placed[-1].output_shape
    if scores and math.prod(shape[1:]) != 1:
        raise ValueError(
            f"the last layer must give one score a class, (C,) or (C, 1, 1), got {shape}"
        )
    return placed


class _Placing:
    """What has been given out so far: numbers and names."""

    def __init__(self) -> None:
        self.number = 0
        self.taken: set[str] = set()

    def way(self, layers: Iterable[Spec], shape: Shape, where: str) -> tuple[Placed, ...]:
        """Place layers one after the other."""
        placed: list[Placed] = []
        for index, spec in enumerate(layers):
            if not isinstance(spec, Spec):
                raise TypeError(f"{where} {index} must be a spec such as Conv(64), got {spec!r}")
            if isinstance(spec, Affine) and len(shape) > 1:
                placed.append(Placed(index, Flatten(), shape, (math.prod(shape),), {}, {}))
                shape = placed[-1].output_shape
            if isinstance(spec, Residual):
                placed.append(self._block(index, spec, shape, f"{where} {index}"))
            else:
                placed.append(self._layer(index, spec, shape, f"{where} {index}"))
            shape = placed[-1].output_shape
        return tuple(placed)

    def _layer(self, index: int, spec: Spec, shape: Shape, where: str) -> Placed:
        output_shape, parameters, running = _fit(where, spec, shape)
        arrays = (*parameters, *running)
        self.number += any(array.stem == "W" for array in arrays)
        suffix = _free_suffix(str(self.number), arrays, self.taken)
        learnt, kept = ({p.stem + suffix: p for p in group} for group in (parameters, running))
        self.taken.update(learnt, kept)
        return Placed(index, spec, shape, output_shape, learnt, kept)

    def _block(self, index: int, spec: Residual, shape: Shape, where: str) -> Placed:
        inner = tuple(
            self.way(layers, shape, f"{where}, {name}")
            for name, layers in (("body", spec.body), ("shortcut", spec.shortcut))
        )
        output_shape, *_ = _fit(where, spec, shape)
        parameters = {k: p for way in inner for layer in way for k, p in layer.parameters.items()}
        running = {k: p for way in inner for layer in way for k, p in layer.running.items()}
        return Placed(index, spec, shape, output_shape, parameters, running, inner)


def _input_shape(shape: Shape) -> Shape:
    if not isinstance(shape, tuple | list) or len(shape) not in (1, 3):
        raise ValueError(f"input_shape must be (C, H, W) or (D,), got {shape!r}")
    return tuple(as_extent("input_shape", extent, minimum=1) for extent in shape)


def _fit(
    where: str, spec: Spec, shape: Shape
) -> tuple[Shape, tuple[Parameter, ...], tuple[Parameter, ...]]:
    """Return what the spec makes of this input, or say which layer cannot take it."""
    try:
        output_shape = spec.output_shape(shape)
        parameters, running = spec.parameters(shape), spec.running(shape)
        for array in (output_shape, *(parameter.shape for parameter in parameters)):
            addressable("it", array, np.dtype(np.longdouble))
    except ValueError as error:
        raise ValueError(f"{where}, {spec}, with an input {shape}: {error}") from None
    return output_shape, parameters, running


def _free_suffix(number: str, arrays: tuple[Parameter, ...], taken: set[str]) -> str:
    """Return the number, or number_2, number_3 for further normalisations after one layer."""
    suffix, copy = number, 1
    while any(array.stem + suffix in taken for array in arrays):
        copy += 1
        suffix = f"{number}_{copy}"
    return suffix
