"""Sliders for the parameters of one transform: which there are, and how far they go."""

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from cs231n.augmentation import Transform
from cs231n.validation import Array

Number = int | float

# How far sliders go; "Class.name" comes before "name". They reach further where the value does.
_LIMITS: dict[str, tuple[float, float]] = {
    "degrees": (-180.0, 180.0),
    "scale": (0.1, 2.0),
    "zoom": (0.25, 4.0),
    "shear": (-1.0, 1.0),
    "shear_columns": (-1.0, 1.0),
    "Perspective.reach": (0.0, 0.24),
    "k1": (-0.24, 0.5),
    "k2": (-0.05, 0.1),
    "Elastic.alpha": (0.0, 100.0),
    "Elastic.sigma": (0.5, 10.0),
    "area": (0.01, 1.0),
    "aspect": (0.25, 4.0),
    "p": (0.0, 1.0),
    "Gamma.reach": (0.1, 4.0),
    "Tint.reach": (-100.0, 100.0),
    "reach": (0.0, 3.0),
    "hue": (-0.5, 0.5),
    "saturation": (0.0, 3.0),
    "HueSaturation.value": (0.0, 3.0),
    "levels": (0, 127),
    "FancyPCA.sigma": (0.0, 2.0),
    "strength": (0.0, 1.0),
    "power": (0.5, 8.0),
    "Noise.sigma": (0.0, 0.5),
    "Blur.sigma": (0.0, 5.0),
    "Cutout.value": (0.0, 255.0),
    "about": (0.0, 255.0),
    "white": (1.0, 255.0),
}
# What is counted in pixels, in shares of the images' shorter side.
_IN_SIDES: dict[str, tuple[float, float]] = {
    "shift": (-0.5, 0.5),
    "pixels": (0.0, 0.5),
    "pad": (0.0, 0.5),
    "size": (0.0, 1.0),
    "sides": (0.25, 4.0),
}
_CHOICES = {
    "border": ("constant", "edge", "reflect"),
    "interpolation": ("nearest", "bilinear", "bicubic"),
    "axis": ("horizontal", "vertical"),
    "spread": ("variance", "deviation"),
}
# One number for these is how far they reach to both sides of 1, for others of 0.
_AROUND_ONE = {
    *("scale", "zoom", "saturation", "HueSaturation.value"),
    *("Brightness.reach", "Contrast.reach", "Saturation.reach", "Gamma.reach"),
}
_DIGITS = 10


def controls(transform: Transform) -> list[tuple[str, Any]]:
    """Return the parameters that a slider or a list can set, with their values.

    Examples
    --------
    >>> from cs231n.augmentation import Lens
    >>> controls(Lens(0.2))[:3]
    [('k1', (-0.2, 0.2)), ('k2', (0.0, 0.0)), ('border', 'constant')]
    """
    found: list[tuple[str, Any]] = []
    for field in fields(transform):  # type: ignore[arg-type]
        value = getattr(transform, field.name)
        if field.name in _CHOICES:
            found.append((field.name, value))
        elif isinstance(value, Number) and not isinstance(value, bool):
            around = _around(transform, field.name)
            pair = (round(around - value, _DIGITS), round(around + value, _DIGITS))
            found.append((field.name, pair if "tuple" in str(field.type) else value))
        elif isinstance(value, tuple) and np.shape(value) == (2,):
            found.append((field.name, value))
    return found


def sliders_for(
    widgets: Any, transform: Transform, shape: tuple[int, ...]
) -> tuple[list[Any], Callable[[], Transform]]:
    """Return widgets for a transform of images (C, H, W), and what makes a transform of them.

    Parameters
    ----------
    widgets : module
        ipywidgets.
    transform : Transform
    shape : (C, H, W)
        By which the sliders that count pixels are limited.
    """
    made: dict[str, list[Any]] = {}
    for name, value in controls(transform):
        if name == "shape":  # height and width are no range: each has its slider
            most = max(*value, *shape[1:])
            made[name] = [
                widgets.IntSlider(value=int(extent), min=1, max=most, description=side)
                for side, extent in zip(("height", "width"), value, strict=True)
            ]
        else:
            made[name] = [_slider(widgets, transform, name, value, min(shape[1:]))]

    def build() -> Transform:
        values = {name: [widget.value for widget in some] for name, some in made.items()}
        changed = {
            name: tuple(some) if name == "shape" else _short(transform, name, some[0])
            for name, some in values.items()
        }
        return replace(transform, **changed)  # type: ignore[type-var]

    return [widget for some in made.values() for widget in some], build


def fraction_slider(widgets: Any, name: str, value: float) -> Any:
    """Return a slider from 0 to 1."""
    return widgets.FloatSlider(value=value, min=0.0, max=1.0, step=0.01, description=name)


def _slider(widgets: Any, transform: Transform, name: str, value: Any, side: int) -> Any:
    if name in _CHOICES:
        return widgets.Dropdown(options=_CHOICES[name], value=value, description=name)
    is_pair = isinstance(value, tuple)
    (field,) = (field for field in fields(transform) if field.name == name)  # type: ignore[arg-type]
    ends = np.array(value if is_pair else [value], float)
    low, high = _limits(transform, name, ends, side)
    if field.type is int:
        return widgets.IntSlider(
            value=int(value), min=int(low), max=math.ceil(high), description=name
        )
    kind = widgets.FloatRangeSlider if is_pair else widgets.FloatSlider
    # A hundredth of the way, to a whole decimal: 3.6 becomes 1, 0.005 becomes 0.001.
    digits = -math.floor(math.log10((high - low) / 100))
    start = tuple(ends.tolist()) if is_pair else float(value)
    options = {"step": 10.0**-digits, "readout_format": f".{max(digits, 0)}f"}
    return kind(value=start, min=low, max=high, description=name, **options)


def _limits(transform: Transform, name: str, ends: Array, side: int) -> tuple[float, float]:
    """Return how far a slider goes: as the tables say, and at least as far as its value."""
    if name in _IN_SIDES:
        low, high = (share * side for share in _IN_SIDES[name])
    else:
        most = 2 * max(float(np.abs(ends).max()), 0.5)
        by_name = _LIMITS.get(name, (0.0 if ends.min() >= 0 else -most, most))
        low, high = _LIMITS.get(_full(transform, name), by_name)
    return min(low, float(ends.min())), max(high, float(ends.max()))


def _short(transform: Transform, name: str, value: Any) -> Any:
    """Return a range as one number where that says the same: what one would have written."""
    was, around = getattr(transform, name), _around(transform, name)
    if value == was:
        return was
    if not isinstance(value, tuple):
        return value
    low, high = (round(end, _DIGITS) for end in value)
    reach = round(high - around, _DIGITS)
    is_short = np.ndim(was) == 0 and 0 <= reach == round(around - low, _DIGITS)
    if not is_short or (around == 1 and reach >= 1):
        return low, high
    return was if reach == was else reach


def _around(transform: Transform, name: str) -> float:
    return 1.0 if name in _AROUND_ONE or _full(transform, name) in _AROUND_ONE else 0.0


def _full(transform: Transform, name: str) -> str:
    return f"{type(transform).__name__}.{name}"
