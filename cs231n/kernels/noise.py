"""Normal noise on images, each by its own seed: a number is a hash of the seed and its place."""

import numpy as np

from cs231n.kernels.arrays import apart, in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array

_SEED = np.dtype(np.uint64)


def add_noise(x: Array, seeds: Array, strengths: Array, *, out: Array | None = None) -> Array:
    """Add normal noise: ``out[n] = x[n] + strengths[n] z``, where z is a function of seeds[n].

    The same seed gives the same z, to the bit, on every instruction set and whatever the number of
    threads, the other images or their dtype. The largest |z| is ``sqrt(64 log(2))``, about 6.66. An
    image of strength 0 stays as it is.

    Parameters
    ----------
    x : array (N, C, H, W), integers or floats
        Integers are rounded, and end at the limits of their type.
    seeds : integer array (N,)
        Their lowest 64 bits count.
    strengths : array (N,)
        The standard deviation of each image's noise.
    out : array (N, C, H, W), optional
        Where to write the result; it may be `x`.

    Raises
    ------
    TypeError, ValueError
        If an array is of another kind or shape than these, or a strength is not finite.

    References
    ----------
    Box & Muller, "A note on the generation of random normal deviates", 1958,
    https://doi.org/10.1214/aoms/1177706645

    Examples
    --------
    >>> x = np.full((2, 1, 1, 2), 100, np.uint8)
    >>> add_noise(x, np.array([1, 2]), np.array([0.0, 10.0])).tolist()
    [[[[100, 100]]], [[[82, 100]]]]
    """
    if x.dtype.kind not in "iuf":
        raise TypeError(f"x must hold integers or real numbers, got dtype {x.dtype}")
    if seeds.dtype.kind not in "iu":
        raise TypeError(f"seeds must hold integers, got dtype {seeds.dtype}")
    for name, numbers in (("seeds", seeds), ("strengths", strengths)):
        if numbers.shape != x.shape[:1]:
            raise ValueError(f"{name} must have shape {x.shape[:1]}, got {numbers.shape}")
    with np.errstate(over="ignore"):  # what overflows is refused
        strengths = in_order(strengths, np.result_type(x.dtype, np.float32))
    if not np.isfinite(strengths).all():
        raise ValueError(f"strengths must be finite in {strengths.dtype}, got {strengths.tolist()}")
    out = result("out", out, x.shape, x.dtype)
    if x.size:
        x = apart(in_order(x, x.dtype), out)
        module = kernel_module("noise", x.dtype)
        threads = threads_for(x.size, get_num_threads())
        module.add(_flat(x), in_order(seeds, _SEED), strengths, _flat(out), threads)
    return out


def _flat(x: Array) -> Array:
    return x.reshape(len(x), -1)  # (N, C, H, W) -> (N, C*H*W)
