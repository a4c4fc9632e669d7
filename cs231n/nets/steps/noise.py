"""Keys: where the noise of a layer in a pass comes from."""

_64_BITS = 2**64 - 1


def mix(counter: int) -> int:
    """Return 64 bits that look random, and differ wherever the counters do.

    Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
    https://doi.org/10.1145/2660193.2660195

    Examples
    --------
    >>> mix(0) != mix(1)
    True
    """
    z = (counter + 1) * 0x9E3779B97F4A7C15 & _64_BITS
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _64_BITS
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _64_BITS
    return z ^ z >> 31
