"""Gamma: what a screen does to brightness."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cs231n import kernels
from cs231n.augmentation.images import Shape, as_white, in_dtype_of, white_of
from cs231n.augmentation.ranges import Reach, as_range, log_uniform
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.validation import Array


@dataclass(frozen=True)
class Gamma(Transform):
    """Raise each image to a power: ``white (x / white)^gamma``; what is below 0 becomes 0.

    Parameters
    ----------
    reach : (low, high)
        The power; its logarithm is uniform. Below 1 brightens.
    white : float, optional
        By default 255 for uint8 and 1 for floats.

    Raises
    ------
    ValueError
        If the range is empty, or a power may be 0 or less.

    References
    ----------
    Dosovitskiy et al., "Discriminative unsupervised feature learning with exemplar convolutional
    neural networks", 2014, https://arxiv.org/abs/1406.6909

    Examples
    --------
    >>> Gamma((2, 2))(np.full((1, 1, 1, 1), 0.5), np.random.default_rng(0)).item()
    0.25
    """

    reach: Reach = (0.7, 1.4)
    white: float | None = None

    def __post_init__(self) -> None:
        as_range("reach", self.reach, around=1, above=0)
        if self.white is not None:
            as_white(self.white)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the powers."""
        return {"gamma": log_uniform(rng, as_range("reach", self.reach, around=1), n)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"gamma": 1.0}

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Look bytes up in a table for each image; compute with others."""
        ((change, parameters),) = steps
        gamma = parameters["gamma"][:, None]
        white = white_of(X, getattr(change, "white", None))
        if X.dtype == np.uint8:
            tables = white * (np.arange(256) / white) ** gamma
            return kernels.look_up(X, in_dtype_of(X, tables), out=out)
        working = np.result_type(X.dtype, np.float32)
        share = np.maximum(X, 0).astype(working) / working.type(white)
        power = gamma[:, :, None, None].astype(working)
        raised = working.type(white) * share**power
        same = parameters["gamma"] == 1
        raised[same] = X[same]  # also what is below 0
        return in_dtype_of(X, raised, out)
