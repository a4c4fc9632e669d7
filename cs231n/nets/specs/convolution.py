"""Convolution with square filters."""

from dataclasses import dataclass

from cs231n.nets.specs.base import Parameter, Shape, Spec, check_extents, check_number, maps
from cs231n.nets.specs.initial import Constant, weights
from cs231n.validation import output_extent


@dataclass(frozen=True, repr=False)
class Conv(Spec):
    """``filters`` filters of ``size`` x ``size``.

    Attributes
    ----------
    filters, size, stride : int
    pad : int
        Zeros on each side; None stands for ``size // 2``, which keeps the map for odd sizes.
    bias : bool
        Batch normalisation takes away what a bias in front of it adds.
    weight_scale : float
        Standard deviation of the initial filters; None stands for He's.

    Examples
    --------
    >>> Conv(64), Conv(64).output_shape((3, 32, 32)), Conv(64).multiply_adds((3, 32, 32))
    (Conv(filters=64), (64, 32, 32), 1769472)
    """

    filters: int
    size: int = 3
    stride: int = 1
    pad: int | None = None
    bias: bool = True
    weight_scale: float | None = None

    def __post_init__(self) -> None:
        check_extents(self, filters=1, size=1, stride=1)
        if self.pad is not None:
            check_extents(self, pad=0)
        if self.weight_scale is not None:
            check_number(self, "weight_scale", 0, float("inf"))

    @property
    def padding(self) -> int:
        """Zeros on each side."""
        return self.size // 2 if self.pad is None else self.pad

    def output_shape(self, shape: Shape) -> Shape:
        """Return (F, OH, OW)."""
        C, H, W = maps(shape)
        OH = output_extent("height", H, self.size, self.padding, self.stride)
        OW = output_extent("width", W, self.size, self.padding, self.stride)
        return self.filters, OH, OW

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return W (F, C, HH, WW), and b (F,) where there is a bias."""
        fan_in = shape[0] * self.size**2
        w_shape = (self.filters, shape[0], self.size, self.size)
        w = Parameter("W", w_shape, weights(fan_in, self.weight_scale), decays=True)
        return (w, Parameter("b", (self.filters,), Constant(0.0))) if self.bias else (w,)

    def multiply_adds(self, shape: Shape) -> int:
        """Return OH OW F C HH WW."""
        F, OH, OW = self.output_shape(shape)
        return OH * OW * F * shape[0] * self.size**2
