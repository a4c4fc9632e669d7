"""Augmentations as functions ``(X, rng) -> X``, as the course of 2015 names them."""

import numpy as np

from cs231n.augmentation.affine import Affine
from cs231n.augmentation.colour import Contrast
from cs231n.augmentation.crops import Crop, Shift, as_window, fitting
from cs231n.augmentation.flips import Flip
from cs231n.augmentation.images import as_images
from cs231n.augmentation.ranges import Range, as_range
from cs231n.augmentation.tints import Tint
from cs231n.validation import Array


def random_flips(X: Array, rng: np.random.Generator) -> Array:
    """Mirror each image left to right with probability 1/2: :class:`Flip`.

    Examples
    --------
    >>> X = np.arange(6).reshape(2, 1, 1, 3)
    >>> random_flips(X, np.random.default_rng(3))[:, 0, 0].tolist()
    [[2, 1, 0], [5, 4, 3]]
    """
    return Flip()(X, rng)


def random_crops(X: Array, rng: np.random.Generator, crop_shape: tuple[int, int]) -> Array:
    """Cut a window (HH, WW) out of each image, anywhere: :class:`Crop`.

    Examples
    --------
    >>> random_crops(np.zeros((4, 3, 8, 8)), np.random.default_rng(0), (6, 5)).shape
    (4, 3, 6, 5)
    """
    return Crop(fitting(as_images(X), as_window("crop_shape", crop_shape)))(X, rng)


def random_shifts(
    X: Array, rng: np.random.Generator, pixels: int, border: str = "reflect"
) -> Array:
    """Shift each image by up to `pixels` whole pixels on both axes: :class:`Shift`.

    Examples
    --------
    >>> X = np.arange(1, 4).reshape(1, 1, 1, 3)
    >>> random_shifts(X, np.random.default_rng(0), 1, border="constant").shape
    (1, 1, 1, 3)
    """
    return Shift(pixels, border)(X, rng)


def random_affine(
    X: Array,
    rng: np.random.Generator,
    *,
    degrees: float = 0.0,
    scale: float = 0.0,
    shear: float = 0.0,
    shift: float = 0.0,
) -> Array:
    """Rotate, scale, shear and shift each image in one interpolation: :class:`Affine`.

    Examples
    --------
    >>> X = np.full((2, 1, 5, 5), 7, dtype=np.uint8)
    >>> int(random_affine(X, np.random.default_rng(0), degrees=10)[0, 0, 2, 2])
    7
    """
    return Affine(degrees, scale, shear, shift)(X, rng)


def random_contrast(X: Array, rng: np.random.Generator, scale: Range = (0.8, 1.2)) -> Array:
    """Multiply each image by one factor from ``U(*scale)``: :class:`Contrast` about 0.

    Images are meant to have the mean image removed, so that the factor stretches their contrast;
    that of images of bytes, too, changes their brightness.

    Examples
    --------
    >>> X = np.full((1, 1, 1, 2), 200, dtype=np.uint8)
    >>> random_contrast(X, np.random.default_rng(0), scale=(2, 3)).ravel().tolist()
    [255, 255]
    """
    return Contrast(_ends(scale), about=0)(X, rng)


def random_tint(X: Array, rng: np.random.Generator, scale: Range = (-10, 10)) -> Array:
    """Add one number from ``U(*scale)`` to each channel of each image: :class:`Tint`.

    Examples
    --------
    >>> X = np.zeros((1, 3, 1, 1), dtype=np.uint8)
    >>> random_tint(X, np.random.default_rng(0), scale=(-20, -10)).ravel().tolist()
    [0, 0, 0]
    """
    return Tint(_ends(scale))(X, rng)


def _ends(scale: Range) -> Range:
    if np.shape(scale) != (2,):
        raise ValueError(f"scale must be (low, high) with low <= high, got {scale!r}")
    return as_range("scale", scale)
