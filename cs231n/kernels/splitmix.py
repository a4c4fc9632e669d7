"""The generator SplitMix64, which kernels and their twins share: numbers of a key and a place."""

import numpy as np

from cs231n.validation import Array


def mix(key: int | Array, i: Array) -> Array:
    """Return 64 bits for each key and number (uint64 arrays), as c/splitmix.h does.

    References
    ----------
    Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014,
    https://doi.org/10.1145/2714064.2660195

    Examples
    --------
    >>> hex(mix(0, np.arange(1, dtype=np.uint64))[0])
    '0xe220a8397b1dcdaf'
    """
    z = np.asarray(key, np.uint64) + (i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
