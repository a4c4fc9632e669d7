"""Which pixels exactly a unit sees: back through the layers, one at a time."""

import math
from collections.abc import Iterable

from cs231n.nets.placing import Placed, place
from cs231n.nets.specs import Shape, Spec, Window
from cs231n.validation import as_extent

Places = tuple[frozenset[int], ...]  # of rows and of columns


def seen_pixels(
    layers: str | Iterable[Spec | str], input_shape: Shape, unit: tuple[int, int]
) -> tuple[list[int], list[int]]:
    """Return the rows and the columns of the image that one unit of the last layer sees.

    :func:`receptive_field` says how far a unit sees where the image has no ends; this says what
    is left near them, and where a dilation or a stride leaves pixels out.

    Parameters
    ----------
    layers : specs, or text
    input_shape : (C, H, W)
    unit : (row, column) of the last layer's maps

    Raises
    ------
    ValueError
        If the layers do not fit or end with a vector, or there is no such unit.

    Examples
    --------
    >>> from cs231n.nets import Conv
    >>> seen_pixels([Conv(1), Conv(1, dilation=2)], (1, 8, 8), (0, 4))
    ([0, 1, 2, 3], [1, 2, 3, 4, 5, 6, 7])
    """
    placed = place(layers, input_shape, scores=False)
    extents = placed[-1].output_shape[1:]
    if len(extents) != 2:
        raise ValueError(f"layers must end with maps, got a vector of {placed[-1].output_shape}")
    at = tuple(as_extent("unit", number, 0) for number in unit)
    if len(at) != 2 or at[0] >= extents[0] or at[1] >= extents[1]:
        raise ValueError(f"unit must lie inside the last layer's maps {extents}, got {unit}")
    rows, columns = _back(placed, tuple(frozenset([number]) for number in at))
    return sorted(rows), sorted(columns)


def read_places(window: Window, extent: int, unit: int) -> list[int]:
    """Return which of the `extent` numbers of an axis one unit reads; the padding is left out.

    Examples
    --------
    >>> read_places(Window(3, 2, 1), 8, 0), read_places(Window(3, 2, 1), 8, 2)
    ([0, 1], [3, 4, 5])
    """
    first = math.floor(unit * window.stride - window.pad)
    size = min(window.size, extent + window.pad)
    reads = (first + window.dilation * i for i in range(math.ceil(size)))
    return [place for place in reads if 0 <= place < extent]


def _back(placed: tuple[Placed, ...], at: Places) -> Places:
    """Return the places of the image from those of the last layer."""
    nowhere: Places = (frozenset(),) * len(at)
    wanted = {len(placed): at}  # by activation
    for made, layer in reversed(list(enumerate(placed, start=1))):
        at = wanted.pop(made)
        extents, windows = layer.input_shape[1:], layer.spec.windows(layer.input_shape)
        read = [
            frozenset(p for unit in units for p in read_places(window, extent, unit))
            for units, window, extent in zip(at, windows, extents, strict=True)
        ]
        for number in layer.reads:
            already = wanted.get(number, nowhere)
            wanted[number] = tuple(a | b for a, b in zip(already, read, strict=True))
    return wanted[0]
