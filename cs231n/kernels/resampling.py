"""Images looked up between their pixels: any chain of warps in one interpolation, and blur."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from cs231n.kernels import numpy_resampling
from cs231n.kernels.arrays import apart, in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.kernels.borders import border_number
from cs231n.kernels.workspace import workspace
from cs231n.validation import Array

# The numbers are those of c/resampling.h.
INTERPOLATIONS = {"nearest": 0, "bilinear": 1, "bicubic": 2}
STAGES = {"matrix": 0, "lens": 1}
STAGE_NUMBERS = 9
_FRAME = 4
# As in c/resampling.h. Each product may lose 1/256 of a grey level: all those of 16 less than 0.07.
_BLUR_ROWS, _LARGEST_RADIUS = 16, 16
# Beyond, the compiled kernel's places overflow 32 bits.
_LARGEST_SIDE = (1 << 16) - 4 * _FRAME

Stage = tuple[str, Array]


def warp(
    x: Array,
    stages: Sequence[Stage],
    shape: tuple[int, int],
    *,
    field: Array | None = None,
    border: str = "constant",
    interpolation: str = "bilinear",
    out: Array | None = None,
) -> Array:
    """Look each output pixel up in the image, at the place that the field and the stages lead to.

    Parameters
    ----------
    x : array (N, C, H, W)
    stages : list of ('matrix' or 'lens', array (N, 9))
        What (x, y) = (column, row) of an output pixel goes through, one after the other: a
        projective map ``(u, v, w) = m @ (x, y, 1)``, ``(x, y) = (u, v) / w``; or around a centre
        (m0, m1) a stretching by ``1 + m3 s + ... + m8 s^6`` with ``s = min(m2 distance^2, 1)``.
    shape : (OH, OW)
    field : array (N, 2, OH, OW), optional
        What is added first: to the columns, and to the rows.
    border : {'constant', 'edge', 'reflect'}
        What stands outside: 0, the last pixel, or the mirrored image.
    interpolation : {'nearest', 'bilinear', 'bicubic'}
        Bicubic is Catmull and Rom's.
    out : array (N, C, OH, OW), optional
        Where to write the result; may be `x`.

    Examples
    --------
    >>> x = np.array([[[[0.0, 10.0]]]])
    >>> half = np.array([[1, 0, 0.5, 0, 1, 0, 0, 0, 1]])
    >>> warp(x, [("matrix", half)], (1, 2)).tolist()
    [[[[5.0, 5.0]]]]
    """
    N, C, H, W = x.shape
    border_at, how = border_number(border), interpolation_number(interpolation)
    out = result("out", out, (N, C, *shape), x.dtype)
    if not out.size:
        return out
    if not x.size:
        raise ValueError(f"x must hold at least one pixel to fill {shape}, got shape {x.shape}")
    kinds, numbers = _as_table(stages, N)
    if field is not None:
        if field.shape != (N, 2, *shape):
            raise ValueError(f"field must have shape {(N, 2, *shape)}, got {field.shape}")
        field = in_order(field, np.dtype(np.float32))
    x = apart(in_order(x, x.dtype), out)
    if x.shape != out.shape and np.may_share_memory(x, out):
        x = x.copy()
    is_small = max(H, W) <= _LARGEST_SIDE and (H + 2 * _FRAME) * (W + 2 * _FRAME) < 2**31
    module = kernel_module("resampling", x.dtype) if is_small else numpy_resampling
    threads = min(threads_for(out.size, get_num_threads()), N)
    # Four channels of the frame, and a vector more, on cache lines of their own.
    size = -(-(4 * x.dtype.itemsize * (H + 2 * _FRAME) * (W + 2 * _FRAME) + 64) // 64) * 64
    with workspace(threads * size) as memory:
        frames = memory[: threads * size].reshape(threads, size)
        module.warp(x, kinds, numbers, field, border_at, how, out, frames)
    return out


def blur(x: Array, weights: Array, border: str = "reflect", *, out: Array | None = None) -> Array:
    """Convolve rows and columns of each image with its own weights.

    Parameters
    ----------
    x : array (N, C, H, W)
    weights : array (N, 2 R + 1)
    border : {'constant', 'edge', 'reflect'}
    out : array (N, C, H, W), optional
        Where to write the result; may be `x`.

    Examples
    --------
    >>> x = np.array([0.0, 0, 8, 0]).reshape(1, 1, 1, 4)
    >>> blur(x, np.array([[0.25, 0.5, 0.25]]), "edge").ravel().tolist()
    [0.0, 2.0, 4.0, 2.0]
    """
    N, _, H, W = x.shape
    if weights.ndim != 2 or len(weights) != N or weights.shape[1] % 2 != 1:
        raise ValueError(f"weights must have shape ({N}, an odd number), got {weights.shape}")
    number = border_number(border)
    out = result("out", out, x.shape, x.dtype)
    if not x.size:
        return out
    x = apart(in_order(x, x.dtype), out)
    threads = min(threads_for(out.size, get_num_threads()), N)
    fits, words = _in_words(weights) if x.dtype == np.uint8 else (np.zeros(N, bool), None)
    is_known = x.dtype in (np.uint8, np.float32)
    weights = in_order(weights, np.dtype(np.float32) if is_known else weights.dtype)
    # Cells of 4 bytes at most: weights as vectors, two rows, and those that one row is made of.
    R, across = weights.shape[1] // 2, _padded(W)
    size = 4 * (32 * (R + 1) + 2 * (across + _padded(R)) + (_BLUR_ROWS + 2 * R) * across)
    module = kernel_module("resampling", x.dtype)
    with workspace(threads * size) as memory:
        rows = memory[: threads * size].reshape(threads, size)
        for run in _runs(fits):
            if words is not None and fits[run.start]:
                module.blur_words(x[run], words[run], number, out[run], rows)
            else:
                module.blur(x[run], weights[run], number, out[run], rows)
    return out


def interpolation_number(interpolation: str) -> int:
    """Return an interpolation's number.

    Examples
    --------
    >>> interpolation_number("bilinear")
    1
    """
    if not isinstance(interpolation, str) or interpolation not in INTERPOLATIONS:
        raise ValueError(
            f"interpolation must be 'nearest', 'bilinear' or 'bicubic', got {interpolation!r}"
        )
    return INTERPOLATIONS[interpolation]


def _in_words(weights: Array) -> tuple[Array, Array]:
    """Return whose weights fit into words, (N,), and these, (N, R + 1), as shares of 2^16.

    They are the middle's, then those of pairs. Weights fit if they are the same to both sides, not
    below 0, 0 where it is far, and sum to 1. One image's do or do not whatever the others' are.
    """
    R = weights.shape[1] // 2
    fits = (weights == weights[:, ::-1]).all(axis=1) & (weights >= 0).all(axis=1)
    fits &= ~weights[:, : max(R - _LARGEST_RADIUS, 0)].any(axis=1)
    fits &= np.abs(weights.sum(axis=1) - 1) <= 1e-6
    near = np.where(fits[:, None], weights[:, R : R + _LARGEST_RADIUS + 1], 0)
    pairs = np.floor(near * (2 << 16) + 0.5).astype(np.int64)
    # What rounding adds or takes is the middle's, so an even area stays what it is.
    pairs[:, 0] = (1 << 16) - pairs[:, 1:].sum(axis=1)
    return fits, np.clip(pairs, 0, (1 << 16) - 1).astype(np.uint16)


def _runs(flags: Array) -> list[slice]:
    """Return where flags stay the same.

    Examples
    --------
    >>> _runs(np.array([True, True, False]))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    changes = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    ends = [0, *changes.tolist(), len(flags)]
    return [slice(start, end) for start, end in pairwise(ends)]


def _padded(n: int) -> int:
    """Return the cells that the compiled kernel takes for n: whole vectors of the widest."""
    return -(-n // 32) * 32


def _as_table(stages: Sequence[Stage], N: int) -> tuple[Array, Array]:
    """Return kinds (stages,) and numbers (stages, N, 9)."""
    for kind, numbers in stages:
        if kind not in STAGES:
            raise ValueError(f"stages must be 'matrix' or 'lens', got {kind!r}")
        if numbers.shape != (N, STAGE_NUMBERS):
            raise ValueError(f"a stage must have shape {(N, STAGE_NUMBERS)}, got {numbers.shape}")
    kinds = np.array([STAGES[kind] for kind, _ in stages], np.int64)
    table = np.zeros((len(stages), N, STAGE_NUMBERS))
    for to, (_, numbers) in zip(table, stages, strict=True):
        to[...] = numbers
    return kinds, table
