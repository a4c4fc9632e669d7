"""Images and what an augmentation makes of them, side by side."""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from cs231n.validation import Array, as_extent
from cs231n.visualize.grid import as_rgb_bytes, image_grid


def augmentation_grid(
    X: npt.ArrayLike,
    augment: Callable[[Array, np.random.Generator], Array],
    variants: int = 6,
    seed: int = 0,
    padding: int = 2,
    scale: int = 1,
) -> Array:
    """Lay out a row for each image: the image itself, then what becomes of it.

    Parameters
    ----------
    X : array_like, (N, 1 or 3, H, W)
        uint8, or floats in [0, 1].
    augment : callable ``(X, rng) -> X``
        A transform, or a chain of them; crops are shown on white, in the middle.
    variants : int
        How often each image is augmented.
    seed : int
    padding, scale : int
        As in :func:`image_grid`.

    Returns
    -------
    ndarray, (height, width, 3), uint8

    Raises
    ------
    TypeError, ValueError
        If an argument has another shape, dtype or range.

    Examples
    --------
    >>> from cs231n.augmentation import Flip
    >>> augmentation_grid(np.zeros((2, 3, 8, 8), np.uint8), Flip(), variants=3).shape
    (18, 38, 3)
    """
    images = np.asarray(X)
    as_rgb_bytes("X", images)
    rng = np.random.default_rng(seed)
    variants = as_extent("variants", variants, 1)
    changed = [augment(images, rng) for _ in range(variants)]
    return views_grid(images, changed, padding, scale)


def views_grid(images: Array, views: Iterable[Array], padding: int = 2, scale: int = 1) -> Array:
    """Lay out a row for each image: the image itself, then each view (N, C, h, w) of it.

    Examples
    --------
    >>> X = np.zeros((2, 1, 8, 8), np.uint8)
    >>> views_grid(X, [X[:, :, 2:, 2:]] * 4).shape
    (18, 48, 3)
    """
    columns = [images, *views]
    H, W = (max(column.shape[axis] for column in columns) for axis in (2, 3))
    framed = [_framed(_visible(column), H, W) for column in columns]
    cells = np.stack(framed, axis=1)  # (N, columns, C, H, W)
    flat = cells.reshape(-1, *cells.shape[2:])  # -> (N * columns, C, H, W)
    return image_grid(flat, columns=len(columns), padding=padding, scale=scale)


def _visible(images: Array) -> Array:
    """Return what can be shown: floats that an augmentation led out of [0, 1] end there."""
    return np.clip(images, 0, 1) if images.dtype.kind == "f" else images


def _framed(images: Array, H: int, W: int) -> Array:
    """Put images in the middle of white ones of H x W pixels."""
    N, C, h, w = images.shape
    white = 1 if images.dtype.kind == "f" else 255
    out = np.full((N, C, H, W), white, images.dtype)
    top, left = (H - h) // 2, (W - w) // 2
    out[:, :, top : top + h, left : left + w] = images
    return out
