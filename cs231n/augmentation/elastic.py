"""Elastic deformations: every pixel moves a little, and its neighbours nearly as much."""

from dataclasses import dataclass

import numpy as np

from cs231n import kernels
from cs231n.augmentation.blur import gaussian_weights
from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import as_number
from cs231n.augmentation.transform import Parameters
from cs231n.augmentation.warps import Warp
from cs231n.validation import Array


@dataclass(frozen=True)
class Elastic(Warp):
    """Move each pixel by noise from U(-1, 1), blurred by `sigma` pixels, times `alpha`.

    Parameters
    ----------
    alpha : float
        At sigma 4, alpha 34 moves pixels by 1.4 in the root mean square.
    sigma : float
        Above 0.
    border, interpolation : as in :class:`Affine`

    Raises
    ------
    ValueError
        If `alpha` is below 0, or `sigma` not above it.

    References
    ----------
    Simard, Steinkraus & Platt, "Best practices for convolutional neural networks applied to visual
    document analysis", ICDAR 2003, https://doi.org/10.1109/ICDAR.2003.1227801

    Examples
    --------
    >>> Elastic()(np.zeros((4, 1, 28, 28)), np.random.default_rng(0)).shape
    (4, 1, 28, 28)
    """

    alpha: float = 34.0
    sigma: float = 4.0
    border: str = "constant"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        super().__post_init__()
        as_number("alpha", self.alpha, least=0)
        as_number("sigma", self.sigma, above=0)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the noise, and blur it: (n, 2, H, W), columns, then rows."""
        noise = rng.random((n, 2, *shape[1:]), dtype=np.float32)
        noise = np.multiply(noise, 2, out=noise)
        noise -= 1
        weights = np.tile(gaussian_weights(np.array([self.sigma])), (n, 1))
        field = kernels.blur(noise, weights, "reflect", out=noise)
        field *= np.float32(self.alpha)
        return {"field": field}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"field": 0.0}

    def field(self, parameters: Parameters, shape: Shape) -> Array | None:
        """Return the blurred noise."""
        return parameters["field"]

    def has_field(self) -> bool:
        """Tell that there is one."""
        return True
