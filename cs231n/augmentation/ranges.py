"""Ranges to draw parameters from: ``(low, high)``, or one number that says how far they reach."""

import math
from typing import Any

import numpy as np

from cs231n.validation import Array

Range = tuple[float, float]
Reach = float | Range

# The kernels compute in float32, for which larger numbers are infinite.
_LARGEST = float(np.finfo(np.float32).max)


def as_range(
    name: str,
    value: Reach,
    *,
    around: float = 0.0,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float = math.inf,
) -> Range:
    """Return (low, high); a single number r stands for ``(around - r, around + r)``.

    Parameters
    ----------
    name : str
        What an error calls the argument.
    value : float or (low, high)
    around : float
    least, above, most : float
        Limits of the range; `above` itself is outside.

    Examples
    --------
    >>> as_range("scale", 0.25, around=1), as_range("degrees", (0, 360))
    ((0.75, 1.25), (0.0, 360.0))
    """
    if np.ndim(value) == 0:
        reach = as_number(name, value)
        if not 0 <= reach <= _LARGEST:
            raise ValueError(f"{name} must be finite and at least 0, got {value}")
        low, high = around - reach, around + reach
    else:
        if np.shape(value) != (2,):
            raise ValueError(f"{name} must be a number or (low, high), got {value!r}")
        low, high = (as_number(name, end) for end in value)  # type: ignore[union-attr]
    if not -_LARGEST <= low <= high <= _LARGEST:
        problem = "low <= high" if low > high else "finite ends"
        raise ValueError(f"{name} must be (low, high) with {problem}, got {value!r}")
    if low < least or low <= above or high > most:
        start = f"({above:g}" if above > -math.inf else f"[{least:g}"
        got = f"{value}, which is {(low, high)}" if np.ndim(value) == 0 else f"{(low, high)}"
        raise ValueError(f"{name} must lie in {start}, {most:g}], got {got}")
    return low, high


def as_number(name: str, value: Any, least: float = -math.inf, above: float = -math.inf) -> float:
    """Return a float of at least `least`, or above `above`; with either limit it is finite, too.

    Examples
    --------
    >>> as_number("sigma", 2, above=0)
    2.0
    """
    if isinstance(value, str):  # float would take "2"
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    if max(least, above) == -math.inf:
        return number
    if not (least <= number < math.inf and number > above):
        limit = f"above {above:g}" if above > -math.inf else f"at least {least:g}"
        raise ValueError(f"{name} must be finite and {limit}, got {value}")
    return number


def log_uniform(rng: np.random.Generator, limits: Range, size: int) -> Array:
    """Draw numbers whose logarithms are uniform: twice is as likely as half."""
    return np.exp(rng.uniform(math.log(limits[0]), math.log(limits[1]), size))
