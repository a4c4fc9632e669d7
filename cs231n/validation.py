"""Argument checks shared by the public functions.

Each check returns the value in the form that the caller works with, or raises an error that
names the argument, what came and what was expected.
"""

import math
import operator
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Strides, paddings and windows beyond this are mistakes, and would overflow index arithmetic.
_LARGEST_EXTENT = 2**31 - 1


def as_float_array(name: str, value: npt.ArrayLike, ndim: int | None = None) -> Array:
    """Return `value` as a floating-point array; integers and booleans become float64."""
    array = np.asarray(value)
    if array.dtype.kind in "iub":
        array = array.astype(np.float64)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimensions, got shape {array.shape}")
    return array


def as_shaped(name: str, value: npt.ArrayLike, shape: tuple[int, ...], because: str) -> Array:
    """Return `value` as a floating-point array of exactly this shape."""
    array = as_float_array(name, value)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape} {because}, got {array.shape}")
    return array


def as_labels(name: str, value: npt.ArrayLike, count: int, classes: int) -> Array:
    """Return `value` as `count` integer labels in [0, classes)."""
    labels = np.asarray(value)
    if labels.shape != (count,):
        raise ValueError(f"{name} must have shape ({count},), one label a row, got {labels.shape}")
    if labels.size == 0:
        return labels.astype(np.intp)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integer labels, got dtype {labels.dtype}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"{name} must hold labels from 0 to {classes - 1}, "
            f"got values from {labels.min()} to {labels.max()}"
        )
    return labels


def as_labels_or_targets(name: str, value: npt.ArrayLike, count: int, classes: int) -> Array:
    """Return what :func:`as_targets` makes of a matrix, and :func:`as_labels` of anything else."""
    is_matrix = np.ndim(value) == 2 and np.shape(value)[1] != 1  # a column is a mistake of labels
    return (as_targets if is_matrix else as_labels)(name, value, count, classes)


def as_targets(name: str, value: npt.ArrayLike, count: int, classes: int) -> Array:
    """Return `value` as shares (count, classes), at least 0, whose sum is 1 in each row."""
    targets = np.asarray(value)
    if targets.shape != (count, classes):
        raise ValueError(f"{name} must have shape ({count}, {classes}), got {targets.shape}")
    if targets.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {targets.dtype}")
    targets = targets.astype(np.float64)
    off = np.abs(targets.sum(axis=1) - 1)
    if not (targets >= 0).all() or not (off <= 1e-3).all():
        raise ValueError(
            f"{name} must hold shares of at least 0 with sum 1 in each row, got a least share of "
            f"{targets.min(initial=np.inf):g} and sums up to {off.max(initial=0):g} away from 1"
        )
    return targets


def as_extent(name: str, value: Any, minimum: int) -> int:
    """Return `value` as an integer of at least `minimum`.

    A float without a fraction is taken, because old notebooks compute a padding as
    ``(filter_size - 1) / 2``.
    """
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    try:
        extent = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if not minimum <= extent <= _LARGEST_EXTENT:
        raise ValueError(f"{name} must lie in [{minimum}, {_LARGEST_EXTENT}], got {extent}")
    return extent


def as_fraction(
    name: str, value: Any, *, above_zero: bool = False, below_one: bool = False
) -> float:
    """Return `value` as a float in [0, 1], without the ends that are ruled out."""
    interval = f"{'(' if above_zero else '['}0, 1{')' if below_one else ']'}"
    try:
        if isinstance(value, str):  # float would take "0.5"
            raise TypeError
        fraction = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number in {interval}, got {value!r}") from None
    is_end = (above_zero and fraction == 0) or (below_one and fraction == 1)
    if not 0 <= fraction <= 1 or is_end:
        raise ValueError(f"{name} must lie in {interval}, got {fraction}")
    return fraction


def parameter(name: str, params: Mapping[str, Any], key: str) -> Any:
    """Return ``params[key]``; a missing key is an error that lists the keys that are there."""
    if not isinstance(params, Mapping):
        raise TypeError(f"{name} must be a dict, got {type(params).__name__}")
    if key not in params:
        raise ValueError(f"{name} must have the key {key!r}, got the keys {list(params)}")
    return params[key]


def known_keys(name: str, params: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Refuse keys that nobody reads: a slip of the pen would otherwise change nothing, silently."""
    if not isinstance(params, Mapping):
        raise TypeError(f"{name} must be a dict, got {type(params).__name__}")
    for key in params:
        if key not in keys:
            import difflib  # for those few who need it

            near = difflib.get_close_matches(str(key), keys, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"{name} has no key {key!r}: {hint}the keys are {list(keys)}")


def mode(name: str, params: Mapping[str, Any]) -> str:
    """Return the ``'mode'`` of a parameter dict: ``'train'`` or ``'test'``."""
    value = parameter(name, params, "mode")
    if value not in ("train", "test"):
        raise ValueError(f"{name}['mode'] must be 'train' or 'test', got {value!r}")
    return str(value)


def output_extent(axis: str, size: int, window: int, pad: int, stride: int) -> int:
    """Return how many windows fit: ``1 + (size + 2 pad - window) // stride``."""
    if window < 1 or stride < 1 or pad < 0:
        raise ValueError(
            f"the window's {axis} and stride must be at least 1 and the padding at least 0, "
            f"got {window}, {stride} and {pad}"
        )
    if window > size + 2 * pad:
        raise ValueError(
            f"the window's {axis} {window} is larger than the padded input's "
            f"{size} + 2 * {pad} = {size + 2 * pad}"
        )
    return 1 + (size + 2 * pad - window) // stride


def pooled_extent(
    axis: str, size: int, window: int, pad: int, stride: int, ceil: bool = False
) -> int:
    """Return how many windows fit; with `ceil` also one that begins in the map and reaches out.

    Examples
    --------
    >>> pooled_extent("height", 6, 3, 0, 2), pooled_extent("height", 6, 3, 0, 2, ceil=True)
    (2, 3)
    """
    extent = output_extent(axis, size, window, pad, stride)
    if pad >= window:
        raise ValueError(
            f"pad must be less than the window's {axis}, or windows would be empty, "
            f"got {pad} and {window}"
        )
    reached = (extent - 1) * stride + window
    more = reached < size + 2 * pad and extent * stride < size + pad
    return extent + (ceil and more)


def addressable(name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Refuse sizes whose array could not even be addressed."""
    size = math.prod(shape) * dtype.itemsize
    if size > sys.maxsize:
        raise ValueError(f"{name} asks for an array of shape {shape}, which is {size:.1e} bytes")
