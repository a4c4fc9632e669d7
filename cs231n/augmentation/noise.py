"""Noise of the camera, and squares that are cut out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cs231n import kernels
from cs231n.augmentation.images import Shape, as_white, white_of
from cs231n.augmentation.ranges import Range, as_number, as_range
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.validation import Array, as_extent


@dataclass(frozen=True)
class Noise(Transform):
    """Add normal noise to every number: what :func:`cs231n.kernels.add_noise` makes of a seed.

    Parameters
    ----------
    sigma : (low, high)
        Its standard deviation for each image, in shares of white.
    white : float, optional
        By default 255 for uint8 and 1 for floats.

    Raises
    ------
    ValueError
        If the range is empty or reaches below 0, or `white` is not above 0.

    References
    ----------
    Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995,
    https://doi.org/10.1162/neco.1995.7.1.108

    Examples
    --------
    >>> Noise((0, 0))(np.full((1, 1, 1, 1), 7, np.uint8), np.random.default_rng(0)).item()
    7
    """

    sigma: Range = (0.0, 0.05)
    white: float | None = None

    def __post_init__(self) -> None:
        as_range("sigma", self.sigma, least=0)
        if self.white is not None:
            as_white(self.white)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the standard deviations, then the seeds of the numbers that pixels get."""
        sigma = rng.uniform(*as_range("sigma", self.sigma), n)
        return {"sigma": sigma, "seed": rng.integers(0, 2**64, n, dtype=np.uint64)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"sigma": 0.0}

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Add the noise, as strong as it should be."""
        ((change, parameters),) = steps
        strengths = parameters["sigma"] * white_of(X, getattr(change, "white", None))
        return kernels.add_noise(X, parameters["seed"], strengths, out=out)


@dataclass(frozen=True)
class Cutout(Transform):
    """Set a square to one value; its centre may be anywhere in the image.

    Parameters
    ----------
    size : int
        Its side in pixels; at the border less of it is seen.
    value : float

    Raises
    ------
    ValueError
        If `size` is below 0, or once there are images, `value` is none of their dtype's.

    References
    ----------
    DeVries & Taylor, "Improved regularization of convolutional neural networks with cutout", 2017,
    https://arxiv.org/abs/1708.04552

    Examples
    --------
    >>> (Cutout(3)(np.ones((1, 1, 9, 9)), np.random.default_rng(0)) == 0).sum().item()
    9
    """

    size: int
    value: float = 0.0

    def __post_init__(self) -> None:
        as_extent("size", self.size, minimum=0)
        as_number("value", self.value)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the centre."""
        row, column = (rng.integers(0, max(extent, 1), n) for extent in shape[1:])
        return {"row": row, "column": column, "cut": np.ones(n, bool)}

    def neutral(self, shape: Shape) -> dict[str, bool]:
        """Return what leaves an image as it is."""
        return {"cut": False}

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Fill the squares."""
        ((change, parameters),) = steps
        assert isinstance(change, Cutout)
        if out is None:
            out = X.copy()
        elif out is not X:
            out[...] = X
        size = int(change.size)
        half, value = size // 2, change._value_for(X)
        places = zip(parameters["row"].tolist(), parameters["column"].tolist(), strict=True)
        for image, cut, (row, column) in zip(out, parameters["cut"], places, strict=True):
            top, left = row - half, column - half
            if cut:
                image[:, max(top, 0) : top + size, max(left, 0) : left + size] = value
        return out

    def _value_for(self, X: Array) -> float:
        """Return the value, if pixels can have it."""
        if X.dtype.kind == "f":
            return self.value
        limits = np.iinfo(X.dtype)
        if not limits.min <= self.value <= limits.max:
            raise ValueError(
                f"value must lie in [{limits.min}, {limits.max}] for images of {X.dtype}, "
                f"got {self.value}"
            )
        return int(self.value)
