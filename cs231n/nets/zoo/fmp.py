"""Graham's nets of small filters and fractional max-pooling: many poolings, each a gentle one."""

from collections.abc import Sequence
from functools import partial
from numbers import Real

from cs231n.nets.specs import (
    Conv,
    FractionalMaxPool,
    GrahamUniform,
    LeakyReLU,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, dropped
from cs231n.validation import as_extent

PAPER = "Graham, Fractional max-pooling, 2014"
LINK = "https://arxiv.org/abs/1412.6071"
SLOPE = 0.333  # of what his program calls a very leaky ReLU
SQRT2, CBRT2 = 2 ** (1 / 2), 2 ** (1 / 3)
_LARGEST_FIELD = 2**16  # pixels a side; more levels than that are a mistake


def fmp_sizes(levels: int, ratio: float) -> list[int]:
    """Return the height of every map, from the input to the last: counted backwards from 1.

    A 2x2 filter without padding takes a pixel away; pooling divides by the ratio, and by rounding.

    Examples
    --------
    >>> fmp_sizes(6, 2**0.5)
    [36, 35, 25, 24, 17, 16, 11, 10, 7, 6, 4, 3, 2, 1]
    """
    FractionalMaxPool(ratio)  # refuses ratios beyond (1, 2)
    sizes = [1, 2]
    for _ in range(as_extent("levels", levels, minimum=0)):
        pooled = max(round(sizes[-1] * ratio), sizes[-1] + 1)
        sizes += [pooled, pooled + 1]
        if pooled > _LARGEST_FIELD:
            raise ValueError(
                f"levels must leave less than {_LARGEST_FIELD} pixels a side, got {levels} of "
                f"ratio {ratio:g}"
            )
    return sizes[::-1]


def fmp(
    input_shape: Shape,
    classes: int,
    *,
    filters: int,
    levels: int,
    ratio: float,
    mode: str = "pseudorandom",
    overlapping: bool = True,
    dropout: float | Sequence[float] = 0.0,
) -> list[Spec]:
    """Return ``(filters n C2 - FMP ratio)levels - C2 - C1 - output``.

    Level n has n times `filters` filters of 2x2, a leaky ReLU, and fractional max-pooling. Images
    smaller than the field stand in its middle: ``np.pad(X, ((0, 0), (0, 0), (4, 4), (4, 4)))``
    makes 36 x 36 of MNIST's 28 x 28.

    Parameters
    ----------
    filters, levels : int
    ratio : float in (1, 2)
    mode : ``'random'`` or ``'pseudorandom'``
    overlapping : bool
    dropout : float or list
        The share p dropped behind the last layer; it grows from level to level, 0 behind the first.
        A list has a share for each of the ``levels + 2`` convolutions. Whole maps are dropped, for
        each image anew; in Graham's program for a batch at a time, in multiples of 32.

    Examples
    --------
    >>> fmp((1, 4, 4), 10, filters=8, levels=1, ratio=1.5)[2]
    FractionalMaxPool(ratio=1.5)
    """
    filters = as_extent("filters", filters, minimum=1)
    levels = as_extent("levels", levels, minimum=0)
    sizes = fmp_sizes(levels, ratio)
    if tuple(input_shape[1:]) != (sizes[0], sizes[0]):
        raise ValueError(
            f"input_shape must be (C, {sizes[0]}, {sizes[0]}) for {levels} levels of ratio "
            f"{ratio:g}, got {input_shape}: put smaller images in the middle of the field"
        )
    shares = _shares(dropout, levels)
    layers: list[Spec] = []
    for n in range(levels):
        pool = FractionalMaxPool(ratio, mode, overlapping)
        # A map that is dropped as a whole may as well be dropped behind the pooling.
        layers += [*_convolution(filters * (n + 1), 2, ratio), pool]
        layers += dropped(shares[n], by_channel=True)
    for n, size in ((levels, 2), (levels + 1, 1)):
        layers += [*_convolution(filters * (n + 1), size), *dropped(shares[n], by_channel=True)]
    return [*layers, Conv(classes, 1, pad=0, initial=GrahamUniform())]


def _convolution(filters: int, size: int, ratio: float = 1.0) -> list[Spec]:
    return [Conv(filters, size, pad=0, initial=GrahamUniform(ratio)), LeakyReLU(SLOPE)]


def _shares(dropout: float | Sequence[float], levels: int) -> Sequence[float]:
    """Return the share that is dropped behind each convolution."""
    if isinstance(dropout, Real):
        return [float(dropout) * n / (levels + 1) for n in range(levels + 2)]
    if not isinstance(dropout, Sequence) or len(dropout) != levels + 2:
        raise ValueError(
            f"dropout must be a number or {levels + 2} of them, one a convolution, got {dropout!r}"
        )
    return dropout


ENTRIES = (
    Entry(
        "fmp-mnist",
        partial(fmp, filters=32, levels=6, ratio=SQRT2),
        (1, 36, 36),
        10,
        PAPER,
        LINK,
        "0.44 % test error with one test, 0.34 % with 12",
        "the paper, pseudorandom overlapping, no augmentation",
    ),
    Entry(
        "fmp-cifar10-small",
        partial(fmp, filters=32, levels=12, ratio=CBRT2, mode="random", dropout=0.1),
        (3, 94, 94),
        10,
        "Graham, SparseConvNet, cifar10.cpp, 2015",
        "https://github.com/btgraham/SparseConvNet",
        "5.2 % test error after 410 epochs",
        "a third party's run of the program",
    ),
    Entry(
        "fmp-cifar100",
        partial(fmp, filters=64, levels=12, ratio=CBRT2, mode="random"),
        (3, 94, 94),
        100,
        PAPER,
        LINK,
        "26.39 % test error with 12 tests",
        "the paper, random overlapping, no augmentation",
    ),
    Entry(
        "fmp-cifar10",
        partial(fmp, filters=160, levels=12, ratio=CBRT2, dropout=0.5),
        (3, 94, 94),
        10,
        PAPER,
        LINK,
        "3.47 % test error with 100 tests",
        "the paper, with augmentation",
    ),
)
