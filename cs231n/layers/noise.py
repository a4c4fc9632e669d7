"""Where the layers' noise comes from."""

from typing import Any

import numpy as np


def as_generator(name: str, seed: Any) -> np.random.Generator:
    """Return a Generator: the given one, one seeded by an int, or one that `numpy.random` seeds.

    With None, ``np.random.seed`` makes what follows reproducible, as it does for all of the
    course's layers, and each call draws other numbers.

    Examples
    --------
    >>> as_generator("seed", 1).integers(100, size=3).tolist()
    [47, 51, 75]
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(as_key(name, seed))


def as_key(name: str, seed: Any) -> int:
    """Return a number that stands for all the noise of one pass: the key of counter-based noise.

    An int is the key itself; a Generator, or `numpy.random` for None, draws one.

    Examples
    --------
    >>> as_key("seed", 7)
    7
    """
    if seed is None:
        return int(np.random.randint(2**63, dtype=np.int64))
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, int | np.integer):
        raise TypeError(
            f"{name} must be an integer, a numpy.random.Generator or None, got {seed!r}"
        )
    if seed < 0:
        raise ValueError(f"{name} must not be negative, got {seed}")
    return int(seed)
