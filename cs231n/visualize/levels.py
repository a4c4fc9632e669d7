"""A stack of layers along one axis: where the units are, and which of them the top one sees."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cs231n.nets.field import receptive_field
from cs231n.nets.language import as_layers
from cs231n.nets.placing import place
from cs231n.nets.seen import read_places
from cs231n.nets.specs import AvgPool, Conv, FractionalMaxPool, MaxPool, Residual, Spec, Window

MOST_LAYERS, MOST_PIXELS = 5, 120
_KINDS = {Conv: "conv", MaxPool: "max pool", AvgPool: "average pool", FractionalMaxPool: "FMP"}


@dataclass(frozen=True)
class Level:
    """The image, or one layer's maps, along one axis.

    Attributes
    ----------
    label : str
    field : str
        What each unit sees of the image: ``'3x3'``.
    places : list of float
        The units' centres, in pixels.
    reads : list of lists
        Which units of the level below each one reads.
    seen : list of int
        The units that the one at the top sees.
    extent : int
        The image's, in pixels.
    """

    label: str
    field: str
    places: list[float]
    reads: list[list[int]]
    seen: list[int]
    extent: int

    def edges(self, first: int, last: int) -> tuple[float, float]:
        """Return where the cells of these units begin and end; the image's edge cuts them off."""
        half = (self.places[1] - self.places[0]) / 2 if len(self.places) > 1 else 0.5
        begin, end = self.places[first] - half + 0.5, self.places[last] + half + 0.5
        return max(0.0, begin), min(float(self.extent), end)


def levels(layers: str | Sequence[Spec | str], margin: int = 2) -> list[Level]:
    """Return the image and the maps above it, with a unit of the last in the middle.

    Layers that look at one number only, such as ReLU, are left out.

    Raises
    ------
    ValueError
        If there are no layers to draw, more than five, some that see the whole map or that run
        side by side, or too many pixels.

    Examples
    --------
    >>> [(level.label, level.field, level.seen) for level in levels([Conv(1), Conv(1)])]
    [('input', '1x1', [2, 3, 4, 5, 6]), ('3x3 conv', '3x3', [3, 4, 5]), ('3x3 conv', '5x5', [4])]
    """
    layers = [spec for spec in as_layers(layers) if not _looks_at_one(spec)]
    if not 1 <= len(layers) <= MOST_LAYERS:
        raise ValueError(
            f"layers must hold 1 to {MOST_LAYERS} that see more than one number each, "
            f"got {len(layers)}"
        )
    axis = receptive_field(layers).axes[0]
    if axis.size == math.inf:
        raise ValueError("layers must not hold one that sees the whole map, as global pooling does")
    unit, extent = axis.middle(margin)
    if extent > MOST_PIXELS:
        raise ValueError(f"layers must see at most {MOST_PIXELS} pixels, got {extent}")
    channels = next((spec.groups for spec in layers if isinstance(spec, Conv)), 1)
    placed = place(layers, (channels, extent, extent), scores=False)
    found = [Level("input", "1x1", [float(i) for i in range(extent)], [], [], extent)]
    for i, layer in enumerate(placed):
        window = layer.spec.windows(layer.input_shape)[0]
        sees = receptive_field(layers[: i + 1])
        places = [sees.start[0] + sees.jump[0] * k for k in range(layer.output_shape[1])]
        reads = [read_places(window, layer.input_shape[1], k) for k in range(len(places))]
        found.append(Level(_label(layer.spec, window), str(sees), places, reads, [], extent))
    seen = {unit}
    for level in reversed(found):
        level.seen.extend(sorted(seen))
        seen = {k for number in seen for k in (level.reads[number] if level.reads else ())}
    return found


def _looks_at_one(spec: Spec) -> bool:
    if isinstance(spec, Residual):
        raise ValueError("layers must stand one above the other, got a residual block")
    return spec.windows((1, 9, 9)) == (Window(), Window())


def _label(spec: Spec, window: Window) -> str:
    kind = next((word for sort, word in _KINDS.items() if isinstance(spec, sort)), str(spec))
    label = f"{window.size:.0f}x{window.size:.0f} {kind}"
    if window.stride != 1:
        label += f", stride {window.stride:.3g}"
    return label + (f", dilation {window.dilation}" if window.dilation != 1 else "")
