"""Bend images as a lens does: barrels and pincushions."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import Reach, as_range
from cs231n.augmentation.transform import Parameters
from cs231n.augmentation.warps import Warp
from cs231n.kernels.resampling import Stage
from cs231n.validation import Array

_TERMS, _NODES, _NEWTON_STEPS = 6, 16, 6
# How steep r (1 + k1 r^2 + k2 r^4) must stay, and how far it may reach: beyond, a polynomial cannot
# lead back exactly.
_LEAST_SLOPE, _MOST_STRETCH = 0.25, 0.6


@dataclass(frozen=True)
class Lens(Warp):
    """Move what lies at r from the centre to ``r (1 + k1 r^2 + k2 r^4)``; the corners lie at 1.

    Parameters
    ----------
    k1, k2 : range around 0
        Below 0 a barrel, above it a pincushion.
    border, interpolation : as in :class:`Affine`

    Raises
    ------
    ValueError
        If a range is empty, or the lens would fold the image or reach too far to be inverted.

    References
    ----------
    Wu et al., "Deep Image: scaling up image recognition", 2015, https://arxiv.org/abs/1501.02876

    Examples
    --------
    >>> Lens(k1=0.2)(np.zeros((4, 3, 8, 8)), np.random.default_rng(0)).shape
    (4, 3, 8, 8)
    """

    k1: Reach = 0.2
    k2: Reach = 0.0
    border: str = "constant"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        super().__post_init__()
        lows, highs = zip(as_range("k1", self.k1), as_range("k2", self.k2), strict=True)
        r = np.linspace(0, 1, 65)
        slope = (1 + 3 * lows[0] * r**2 + 5 * lows[1] * r**4).min()
        if slope < _LEAST_SLOPE or sum(highs) > _MOST_STRETCH:
            raise ValueError(
                f"k1 and k2 must keep 1 + 3 k1 r^2 + 5 k2 r^4 at {_LEAST_SLOPE} or above up to "
                f"r = 1, and k1 + k2 at {_MOST_STRETCH} or below, got k1 {self.k1} and k2 {self.k2}"
            )

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw both coefficients."""
        k1 = rng.uniform(*as_range("k1", self.k1), n)
        return {"k1": k1, "k2": rng.uniform(*as_range("k2", self.k2), n)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"k1": 0.0, "k2": 0.0}

    def stages(self, parameters: Parameters, shape: Shape) -> list[Stage]:
        """Lead from where things were moved to back to where they were."""
        k1, k2 = parameters["k1"], parameters["k2"]
        x, y = (shape[2] - 1) / 2, (shape[1] - 1) / 2
        numbers = np.zeros((len(k1), 9))
        farthest = (1 + k1 + k2) ** 2  # what becomes of the corners
        numbers[:, 0], numbers[:, 1] = x, y
        numbers[:, 2] = 1 / (farthest * max(x * x + y * y, 1))
        numbers[:, 3:] = inverse_coefficients(k1, k2)
        return [("lens", numbers)]


def inverse_coefficients(k1: Array, k2: Array) -> Array:
    """Fit c1 ... c6 so that ``r = d (1 + c1 s + ... + c6 s^6)``, the inverse of a lens.

    There ``d = r (1 + k1 r^2 + k2 r^4)``, and `s` is d squared over its value at r = 1. For the
    steepest lenses the error is 1e-3 of the distance from the centre to a corner, mostly far less.

    Parameters
    ----------
    k1, k2 : array (n,)

    Returns
    -------
    array (n, 6)

    Examples
    --------
    >>> inverse_coefficients(np.zeros(1), np.zeros(1)).tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    s, fit = _fit_of_nodes()
    k1, k2 = k1[:, None], k2[:, None]
    d = np.sqrt(s) * (1 + k1 + k2)  # (n, nodes)
    r = np.sqrt(np.broadcast_to(s, d.shape))
    for _ in range(_NEWTON_STEPS):
        square = r * r
        bend = k2 * square
        slope = (5 * bend + 3 * k1) * square + 1
        r = r - (((bend + k1) * square + 1) * r - d) / slope
    return ((r / d - 1) * np.sqrt(s)) @ fit.T


@lru_cache(maxsize=1)
def _fit_of_nodes() -> tuple[Array, Array]:
    """Return where to fit, densest at the ends, and what makes coefficients of values there."""
    s = (1 - np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)) / 2
    powers = s[:, None] ** np.arange(1, _TERMS + 1)
    # Errors count as they do in the image: times the distance.
    return s, np.linalg.pinv(powers * np.sqrt(s)[:, None])  # (nodes,), (terms, nodes)
