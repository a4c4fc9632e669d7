"""Blur."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cs231n import kernels
from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import Range, as_range
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.kernels.borders import border_number
from cs231n.validation import Array


@dataclass(frozen=True)
class Blur(Transform):
    """Blur by a Gaussian, cut at four standard deviations.

    Parameters
    ----------
    sigma : (low, high)
        Its standard deviation in pixels, drawn uniformly.
    border : {'reflect', 'edge', 'constant'}

    Raises
    ------
    ValueError
        If the range is empty or reaches below 0, or `border` is another.

    References
    ----------
    Dosovitskiy et al., "Discriminative unsupervised feature learning with exemplar convolutional
    neural networks", 2014, https://arxiv.org/abs/1406.6909

    Examples
    --------
    >>> Blur((1, 2))(np.full((1, 1, 9, 9), 7, np.uint8), np.random.default_rng(0)).max().item()
    7
    """

    sigma: Range = (0.1, 2.0)
    border: str = "reflect"

    def __post_init__(self) -> None:
        as_range("sigma", self.sigma, least=0)
        border_number(self.border)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw each image's standard deviation."""
        return {"sigma": rng.uniform(*as_range("sigma", self.sigma, least=0), n)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"sigma": 0.0}

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Convolve rows and columns."""
        ((blur, parameters),) = steps
        weights = gaussian_weights(parameters["sigma"])
        return kernels.blur(X, weights, blur.border, out=out)  # type: ignore[attr-defined]


def gaussian_weights(sigma: Array) -> Array:
    """Return weights (n, 2 R + 1) of Gaussians that sum to 1; at sigma 0 all is in the middle.

    Examples
    --------
    >>> gaussian_weights(np.array([0.0, 0.25])).round(3).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.999, 0.0]]
    """
    radius = math.ceil(4 * sigma.max(initial=0.0)) or 1
    at = np.arange(-radius, radius + 1)
    narrow = np.maximum(sigma, 1e-3)[:, None]
    weights = np.exp(-0.5 * (at / narrow) ** 2) * (np.abs(at) <= np.maximum(4 * narrow, 0))
    return weights / weights.sum(axis=1, keepdims=True)
