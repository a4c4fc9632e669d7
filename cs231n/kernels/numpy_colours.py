"""NumPy twins of ``_colours.pyx``, with its signatures: images (N, C, pixels) of any dtype."""

import numpy as np

from cs231n.kernels.arrays import rounded
from cs231n.validation import Array


def matrix(x: Array, matrices: Array, out: Array, threads: int) -> None:
    """Multiply each pixel's channels by its image's matrix, and add the last column."""
    if x.dtype == np.uint8:
        _matrix_of_bytes(x, matrices.astype(np.float64), out)
        return
    matrices = matrices.astype(_working(x))
    scales, offsets = matrices[:, :, :-1], matrices[:, :, -1:]
    diagonal = _are_diagonal(scales)
    factors = np.diagonal(scales[diagonal], axis1=1, axis2=2)[:, :, None]  # (n, C, 1)
    with np.errstate(invalid="ignore"):  # infinity may become NaN, as in the compiled loops
        channels = np.matmul(scales, x.astype(matrices.dtype))  # (N, C, pixels)
        # Zero times NaN or infinity must not reach channels that are not mixed.
        channels[diagonal] = factors * x[diagonal]
        out[...] = rounded(channels + offsets, x.dtype)


def _are_diagonal(scales: Array) -> Array:
    """Tell which matrices (N, C, C) mix no channels, (N,)."""
    return np.all(scales * (1 - np.eye(scales.shape[1])) == 0, axis=(1, 2))


def _matrix_of_bytes(x: Array, matrices: Array, out: Array) -> None:
    """Compute to the bit as c/colours_bytes.h does: in whole numbers, of steps of 2**-shift."""
    C = x.shape[1]
    scales = matrices[:, :, :C]
    # A diagonal matrix has steps for each channel, any other one for all of them.
    is_diagonal = _are_diagonal(scales)
    largest = np.abs(scales).max(axis=2)  # (N, C)
    largest = np.where(np.expand_dims(is_diagonal, 1), largest, largest.max(axis=1, keepdims=True))
    fits = largest[:, :, None] * 2.0 ** np.arange(15) <= np.iinfo(np.int16).max
    shift = np.maximum(fits.sum(axis=2), 1)[:, :, None] - 1  # (N, C, 1)
    most = np.iinfo(np.int16).max
    whole = np.floor(np.clip(scales * 2.0**shift, -most, most) + 0.5).astype(np.int64)
    offset = np.floor(np.clip(matrices[:, :, C:] * 2.0**shift, -(2.0**30), 2.0**30) + 0.5)
    half = np.where(shift > 0, 2 ** (np.maximum(shift, 1) - 1), 0)
    total = np.matmul(whole, x.astype(np.int64)) + offset.astype(np.int64) + half
    out[...] = np.clip(total >> shift, 0, 255)


def hsv(x: Array, changes: Array, out: Array, threads: int) -> None:
    """Turn the hue, and multiply saturation and value."""
    with np.errstate(invalid="ignore"):  # of NaN and infinity comes NaN
        _hsv(x, changes, out)


def _hsv(x: Array, changes: Array, out: Array) -> None:
    pixels = x.astype(_working(x))
    turn, saturation, value = changes.astype(pixels.dtype).T[:, :, None]  # (3, N, 1)
    red, green, blue = (pixels[:, c] for c in range(3))  # (N, pixels)
    high, low = pixels.max(axis=1), pixels.min(axis=1)
    span = high - low
    divisor = np.where(span != 0, span, 1)
    not_red = np.where(high == green, 2 + (blue - red) / divisor, 4 + (red - green) / divisor)
    hue = np.where(high == red, (green - blue) / divisor, not_red) + 6 * turn
    bright = high * value
    share = saturation * span / np.where(high > 0, high, 1)
    chroma = bright * np.where(share < 1, share, 1)
    for c, place in enumerate((5, 3, 1)):
        k = (hue + place) % 6
        missing = np.clip(np.minimum(k, 4 - k), 0, 1)
        out[:, c] = rounded(bright - chroma * missing, x.dtype)


def shade(x: Array, strengths: Array, mask: Array, out: Array, threads: int) -> None:
    """Multiply each image by 1 - its strength * mask."""
    factors = (1 - strengths[:, None] * mask).astype(_working(x))
    out[...] = rounded(x * factors[:, None], x.dtype)


def mix(x: Array, others: Array, shares: Array, out: Array, threads: int) -> None:
    """Mix each image with another one; bytes in whole numbers, to the bit as c/colours_bytes.h."""
    if x.dtype == np.uint8:
        one = 1 << 14
        whole = np.floor(shares.astype(np.float64) * one + 0.5).astype(np.int32)[:, None, None]
        out[...] = (whole * x + (one - whole) * x[others] + one // 2) // one
        return
    shares = shares.astype(_working(x))[:, None, None]
    out[...] = rounded(shares * x + (1 - shares) * x[others], x.dtype)


def means(x: Array, out: Array, threads: int) -> None:
    """Write each channel's mean."""
    x.mean(axis=2, dtype=np.float64, out=out)


def look_up(x: Array, tables: Array, out: Array, threads: int) -> None:
    """Look each image's bytes up in its table."""
    out[...] = tables[np.arange(len(x))[:, None, None], x]


def _working(x: Array) -> np.dtype:
    """Return the precision to compute in: that of the compiled kernels, or the array's own."""
    return np.result_type(x.dtype, np.float32)
