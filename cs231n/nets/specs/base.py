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


@dataclass(frozen=True)
class Window:
    """What one output of a layer sees of one axis of its input.

    Attributes
    ----------
    size : float
        Weights, or pixels; not whole only where it is an average over random windows.
    stride : float
        Pixels from one output's window to the next one's.
    pad : float
        Zeros in front of the axis.
    dilation : int
        Pixels from one weight to the next.
    """

    size: float = 1
    stride: float = 1
    pad: float = 0
    dilation: int = 1


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

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return what an output sees of the rows and of the columns; nothing for vectors."""
        return (Window(),) * (len(shape) - 1)

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


def check_initial(spec: Spec) -> None:
    """Refuse fields `initial` and `bias_value` that say nothing."""
    initial: Any = getattr(spec, "initial")  # noqa: B009
    if not isinstance(initial, Initial):
        raise TypeError(
            f"{type(spec).__name__}'s initial must be one such as He() or Normal(0.01), "
            f"got {initial!r}"
        )
    check_number(spec, "bias_value", -float("inf"), float("inf"))


def check_keep(spec: Spec) -> None:
    """Refuse a field `keep` that is no probability above 0."""
    check_number(spec, "keep", 0, 1)
    if getattr(spec, "keep") == 0:  # noqa: B009
        name = type(spec).__name__
        raise ValueError(f"{name}'s keep must lie in (0, 1], got 0: nothing would be left")


def whole_map(shape: Shape) -> tuple[Window, ...]:
    """Return windows that see all of each axis."""
    return tuple(Window(extent) for extent in shape[1:])


def maps(shape: Shape) -> Shape:
    """Return the shape (C, H, W), or refuse one that is not of maps."""
    if len(shape) != 3:
        raise ValueError(f"needs maps (C, H, W), got a vector of shape {shape}")
    return shape
