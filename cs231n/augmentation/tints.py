"""Add a colour to whole images: tints, and colour casts as of a lamp."""

from dataclasses import dataclass

import numpy as np

from cs231n.augmentation.colour import Linear
from cs231n.augmentation.images import Shape, as_white
from cs231n.augmentation.ranges import Reach, as_range
from cs231n.augmentation.transform import Parameters
from cs231n.validation import Array, as_extent, as_fraction


class _Offset(Linear):
    """What adds one number to each channel."""

    def draw_offsets(self, n: int, C: int, rng: np.random.Generator) -> Array:
        """Draw (n, C)."""
        raise NotImplementedError

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw one number a channel."""
        return {"offset": self.draw_offsets(n, shape[0], rng)}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"offset": 0.0}

    def matrix(self, parameters: Parameters, means: Array, white: float) -> Array:
        """Add the numbers."""
        N, C = means.shape
        matrix = np.zeros((N, C, C + 1))
        matrix[:, :, :C] = np.eye(C)
        matrix[:, :, C] = self.unit(white) * parameters["offset"]
        return matrix

    def unit(self, white: float) -> float:
        """Return what 1 stands for."""
        return 1.0


@dataclass(frozen=True)
class Tint(_Offset):
    """Add one number from `reach` to each channel of each image, in the images' own units.

    Raises
    ------
    ValueError
        If the range is empty.

    References
    ----------
    CS231n, winter 2015, assignment 3

    Examples
    --------
    >>> X = np.zeros((1, 3, 1, 1), dtype=np.uint8)
    >>> Tint((30, 30))(X, np.random.default_rng(0)).ravel().tolist()
    [30, 30, 30]
    """

    reach: Reach = 10.0

    def __post_init__(self) -> None:
        as_range("reach", self.reach)

    def draw_offsets(self, n: int, C: int, rng: np.random.Generator) -> Array:
        """Draw from the range."""
        return rng.uniform(*as_range("reach", self.reach), (n, C))


@dataclass(frozen=True)
class ColourCast(_Offset):
    """Toss a coin for each channel: with probability `p` a whole number of grey levels is added.

    Parameters
    ----------
    levels : int
        Drawn from ``-levels ... levels``; white has 255.
    p : float
    white : float, optional
        By default 255 for uint8 and 1 for floats.

    Raises
    ------
    ValueError
        If `levels` are below 0, `p` lies outside [0, 1], or `white` is not above 0.

    References
    ----------
    Wu et al., "Deep Image: scaling up image recognition", 2015, https://arxiv.org/abs/1501.02876

    Examples
    --------
    >>> ColourCast()(np.zeros((2, 3, 8, 8)), np.random.default_rng(0)).shape
    (2, 3, 8, 8)
    """

    levels: int = 20
    p: float = 0.5
    white: float | None = None

    def __post_init__(self) -> None:
        as_extent("levels", self.levels, minimum=0)
        as_fraction("p", self.p)
        if self.white is not None:
            as_white(self.white)

    def draw_offsets(self, n: int, C: int, rng: np.random.Generator) -> Array:
        """Toss, then draw levels."""
        tossed = rng.random((n, C)) < self.p
        levels = int(self.levels)
        return tossed * rng.integers(-levels, levels + 1, (n, C))

    def unit(self, white: float) -> float:
        """Return a grey level."""
        return white / 255
