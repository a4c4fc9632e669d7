"""An augmentation with a slider for each of its parameters, in a notebook."""

import html
import io
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cs231n.augmentation import Augmentation, Compose, OneOf, Sometimes, Transform
from cs231n.validation import Array, as_extent
from cs231n.visualize.augmentations import augmentation_grid
from cs231n.visualize.grid import as_rgb_bytes
from cs231n.visualize.sliders import fraction_slider, sliders_for

# Widgets, and what makes of their values what they stand for.
Made = tuple[list[Any], Callable[[], Augmentation]]


def explore(X: npt.ArrayLike, transform: Transform, variants: int = 6, scale: int = 1) -> Any:
    """Return a widget: sliders for the parameters of `transform`, and the grid that they give.

    Below the sliders stands the transform that they say, to copy. Ranges have two handles; what is
    no number, range or choice stays as it is, and so do callables in a chain.

    Parameters
    ----------
    X : array_like, (N, 1 or 3, H, W)
        A few images, as for :func:`augmentation_grid`.
    transform : Transform
        Such as ``Affine(degrees=20)``, or a chain or choice of transforms, such as a preset.
    variants, scale : int
        As in :func:`augmentation_grid`.

    Returns
    -------
    ipywidgets.VBox
        The last of its children is the picture, the one before it the text.

    Raises
    ------
    ImportError
        Without ipywidgets.
    TypeError, ValueError
        If `transform` is none, or `X` has another shape, dtype or range.
    """
    widgets = _ipywidgets()
    if not isinstance(transform, Transform):
        raise TypeError(f"transform must be a Transform, got {type(transform).__name__}")
    images = np.asarray(X)
    as_rgb_bytes("X", images)
    variants, scale = as_extent("variants", variants, 1), as_extent("scale", scale, 1)
    made, build = _made(widgets, transform, images.shape[1:])
    seed = widgets.IntSlider(value=0, min=0, max=50, description="seed")
    picture, message = widgets.Image(format="png"), widgets.HTML()

    def show(_: Any = None) -> None:
        try:
            changed = build()
            picture.value = _png(augmentation_grid(images, changed, variants, seed.value, 2, scale))
            message.value = _text(changed.describe())  # type: ignore[attr-defined]
        except ValueError as error:  # such as a crop that does not fit
            message.value = _text(str(error), colour="#b00020")

    longest = 0.6 * max(len(widget.description) for widget in (*made, seed)) + 1  # in em
    for widget in (*made, seed):
        widget.style = {"description_width": f"{longest:.1f}em"}
        widget.layout = {"width": f"{longest + 24:.1f}em"}
        widget.observe(show, names="value")
    show()
    return widgets.VBox([*made, seed, message, picture])


def _ipywidgets() -> Any:
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(
            "the explorer needs ipywidgets: install it with `pip install ipywidgets`, or see the "
            "same picture without sliders by cs231n.visualize.augmentation_grid"
        ) from error
    return ipywidgets


def _made(widgets: Any, part: Augmentation, shape: tuple[int, ...], alone: bool = True) -> Made:
    """Return the widgets of a transform; of chains and choices, those of what they hold."""
    if isinstance(part, Compose):
        made, builds = _together(widgets, part.parts, shape)
        return made, lambda: Compose(*(build() for build in builds))
    if isinstance(part, OneOf):
        made, builds = _together(widgets, part.transforms, shape)
        return made, lambda: OneOf(*(build() for build in builds), weights=part.weights)  # type: ignore[arg-type]
    if isinstance(part, Sometimes):
        inner, build = _made(widgets, part.transform, shape, alone=False)
        p = fraction_slider(widgets, "Sometimes p", part.p)
        return [p, *inner], lambda: Sometimes(build(), p.value)  # type: ignore[arg-type]
    if not (isinstance(part, Transform) and is_dataclass(part)):
        return [], lambda: part
    made, build = sliders_for(widgets, part, shape)
    for widget in () if alone else made:
        widget.description = f"{type(part).__name__} {widget.description}"
    return made, build


def _together(
    widgets: Any, parts: tuple[Augmentation, ...], shape: tuple[int, ...]
) -> tuple[list[Any], list[Callable[[], Augmentation]]]:
    """Return the widgets of several parts, and what makes each part."""
    made: list[Any] = []
    builds: list[Callable[[], Augmentation]] = []
    for part in parts:
        inner, build = _made(widgets, part, shape, alone=False)
        made += inner
        builds.append(build)
        if isinstance(part, Transform):
            shape = part.output_shape(shape)
    return made, builds


def _text(text: str, colour: str = "inherit") -> str:
    return f'<code style="white-space: normal; color: {colour}">{html.escape(text)}</code>'


def _png(grid: Array) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(grid).save(buffer, "png")
    return buffer.getvalue()
