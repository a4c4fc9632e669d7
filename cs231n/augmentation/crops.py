"""Crops of image batches (N, C, H, W): random ones to train on, fixed ones to predict with."""

import numpy as np

from cs231n import validation
from cs231n.augmentation.images import as_images
from cs231n.validation import Array

CROP_TYPES = ("center", "ul", "ur", "bl", "br")


def random_crops(X: Array, rng: np.random.Generator, crop_shape: tuple[int, int]) -> Array:
    """Cut a window out of each image; every place where it fits is as likely.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    rng : numpy.random.Generator
    crop_shape : (HH, WW)
        Height and width of the window, at most H and W.

    Returns
    -------
    array (N, C, HH, WW), of the dtype of ``X``

    Raises
    ------
    ValueError
        If the window is larger than the images.

    References
    ----------
    Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012, https://papers.nips.cc/paper/4824

    Examples
    --------
    >>> import numpy as np
    >>> random_crops(np.zeros((4, 3, 8, 8)), np.random.default_rng(0), (6, 5)).shape
    (4, 3, 6, 5)
    """
    X = as_images(X)
    HH, WW = _crop_shape(X, crop_shape)
    N, C, H, W = X.shape
    top, left = rng.integers(0, H - HH + 1, N), rng.integers(0, W - WW + 1, N)
    rows = (top[:, None] + np.arange(HH))[:, None, :, None]  # (N, 1, HH, 1)
    columns = (left[:, None] + np.arange(WW))[:, None, None, :]  # (N, 1, 1, WW)
    images, channels = np.arange(N)[:, None, None, None], np.arange(C)[None, :, None, None]
    return X[images, channels, rows, columns]


def fixed_crops(X: Array, crop_shape: tuple[int, int], crop_type: str) -> Array:
    """Cut the same window out of every image.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    crop_shape : (HH, WW)
        Height and width of the window, at most H and W.
    crop_type : {'center', 'ul', 'ur', 'bl', 'br'}
        The centre (rounded up and left), or the upper or bottom, left or right corner.

    Returns
    -------
    array (N, C, HH, WW), of the dtype of ``X``

    Raises
    ------
    ValueError
        If the window is larger than the images, or the type is another.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> fixed_crops(X, (1, 2), "br").tolist()
    [[[[7.0, 8.0]]]]
    """
    X = as_images(X)
    HH, WW = _crop_shape(X, crop_shape)
    if crop_type not in CROP_TYPES:
        raise ValueError(f"crop_type must be one of {', '.join(CROP_TYPES)}, got {crop_type!r}")
    free_rows, free_columns = X.shape[2] - HH, X.shape[3] - WW
    top, left = free_rows // 2, free_columns // 2
    if crop_type != "center":
        top = 0 if crop_type[0] == "u" else free_rows
        left = 0 if crop_type[1] == "l" else free_columns
    return X[:, :, top : top + HH, left : left + WW].copy()


def _crop_shape(X: Array, crop_shape: tuple[int, int]) -> tuple[int, int]:
    if np.shape(crop_shape) != (2,):
        raise ValueError(f"crop_shape must be (height, width), got {crop_shape!r}")
    HH, WW = (validation.as_extent("crop_shape", extent, minimum=1) for extent in crop_shape)
    if min(X.shape[2] - HH, X.shape[3] - WW) < 0:
        raise ValueError(f"crop_shape must fit into X {X.shape}, got {(HH, WW)}")
    return HH, WW
