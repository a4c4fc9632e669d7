"""A step of a plan: one layer, or several fused, on arrays that are there already."""

import copy
from collections.abc import Mapping
from enum import Enum
from typing import ClassVar

from cs231n.nets.placing import Placed
from cs231n.nets.specs import Shape
from cs231n.validation import Array


class Need(Enum):
    """How long a step's backward pass needs an array of its forward pass."""

    NOT = "not at all"
    EARLY = "until the gradients on the parameters are known"
    LATE = "until the gradient on the input is known, too"


class Step:
    """One layer's forward and backward pass.

    The plan sets the arrays: `x` and `out`, and in training `dout` and `dx`, the gradients on
    them; `dx` is None where nobody needs it. `backward` may destroy `dout`. Subclasses say what
    they need, so that the plan can lend the memory to others:

    Attributes
    ----------
    needs_x, needs_out : Need
        How long `backward` reads `x` and `out`.
    forward_in_place, backward_in_place : bool
        Whether `out` may be `x`, and whether `dx` is `dout`.
    always_writes_dx : bool
        Whether `backward` needs a `dx` to write, even if nobody reads it.
    stems, kept_stems : dict
        Attribute -> stem of the parameter, and of what is kept from pass to pass. `learnt` and
        `kept` have the names in their place; a gradient is the attribute ``'d' + attribute``.
    algorithm : str
        What the profile shows.
    """

    needs_x = Need.NOT
    needs_out = Need.NOT
    forward_in_place = False
    backward_in_place = False
    always_writes_dx = False
    stems: ClassVar[Mapping[str, str]] = {}
    kept_stems: ClassVar[Mapping[str, str]] = {}
    algorithm = ""

    x: Array
    out: Array
    dout: Array
    dx: Array | None

    def __init__(self, placed: Placed, relu: bool = False) -> None:
        self.placed = placed
        self.relu = relu
        self.input_shape, self.output_shape = placed.input_shape, placed.output_shape
        self.extra: dict[str, Array] = {}
        names = placed.names
        self.learnt = {a: names[stem] for a, stem in self.stems.items() if stem in names}
        self.kept = {a: names[stem] for a, stem in self.kept_stems.items() if stem in names}

    @property
    def label(self) -> str:
        """The layers, as a reader would call them."""
        return f"{self.placed.spec}{' + ReLU' if self.relu else ''}"

    def extra_arrays(self) -> dict[str, tuple[Shape, type]]:
        """Return shape (of one image) and dtype of what `forward` leaves for `backward`."""
        return {}

    def bind(self, params: Mapping[str, Array], state: Mapping[str, Array]) -> None:
        """Take the parameters that are in force now."""
        for attribute, name in self.learnt.items():
            setattr(self, attribute, params[name])
        for attribute, name in self.kept.items():
            setattr(self, attribute, state[name])

    def on(self, n: int) -> "Step":
        """Return the same step on the first n images of its arrays."""
        step = copy.copy(self)
        for name in ("x", "out", "dout", "dx"):
            array = getattr(self, name, None)
            setattr(step, name, None if array is None else array[:n])
        step.extra = {name: array[:n] for name, array in self.extra.items()}
        return step

    def forward(self) -> None:
        """Fill `out`."""
        raise NotImplementedError

    def backward(self) -> None:
        """Fill the gradients on the parameters, and `dx`, if it is not None."""
        raise NotImplementedError
