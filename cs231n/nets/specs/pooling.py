"""Max-pooling and average pooling."""

from dataclasses import dataclass

from cs231n.nets.specs.base import Shape, Spec, check_extents, maps
from cs231n.validation import output_extent


@dataclass(frozen=True, repr=False)
class Pool(Spec):
    """Windows of ``size`` x ``size``, ``stride`` pixels apart; None stands for ``size``."""

    size: int = 2
    stride: int | None = None

    def __post_init__(self) -> None:
        check_extents(self, size=1)
        if self.stride is not None:
            check_extents(self, stride=1)

    def window(self, shape: Shape) -> tuple[int, int, int]:
        """Return the window's height and width, and the stride."""
        return self.size, self.size, self.size if self.stride is None else self.stride

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, OH, OW)."""
        C, H, W = maps(shape)
        HH, WW, stride = self.window(shape)
        OH = output_extent("height", H, HH, 0, stride)
        return C, OH, output_extent("width", W, WW, 0, stride)


@dataclass(frozen=True, repr=False)
class MaxPool(Pool):
    """The maximum of each window.

    Examples
    --------
    >>> MaxPool().output_shape((64, 32, 32)), MaxPool(3, stride=2).output_shape((64, 32, 32))
    ((64, 16, 16), (64, 15, 15))
    """


@dataclass(frozen=True, repr=False)
class AvgPool(Pool):
    """The mean of each window.

    Examples
    --------
    >>> AvgPool(4).output_shape((64, 8, 8))
    (64, 2, 2)
    """


@dataclass(frozen=True, repr=False)
class GlobalAvgPool(Spec):
    """The mean of each map: maps (C, H, W) become (C, 1, 1).

    Lin, Chen & Yan, "Network in network", 2013, https://arxiv.org/abs/1312.4400

    Examples
    --------
    >>> GlobalAvgPool().output_shape((64, 8, 8))
    (64, 1, 1)
    """

    def window(self, shape: Shape) -> tuple[int, int, int]:
        """Return the map's height and width, and 1."""
        C, H, W = maps(shape)
        return H, W, 1

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, 1, 1)."""
        C, H, W = maps(shape)
        return C, 1, 1
