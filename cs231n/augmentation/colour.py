"""Linear changes of colour: a chain of them is one matrix for each image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cs231n import kernels
from cs231n.augmentation.images import Shape, white_of
from cs231n.augmentation.ranges import Reach, as_range
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.validation import Array, as_fraction

# How bright red, green and blue look (ITU-R BT.601).
GREY = np.array([0.299, 0.587, 0.114])


class Linear(Transform):
    """What maps each pixel's channels linearly: ``matrix @ (channels, 1)``.

    Numbers end at the limits of their type once, after the whole chain.
    """

    def matrix(self, parameters: Parameters, means: Array, white: float) -> Array:
        """Return (n, C, C + 1), given the channels' means (n, C) and the value of white."""
        raise NotImplementedError

    def needs_means(self) -> bool:
        """Tell whether the matrix depends on the image."""
        return False

    def white_value(self) -> float | None:
        """Return what was said about white."""
        return getattr(self, "white", None)

    def joins(self, steps: Sequence[Step]) -> bool:
        """Join any other linear change."""
        return isinstance(steps[-1][0], Linear)

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Multiply the matrices, then apply one."""
        needed = any(step[0].needs_means() for step in steps)  # type: ignore[attr-defined]
        means = kernels.channel_means(X) if needed else np.zeros(X.shape[:2])
        total: Array | None = None
        for k, (change, parameters) in enumerate(steps):
            assert isinstance(change, Linear)
            matrix = change.matrix(parameters, means, white_of(X, change.white_value()))
            if needed and k < len(steps) - 1:
                means = (matrix[:, :, :-1] @ means[:, :, None])[:, :, 0] + matrix[:, :, -1]
            total = matrix if total is None else _after(total, matrix)
        assert total is not None
        return kernels.colour_matrix(X, total, out=out)


def _after(first: Array, second: Array) -> Array:
    """Return the matrices of `first` and then `second`."""
    total = second[:, :, :-1] @ first
    total[:, :, -1] += second[:, :, -1]
    return total


def scaling(factors: Array, C: int) -> Array:
    """Return the matrices that multiply by factors (n,).

    Examples
    --------
    >>> scaling(np.array([2.0]), 2).tolist()
    [[[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]]
    """
    return factors[:, None, None] * np.eye(C, C + 1)


@dataclass(frozen=True)
class Brightness(Linear):
    """Multiply each image by a factor.

    Parameters
    ----------
    reach : range around 1

    Raises
    ------
    ValueError
        If the range is empty, or reaches below 0.

    References
    ----------
    Howard, "Some improvements on deep convolutional neural network based image classification",
    2013, https://arxiv.org/abs/1312.5402

    Examples
    --------
    >>> X = np.full((1, 1, 1, 1), 100, np.uint8)
    >>> Brightness((1.5, 1.5))(X, np.random.default_rng(0)).item()
    150
    """

    reach: Reach = 0.2

    def __post_init__(self) -> None:
        as_range("reach", self.reach, around=1, least=0)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the factors."""
        return {"factor": rng.uniform(*as_range("reach", self.reach, around=1), n)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"factor": 1.0}

    def matrix(self, parameters: Parameters, means: Array, white: float) -> Array:
        """Scale all channels."""
        return scaling(parameters["factor"], means.shape[1])


@dataclass(frozen=True)
class Contrast(Linear):
    """Stretch each image about a grey by a factor.

    Parameters
    ----------
    reach : range around 1
    about : 'mean' or float
        The grey that stays: the image's mean brightness, or a value, such as 0 for images whose
        mean was subtracted.

    Raises
    ------
    ValueError
        If the range is empty, or `about` is neither.

    References
    ----------
    Howard, "Some improvements on deep convolutional neural network based image classification",
    2013, https://arxiv.org/abs/1312.5402

    Examples
    --------
    >>> X = np.array([90, 110], np.uint8).reshape(1, 1, 1, 2)
    >>> Contrast((2, 2))(X, np.random.default_rng(0)).ravel().tolist()
    [80, 120]
    """

    reach: Reach = 0.2
    about: float | Literal["mean"] = "mean"

    def __post_init__(self) -> None:
        as_range("reach", self.reach, around=1)
        if not (isinstance(self.about, str) and self.about == "mean"):
            try:
                is_finite = np.isfinite(float(self.about))
            except (TypeError, ValueError):
                is_finite = False
            if not is_finite:
                raise ValueError(f"about must be 'mean' or a number, got {self.about!r}")

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the factors."""
        return {"factor": rng.uniform(*as_range("reach", self.reach, around=1), n)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"factor": 1.0}

    def needs_means(self) -> bool:
        """Tell whether the image's mean stays."""
        return self.about == "mean"

    def matrix(self, parameters: Parameters, means: Array, white: float) -> Array:
        """Scale all channels, and bring the grey back."""
        factor = parameters["factor"]
        matrix = scaling(factor, means.shape[1])
        if self.about == "mean":
            grey = (
                means @ GREY if means.shape[1] == 3 else means.sum(axis=1) / max(means.shape[1], 1)
            )
        else:
            grey = np.full(len(factor), float(self.about))
        # 0 times what may not be finite must not reach images that stay as they are.
        offset = np.where(factor == 1, 0, (1 - factor) * grey)
        matrix[:, :, -1] = offset[:, None]
        return matrix


@dataclass(frozen=True)
class Saturation(Linear):
    """Mix each image with its grey image; a factor above 1 takes colours away from grey.

    Parameters
    ----------
    reach : range around 1
        The image's share.

    Raises
    ------
    ValueError
        If the range is empty, or once there are images, they have not 3 channels.

    References
    ----------
    Howard, "Some improvements on deep convolutional neural network based image classification",
    2013, https://arxiv.org/abs/1312.5402

    Examples
    --------
    >>> X = np.array([100, 100, 0], np.uint8).reshape(1, 3, 1, 1)
    >>> Saturation((0, 0))(X, np.random.default_rng(0)).ravel().tolist()
    [89, 89, 89]
    """

    reach: Reach = 0.2

    def __post_init__(self) -> None:
        as_range("reach", self.reach, around=1)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the image's share."""
        needs_rgb(self, shape)
        return {"share": rng.uniform(*as_range("reach", self.reach, around=1), n)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"share": 1.0}

    def matrix(self, parameters: Parameters, means: Array, white: float) -> Array:
        """Mix the image with grey."""
        share = parameters["share"]
        matrix = scaling(share, 3)
        matrix[:, :, :3] += (1 - share)[:, None, None] * GREY
        return matrix


@dataclass(frozen=True)
class Grayscale(Linear):
    """Make images grey, of three equal channels, with probability `p`.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1], or once there are images, they have not 3 channels.

    References
    ----------
    Howard, "Some improvements on deep convolutional neural network based image classification",
    2013, https://arxiv.org/abs/1312.5402

    Examples
    --------
    >>> X = np.array([100, 100, 0], np.uint8).reshape(1, 3, 1, 1)
    >>> Grayscale(p=1)(X, np.random.default_rng(0)).ravel().tolist()
    [89, 89, 89]
    """

    p: float = 0.5

    def __post_init__(self) -> None:
        as_fraction("p", self.p)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Toss a coin for each image."""
        needs_rgb(self, shape)
        return {"grey": rng.random(n) < self.p}

    def neutral(self, shape: Shape) -> dict[str, bool]:
        """Return what leaves an image as it is."""
        return {"grey": False}

    def matrix(self, parameters: Parameters, means: Array, white: float) -> Array:
        """Return grey for some, the identity for the others."""
        matrix = np.zeros((len(means), 3, 4))
        matrix[:, :, :3] = np.where(parameters["grey"][:, None, None], GREY, np.eye(3))
        return matrix


def needs_rgb(transform: Transform, shape: Shape) -> None:
    """Refuse images that are not red, green and blue."""
    if shape[0] != 3:
        raise ValueError(
            f"{transform.describe()} needs images of 3 channels, red, green and blue, "
            f"got {shape[0]} in (C, H, W) = {tuple(shape)}"
        )
