"""Windows out of images, mirrored or not: flips and crops in one pass over memory."""

import numpy as np

from cs231n.kernels.arrays import in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.kernels.borders import border_number
from cs231n.validation import Array

_FARTHEST = 1 << 40  # so that no place overflows
# Only the size of a pixel matters to what moves it.
_PIXELS = {dtype.itemsize: dtype for dtype in map(np.dtype, ("u1", "u2", "u4", "u8"))}


def crop(
    x: Array,
    starts: Array,
    shape: tuple[int, int],
    border: str = "constant",
    *,
    out: Array | None = None,
) -> Array:
    """Cut a window out of each image, mirrored where a step is -1.

    ``out[n, :, i, j] = x[n, :, top + down i, left + right j]`` with
    ``(top, down, left, right) = starts[n]``

    Parameters
    ----------
    x : array (N, C, H, W)
    starts : integer array (N, 4)
        The steps `down` and `right` are 1 or -1.
    shape : (OH, OW)
    border : {'constant', 'edge', 'reflect'}
        What stands outside: 0, the last pixel, or the mirrored image.
    out : array (N, C, OH, OW), optional
        Where to write the result; may share memory with `x`.

    Examples
    --------
    >>> x = np.arange(3).reshape(1, 1, 1, 3)
    >>> crop(x, np.array([[0, 1, 3, -1]]), (1, 5), "edge").tolist()
    [[[[2, 2, 1, 0, 0]]]]
    """
    N, C = x.shape[:2]
    starts = in_order(starts, np.dtype(np.int64))
    if starts.shape != (N, 4):
        raise ValueError(f"starts must have shape ({N}, 4), got {starts.shape}")
    if (np.abs(starts[:, 1::2]) != 1).any():
        raise ValueError(f"the steps of starts must be 1 or -1, got {starts[:, 1::2].tolist()}")
    corners = starts[:, ::2]
    if N and not -_FARTHEST <= corners.min() <= corners.max() <= _FARTHEST:
        raise ValueError(
            f"starts must lie within {_FARTHEST} pixels of the image, "
            f"got {corners.min()} to {corners.max()}"
        )
    number = border_number(border)
    out = result("out", out, (N, C, *shape), x.dtype)
    if not out.size:
        return out
    if not x.size:
        raise ValueError(f"x must hold at least one pixel to fill {shape}, got shape {x.shape}")
    x = in_order(x, x.dtype)
    if np.may_share_memory(x, out):
        x = x.copy()
    pixel = _PIXELS.get(x.dtype.itemsize, x.dtype)
    threads = threads_for(out.size, get_num_threads())
    module = kernel_module("crops", pixel)
    module.crop(x.view(pixel), starts, out.view(pixel), number, threads)
    return out
