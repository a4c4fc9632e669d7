"""A step of a plan: one layer, or several fused, on arrays that are there already."""

import copy
from collections.abc import Mapping
from enum import Enum
from typing import ClassVar

import numpy as np

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import Parameter, Shape
from cs231n.validation import Array


class Need(Enum):
    """How long a step's backward pass needs an array of its forward pass."""

    NOT = "not at all"
    EARLY = "until the gradients on the parameters are known"
    LATE = "until the gradient on the input is known, too"


class Step:
    """One layer's forward and backward pass.

    The plan sets the arrays: `x` and `out` (of a sum also `other`), and in training `dout` and
    `dx`, the gradients on them; `dx` is None where nobody needs it. Subclasses say what they need,
    so that the plan can lend the memory to others:

    Attributes
    ----------
    reads, writes : tuple of int, int
        Numbers of activations.
    needs_x, needs_out : Need
        How long `backward` reads `x` and `out`.
    forward_in_place, backward_in_place : bool
        Whether `out` may be `x`, and whether `dx` may be `dout`.
    masks_dout : bool
        Whether `backward` first applies a ReLU's mask to `dout`; the result goes to `masked`, which
        is `dout` unless others read that later.
    always_writes_dx : bool
        Whether `backward` needs a `dx` to write, even if nobody reads it.
    stems, kept_stems : dict
        Attribute -> stem of the parameter, and of what is kept from pass to pass. `learnt` and
        `kept` have the names in their place; a gradient is the attribute ``'d' + attribute``.
    sums : list of three arrays
        Of gradients on one activation, from several steps that read it: addends, and the result.
    scratch : dict of dicts
        What the forward pass (False) and the backward pass (True) work in.
    algorithm : str
        What the profile shows.
    """

    needs_x = Need.NOT
    needs_out = Need.NOT
    forward_in_place = False
    backward_in_place = False
    masks_dout = False
    always_writes_dx = False
    stems: ClassVar[Mapping[str, str]] = {}
    kept_stems: ClassVar[Mapping[str, str]] = {}
    algorithm = ""

    reads: tuple[int, ...]
    writes: int
    x: Array
    other: Array | None = None
    out: Array
    dout: Array
    masked: Array
    dx: Array | None

    def __init__(self, placed: Placed, relu: bool = False) -> None:
        self.placed = placed
        self.relu = relu
        self.input_shape, self.output_shape = placed.input_shape, placed.output_shape
        self.extra: dict[str, Array] = {}
        self.scratch: dict[bool, dict[str, Array]] = {}
        self.sums: list[tuple[Array, ...]] = []
        self.learnt = _named(self.stems, placed.parameters)
        self.kept = _named(self.kept_stems, placed.running)

    @property
    def label(self) -> str:
        """The layers, as a reader would call them."""
        return f"{self.placed.spec}{' + ReLU' if self.relu else ''}"

    def extra_arrays(self) -> dict[str, tuple[Shape, type]]:
        """Return shape (of one image) and dtype of what `forward` leaves for `backward`."""
        return {}

    def scratch_arrays(self, backward: bool) -> dict[str, tuple[Shape, np.dtype]]:
        """Return shape (of one image) and dtype of what one direction works in."""
        return {}

    def statistics(self) -> dict[str, Array]:
        """Return what the last pass in training found, by the name of its running average."""
        return {}

    def bind(self, params: Mapping[str, Array], state: Mapping[str, Array], noise: int) -> None:
        """Take the parameters that are in force now, and the number that this pass's noise has."""
        for attribute, name in self.learnt.items():
            setattr(self, attribute, params[name])
        for attribute, name in self.kept.items():
            setattr(self, attribute, state[name])

    def on(self, n: int) -> "Step":
        """Return the same step on the first n images of its arrays."""
        step = copy.copy(self)
        for name in ("x", "other", "out", "dout", "masked", "dx"):
            array = getattr(self, name, None)
            setattr(step, name, None if array is None else array[:n])
        step.extra = {name: array[:n] for name, array in self.extra.items()}
        step.scratch = {
            backward: {name: array[:n] for name, array in arrays.items()}
            for backward, arrays in self.scratch.items()
        }
        step.sums = [tuple(array[:n] for array in arrays) for arrays in self.sums]
        return step

    def dout_before_relu(self) -> Array:
        """Return `dout`, or where a ReLU is fused, its gradient with the mask applied."""
        if self.relu:
            kernels.relu_backward(self.dout, self.out, out=self.masked)
        return self.masked

    def backward_and_sum(self) -> None:
        """Run the backward pass, and add to what other readers of the same input gave."""
        self.backward()
        for a, b, total in self.sums:
            kernels.add(a, b, out=total)

    def forward(self) -> None:
        """Fill `out`."""
        raise NotImplementedError

    def backward(self) -> None:
        """Fill the gradients on the parameters, and `dx`, if it is not None."""
        raise NotImplementedError


def _named(stems: Mapping[str, str], arrays: Mapping[str, Parameter]) -> dict[str, str]:
    """Return attribute -> name for those stems that the layer has."""
    names = {parameter.stem: name for name, parameter in arrays.items()}
    return {attribute: names[stem] for attribute, stem in stems.items() if stem in names}
