"""What the convolution kernels check before a loop may run: shapes, and where results go."""

import numpy as np

from cs231n.kernels.arrays import result
from cs231n.kernels.backend import get_num_threads
from cs231n.validation import Array, output_extent

# Multiplications, of the direct method, below which a second thread costs more than it brings.
_WORK_OF_ONE_THREAD = 10_000_000


def output_shape(
    x_shape: tuple[int, ...], w_shape: tuple[int, ...], stride: int, pad: int, dilation: int = 1
) -> tuple[int, ...]:
    """Return (N, F, OH, OW)."""
    (N, C, H, W), (F, channels, HH, WW) = x_shape, w_shape
    if channels != C:
        raise ValueError(f"w {w_shape} must have as many channels as x {x_shape}")
    OH = output_extent("height", H, dilation * (HH - 1) + 1, pad, stride)
    return N, F, OH, output_extent("width", W, dilation * (WW - 1) + 1, pad, stride)


def check_shape(name: str, array: Array, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape."""
    if array.shape != shape:
        raise ValueError(
            f"{name} must have shape {shape} to match the other arguments, got {array.shape}"
        )


def four(name: str, array: Array) -> tuple[int, ...]:
    """Return the shape of an array of 4 dimensions."""
    if array.ndim != 4:
        raise ValueError(f"{name} must have 4 dimensions, got shape {array.shape}")
    return array.shape


def conv_result(
    out: Array | None, shape: tuple[int, ...], dtype: np.dtype, *inputs: Array
) -> Array:
    """Return `out` if it can take the result, or a new array."""
    if out is not None and any(np.may_share_memory(out, array) for array in inputs):
        raise ValueError("out must not share memory with an input")
    return result("out", out, shape, dtype)


def conv_threads(multiplications: int) -> int:
    """Return how many threads so many products are worth."""
    return 1 if multiplications < _WORK_OF_ONE_THREAD else get_num_threads()
