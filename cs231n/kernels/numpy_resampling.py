"""NumPy twins of ``_resampling.pyx``, with its signatures; any dtype."""

import numpy as np

from cs231n.kernels.arrays import rounded
from cs231n.kernels.borders import BORDERS, inside
from cs231n.validation import Array

# As in c/resampling_places.h: pixels around the image, and steps of a place in a pixel.
_FRAME, _ONE = 4, 1 << 15
_NEAREST, _BILINEAR, _BICUBIC = 0, 1, 2
_MATRIX = 0


def warp(
    x: Array,
    kinds: Array,
    numbers: Array,
    field: Array | None,
    border: int,
    interpolation: int,
    out: Array,
    memory: Array,
) -> None:
    """Look each output pixel up at the place that the field and the stages lead to."""
    shape = out.shape[2:]
    x = x.copy()  # it may be out
    for n in range(len(x)):
        at = np.indices(shape)[::-1].astype(np.float64)  # x and y, (2, OH, OW)
        if field is not None:
            at += field[n]
        for kind, stage in zip(kinds, numbers, strict=True):
            at = _through_matrix(at, stage[n]) if kind == _MATRIX else _through_lens(at, stage[n])
        frame = _framed(x[n], border)
        places = _into_frame(at, x.shape[2:], border, interpolation)
        with np.errstate(invalid="ignore"):  # between infinity and its neighbour lies NaN
            out[n] = _look(frame, places, interpolation)


def _through_matrix(at: Array, m: Array) -> Array:
    m = m.reshape(3, 3)
    if (m[2] == (0, 0, 1)).all():
        return np.tensordot(m[:2, :2], at, 1) + m[:2, 2, None, None]
    moved = np.tensordot(m[:, :2], at, 1) + m[:, 2, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return moved[:2] / moved[2]


def _through_lens(at: Array, m: Array) -> Array:
    centre = m[:2, None, None]
    s = np.minimum(((at - centre) ** 2).sum(axis=0) * m[2], 1)
    return centre + (at - centre) * (1 + s * np.polyval(m[:2:-1], s))


def _framed(x: Array, border: int) -> Array:
    """Return one image (C, H, W) with the frame around it, in a precision to compute in."""
    _, H, W = x.shape
    rows = inside(np.arange(-_FRAME, H + _FRAME), H, border)
    columns = inside(np.arange(-_FRAME, W + _FRAME), W, border)
    framed = x[:, rows[:, None], columns]
    framed[:, rows < 0] = 0
    framed[:, :, columns < 0] = 0
    return framed


def _into_frame(at: Array, shape: tuple[int, int], border: int, interpolation: int) -> Array:
    """Return the places in the frame, (2, OH, OW), x first."""
    reach = 2 if interpolation == _BICUBIC else 1
    folded = np.empty_like(at)
    for place, n, to in zip(at, shape[::-1], folded, strict=True):
        low, high = 0, n - 1
        if border == BORDERS["reflect"] and n > 1:
            place = place % (2 * high)
            place = np.minimum(place, 2 * high - place)
        elif border == BORDERS["constant"]:
            low, high = low - reach, high + reach
        to[...] = np.clip(np.where(np.isnan(place), low, place), low, high) + _FRAME
    return folded


def _look(frame: Array, at: Array, interpolation: int) -> Array:
    """Interpolate a frame (C, h, w) at the places."""
    if interpolation == _NEAREST:
        j, i = (at + 0.5).astype(np.intp)
        return frame[:, i, j]
    if frame.dtype == np.uint8:
        steps = (at * _ONE + 0.5).astype(np.int64)
        j, i = steps // _ONE
        fx, fy = steps % _ONE
        if interpolation == _BICUBIC:
            return _bicubic_bytes(frame, i, j, fx, fy)
        return _bilinear_bytes(frame.astype(np.int32) << 7, i, j, fx, fy)
    j, i = at.astype(np.intp)
    working = np.result_type(frame.dtype, np.float32)
    fx, fy = (at - (j, i)).astype(working)
    if interpolation == _BICUBIC:
        return _bicubic(frame, i, j, fx, fy)
    pixels = frame.astype(working)
    left = pixels[:, i, j] + fy * (pixels[:, i + 1, j] - pixels[:, i, j])
    right = pixels[:, i, j + 1] + fy * (pixels[:, i + 1, j + 1] - pixels[:, i, j + 1])
    return rounded(left + fx * (right - left), frame.dtype)


def _bilinear_bytes(frame: Array, i: Array, j: Array, fx: Array, fy: Array) -> Array:
    """Interpolate to the bit as the compiled kernel does: 7 bits behind the point."""

    def between(a: Array, b: Array, f: Array) -> Array:
        return a + (((b - a) * f + _ONE // 2) >> 15)

    left = between(frame[:, i, j], frame[:, i + 1, j], fy)
    right = between(frame[:, i, j + 1], frame[:, i + 1, j + 1], fy)
    return (between(left, right, fx) + 64) >> 7


def _bicubic(frame: Array, i: Array, j: Array, fx: Array, fy: Array) -> Array:
    working = np.result_type(frame.dtype, np.float32)
    wx, wy = _cubic_weights(fx), _cubic_weights(fy)
    total = np.zeros((len(frame), *i.shape), working)
    for down in range(4):
        for right in range(4):
            total += wy[down] * wx[right] * frame[:, i + down - 1, j + right - 1]
    return rounded(total, frame.dtype)


def _bicubic_bytes(frame: Array, i: Array, j: Array, fx: Array, fy: Array) -> Array:
    """Interpolate to the bit as the compiled kernel does: rows are summed with 6 bits."""
    wx, wy = _cubic_steps(fx), _cubic_steps(fy)
    total = np.full((len(frame), *i.shape), 1 << 19)
    for right in range(4):
        column = np.zeros_like(total)
        for down in range(4):
            pixels = frame[:, i + down - 1, j + right - 1].astype(np.int64)
            # What is below 0 is rounded like what is above: towards 0.
            column += np.sign(wy[down]) * (np.abs(wy[down]) * pixels >> 8)
        total += wx[right] * column
    return np.clip(total >> 20, 0, 255)


def _cubic_steps(f: Array) -> list[Array]:
    """Return the weights times 2^14, of f in steps; their sum is 2^14 exactly."""
    f2 = (f * f + _ONE // 2) >> 15
    f3 = (f2 * f + _ONE // 2) >> 15
    before, behind = (2 * f2 - f3 - f + 2) >> 2, (4 * f2 - 3 * f3 + f + 2) >> 2
    last = (f3 - f2 + 2) >> 2
    return [before, (1 << 14) - before - behind - last, behind, last]


def _cubic_weights(f: Array) -> list[Array]:
    """Catmull and Rom's: weights of the four pixels around a place, f behind the second."""
    return [
        ((-0.5 * f + 1) * f - 0.5) * f,
        (1.5 * f - 2.5) * f * f + 1,
        ((-1.5 * f + 2) * f + 0.5) * f,
        (0.5 * f - 0.5) * f * f,
    ]


def blur(x: Array, weights: Array, border: int, out: Array, memory: Array) -> None:
    """Blur down the columns, then along the rows, each image with its own weights."""
    _, _, H, W = x.shape
    R = weights.shape[1] // 2
    working = np.result_type(x.dtype, np.float32)
    weights = weights.astype(working)
    rows, columns = inside(np.arange(-R, H + R), H, border), inside(np.arange(-R, W + R), W, border)
    padded = x[:, :, rows].astype(working)  # (N, C, H, W) -> (N, C, H + 2R, W)
    padded[:, :, rows < 0] = 0
    down = _weighted(padded, weights, 2)[:, :, :, columns]  # -> (N, C, H, W + 2R)
    down[:, :, :, columns < 0] = 0
    out[...] = rounded(_weighted(down, weights, 3), x.dtype)


def _weighted(padded: Array, weights: Array, axis: int) -> Array:
    """Sum windows along an axis, each image with its weights; 0 times NaN is 0 here."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[1], axis=axis)
    total = np.zeros(windows.shape[:-1], padded.dtype)
    for k, weight in enumerate(weights.T[:, :, None, None, None]):
        used = weight.ravel() != 0
        total[used] += weight[used] * windows[used, ..., k]
    return total


def blur_words(x: Array, weights: Array, border: int, out: Array, memory: Array) -> None:
    """Blur bytes by whole numbers, to the bit as the compiled kernel does."""
    _, _, H, W = x.shape
    R = weights.shape[1] - 1
    rows, columns = inside(np.arange(-R, H + R), H, border), inside(np.arange(-R, W + R), W, border)
    padded = x[:, :, rows].astype(np.int64) << 8  # (N, C, H, W) -> (N, C, H + 2R, W)
    padded[:, :, rows < 0] = 0
    down = _weighted_pairs(padded, weights, 2)[:, :, :, columns]  # -> (N, C, H, W + 2R)
    down[:, :, :, columns < 0] = 0
    out[...] = (_weighted_pairs(down, weights, 3) + 128) >> 8


def _weighted_pairs(padded: Array, weights: Array, axis: int) -> Array:
    """Sum the middles of pairs along an axis, each image with its weights."""
    R = weights.shape[1] - 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * R + 1, axis=axis)
    # Each product loses half a step on average.
    radius = (np.arange(R + 1) * (weights != 0)).max(axis=1)
    total = np.zeros(windows.shape[:-1], np.int64) + ((radius + 1) // 2)[:, None, None, None]
    for k, weight in enumerate(weights.T.astype(np.int64)[:, :, None, None, None]):
        total += weight * ((windows[..., R - k] + windows[..., R + k] + 1) >> 1) >> 16
    return total
