"""Rotate, stretch, shear and shift images about their centre."""

from dataclasses import dataclass

import numpy as np

from cs231n.augmentation.images import Shape
from cs231n.augmentation.ranges import Reach, as_number, as_range, log_uniform
from cs231n.augmentation.transform import Parameters
from cs231n.augmentation.warps import Warp, about_centre
from cs231n.kernels.resampling import Stage


@dataclass(frozen=True)
class Affine(Warp):
    """Rotate, scale, shear and shift each image about its centre, in one interpolation.

    Each range is (low, high), or a number: how far it reaches to both sides.

    Parameters
    ----------
    degrees : range around 0
        Rotation; above 0 it is clockwise.
    scale : range around 1
        A factor for each axis: stretching.
    shear : range around 0
        How many pixels each row moves to the left, against the row above it.
    shift : range around 0
        By how many pixels what is looked up lies below, and to the right: the image itself moves
        up, and to the left.
    zoom : range around 1
        One factor for both axes, its logarithm uniform.
    shear_columns : range around 0
        How many pixels each column moves up, against the one to its left.
    border : {'constant', 'edge', 'reflect'}
    interpolation : {'nearest', 'bilinear', 'bicubic'}

    Raises
    ------
    ValueError
        If a range is empty, or a factor may be 0 or less.

    References
    ----------
    Dieleman, Willett & Dambre, "Rotation-invariant convolutional neural networks for galaxy
    morphology prediction", 2015, https://arxiv.org/abs/1503.07077
    Graham, "Fractional max-pooling", 2014, https://arxiv.org/abs/1412.6071

    Examples
    --------
    >>> X = np.full((2, 1, 5, 5), 7, dtype=np.uint8)
    >>> out = Affine(degrees=10)(X, np.random.default_rng(0))
    >>> out.dtype, int(out[0, 0, 2, 2])
    (dtype('uint8'), 7)
    """

    degrees: Reach = 0.0
    scale: Reach = 0.0
    shear: Reach = 0.0
    shift: Reach = 0.0
    zoom: Reach = 0.0
    shear_columns: Reach = 0.0
    border: str = "constant"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("degrees", "shear", "shift", "shear_columns"):
            as_range(name, getattr(self, name))
        for name in ("scale", "zoom"):
            value = getattr(self, name)
            if np.ndim(value) == 0 and not 0 <= as_number(name, value) < 1:
                raise ValueError(f"{name} must lie in [0, 1), got {value}")
            as_range(name, value, around=1, above=0)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw each number; those that nobody asked for are not drawn."""
        drawn = {
            "angle": np.deg2rad(rng.uniform(*as_range("degrees", self.degrees), n)),
            "scale": rng.uniform(*as_range("scale", self.scale, around=1), (n, 2)),
            "shear": rng.uniform(*as_range("shear", self.shear), n),
            "shift": rng.uniform(*as_range("shift", self.shift), (n, 2)),
        }
        if np.any(self.zoom):
            drawn["zoom"] = log_uniform(rng, as_range("zoom", self.zoom, around=1), n)
        if np.any(self.shear_columns):
            drawn["shear_columns"] = rng.uniform(*as_range("shear_columns", self.shear_columns), n)
        return drawn

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"angle": 0, "scale": 1, "shear": 0, "shift": 0, "zoom": 1, "shear_columns": 0}

    def stages(self, parameters: Parameters, shape: Shape) -> list[Stage]:
        """Undo in reverse what was done: unshear, unrotate, unscale."""
        angle, rows = parameters["angle"], parameters["scale"][:, 0]
        columns, slope = parameters["scale"][:, 1], parameters["shear"]
        if "zoom" in parameters:
            rows, columns = rows * parameters["zoom"], columns * parameters["zoom"]
        cosine, sine = np.cos(angle), np.sin(angle)
        # From (x, y) of the result to (x, y) of the image, so far without shears.
        linear = np.array([[cosine / columns, sine / columns], [-sine / rows, cosine / rows]])
        linear = linear.transpose(2, 0, 1)  # (2, 2, n) -> (n, 2, 2)
        if "shear_columns" in parameters:
            linear[:, :, 0] += parameters["shear_columns"][:, None] * linear[:, :, 1]
        linear[:, :, 1] += slope[:, None] * linear[:, :, 0]
        return [("matrix", about_centre(linear, shape, parameters["shift"][:, ::-1]))]
