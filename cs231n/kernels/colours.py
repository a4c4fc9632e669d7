"""Changes of colour, each image by its own numbers: matrices, hue, shades, tables, mixtures.

All take images (N, C, H, W) and `out`, where to write the result, which may be the images. Integers
are rounded, and end at the limits of their type.
"""

import numpy as np

from cs231n.kernels import numpy_colours
from cs231n.kernels.arrays import apart, in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array

_FLOAT = np.dtype(np.float32)


def colour_matrix(x: Array, matrices: Array, *, out: Array | None = None) -> Array:
    """Map each pixel's channels linearly: ``out = matrices[n] @ (channels, 1)``.

    Parameters
    ----------
    x : array (N, C, H, W)
    matrices : array (N, C, C + 1)
    out : array (N, C, H, W), optional

    Examples
    --------
    >>> x = np.array([[[[200]], [[100]]]], np.uint8)
    >>> colour_matrix(x, np.array([[[0.0, 1, 0], [1, 1, 7]]])).ravel().tolist()
    [100, 255]
    """
    N, C = x.shape[:2]
    _check("matrices", matrices, (N, C, C + 1))
    if C == 3 or _are_diagonal(matrices):
        return _run("matrix", x, out, matrices)
    return _run("matrix", x, out, matrices, compiled=False)


def shift_hsv(x: Array, changes: Array, *, out: Array | None = None) -> Array:
    """Turn the hue of RGB images, and multiply their saturation, at most to 1, and value.

    Parameters
    ----------
    x : array (N, 3, H, W)
    changes : array (N, 3)
        Turns, factor of the saturation, factor of the value.
    out : array (N, 3, H, W), optional

    Examples
    --------
    >>> x = np.array([[[[9]], [[5]], [[1]]]], np.uint8)
    >>> shift_hsv(x, np.array([[1 / 3, 1, 1]])).ravel().tolist()
    [1, 9, 5]
    """
    if x.shape[1] != 3:
        raise ValueError(f"x must have 3 channels, red, green and blue, got shape {x.shape}")
    _check("changes", changes, (len(x), 3))
    # Comparisons lead past NaN; the least number is NaN if any is, and is found fast.
    lost = x.dtype.kind == "f" and x.size > 0 and np.isnan(x.min())
    nowhere = np.isnan(x).any(axis=1) if lost else None  # before x is written over
    out = _run("hsv", x, out, changes)
    if nowhere is not None:
        out.swapaxes(0, 1)[:, nowhere] = np.nan
    return out


def shade(x: Array, strengths: Array, mask: Array, *, out: Array | None = None) -> Array:
    """Darken each image: ``out[n] = x[n] (1 - strengths[n] mask)``.

    Parameters
    ----------
    x : array (N, C, H, W)
    strengths : array (N,)
    mask : array (H, W)
    out : array (N, C, H, W), optional

    Examples
    --------
    >>> x = np.full((1, 1, 1, 2), 100, np.uint8)
    >>> shade(x, np.array([0.5]), np.array([[0.0, 1.0]])).ravel().tolist()
    [100, 50]
    """
    _check("strengths", strengths, x.shape[:1])
    _check("mask", mask, x.shape[2:])
    return _run("shade", x, out, strengths, mask.reshape(-1))  # (H, W) -> (H*W,)


def mix(x: Array, others: Array, shares: Array, *, out: Array | None = None) -> Array:
    """Mix each image with another: ``out[n] = shares[n] x[n] + (1 - shares[n]) x[others[n]]``.

    Parameters
    ----------
    x : array (N, C, H, W)
    others : integer array (N,)
        Indices of images.
    shares : array (N,), from 0 to 1
    out : array (N, C, H, W), optional

    Examples
    --------
    >>> x = np.array([0, 100], np.uint8).reshape(2, 1, 1, 1)
    >>> mix(x, np.array([1, 0]), np.array([0.75, 1.0])).ravel().tolist()
    [25, 100]
    """
    _check("others", others, x.shape[:1])
    _check("shares", shares, x.shape[:1])
    if len(x) and not 0 <= others.min() <= others.max() < len(x):
        raise ValueError(
            f"others must lie in [0, {len(x) - 1}], got {others.min()} to {others.max()}"
        )
    if len(x) and not 0 <= shares.min() <= shares.max() <= 1:
        raise ValueError(f"shares must lie in [0, 1], got {shares.min()} to {shares.max()}")
    if out is not None and np.may_share_memory(x, out):
        x = x.copy()
    return _run("mix", x, out, in_order(others, np.dtype(np.int64)), shares)


def look_up(x: Array, tables: Array, *, out: Array | None = None) -> Array:
    """Look each image's bytes up in its table: ``out[n] = tables[n][x[n]]``.

    Parameters
    ----------
    x : uint8 array (N, C, H, W)
    tables : uint8 array (N, 256)
    out : uint8 array (N, C, H, W), optional

    Examples
    --------
    >>> look_up(np.full((1, 1, 1, 1), 3, np.uint8), 2 * np.arange(256, dtype=np.uint8)[None]).item()
    6
    """
    if x.dtype != np.uint8:
        raise TypeError(f"x must be uint8, got {x.dtype}")
    _check("tables", tables, (len(x), 256))
    return _run("look_up", x, out, in_order(tables, x.dtype))


def channel_means(x: Array) -> Array:
    """Return the mean of each channel of each image, (N, C), in float64.

    Examples
    --------
    >>> channel_means(np.array([1, 2], np.uint8).reshape(1, 1, 1, 2)).tolist()
    [[1.5]]
    """
    means = np.zeros(x.shape[:2])
    if x.size:
        x = in_order(x, x.dtype)
        threads = threads_for(x.size, get_num_threads())
        kernel_module("colours", x.dtype).means(_planes(x), means, threads)
    return means


def _run(kernel: str, x: Array, out: Array | None, *numbers: Array, compiled: bool = True) -> Array:
    out = result("out", out, x.shape, x.dtype)
    if x.size:
        x = apart(in_order(x, x.dtype), out)
        module = kernel_module("colours", x.dtype) if compiled else numpy_colours
        narrow = x.dtype in (np.uint8, np.float32)  # the twin keeps the precision of others
        ready = [in_order(a, _FLOAT) if a.dtype.kind == "f" and narrow else a for a in numbers]
        threads = threads_for(x.size, get_num_threads())
        getattr(module, kernel)(_planes(x), *ready, _planes(out), threads)
    return out


def _planes(x: Array) -> Array:
    return x.reshape(*x.shape[:2], -1)  # (N, C, H, W) -> (N, C, H*W)


def _check(name: str, numbers: Array, shape: tuple[int, ...]) -> None:
    if numbers.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {numbers.shape}")


def _are_diagonal(matrices: Array) -> bool:
    C = matrices.shape[1]
    return not (matrices[:, :, :C] * (1 - np.eye(C))).any()
