"""The published face of :mod:`cs231n.augmentation` (2015): no generator is handed over.

What is drawn follows NumPy's global generator, because notebooks seed that with
``np.random.seed``. Images are (N, C, H, W); each function returns a new array of their dtype.
"""

import numpy as np

from cs231n import augmentation as _augmentation
from cs231n.augmentation import fixed_crops as fixed_crops
from cs231n.validation import Array


def random_flips(X: Array) -> Array:
    """Mirror each image with probability 1/2: :func:`cs231n.augmentation.random_flips`.

    Examples
    --------
    >>> random_flips(np.zeros((2, 3, 8, 8))).shape
    (2, 3, 8, 8)
    """
    return _augmentation.random_flips(X, _rng())


def random_crops(X: Array, crop_shape: tuple[int, int]) -> Array:
    """Cut a window (HH, WW) out of each image: :func:`cs231n.augmentation.random_crops`.

    Examples
    --------
    >>> random_crops(np.zeros((2, 3, 8, 8)), (6, 7)).shape
    (2, 3, 6, 7)
    """
    return _augmentation.random_crops(X, _rng(), crop_shape)


def random_contrast(X: Array, scale: tuple[float, float] = (0.8, 1.2)) -> Array:
    """Multiply each image by one factor: :func:`cs231n.augmentation.random_contrast`.

    Examples
    --------
    >>> random_contrast(np.ones((1, 1, 1, 2)), scale=(2, 2)).tolist()
    [[[[2.0, 2.0]]]]
    """
    return _augmentation.random_contrast(X, _rng(), scale)


def random_tint(X: Array, scale: tuple[float, float] = (-10, 10)) -> Array:
    """Add one number to each channel of each image: :func:`cs231n.augmentation.random_tint`.

    Examples
    --------
    >>> random_tint(np.ones((1, 1, 1, 2)), scale=(2, 2)).tolist()
    [[[[3.0, 3.0]]]]
    """
    return _augmentation.random_tint(X, _rng(), scale)


def _rng() -> np.random.Generator:
    """Return a generator that is seeded from the global one, and moves it on."""
    return np.random.default_rng(np.random.randint(2**31 - 1, size=4))
