"""What stands outside an image, for the kernels that look there: names, numbers and indices."""

import numpy as np

from cs231n.validation import Array

# The numbers are those of c/borders.h.
BORDERS = {"constant": 0, "edge": 1, "reflect": 2}


def border_number(border: str) -> int:
    """Return a border's number.

    Examples
    --------
    >>> border_number("edge")
    1
    """
    if not isinstance(border, str) or border not in BORDERS:
        raise ValueError(f"border must be 'constant', 'edge' or 'reflect', got {border!r}")
    return BORDERS[border]


def inside(index: Array, extent: int, border: int) -> Array:
    """Return where to look for pixels of an axis of `extent` pixels; -1 is nowhere.

    Examples
    --------
    >>> [inside(np.arange(-2, 5), 3, border).tolist() for border in BORDERS.values()]
    [[-1, -1, 0, 1, 2, -1, -1], [0, 0, 0, 1, 2, 2, 2], [2, 1, 0, 1, 2, 1, 0]]
    """
    if border == BORDERS["constant"]:
        return np.where((index >= 0) & (index < extent), index, -1)
    if border == BORDERS["edge"] or extent == 1:
        return np.clip(index, 0, extent - 1)
    period = 2 * (extent - 1)
    index = index % period
    return np.minimum(index, period - index)
