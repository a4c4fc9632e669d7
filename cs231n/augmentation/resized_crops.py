"""Crops of random size, resized to one: training at all scales at once."""

import math
from dataclasses import dataclass

import numpy as np

from cs231n.augmentation.crops import as_window
from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import Range, as_range, log_uniform
from cs231n.augmentation.transform import Parameters
from cs231n.augmentation.warps import Warp, box_matrix
from cs231n.kernels.resampling import Stage

_TRIES = 10


class _Boxed(Warp):
    """What looks a box of the image up."""

    shape: tuple[int, int]

    def stages(self, parameters: Parameters, shape: Shape) -> list[Stage]:
        """Lead from the result into the box."""
        return [("matrix", box_matrix(parameters["box"], self.shape))]

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that boxes are resized to."""
        return (shape[0], int(self.shape[0]), int(self.shape[1]))


@dataclass(frozen=True)
class ResizedCrop(_Boxed):
    """Cut out a box of random area and aspect, and resize it.

    Parameters
    ----------
    shape : (HH, WW)
        What the box is resized to.
    area : (low, high)
        Share of the image that it covers; uniform.
    aspect : (low, high)
        Its width over its height; the logarithm is uniform.
    border, interpolation : as in :class:`Affine`

    Raises
    ------
    ValueError
        If a range is empty, or reaches out of (0, 1] or below 0.

    References
    ----------
    Szegedy et al., "Going deeper with convolutions", CVPR 2015, https://arxiv.org/abs/1409.4842

    Examples
    --------
    >>> ResizedCrop((6, 5))(np.zeros((4, 3, 8, 8)), np.random.default_rng(0)).shape
    (4, 3, 6, 5)
    """

    shape: tuple[int, int]
    area: Range = (0.08, 1.0)
    aspect: Range = (3 / 4, 4 / 3)
    border: str = "edge"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        super().__post_init__()
        as_window("shape", self.shape)
        as_range("area", self.area, above=0, most=1)
        as_range("aspect", self.aspect, above=0)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw boxes until they fit; where ten do not, take the largest that may be."""
        H, W = shape[1:]
        areas, aspects = as_range("area", self.area), as_range("aspect", self.aspect)
        size = np.zeros((n, 2))
        left_over = np.ones(n, bool)
        for _ in range(_TRIES):
            area = H * W * rng.uniform(*areas, n)
            aspect = log_uniform(rng, aspects, n)
            drawn = np.sqrt(np.stack([area / aspect, area * aspect], axis=1))  # height, width
            size[left_over] = drawn[left_over]
            left_over &= (drawn > (H, W)).any(axis=1)
            if not left_over.any():
                break
        widest = min(max(W / max(H, 1), aspects[0]), aspects[1])
        height = min(H, W / widest, math.sqrt(areas[1] * H * W / widest))
        size[left_over] = [height, height * widest]
        size = np.minimum(size, (H, W))  # by a rounding
        corner = rng.random((n, 2)) * ((H, W) - size)
        return {"box": np.concatenate([corner, size], axis=1)}


@dataclass(frozen=True)
class ScaledCrop(_Boxed):
    """Resize images to a random size, and cut a window out anywhere: scale jitter.

    Parameters
    ----------
    shape : (HH, WW)
    sides : (low, high)
        What the shorter side of the image is resized to, at least the window's longer one.
    border, interpolation : as in :class:`Affine`

    Raises
    ------
    ValueError
        If a side may be shorter than the window's longer one.

    References
    ----------
    Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition",
    ICLR 2015, https://arxiv.org/abs/1409.1556

    Examples
    --------
    >>> ScaledCrop((6, 6), sides=(6, 9))(np.zeros((4, 3, 8, 10)), np.random.default_rng(0)).shape
    (4, 3, 6, 6)
    """

    shape: tuple[int, int]
    sides: Range
    border: str = "edge"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        super().__post_init__()
        as_range("sides", self.sides, least=max(as_window("shape", self.shape)))

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the size, then the corner."""
        extent = np.array(shape[1:], float)
        pixels = min(shape[1:]) / rng.uniform(*as_range("sides", self.sides), n)
        size = np.asarray(self.shape) * pixels[:, None]  # (n, 2): of the image's own pixels
        return {"box": np.concatenate([rng.random((n, 2)) * (extent - size), size], axis=1)}
