"""Mirror images, exactly; and what flips share with crops: both are windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cs231n import kernels
from cs231n.augmentation.images import Shape
from cs231n.augmentation.transform import Parameters, Step, Transform
from cs231n.validation import Array, as_fraction


class Window(Transform):
    """What copies a window of each image, mirrored or not: a chain of them is one copy."""

    border: str = "constant"

    def starts(self, parameters: Parameters, shape: Shape) -> Array:
        """Return (n, 4): the first row and step, the first column and step."""
        raise NotImplementedError

    def leaves_image(self) -> bool:
        """Tell whether the window may reach over the image's border."""
        return False

    def joins(self, steps: Sequence[Step]) -> bool:
        """Join other windows, unless this one would see the border of one that cut something."""
        if not isinstance(steps[0][0], Window):
            return False
        return not self.leaves_image() or all(isinstance(step[0], Flip) for step in steps)

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Copy the window of windows."""
        shape: Shape = X.shape[1:]
        starts, border = None, "constant"
        for window, parameters in steps:
            assert isinstance(window, Window)
            inner = window.starts(parameters, shape)
            starts = inner if starts is None else _after(starts, inner)
            border = window.border if window.leaves_image() else border
            shape = window.output_shape(shape)
        assert starts is not None
        return kernels.crop(X, starts, (shape[1], shape[2]), border, out=out)


def _after(first: Array, second: Array) -> Array:
    """Return the window `second` of the window `first`."""
    starts = first.copy()
    starts[:, ::2] += first[:, 1::2] * second[:, ::2]
    starts[:, 1::2] *= second[:, 1::2]
    return starts


@dataclass(frozen=True)
class Flip(Window):
    """Mirror an image with probability `p`.

    Parameters
    ----------
    p : float
    axis : {'horizontal', 'vertical'}
        Left to right, or upside down.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1], or `axis` is another.

    References
    ----------
    Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012, https://papers.nips.cc/paper/4824

    Examples
    --------
    >>> X = np.arange(6).reshape(2, 1, 1, 3)
    >>> Flip(p=1)(X, np.random.default_rng(0))[:, 0, 0].tolist()
    [[2, 1, 0], [5, 4, 3]]
    """

    p: float = 0.5
    axis: Literal["horizontal", "vertical"] = "horizontal"

    def __post_init__(self) -> None:
        as_fraction("p", self.p)
        if self.axis not in ("horizontal", "vertical"):
            raise ValueError(f"axis must be 'horizontal' or 'vertical', got {self.axis!r}")

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Toss a coin for each image."""
        return {"mirrored": rng.random(n) < self.p}

    def neutral(self, shape: Shape) -> dict[str, bool]:
        """Return what leaves an image as it is."""
        return {"mirrored": False}

    def starts(self, parameters: Parameters, shape: Shape) -> Array:
        """Begin at the last column, or row, and go back."""
        mirrored = parameters["mirrored"]
        starts = np.zeros((len(mirrored), 4), np.int64)
        starts[:, 1::2] = 1
        at, extent = (2, shape[2]) if self.axis == "horizontal" else (0, shape[1])
        starts[:, at] = np.where(mirrored, extent - 1, 0)
        starts[:, at + 1] = np.where(mirrored, -1, 1)
        return starts
