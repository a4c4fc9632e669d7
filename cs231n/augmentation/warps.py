"""What all warps share: places in the image for the pixels of the result, looked up once."""

from collections.abc import Sequence

import numpy as np

from cs231n import kernels
from cs231n.augmentation.crops import as_window
from cs231n.augmentation.images import Shape, as_images
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.kernels.borders import border_number
from cs231n.kernels.resampling import Stage, interpolation_number
from cs231n.validation import Array


class Warp(Transform):
    """What moves pixels to places between pixels; a chain of warps is one interpolation.

    Folded, they differ from one warp after the other in what left the image on the way: here it is
    not lost, and comes back.
    """

    border: str = "constant"
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        border_number(self.border)
        interpolation_number(self.interpolation)

    def stages(self, parameters: Parameters, shape: Shape) -> list[Stage]:
        """Return what leads from a place in the result to one in the image (C, H, W)."""
        return []

    def field(self, parameters: Parameters, shape: Shape) -> Array | None:
        """Return what is added first to each pixel's place, (n, 2, OH, OW): x, then y."""
        return None

    def has_field(self) -> bool:
        """Tell whether there is a field, whose values stand at pixels of the result only."""
        return False

    def joins(self, steps: Sequence[Step]) -> bool:
        """Join warps with the same border and interpolation, unless a field would come last."""
        last = steps[-1][0]
        return (
            isinstance(last, Warp)
            and not last.has_field()
            and (last.border, last.interpolation) == (self.border, self.interpolation)
        )

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Follow the places of the result's pixels back through all steps."""
        shape: Shape = X.shape[1:]
        chain: list[list[Stage]] = []
        for warp, parameters in steps:
            assert isinstance(warp, Warp)
            chain.append(warp.stages(parameters, shape))
            field = warp.field(parameters, shape)
            shape = warp.output_shape(shape)
        last = steps[-1][0]
        assert isinstance(last, Warp)
        stages = _multiplied([stage for stages in reversed(chain) for stage in stages])
        return kernels.warp(
            X,
            stages,
            (shape[1], shape[2]),
            field=field,
            border=last.border,
            interpolation=last.interpolation,
            out=out,
        )


def _multiplied(stages: Sequence[Stage]) -> list[Stage]:
    """Make one of neighbouring matrices."""
    result: list[Stage] = []
    for kind, numbers in stages:
        if result and kind == result[-1][0] == "matrix":
            first, second = (m.reshape(-1, 3, 3) for m in (result[-1][1], numbers))
            result[-1] = ("matrix", (second @ first).reshape(-1, 9))  # (n, 3, 3) -> (n, 9)
        else:
            result.append((kind, numbers))
    return result


def resized(
    X: Array, shape: tuple[int, int], interpolation: str = "bilinear", out: Array | None = None
) -> Array:
    """Return images of another size, each pixel looked up between its neighbours.

    Parameters
    ----------
    X : array (N, C, H, W)
    shape : (HH, WW)
    interpolation : {'nearest', 'bilinear', 'bicubic'}
    out : array (N, C, HH, WW), optional

    Examples
    --------
    >>> resized(np.array([[[[0.0, 4.0]]]]), (1, 4)).ravel().tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    X, shape = as_images(X), as_window("shape", shape)
    N, _, H, W = X.shape
    box = np.tile(np.array([0.0, 0.0, H, W]), (N, 1))
    stage = ("matrix", box_matrix(box, shape))
    return kernels.warp(X, [stage], shape, border="edge", interpolation=interpolation, out=out)


def box_matrix(box: Array, shape: tuple[int, int]) -> Array:
    """Return the matrices (n, 9) that lead from pixels of `shape` to boxes.

    Parameters
    ----------
    box : array (n, 4)
        Top, left, height and width, in pixels; an image's own is (0, 0, H, W).
    shape : (HH, WW)

    Examples
    --------
    >>> box_matrix(np.array([[0, 10, 8, 8]]), (8, 8)).reshape(3, 3)[0].tolist()
    [1.0, 0.0, 10.0]
    """
    top, left, height, width = np.asarray(box, float).T
    matrix = np.zeros((len(top), 9))
    matrix[:, 0], matrix[:, 4], matrix[:, 8] = width / shape[1], height / shape[0], 1
    # A pixel's place is its middle, half a pixel from its border.
    matrix[:, 2] = left + 0.5 * matrix[:, 0] - 0.5
    matrix[:, 5] = top + 0.5 * matrix[:, 4] - 0.5
    return matrix


def about_centre(linear: Array, shape: Shape, offsets: Array | float = 0.0) -> Array:
    """Return the matrices (n, 9) of linear maps (n, 2, 2) of (x, y) about an image's centre.

    Examples
    --------
    >>> half_turn = np.array([[[-1.0, 0], [0, -1]]])
    >>> about_centre(half_turn, (1, 3, 5)).reshape(3, 3)[:2, 2].tolist()
    [4.0, 2.0]
    """
    centre = np.array([(shape[2] - 1) / 2, (shape[1] - 1) / 2])
    matrix = np.zeros((len(linear), 3, 3))
    matrix[:, :2, :2] = linear
    matrix[:, :2, 2] = centre - linear @ centre + offsets
    matrix[:, 2, 2] = 1
    return matrix.reshape(-1, 9)  # (n, 3, 3) -> (n, 9)
