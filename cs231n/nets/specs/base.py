"""What a layer of a network is before there are arrays: shapes, parameters, costs.

Shapes are those of one image: (C, H, W) for maps, (D,) for a vector.
"""

from dataclasses import dataclass, fields
from typing import Any

from cs231n.nets.specs.initial import Initial
from cs231n.validation import as_extent

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Parameter:
    """An array that a layer owns.

    Attributes
    ----------
    stem : str
        Its name without the layer's number: ``'W'``, ``'gamma'``.
    shape : tuple
    initial : how it begins
    decays : bool
        Whether the L2 penalty counts it.
    """

    stem: str
    shape: Shape
    initial: Initial
    decays: bool = False


@dataclass(frozen=True, repr=False)
class Spec:
    """A layer's description; the defaults are those of a layer that changes numbers only."""

    def __repr__(self) -> str:
        # As a reader would write it: what has its default value is left out.
        given = [(f.name, getattr(self, f.name), f.default) for f in fields(self)]
        shown = [f"{name}={value!r}" for name, value, default in given if value != default]
        return f"{type(self).__name__}({', '.join(shown)})"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that an input of `shape` becomes, or raise ValueError."""
        return shape

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return what is learnt."""
        return ()

    def running(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return what is not learnt, but kept from pass to pass."""
        return ()

    def multiply_adds(self, shape: Shape) -> int:
        """Return the multiplications of the forward pass of one image, by the direct method."""
        return 0


def check_extents(spec: Spec, **minimum: int) -> None:
    """Refuse fields that are no integers or too small; 3.0 becomes 3."""
    for field, least in minimum.items():
        name = f"{type(spec).__name__}'s {field}"
        # The dataclasses are frozen, and this runs while they are made.
        object.__setattr__(spec, field, as_extent(name, getattr(spec, field), least))


def check_number(spec: Spec, field: str, least: float, most: float) -> None:
    """Refuse a field that is no number in [least, most]."""
    value: Any = getattr(spec, field)
    try:
        fits = least <= float(value) <= most
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError(
            f"{type(spec).__name__}'s {field} must lie in [{least:g}, {most:g}], got {value!r}"
        )


def maps(shape: Shape) -> Shape:
    """Return the shape (C, H, W), or refuse one that is not of maps."""
    if len(shape) != 3:
        raise ValueError(f"needs maps (C, H, W), got a vector of shape {shape}")
    return shape
