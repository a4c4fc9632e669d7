"""Max-pooling, average pooling, fractional max-pooling."""

from dataclasses import dataclass

from cs231n.layers.fractional_intervals import fractional_extent
from cs231n.nets.specs.base import Shape, Spec, Window, check_extents, maps, whole_map
from cs231n.validation import pooled_extent

MODES = ("random", "pseudorandom")


@dataclass(frozen=True, repr=False)
class Pool(Spec):
    """Windows of ``size`` x ``size``.

    Attributes
    ----------
    size : int
    stride : int
        Pixels from window to window; None stands for ``size``.
    pad : int
        Pixels on each side that no window counts.
    ceil : bool
        Whether a last window that reaches over the edge is taken, too; it counts what there is.
    """

    size: int = 2
    stride: int | None = None
    pad: int = 0
    ceil: bool = False

    def __post_init__(self) -> None:
        check_extents(self, size=1, pad=0)
        if self.stride is not None:
            check_extents(self, stride=1)
        if self.pad >= self.size:
            raise ValueError(
                f"{type(self).__name__}'s pad must be less than its size, or windows would be "
                f"empty, got pad {self.pad} and size {self.size}"
            )

    @property
    def step(self) -> int:
        """Pixels from window to window."""
        return self.size if self.stride is None else self.stride

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, OH, OW)."""
        C, H, W = maps(shape)
        return C, self._extent("height", H), self._extent("width", W)

    def _extent(self, axis: str, size: int) -> int:
        return pooled_extent(axis, size, self.size, self.pad, self.step, self.ceil)

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the window, for rows and for columns."""
        return (Window(self.size, self.step, self.pad),) * 2


@dataclass(frozen=True, repr=False)
class MaxPool(Pool):
    """The maximum of each window.

    Examples
    --------
    >>> MaxPool().output_shape((64, 32, 32)), MaxPool(3, 2, ceil=True).output_shape((64, 32, 32))
    ((64, 16, 16), (64, 16, 16))
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

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, 1, 1)."""
        return maps(shape)[0], 1, 1

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the whole map."""
        return whole_map(shape)


@dataclass(frozen=True, repr=False)
class FractionalMaxPool(Spec):
    """The maximum of windows whose places are drawn anew for each image and pass.

    Attributes
    ----------
    ratio : float in (1, 2)
        The map's size over the output's.
    mode : ``'random'`` or ``'pseudorandom'``
    overlapping : bool
        Whether windows are 2 x 2 at the corners of the regions, or the regions themselves.
    output : int
        The output's height and width; None stands for the nearest to size / ratio
        that saves a pixel, as in :func:`cs231n.layers.fractional_max_pool_forward`.

    References
    ----------
    Graham, "Fractional max-pooling", 2014, https://arxiv.org/abs/1412.6071

    Examples
    --------
    >>> FractionalMaxPool(2**0.5).output_shape((32, 35, 35))
    (32, 25, 25)
    """

    ratio: float
    mode: str = "pseudorandom"
    overlapping: bool = True
    output: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.ratio, str) or not 1 < self.ratio < 2:
            raise ValueError(f"FractionalMaxPool's ratio must lie in (1, 2), got {self.ratio!r}")
        if self.mode not in MODES:
            raise ValueError(f"FractionalMaxPool's mode must be one of {MODES}, got {self.mode!r}")
        if self.output is not None:
            check_extents(self, output=1)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, OH, OW)."""
        C, H, W = maps(shape)
        return C, self._extent("height", H), self._extent("width", W)

    def _extent(self, axis: str, size: int) -> int:
        if self.output is None:
            return fractional_extent(axis, size, self.ratio)
        least, most = self.output + 1, 2 * self.output
        if not least <= size <= most:
            raise ValueError(
                f"needs a {axis} from {least} to {most} for {self.output} windows with steps of 1 "
                f"or 2 pixels, got {size}"
            )
        return self.output

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the windows by their average: 2 pixels, `ratio` apart."""
        return (Window(2, self.ratio),) * 2
