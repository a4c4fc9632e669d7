"""What every augmentation does first and last: check the batch, and keep its dtype."""

import numpy as np

from cs231n.validation import Array


def as_images(X: Array) -> Array:
    """Return `X` as an array of images (N, C, H, W), of integers or real numbers.

    Examples
    --------
    >>> as_images(np.zeros((3, 8, 8)))
    Traceback (most recent call last):
    ValueError: X must have shape (N, C, H, W), got (3, 8, 8)
    """
    X = np.asarray(X)
    if X.ndim != 4:
        raise ValueError(f"X must have shape (N, C, H, W), got {X.shape}")
    if X.dtype.kind not in "iuf":
        raise TypeError(f"X must hold integers or real numbers, got dtype {X.dtype}")
    return X


def in_dtype_of(X: Array, values: Array) -> Array:
    """Return `values` in the dtype of `X`: rounded and clipped to its range if those are integers.

    Examples
    --------
    >>> in_dtype_of(np.zeros(1, np.uint8), np.array([-7.0, 1.6, 300.0])).tolist()
    [0, 2, 255]
    """
    if X.dtype.kind in "iu":
        range_ = np.iinfo(X.dtype)
        values = np.clip(np.rint(values), range_.min, range_.max)
    return values.astype(X.dtype)
