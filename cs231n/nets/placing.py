"""The first pass over a list of specs: which shape each layer gets, and what its arrays are called.

No array is made: sizes that do not fit are refused while they cost nothing.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from cs231n.nets.language import as_layers
from cs231n.nets.specs import Affine, Flatten, Parameter, Residual, Shape, Spec, Sum
from cs231n.validation import addressable, as_extent


@dataclass(frozen=True)
class Placed:
    """A layer at its place.

    Activation 0 is the input, and layer k of the tuple that :func:`place` returns makes activation
    k + 1 of those that it reads.

    Attributes
    ----------
    index : int
        Its number among all layers, those inside residual blocks too, in the order they run in.
    spec : Spec
    input_shape, output_shape : of one image
    parameters, running : dict
        What is learnt, and what is kept from pass to pass, by name: ``'W1'``.
    reads : tuple of int
        The activations that it reads: one, or of a :class:`~cs231n.nets.specs.Sum` two.
    where : str
        Its place in the list that was given: ``'3'``, or inside a block ``'3, body 0'``.
    """

    index: int
    spec: Spec
    input_shape: Shape
    output_shape: Shape
    parameters: dict[str, Parameter]
    running: dict[str, Parameter]
    reads: tuple[int, ...]
    where: str

    @property
    def names(self) -> dict[str, str]:
        """The arrays' names, by their stems: ``{'W': 'W1', 'b': 'b1'}``."""
        return {p.stem: name for name, p in {**self.parameters, **self.running}.items()}


def place(
    layers: str | Iterable[Spec | str], input_shape: Shape, *, scores: bool = True
) -> tuple[Placed, ...]:
    """Hand the shape of the input from layer to layer.

    Numbers count the convolutions and affine layers; a normalisation has the number of the one
    before it, as in the course: W1, b1, gamma1, beta1, W2. A residual block becomes the layers of
    its body, those of its shortcut, and a ``Sum``.

    Parameters
    ----------
    layers : specs, or text as :func:`~cs231n.nets.parse` reads it
    input_shape : (C, H, W) or (D,)
    scores : bool
        Whether the last layer must give one number a class.

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
    placing = _Placing(layers.where)
    _, shape = placing.stack(layers, 0, _input_shape(input_shape), "")
    if not placing.placed:
        raise ValueError("layers must not be empty")
    if scores and math.prod(shape[1:]) != 1:
        raise ValueError(
            f"the last layer must give one score a class, (C,) or (C, 1, 1), got {shape}"
            f"{layers.where(layers[-1])}"
        )
    return tuple(placing.placed)


class _Placing:
    """The layers placed so far, and how many there were of each kind that is counted."""

    def __init__(self, in_text: Callable[[Spec], str]) -> None:
        self.in_text = in_text
        self.placed: list[Placed] = []
        self.index = 0
        self.number = 0
        self.taken: set[str] = set()

    def stack(
        self, layers: Iterable[Spec], at: int, shape: Shape, inside: str
    ) -> tuple[int, Shape]:
        """Place one layer after the other behind an activation; return the last one's."""
        for i, spec in enumerate(layers):
            where = f"{inside}{i}"
            if not isinstance(spec, Spec) or isinstance(spec, Sum):
                raise TypeError(f"layer {where} must be a spec such as Conv(64), got {spec!r}")
            if isinstance(spec, Residual):
                at, shape = self._block(spec, at, shape, where)
                continue
            if isinstance(spec, Affine) and len(shape) > 1:
                flat = (math.prod(shape),)
                self.placed.append(Placed(self.index, Flatten(), shape, flat, {}, {}, (at,), where))
                at, shape = len(self.placed), flat
            at, shape = self._layer(spec, (at,), shape, where)
        return at, shape

    def _block(self, spec: Residual, fork: int, shape: Shape, where: str) -> tuple[int, Shape]:
        body, _ = self.stack(spec.body, fork, shape, f"{where}, body ")
        shortcut, _ = self.stack(spec.shortcut, fork, shape, f"{where}, shortcut ")
        output_shape, *_ = _fit(where, spec, shape, self.in_text)
        return self._layer(Sum(), (body, shortcut), output_shape, where)

    def _layer(
        self, spec: Spec, reads: tuple[int, ...], shape: Shape, where: str
    ) -> tuple[int, Shape]:
        output_shape, parameters, running = _fit(where, spec, shape, self.in_text)
        self.number += any(array.stem == "W" for array in (*parameters, *running))
        suffix = _free_suffix(str(self.number), (*parameters, *running), self.taken)
        learnt, kept = ({p.stem + suffix: p for p in group} for group in (parameters, running))
        self.taken.update(learnt, kept)
        self.placed.append(
            Placed(self.index, spec, shape, output_shape, learnt, kept, reads, where)
        )
        self.index += 1
        return len(self.placed), output_shape


def _input_shape(shape: Shape) -> Shape:
    if not isinstance(shape, tuple | list) or len(shape) not in (1, 3):
        raise ValueError(f"input_shape must be (C, H, W) or (D,), got {shape!r}")
    return tuple(as_extent("input_shape", extent, minimum=1) for extent in shape)


def _fit(
    where: str, spec: Spec, shape: Shape, in_text: Callable[[Spec], str]
) -> tuple[Shape, tuple[Parameter, ...], tuple[Parameter, ...]]:
    """Return what the spec makes of this input, or say which layer cannot take it."""
    try:
        output_shape = spec.output_shape(shape)
        parameters, running = spec.parameters(shape), spec.running(shape)
        for array in (output_shape, *(parameter.shape for parameter in (*parameters, *running))):
            addressable("it", array, np.dtype(np.longdouble))
    except ValueError as error:
        message = f"layer {where}, {spec}, with an input {shape}: {error}{in_text(spec)}"
        raise ValueError(message) from None
    return output_shape, parameters, running


def _free_suffix(number: str, arrays: tuple[Parameter, ...], taken: set[str]) -> str:
    """Return the number, or number_2, number_3 for further normalisations after one layer."""
    suffix, copy = number, 1
    while any(array.stem + suffix in taken for array in arrays):
        copy += 1
        suffix = f"{number}_{copy}"
    return suffix
