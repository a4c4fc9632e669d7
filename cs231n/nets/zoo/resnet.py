"""Residual nets for images of 32 x 32 pixels."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from cs231n.nets.specs import (
    Affine,
    BatchNorm,
    Constant,
    Conv,
    Dirac,
    GlobalAvgPool,
    ReLU,
    Residual,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, as_counts, scaled

PAPER = "He, Zhang, Ren & Sun, Deep residual learning, 2015"
LINK = "https://arxiv.org/abs/1512.03385"
SHORTCUTS = ("identity", "projection")


def resnet(
    input_shape: Shape,
    classes: int,
    *,
    blocks: Sequence[int],
    filters: Sequence[int] = (16, 32, 64),
    shortcut: str = "identity",
    width: float = 1.0,
) -> list[Spec]:
    """Return a convolution, stages of residual blocks, and the mean of each map.

    Each stage after the first begins with a stride of 2. All weights begin as He's.

    Parameters
    ----------
    blocks : list of int
        Blocks of each stage; a block is two convolutions of 3x3.
    filters : list of int
        Of each stage.
    shortcut : ``'identity'`` or ``'projection'``
        Where the shape changes: every second pixel, and zeros in the new channels (the paper's
        option A, here a frozen 1x1 convolution, so that nothing is learnt), or a 1x1 convolution
        with normalisation (option B).
    width : float
        Factor on all filters.

    Examples
    --------
    >>> len(resnet((3, 32, 32), 10, blocks=(3, 3, 3)))  # each block has a ReLU behind it
    23
    """
    if shortcut not in SHORTCUTS:
        raise ValueError(f"shortcut must be one of {SHORTCUTS}, got {shortcut!r}")
    blocks = as_counts("blocks", blocks)
    filters = as_counts("filters", filters, len(blocks))
    if not blocks:
        raise ValueError("blocks must not be empty")
    channels = scaled(filters[0], width)
    layers: list[Spec] = [Conv(channels, bias=False), BatchNorm(), ReLU()]
    for stage, count in enumerate(blocks):
        for i in range(count):
            stride = 2 if stage and i == 0 else 1
            before, channels = channels, scaled(filters[stage], width)
            changes = stride > 1 or before != channels
            way = _shortcut(channels, stride, shortcut) if changes else ()
            layers += [Residual(_body(channels, stride), way), ReLU()]
    return [*layers, GlobalAvgPool(), Affine(classes)]


def _body(filters: int, stride: int) -> tuple[Spec, ...]:
    first = Conv(filters, stride=stride, bias=False)
    return (first, BatchNorm(), ReLU(), Conv(filters, bias=False), BatchNorm())


def _shortcut(filters: int, stride: int, kind: str) -> tuple[Spec, ...]:
    if kind == "projection":
        return (Conv(filters, 1, stride, bias=False), BatchNorm())
    zeros = Dirac(rest=Constant(0.0))
    return (Conv(filters, 1, stride, bias=False, frozen=True, initial=zeros),)


def _cifar(layers: int, error: str) -> Entry:
    """Return the net of 6n + 2 layers."""
    return Entry(
        f"resnet-{layers}",
        partial(resnet, blocks=((layers - 2) // 6,) * 3),
        (3, 32, 32),
        10,
        PAPER,
        LINK,
        f"{error} % test error on CIFAR-10",
        "table 6",
    )


IMAGENET: dict[str, Any] = {
    "filters": (64, 128, 256, 512),
    "shortcut": "projection",
}  # its first layers left out

ENTRIES = (
    _cifar(20, "8.75"),
    _cifar(32, "7.51"),
    _cifar(44, "7.17"),
    _cifar(56, "6.97"),
    _cifar(110, "6.43"),
    Entry(
        "resnet-18",
        partial(resnet, blocks=(2, 2, 2, 2), **IMAGENET),
        (3, 32, 32),
        10,
        PAPER,
        LINK,
        "96 % accuracy on CIFAR-10 in 7 minutes on an A100",
        "https://arxiv.org/abs/2404.00498",
    ),
    Entry(
        "resnet-34", partial(resnet, blocks=(3, 4, 6, 3), **IMAGENET), (3, 32, 32), 10, PAPER, LINK
    ),
)
