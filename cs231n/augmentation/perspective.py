"""Look at images from the side."""

from dataclasses import dataclass

import numpy as np

from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import as_number
from cs231n.augmentation.transform import Parameters
from cs231n.augmentation.warps import Warp
from cs231n.kernels.resampling import Stage
from cs231n.validation import Array


@dataclass(frozen=True)
class Perspective(Warp):
    """Move the four corners of what is seen, each on its own.

    Parameters
    ----------
    reach : float
        Each corner moves by up to this share of the image's sides, below 0.25.
    border, interpolation : as in :class:`Affine`

    Raises
    ------
    ValueError
        If `reach` lies outside [0, 0.25).

    References
    ----------
    Hartley & Zisserman, "Multiple view geometry in computer vision", 2004,
    https://doi.org/10.1017/CBO9780511811685

    Examples
    --------
    >>> Perspective(0.2)(np.zeros((4, 3, 8, 8)), np.random.default_rng(0)).shape
    (4, 3, 8, 8)
    """

    reach: float = 0.2
    border: str = "constant"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        super().__post_init__()
        # Below a quarter any four corners make a convex figure.
        if not 0 <= as_number("reach", self.reach) < 0.25:
            raise ValueError(f"reach must lie in [0, 0.25), got {self.reach}")

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw how far each corner moves, in sides: columns, rows."""
        return {"corners": rng.uniform(-self.reach, self.reach, (n, 4, 2))}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"corners": 0.0}

    def stages(self, parameters: Parameters, shape: Shape) -> list[Stage]:
        """Find the projective map that leads the result's corners to those that were drawn."""
        right, bottom = max(shape[2] - 1, 1), max(shape[1] - 1, 1)
        corners = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], float)
        moved = corners + parameters["corners"] * (right, bottom)
        return [("matrix", projective_map(corners, moved))]


def projective_map(corners: Array, moved: Array) -> Array:
    """Return matrices (n, 9) that lead four places (4, 2) to others (n, 4, 2).

    Examples
    --------
    >>> square = np.array([(0.0, 0), (1, 0), (1, 1), (0, 1)])
    >>> projective_map(square, 2 * square[None]).round(6).tolist()[0][:6:4]
    [2.0, 2.0]
    """
    # u (g x + h y + 1) = a x + b y + c, and the same for v: eight equations in a ... h.
    n = len(moved)
    equations = np.zeros((n, 4, 2, 8))
    ones = np.concatenate([corners, np.ones((4, 1))], axis=1)  # x, y, 1
    equations[:, :, 0, :3] = equations[:, :, 1, 3:6] = ones
    equations[..., 6:] = -moved[..., None] * corners[:, None, :]
    solved = np.linalg.solve(equations.reshape(n, 8, 8), moved.reshape(n, 8, 1))
    return np.concatenate([solved[:, :, 0], np.ones((n, 1))], axis=1)
