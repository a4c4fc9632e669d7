"""What every augmentation does first and last: check the batch, its layout and what white is."""

from typing import Any

import numpy as np

from cs231n.augmentation.ranges import as_number
from cs231n.kernels.arrays import integer_limits, result
from cs231n.validation import Array

Shape = tuple[int, ...]


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


def as_planes(X: Array, layout: str) -> Array:
    """Return images as (N, C, H, W) from either layout.

    Examples
    --------
    >>> as_planes(np.zeros((2, 8, 9, 3)), "NHWC").shape
    (2, 3, 8, 9)
    """
    if layout not in ("NCHW", "NHWC"):
        raise ValueError(f"layout must be 'NCHW' or 'NHWC', got {layout!r}")
    if layout == "NHWC":
        if np.ndim(X) != 4:
            raise ValueError(f"X must have shape (N, H, W, C), got {np.shape(X)}")
        X = np.ascontiguousarray(np.moveaxis(X, 3, 1))
    return as_images(X)


def in_layout(planes: Array, layout: str, out: Array | None) -> Array:
    """Return (N, C, H, W) in the layout of `as_planes`; of NHWC in `out`, or in a new array.

    Examples
    --------
    >>> in_layout(np.zeros((2, 3, 8, 9)), "NHWC", None).shape
    (2, 8, 9, 3)
    """
    if layout == "NCHW":
        return planes
    changed = np.moveaxis(planes, 1, 3)
    out = result("out", out, changed.shape, changed.dtype)
    out[...] = changed
    return out


def as_rng(rng: Any) -> np.random.Generator:
    """Return `rng` if it can draw what augmentation needs.

    Examples
    --------
    >>> as_rng(0)
    Traceback (most recent call last):
    TypeError: rng must be a numpy.random.Generator, such as numpy.random.default_rng(0), got 0
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            "rng must be a numpy.random.Generator, such as numpy.random.default_rng(0), "
            f"got {rng!r}"
        )
    return rng


def as_white(white: float) -> float:
    """Return a value of white, of which colours are shares.

    Examples
    --------
    >>> as_white(255)
    255.0
    """
    return as_number("white", white, above=0)


def white_of(X: Array, white: float | None) -> float:
    """Return the value of white: by default 255 for integers (65535 of 16 bits), 1 for floats.

    Examples
    --------
    >>> white_of(np.zeros(1, np.uint8), None), white_of(np.zeros(1), None)
    (255.0, 1.0)
    """
    if white is not None:
        return as_white(white)
    if X.dtype.kind not in "iu":
        return 1.0
    return 65535.0 if X.dtype == np.uint16 else 255.0


def in_dtype_of(X: Array, values: Array, out: Array | None = None) -> Array:
    """Return `values` in the dtype of `X`: rounded and clipped to its range if those are integers.

    Examples
    --------
    >>> in_dtype_of(np.zeros(1, np.uint8), np.array([-7.0, 1.6, 300.0])).tolist()
    [0, 2, 255]
    """
    if X.dtype.kind in "iu":
        values = np.rint(values)
        np.clip(values, *integer_limits(X.dtype, values.dtype), out=values)
    if out is None:
        return values.astype(X.dtype)
    out[...] = values
    return out
