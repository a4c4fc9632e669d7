"""Darken the corners."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cs231n import kernels
from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import Range, as_number, as_range
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.validation import Array


@dataclass(frozen=True)
class Vignette(Transform):
    """Multiply each pixel by ``1 - strength r^power``; r is 0 in the centre and 1 in the corners.

    Parameters
    ----------
    strength : (low, high) in [0, 1]
        Drawn for each image.
    power : float
        The higher, the more of the image stays bright.

    Raises
    ------
    ValueError
        If the range is empty or reaches out of [0, 1], or `power` is not above 0.

    References
    ----------
    Wu et al., "Deep Image: scaling up image recognition", 2015, https://arxiv.org/abs/1501.02876

    Examples
    --------
    >>> X = np.full((1, 1, 1, 3), 100, np.uint8)
    >>> Vignette((0.5, 0.5))(X, np.random.default_rng(0)).ravel().tolist()
    [50, 100, 50]
    """

    strength: Range = (0.0, 0.8)
    power: float = 2.0

    def __post_init__(self) -> None:
        as_range("strength", self.strength, least=0, most=1)
        as_number("power", self.power, above=0)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the strengths."""
        return {"strength": rng.uniform(*as_range("strength", self.strength), n)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"strength": 0.0}

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Multiply by one mask, stronger or weaker."""
        ((vignette, parameters),) = steps
        assert isinstance(vignette, Vignette)
        y, x = ((np.arange(extent) - (extent - 1) / 2) for extent in X.shape[2:])
        squares = y[:, None] ** 2 + x**2
        mask = (squares / max(squares.max(initial=0), 1e-9)) ** (vignette.power / 2)
        return kernels.shade(X, parameters["strength"], mask, out=out)
