"""Changes of colour of image batches (N, C, H, W)."""

import numpy as np

from cs231n.augmentation.images import as_images, in_dtype_of
from cs231n.validation import Array

Range = tuple[float, float]


def random_contrast(X: Array, rng: np.random.Generator, scale: Range = (0.8, 1.2)) -> Array:
    """Multiply each image by one factor.

    Images are meant to have the mean image removed, so that the factor stretches their contrast;
    that of images of bytes, too, changes their brightness.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    rng : numpy.random.Generator
    scale : (low, high)
        Factors are drawn from ``U(low, high)``.

    Returns
    -------
    array like ``X``; integers are rounded, and end at the limits of their type

    Examples
    --------
    >>> import numpy as np
    >>> X = np.full((1, 1, 1, 2), 200, dtype=np.uint8)
    >>> random_contrast(X, np.random.default_rng(0), scale=(2, 3)).ravel().tolist()
    [255, 255]
    """
    X = as_images(X)
    factors = rng.uniform(*_range(scale), size=(len(X), 1, 1, 1))
    return in_dtype_of(X, X * factors)


def random_tint(X: Array, rng: np.random.Generator, scale: Range = (-10, 10)) -> Array:
    """Add one number to each channel of each image.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    rng : numpy.random.Generator
    scale : (low, high)
        Offsets are drawn from ``U(low, high)``.

    Returns
    -------
    array like ``X``; integers are rounded, and end at the limits of their type

    Examples
    --------
    >>> import numpy as np
    >>> X = np.zeros((1, 3, 1, 1), dtype=np.uint8)
    >>> random_tint(X, np.random.default_rng(0), scale=(-20, -10)).ravel().tolist()
    [0, 0, 0]
    """
    X = as_images(X)
    offsets = rng.uniform(*_range(scale), size=(*X.shape[:2], 1, 1))
    return in_dtype_of(X, X + offsets)


def _range(scale: Range) -> Range:
    if np.shape(scale) != (2,) or not -np.inf < scale[0] <= scale[1] < np.inf:
        raise ValueError(f"scale must be (low, high) with low <= high, got {scale!r}")
    return scale
