"""Network in Network: each convolution is followed by two 1x1 ones, and no layer is affine."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from cs231n.nets.specs import (
    Conv,
    GlobalAvgPool,
    Initial,
    MaxPool,
    Normal,
    ReLU,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, as_counts, dropped, scaled

PAPER = "Lin, Chen & Yan, Network in network, 2013"
LINK = "https://arxiv.org/abs/1312.4400"
SIZES = (5, 5, 3)  # of the filters that open each block, unless a data set has its own
WIDTHS = ((192, 160, 96), (192, 192, 192), (192, 192))
# Standard deviations of the initial weights, one a convolution.
SCALES = ((0.05,) * 3,) * 3
SCALES_CIFAR100 = ((0.001, 0.01, 0.01), *SCALES[1:])


def nin(
    input_shape: Shape,
    classes: int,
    *,
    widths: Sequence[Sequence[int]] = WIDTHS,
    sizes: Sequence[int] = SIZES,
    scales: Sequence[Sequence[float]] = SCALES,
    dropout: float = 0.5,
    width: float = 1.0,
    initial: Initial | None = None,
) -> list[Spec]:
    """Return three blocks, and the mean of each class's map.

    The numbers are those of the authors' layer files
    (https://github.com/mavenlin/cuda-convnet/tree/master/NIN), in which the class maps have a ReLU,
    too, and a last pooling window may reach over the edge: 32, 16, 8 pixels.

    Parameters
    ----------
    widths : three lists
        Filters of each block's convolutions; the last block's third has one a class.
    sizes : three ints
        Of the filters that open each block; the others are 1x1.
    scales : three lists of three numbers
        Standard deviations of the initial weights.
    dropout : float
        The share dropped behind the first and the second block.
    width : float
        Factor on all filters but the class maps.
    initial : Initial, optional
        One for all layers, in place of `scales`.

    Examples
    --------
    >>> nin((3, 32, 32), 10)[-2:]
    [ReLU(), GlobalAvgPool()]
    """
    _check_blocks(widths, sizes, scales)
    layers: list[Spec] = []
    for i, (filters, size) in enumerate(zip(widths, sizes, strict=True)):
        outputs = [scaled(f, width) for f in filters] + [classes] * (i == 2)
        for j, (output, scale) in enumerate(zip(outputs, scales[i], strict=True)):
            conv = Conv(output, 1 if j else size, initial=initial or Normal(scale))
            layers += [conv, ReLU()]
        if i < 2:
            layers += [MaxPool(3, 2, ceil=True), *dropped(dropout)]
    return [*layers, GlobalAvgPool()]


def _check_blocks(widths: Sequence, sizes: Sequence, scales: Sequence) -> None:
    for name, blocks in (("widths", widths), ("sizes", sizes), ("scales", scales)):
        if not isinstance(blocks, Sequence) or len(blocks) != 3:
            raise ValueError(f"{name} must hold three entries, one a block, got {blocks!r}")
    for filters, convolutions in zip(widths, (3, 3, 2), strict=True):
        as_counts("each block's widths", filters, convolutions)
    for deviations in scales:
        if not isinstance(deviations, Sequence) or len(deviations) != 3:
            raise ValueError(f"each block's scales must be three numbers, got {deviations!r}")
    for size in as_counts("sizes", sizes):
        if size % 2 == 0:
            raise ValueError(f"sizes must be odd, so that a filter has a middle, got {sizes!r}")


SVHN: dict[str, Any] = {"widths": ((128, 96, 64), (320, 256, 128), (384, 256)), "sizes": (5, 5, 5)}
MNIST: dict[str, Any] = {"widths": ((96, 64, 48), (128, 96, 48), (128, 96)), "sizes": (5, 5, 5)}

ENTRIES = (
    Entry(
        "nin-cifar10",
        nin,
        (3, 32, 32),
        10,
        PAPER,
        LINK,
        "10.41 % test error; 8.81 % with shifted and mirrored images",
        "table 1",
    ),
    Entry(
        "nin-cifar100",
        partial(nin, scales=SCALES_CIFAR100),
        (3, 32, 32),
        100,
        PAPER,
        LINK,
        "35.68 % test error",
        "table 2",
    ),
    Entry(
        "nin-svhn",
        partial(nin, **SVHN),
        (3, 32, 32),
        10,
        PAPER,
        LINK,
        "2.35 % test error",
        "table 3",
    ),
    Entry(
        "nin-mnist",
        partial(nin, **MNIST),
        (1, 28, 28),
        10,
        PAPER,
        LINK,
        "0.47 % test error",
        "table 4",
    ),
)
