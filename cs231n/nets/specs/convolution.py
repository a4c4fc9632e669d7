"""Convolution with square filters."""

from dataclasses import dataclass

from cs231n.nets.specs.base import (
    Parameter,
    Shape,
    Spec,
    Window,
    check_extents,
    check_initial,
    maps,
)
from cs231n.nets.specs.initial import HE, Constant, Initial
from cs231n.validation import output_extent


@dataclass(frozen=True, repr=False)
class Conv(Spec):
    """``filters`` filters of ``size`` x ``size``.

    Attributes
    ----------
    filters, size, stride : int
    pad : int
        Zeros on each side; None stands for ``dilation * (size // 2)``, which keeps the map for
        odd sizes.
    bias : bool
        Batch normalisation takes away what a bias in front of it adds.
    dilation : int
        Pixels from one weight of a filter to the next.
    groups : int
        The channels are cut into so many groups, the filters likewise; a filter sees its group.
    frozen : bool
        Whether the filters stay as they are: they are then part of a network's ``state``.
    initial : Initial, of the filters
    bias_value : float, at which every bias begins

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
    dilation: int = 1
    groups: int = 1
    frozen: bool = False
    initial: Initial = HE
    bias_value: float = 0.0

    def __post_init__(self) -> None:
        check_extents(self, filters=1, size=1, stride=1, dilation=1, groups=1)
        if self.pad is not None:
            check_extents(self, pad=0)
        check_initial(self)
        if self.filters % self.groups:
            raise ValueError(
                f"Conv's filters must be a multiple of its groups, got {self.filters} filters "
                f"and {self.groups} groups"
            )

    @property
    def padding(self) -> int:
        """Zeros on each side."""
        return self.dilation * (self.size // 2) if self.pad is None else self.pad

    @property
    def reach(self) -> int:
        """Pixels from a filter's first weight to its last, both included."""
        return self.dilation * (self.size - 1) + 1

    def output_shape(self, shape: Shape) -> Shape:
        """Return (F, OH, OW)."""
        C, H, W = maps(shape)
        if C % self.groups:
            raise ValueError(
                f"needs channels in a multiple of its {self.groups} groups, got {C} channels"
            )
        OH = output_extent("height", H, self.reach, self.padding, self.stride)
        OW = output_extent("width", W, self.reach, self.padding, self.stride)
        return self.filters, OH, OW

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the filter, for rows and for columns."""
        return (Window(self.size, self.stride, self.padding, self.dilation),) * 2

    def _filters(self, shape: Shape) -> Parameter:
        w_shape = (self.filters, shape[0] // self.groups, self.size, self.size)
        return Parameter("W", w_shape, self.initial, decays=not self.frozen)

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return W (F, C / groups, HH, WW), unless frozen, and b (F,) where there is a bias."""
        w = () if self.frozen else (self._filters(shape),)
        b = (Parameter("b", (self.filters,), Constant(self.bias_value)),) if self.bias else ()
        return (*w, *b)

    def running(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return W, if it is frozen."""
        return (self._filters(shape),) if self.frozen else ()

    def multiply_adds(self, shape: Shape) -> int:
        """Return OH OW F (C / groups) HH WW."""
        F, OH, OW = self.output_shape(shape)
        return OH * OW * F * (shape[0] // self.groups) * self.size**2
