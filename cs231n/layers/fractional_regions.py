"""The regions of fractional max-pooling, as `pool_param` asks for them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from cs231n import validation
from cs231n.kernels.fractional import MOST_PIXELS, checked_intervals
from cs231n.layers.fractional_intervals import (
    LARGEST_RATIO,
    draw_intervals,
    fractional_extent,
    intervals,
)
from cs231n.layers.noise import as_generator
from cs231n.validation import Array

_STARTS = ("row_starts", "col_starts")
_SHARED = ("overlapping", "window")
_DRAWN = ("ratio", "output_size", "sequence", "sharing", "seed")
_SETS = {"image": (True, False), "batch": (False, False), "channel": (True, True)}


class Regions(NamedTuple):
    """Where the windows are: intervals, and how many pixels an interval has at most.

    `rows` (1 or N, 1 or C, OH, 2) and `cols` (1 or N, 1 or C, OW, 2) hold each interval's first
    pixel, and the one behind its last.
    """

    rows: Array
    cols: Array
    most: int


def fractional_regions(x_shape: tuple[int, ...], pool_param: Mapping[str, Any]) -> Regions:
    """Draw the regions of one pass over images (N, C, H, W), or take the given ones.

    The keys of `pool_param` stand at :func:`cs231n.layers.fractional_max_pool_forward`.

    Examples
    --------
    >>> regions = fractional_regions((1, 3, 5, 5), {"ratio": 1.5, "seed": 0})
    >>> regions.rows.shape, regions.rows[0, 0].tolist(), regions.most
    ((1, 1, 3, 2), [[0, 2], [1, 3], [3, 5]], 2)
    """
    known = (*_DRAWN, *_SHARED, *_STARTS)
    validation.known_keys("pool_param", pool_param, known)
    overlapping = pool_param.get("overlapping", True)
    if not isinstance(overlapping, bool | np.bool_):
        raise TypeError(f"pool_param['overlapping'] must be True or False, got {overlapping!r}")
    window = _window(pool_param, bool(overlapping))
    if any(key in pool_param for key in _STARTS):
        return _given(x_shape, pool_param, 2 if window is None else window)
    return _drawn(x_shape, pool_param, window)


def fractional_output_size(
    x_shape: tuple[int, ...], pool_param: Mapping[str, Any]
) -> tuple[int, int]:
    """Return (OH, OW) without drawing regions: what a network must know before it is run.

    Examples
    --------
    >>> fractional_output_size((1, 3, 35, 24), {"ratio": 2**0.5})
    (25, 17)
    """
    ratio, size = pool_param.get("ratio"), pool_param.get("output_size")
    if (ratio is None) == (size is None):
        raise ValueError(
            "pool_param must have one of the keys 'ratio' and 'output_size' (or row_starts and "
            f"col_starts), got the keys {list(pool_param)}"
        )
    if ratio is None:
        name = "pool_param['output_size']"
        OH, OW = (validation.as_extent(name, n, minimum=1) for n in _pair(name, size))
        return OH, OW
    name = "pool_param['ratio']"
    OH, OW = (
        fractional_extent(axis, extent, _as_ratio(name, value))
        for axis, extent, value in zip(
            ("height", "width"), x_shape[2:], _pair(name, ratio), strict=True
        )
    )
    return OH, OW


def _drawn(
    x_shape: tuple[int, ...], pool_param: Mapping[str, Any], window: int | str | None
) -> Regions:
    N, C, H, W = x_shape
    OH, OW = fractional_output_size(x_shape, pool_param)
    sequence = _choice(pool_param, "sequence", ("pseudorandom", "random"))
    by_image, by_channel = _SETS[_choice(pool_param, "sharing", tuple(_SETS))]
    sets = (N if by_image else 1, C if by_channel else 1)
    rng = as_generator("pool_param['seed']", pool_param.get("seed"))
    rows, cols = (
        draw_intervals(*axis, sets, rng, random=sequence == "random", window=window)
        for axis in (("height", H, OH), ("width", W, OW))
    )
    if isinstance(window, int):
        return Regions(rows, cols, window)
    longest = max(-(-H // OH), -(-W // OW))
    return Regions(rows, cols, longest + (window == "closed"))


def _given(x_shape: tuple[int, ...], pool_param: Mapping[str, Any], window: int | str) -> Regions:
    extra = [key for key in _DRAWN if key in pool_param]
    if extra or not all(key in pool_param for key in _STARTS):
        raise ValueError(
            "pool_param must have row_starts and col_starts, or what draws them, "
            f"got the keys {list(pool_param)}"
        )
    N, C, H, W = x_shape
    rows, cols = (
        intervals(_as_starts(f"pool_param[{key!r}]", pool_param[key], N, C, size), size, window)
        for key, size in zip(_STARTS, (H, W), strict=True)
    )
    longest = MOST_PIXELS if isinstance(window, str) else window
    rows = checked_intervals("rows", rows, (N, C), H, longest)
    cols = checked_intervals("cols", cols, (N, C), W, longest)
    return Regions(rows, cols, longest)


def _as_starts(name: str, value: Any, N: int, C: int, size: int) -> Array:
    """Return starts as (1 or N, 1 or C, count); the kernels check their order."""
    starts = np.asarray(value)
    if starts.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {starts.dtype}")
    given = starts.shape
    if starts.ndim == 1:
        starts = starts[None, None]  # (count,) -> (1, 1, count)
    elif starts.ndim == 2:
        starts = starts[:, None]  # (N, count) -> (N, 1, count)
    if starts.ndim != 3 or starts.shape[0] not in (1, N) or starts.shape[1] not in (1, C):
        raise ValueError(
            f"{name} must have shape (count,), ({N}, count) or ({N}, {C}, count), got {given}"
        )
    if not 0 < starts.shape[2] <= size:
        raise ValueError(f"{name} must hold from 1 to {size} starts, got {starts.shape[2]}")
    return starts.astype(np.intp, copy=False)


def _window(pool_param: Mapping[str, Any], overlapping: bool) -> int | str | None:
    window = pool_param.get("window")
    if not overlapping:
        if window is not None:
            raise ValueError(
                "pool_param['window'] is for overlapping regions: disjoint ones are as wide as "
                f"they must be, got {window!r}"
            )
        return "disjoint"
    if window is None or (isinstance(window, str) and window == "closed"):
        return window
    if isinstance(window, str) or np.ndim(window) != 0:
        raise ValueError(
            f"pool_param['window'] must be 'closed' or a number of pixels, got {window!r}"
        )
    extent = validation.as_extent("pool_param['window']", window, minimum=2)
    if extent > MOST_PIXELS:
        raise ValueError(f"pool_param['window'] must be at most {MOST_PIXELS}, got {extent}")
    return extent


def _choice(pool_param: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    """Return one of the choices, of which the first is the default."""
    value = pool_param.get(key, choices[0])
    if not isinstance(value, str) or value not in choices:  # an array is not one text
        raise ValueError(f"pool_param[{key!r}] must be one of {choices}, got {value!r}")
    return str(value)


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    """Return the two numbers of a pair, or a number twice."""
    if isinstance(value, tuple | list | np.ndarray) and np.ndim(value) == 1:
        if len(value) != 2:
            raise ValueError(f"{name} must be a number, or two for height and width, got {value!r}")
        return value[0], value[1]
    return value, value


def _as_ratio(name: str, value: Any) -> float:
    try:
        if isinstance(value, str | bytes):  # float would take "1.5"
            raise TypeError
        ratio = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number in (1, {LARGEST_RATIO}], got {value!r}") from None
    if not 1 < ratio <= LARGEST_RATIO:
        raise ValueError(f"{name} must lie in (1, {LARGEST_RATIO}], got {ratio}")
    return ratio
