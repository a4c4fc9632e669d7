"""What a unit of a layer sees of the image, by arithmetic on windows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cs231n.nets.language import as_layers
from cs231n.nets.placing import Placed, place
from cs231n.nets.specs import Affine, Residual, Shape, Spec, Window

_UNKNOWN: Shape = (1, math.inf, math.inf)  # type: ignore[assignment]  # maps of any extent


@dataclass(frozen=True)
class Field:
    """What the units of a layer see of one axis of the image.

    The pixels of the image have the places 0, 1, 2, ...; those seen beyond its ends are padding.

    Attributes
    ----------
    size : float
        Pixels from the first to the last one seen; infinite for all of an axis of unknown extent.
    jump : float
        Pixels from one unit's centre to the next one's.
    start : float
        The first unit's centre.
    """

    size: float = 1
    jump: float = 1
    start: float = 0

    def ends(self, unit: float = 0) -> tuple[float, float]:
        """Return the first and the last pixel that a unit sees, inside the image or not."""
        centre, reach = self.start + self.jump * unit, (self.size - 1) / 2
        return _whole(centre - reach), _whole(centre + reach)

    def middle(self, margin: float = 0) -> tuple[int, int]:
        """Return a unit, and the extent of the image in whose middle it sees no padding.

        It is the first one that leaves `margin` pixels in front.
        """
        unit = max(0, math.ceil((margin - self.ends()[0]) / self.jump))
        low, high = self.ends(unit)
        return unit, math.ceil(low + high) + 1

    def through(self, window: Window) -> "Field":
        """Return what a unit sees through a window on units with this field."""
        if math.inf in (self.size, window.size):
            return Field(math.inf, self.jump, math.nan)
        reach = window.dilation * (window.size - 1)
        return Field(
            _whole(self.size + reach * self.jump),
            _whole(self.jump * window.stride),
            _whole(self.start + (reach / 2 - window.pad) * self.jump),
        )

    def joined(self, other: "Field", extent: float) -> "Field":
        """Return what units see that see both, where there are `extent` of them.

        Two ways with different jumps drift apart: the size is then the largest of all units'.
        """
        if math.inf in (self.size, other.size):
            return Field(math.inf, self.jump, math.nan)
        last = extent - 1 if 1 < extent < math.inf else 1
        (low, high), (last_low, last_high) = (
            (min(ends[0] for ends in both), max(ends[1] for ends in both))
            for both in ((self.ends(unit), other.ends(unit)) for unit in (0, last))
        )
        jump = self.jump if extent == 1 else (last_low + last_high - low - high) / 2 / last
        size = high - low if extent == 1 else max(high - low, last_high - last_low)
        return Field(_whole(size + 1), _whole(jump), _whole((low + high) / 2))


@dataclass(frozen=True)
class ReceptiveField:
    """What the units of a layer see of the image.

    Attributes
    ----------
    axes : tuple of Field
        Rows and columns; empty where the input is a vector.
    """

    axes: tuple[Field, ...]

    @property
    def size(self) -> tuple[float, ...]:
        """Pixels from the first to the last one seen, rows and columns."""
        return tuple(axis.size for axis in self.axes)

    @property
    def jump(self) -> tuple[float, ...]:
        """Pixels from one unit to the next."""
        return tuple(axis.jump for axis in self.axes)

    @property
    def start(self) -> tuple[float, ...]:
        """The first unit's centre; the first pixel's is 0."""
        return tuple(axis.start for axis in self.axes)

    def __str__(self) -> str:
        if math.inf in self.size:
            return "the whole map"
        return by(self.size) if self.axes else "the whole vector"


def receptive_field(
    layers: str | Iterable[Spec | str], input_shape: Shape | None = None
) -> ReceptiveField:
    """Return what one unit of the last layer sees of the image.

    From layer to layer, with windows of k numbers, stride s, dilation d and padding p::

        size += d (k - 1) jump,  start += (d (k - 1) / 2 - p) jump,  jump *= s

    The image is taken to have no ends: near them a part of what is seen is padding. What
    normalisation reads to standardise is not counted. Fractional max-pooling counts by its average
    ratio, a residual block by both of its ways.

    Parameters
    ----------
    layers : specs, or text as :func:`~cs231n.nets.parse` reads it
    input_shape : (C, H, W) or (D,), optional
        Without it, global pooling and affine layers see "the whole map", of infinite size.

    References
    ----------
    Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks", 2019,
    https://distill.pub/2019/computing-receptive-fields

    Examples
    --------
    >>> from cs231n.nets import Affine, Conv, MaxPool
    >>> print(receptive_field([Conv(64), Conv(64), Conv(64)]))
    7x7
    >>> receptive_field([Conv(64), MaxPool(), Conv(64)]).axes[0]
    Field(size=8, jump=2, start=0.5)
    >>> print(receptive_field([Conv(64), Affine(10)]))
    the whole map
    """
    if input_shape is None:
        return _without_shapes(as_layers(layers), ReceptiveField((Field(), Field())))
    return trace(place(layers, input_shape, scores=False))[-1]


def trace(placed: tuple[Placed, ...]) -> list[ReceptiveField]:
    """Return what a unit of each layer sees.

    Examples
    --------
    >>> from cs231n.nets import Conv, Residual
    >>> block = Residual((Conv(3), Conv(3)))
    >>> [str(field) for field in trace(place([block], (3, 8, 8), scores=False))]
    ['3x3', '5x5', '5x5']
    """
    shape = placed[0].input_shape
    fields = [ReceptiveField((Field(),) * (len(shape) - 1))]
    maps = [shape]  # of each activation; for a vector those that its numbers come from
    for layer in placed:
        first, *second = layer.reads
        if second:
            fields.append(_both(fields[first], fields[second[0]], layer.output_shape))
        else:
            fields.append(_see(layer.spec, fields[first], maps[first]))
        if len(layer.output_shape) == 3:
            maps.append(layer.output_shape)
        elif isinstance(layer.spec, Affine):
            maps.append((layer.spec.units, *(1,) * (len(shape) - 1)))
        else:
            maps.append(maps[first])
    return fields[1:]


def _without_shapes(layers: Iterable[Spec], field: ReceptiveField) -> ReceptiveField:
    for spec in layers:
        if isinstance(spec, Residual):
            body, shortcut = (_without_shapes(way, field) for way in (spec.body, spec.shortcut))
            field = _both(body, shortcut, _UNKNOWN)
        else:
            field = _see(spec, field, _UNKNOWN)
    return field


def _see(spec: Spec, field: ReceptiveField, maps: Shape) -> ReceptiveField:
    windows = spec.windows(maps)
    return ReceptiveField(tuple(a.through(w) for a, w in zip(field.axes, windows, strict=True)))


def _both(one: ReceptiveField, other: ReceptiveField, shape: Shape) -> ReceptiveField:
    pairs = zip(one.axes, other.axes, shape[1:], strict=True)
    return ReceptiveField(tuple(a.joined(b, extent) for a, b, extent in pairs))


def _whole(number: float) -> float:
    """Return an integer as one, so that it prints as one."""
    return int(number) if float(number).is_integer() else number


def by(numbers: Iterable[float]) -> str:
    """Return ``3x32x32``."""
    return "x".join(f"{number:.4g}" if number % 1 else f"{number:.0f}" for number in numbers)
