"""NumPy twin of ``_noise.pyx``, with its signature: images (N, pixels) of any dtype.

Its normal numbers have the bits of c/noise.c: the same operations in float32, in the same order.
"""

import numpy as np

from cs231n.kernels.arrays import rounded
from cs231n.kernels.splitmix import mix
from cs231n.validation import Array

PAIRS = 128
_AT_ONCE = 64 * 2 * PAIRS  # numbers that stay in cache
_LOG = (
    *(0.2022460699081421, -0.32442936301231384, 0.34496375918388367, -0.3980024456977844),
    *(0.4994036555290222, -0.6667014956474304, 1.000007152557373, -1.9999998807907104),
)
_COSINE = (
    *(0.21883049607276917, -1.331491470336914, 4.058358669281006, -4.93479061126709),
    0.9999999403953552,
)
_SINE = (
    *(0.07643315196037292, -0.5976252555847168, 2.549957752227783, -5.1677021980285645),
    3.141592502593994,
)
_ROOT_OF_HALF = 0x3F3504F3  # the bits of sqrt(1/2) in float32


def add(x: Array, seeds: Array, strengths: Array, out: Array, threads: int) -> None:
    """Add strengths[n] * z to each image, in the precision of the strengths."""
    N, pixels = x.shape
    rows = max(1, _AT_ONCE // pixels)
    for n in range(0, N, rows):
        few = slice(n, n + rows)
        strength = strengths[few, None]
        for first in range(0, pixels, _AT_ONCE):
            part = few, slice(first, first + _AT_ONCE)
            z = normals(seeds[few], first, min(_AT_ONCE, pixels - first))
            with np.errstate(over="ignore", invalid="ignore"):  # as in the compiled loops
                noisy = rounded(x[part] + strength * z, x.dtype)
            out[part] = np.where(strength == 0, x[part], noisy)


def normals(seeds: Array, first: int, count: int) -> Array:
    """Return the normal numbers of pixels `first`, a block's first one, and on: (N, count)."""
    blocks = -(-count // (2 * PAIRS))
    places = np.arange(first // 2, first // 2 + blocks * PAIRS, dtype=np.uint64)
    words = mix(seeds[:, None], places)  # (N, blocks*PAIRS)
    low, high = words.astype(np.uint32), (words >> np.uint64(32)).astype(np.uint32)
    pairs = np.stack(_pair(low, high), axis=1).reshape(len(seeds), 2, blocks, PAIRS)
    return pairs.swapaxes(1, 2).reshape(len(seeds), -1)[:, :count]  # (N, blocks, 2, PAIRS)


def _pair(low: Array, high: Array) -> tuple[Array, Array]:
    """Make two normal numbers of two whole ones, by the method of Box and Muller."""
    x = (low >> 1).astype(np.int32).astype(np.float32) + np.float32(0.5)
    radius = np.sqrt(_minus_twice_log(x))
    doubled = high << 1
    sign = (high ^ doubled) & 0x80000000
    signed_radius = (radius.view(np.uint32) ^ sign).view(np.float32)
    g = doubled.view(np.int32).astype(np.float32) * np.float32(2.0**-32)
    y = g * g
    return signed_radius * _polynomial(_COSINE, y), signed_radius * (g * _polynomial(_SINE, y))


def _minus_twice_log(x: Array) -> Array:
    """Return -2 ln(x / 2**31)."""
    from_root = x.view(np.uint32) - np.uint32(_ROOT_OF_HALF)
    exponent = (from_root.view(np.int32) >> 23).astype(np.float32)
    f = ((from_root & 0x7FFFFF) + np.uint32(_ROOT_OF_HALF)).view(np.float32) - np.float32(1)
    return (exponent - 31) * np.float32(-1.3862943611198906) + f * _polynomial(_LOG, f)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Evaluate a polynomial by Horner's rule, with the highest power's coefficient first."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total
