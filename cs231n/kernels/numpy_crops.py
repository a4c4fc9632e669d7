"""NumPy twin of ``_crops.pyx``, with its signature; any dtype."""

import numpy as np

from cs231n.kernels.borders import inside
from cs231n.validation import Array


def crop(x: Array, starts: Array, out: Array, border: int, threads: int) -> None:
    """Gather every window's pixels; pixel -1 is one of zeros, behind the others."""
    N, C, H, W = x.shape
    OH, OW = out.shape[2:]
    rows = inside(starts[:, 0, None] + starts[:, 1, None] * np.arange(OH), H, border)
    columns = inside(starts[:, 2, None] + starts[:, 3, None] * np.arange(OW), W, border)
    pixel = rows[:, :, None] * W + columns[:, None, :]  # (N, OH, OW)
    pixel[(rows < 0)[:, :, None] | (columns < 0)[:, None, :]] = H * W
    flat = np.zeros((N, C, H * W + 1), x.dtype)
    flat[:, :, :-1] = x.reshape(N, C, H * W)  # (N, C, H, W) -> (N, C, H*W)
    out[...] = np.take_along_axis(flat, pixel.reshape(N, 1, OH * OW), axis=2).reshape(out.shape)
