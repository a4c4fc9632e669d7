"""Intervals of fractional max-pooling along one axis, drawn for many images at once.

Everything is computed in whole numbers, so no rounding of a ratio can make an increment too long
or the last region miss the image's end: docs/fractional-pooling.md has the derivation.
"""

import math

import numpy as np

from cs231n import validation
from cs231n.validation import Array

LARGEST_RATIO = 3


def fractional_extent(name: str, size: int, ratio: float) -> int:
    """Return how many regions an axis of `size` pixels gets: ``size / ratio``, rounded.

    At least one pixel is saved, and no region has more than ``ceil(ratio)`` of its own.

    Examples
    --------
    >>> [fractional_extent("width", size, 2**0.5) for size in (35, 24, 16, 10, 6, 3)]
    [25, 17, 11, 7, 4, 2]
    """
    if size < 2:
        raise ValueError(f"the {name} must have at least 2 pixels to pool, got {size}")
    nearest = math.floor(size / ratio + 0.5)
    return min(max(nearest, -(-size // math.ceil(ratio))), size - 1)


def draw_intervals(
    name: str,
    size: int,
    count: int,
    sets: tuple[int, int],
    rng: np.random.Generator,
    *,
    random: bool,
    window: int | str | None,
) -> Array:
    """Draw `count` intervals that cover the axis of `size` pixels, for each set on its own.

    Parameters
    ----------
    name : str
        The axis, for errors.
    size, count : int
        ``count < size <= 3 count``.
    sets : (n, c)
        How many images and channels have intervals of their own.
    rng : numpy.random.Generator
    random : bool
        Whether the increments are shuffled, or as regular as whole numbers can be.
    window : int, None, ``'disjoint'`` or ``'closed'``
        Pixels of each interval; None is ``ceil(size / count)``. Disjoint intervals end where the
        next one begins, closed ones share that pixel.

    Returns
    -------
    int array (n, c, count, 2)
        Each interval's first pixel, and the one behind its last.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> draw_intervals("width", 5, 3, (1, 1), rng, random=True, window="disjoint").tolist()
    [[[[0, 1], [1, 3], [3, 5]]]]
    """
    if not 0 < count < size <= LARGEST_RATIO * count:
        raise ValueError(
            f"the output's {name} must be less than the input's {size} and at least "
            f"{-(-size // LARGEST_RATIO)}, a third of it, got {count}"
        )
    draw = random_bounds if random else pseudorandom_bounds
    if isinstance(window, str):
        bounds = draw(size, count, sets, rng)
        return intervals(bounds[..., :-1], size, window)
    width = -(-size // count) if window is None else window
    if not count - 1 <= size - width <= width * (count - 1):
        raise ValueError(
            f"the {name} of {size} pixels does not suit {_windows(count, width)}: "
            + (
                f"it covers just {width}"
                if count == 1
                else f"they cover from {width + count - 1} to {width * count}"
            )
        )
    return intervals(draw(size - width, count - 1, sets, rng), size, width)


def _windows(count: int, width: int) -> str:
    return f"{count} window{'s' if count != 1 else ''} of {width} pixels"


def intervals(starts: Array, size: int, window: int | str) -> Array:
    """Return starts (..., count) as intervals (..., count, 2), which end as `window` says.

    Examples
    --------
    >>> intervals(np.array([0, 1, 3]), 5, "closed").tolist()
    [[0, 2], [1, 4], [3, 5]]
    """
    if not isinstance(window, str):
        return np.stack([starts, starts + window], axis=-1)
    ends = np.full_like(starts, size)
    np.minimum(starts[..., 1:] + (window == "closed"), size, out=ends[..., :-1])
    return np.stack([starts, ends], axis=-1)


def pseudorandom_bounds(
    length: int, steps: int, sets: tuple[int, ...], rng: np.random.Generator
) -> Array:
    """Return ``floor(alpha (j + u)) - floor(alpha u)`` for j = 0 ... steps.

    ``alpha = length / steps``, and one ``u ~ U(0, 1)`` a set. Only the whole part of ``length u``
    matters, so that is what is drawn: ``(j length + t) // steps - t // steps`` is exact.

    Examples
    --------
    >>> pseudorandom_bounds(7, 5, (1,), np.random.default_rng(0)).tolist()
    [[0, 1, 2, 4, 5, 7]]
    """
    t = rng.integers(max(length, 1), size=(*sets, 1))
    if steps == 0:
        return np.zeros_like(t, dtype=np.intp)
    bounds = (np.arange(steps + 1) * length + t) // steps - t // steps
    return bounds.astype(np.intp, copy=False)


def random_bounds(
    length: int, steps: int, sets: tuple[int, ...], rng: np.random.Generator
) -> Array:
    """Return the partial sums of shuffled increments ``floor(alpha)`` and ``ceil(alpha)``.

    Examples
    --------
    >>> random_bounds(7, 5, (1,), np.random.default_rng(0)).tolist()
    [[0, 1, 2, 3, 5, 7]]
    """
    bounds = np.zeros((*sets, steps + 1), dtype=np.intp)
    if steps:
        short, longer = divmod(length, steps)
        increments = np.full((*sets, steps), short, dtype=np.intp)
        increments[..., :longer] += 1
        increments = rng.permuted(increments, axis=-1)
        np.cumsum(increments, axis=-1, out=bounds[..., 1:])
    return bounds


def starts_from_samples(samples: Array, size: int, count: int, window: int) -> Array:
    """Return the starts (..., count) that PyTorch makes of its ``_random_samples`` (...).

    The same formula as :func:`pseudorandom_bounds`, in the samples' own precision. PyTorch's
    ``_random_samples`` (N, C, 2) begin with the *width*: ``[..., 0]`` makes ``'col_starts'``, and
    ``[..., 1]`` ``'row_starts'``, for :func:`cs231n.layers.fractional_max_pool_forward`.

    Parameters
    ----------
    samples : array of numbers in [0, 1]
    size, count, window : int
        The axis's pixels, its windows, and the pixels of a window.

    Examples
    --------
    >>> from cs231n.layers import starts_from_samples
    >>> starts_from_samples(np.array([0.5, 0.9]), 7, 4, 2).tolist()
    [[0, 2, 4, 5], [0, 2, 3, 5]]
    """
    samples = validation.as_float_array("samples", samples)[..., None]
    if not ((samples >= 0) & (samples <= 1)).all():
        raise ValueError("samples must lie in [0, 1], got others, or NaN")
    if not 1 <= count <= size - window + 1:
        raise ValueError(
            f"{_windows(count, window)} cannot begin one behind the other in {size} pixels"
        )
    starts = np.zeros((*samples.shape[:-1], count), dtype=np.intp)
    if count > 1:
        alpha = samples.dtype.type(size - window) / samples.dtype.type(count - 1)
        places = np.arange(count - 1).astype(samples.dtype)
        starts[..., :-1] = (samples + places) * alpha
        starts[..., :-1] -= (samples * alpha).astype(np.intp)
    starts[..., -1] = size - window
    return starts
