"""A transform with a slider for each of its parameters, in a notebook."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cs231n.augmentation import Transform
from cs231n.validation import Array
from cs231n.visualize.augmentations import augmentation_grid

# How far the sliders go, where the default does not tell.
_LIMITS: dict[str, tuple[float, float]] = {
    "degrees": (-180.0, 180.0),
    "p": (0.0, 1.0),
    "hue": (-0.5, 0.5),
    "k1": (-0.24, 0.5),
    "k2": (-0.05, 0.1),
    "strength": (0.0, 1.0),
    "area": (0.01, 1.0),
    "aspect": (0.25, 4.0),
    "zoom": (0.25, 4.0),
    "shear": (-1.0, 1.0),
    "shear_columns": (-1.0, 1.0),
}
_CHOICES = {
    "border": ("constant", "edge", "reflect"),
    "interpolation": ("nearest", "bilinear", "bicubic"),
    "axis": ("horizontal", "vertical"),
    "spread": ("variance", "deviation"),
}


def explore(X: npt.ArrayLike, transform: Transform, variants: int = 6, scale: int = 1) -> Any:
    """Return a widget: sliders for the parameters of `transform`, and the grid that they give.

    Needs ipywidgets. Ranges have two handles; what is no number or choice stays as it is.

    Parameters
    ----------
    X : array_like, (N, 1 or 3, H, W)
        A few images, as for :func:`augmentation_grid`.
    transform : Transform
        One transform, such as ``Affine(degrees=20)``; no chain.
    variants, scale : int
        As in :func:`augmentation_grid`.

    Raises
    ------
    ImportError
        Without ipywidgets.
    """
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(
            "the explorer needs ipywidgets: install it with `pip install ipywidgets`, or see the "
            "same picture without sliders by cs231n.visualize.augmentation_grid"
        ) from error
    images = np.asarray(X)
    picture = ipywidgets.Image(format="png")
    message = ipywidgets.Label()
    sliders = {name: _slider(ipywidgets, name, value) for name, value in controls(transform)}
    sliders["seed"] = ipywidgets.IntSlider(0, 0, 50, description="seed")

    def show(_: Any = None) -> None:
        values = {name: slider.value for name, slider in sliders.items()}
        seed = values.pop("seed")
        try:
            changed = replace(transform, **values)  # type: ignore[type-var]
            picture.value = _png(augmentation_grid(images, changed, variants, seed, scale=scale))
            message.value = changed.describe()
        except ValueError as error:  # such as a crop that does not fit
            message.value = str(error)

    for slider in sliders.values():
        slider.observe(show, names="value")
    show()
    return ipywidgets.VBox([*sliders.values(), message, picture])


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
        elif isinstance(value, int | float) and not isinstance(value, bool):
            around = 1.0 if field.name in ("scale", "zoom", "saturation", "value") else 0.0
            is_range = "tuple" in str(field.type)
            brightness = type(transform).__name__ in ("Brightness", "Contrast", "Saturation")
            around = 1.0 if brightness and field.name == "reach" else around
            found.append((field.name, (around - value, around + value) if is_range else value))
        elif isinstance(value, tuple) and np.shape(value) == (2,):
            found.append((field.name, value))
    return found


def _slider(widgets: Any, name: str, value: Any) -> Any:
    if name in _CHOICES:
        return widgets.Dropdown(options=_CHOICES[name], value=value, description=name)
    is_pair = isinstance(value, tuple)
    largest = max(np.abs(value).max(), 0.5)
    whole = all(isinstance(one, int) for one in (value if is_pair else [value]))
    low, high = _LIMITS.get(name, (-2 * largest if is_pair else 0, 2 * largest))
    if is_pair and name in ("scale", "sigma", "saturation", "value", "sides", "shape", "reach"):
        low = low if min(value) < 0 else 0.01
    kind = ("Int" if whole else "Float") + ("RangeSlider" if is_pair else "Slider")
    options = {} if whole else {"step": (high - low) / 200}
    if whole:
        low, high = int(low), int(np.ceil(high))
    return getattr(widgets, kind)(value=value, min=low, max=high, description=name, **options)


def _png(grid: Array) -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(grid).save(buffer, "png")
    return buffer.getvalue()
