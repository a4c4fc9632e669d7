"""The nets of airbench: whitened patches, filters that begin as the identity, no time to lose."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from cs231n.nets.specs import (
    GELU,
    Affine,
    BatchNorm,
    Conv,
    Dirac,
    FanInUniform,
    MaxPool,
    Residual,
    Scale,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, as_counts, scaled

PAPER = "Jordan, 94 % on CIFAR-10 in 3.29 seconds on a single GPU, 2024"
LINK = "https://arxiv.org/abs/2404.00498"
EPS = 1e-12


def airbench(
    input_shape: Shape,
    classes: int,
    *,
    filters: Sequence[int] = (64, 256, 256),
    residual: bool = False,
    momentum: float = 0.6,
    factor: float = 1 / 9,
    width: float = 1.0,
) -> list[Spec]:
    """Return a frozen whitening layer, three groups of convolutions, and an affine layer.

    The whitening layer's filters are found in the data: see :func:`~cs231n.nets.whiten`, which is
    called before training. Batch normalisation has no gamma. The first filters of each other
    convolution begin by passing on their channel, the rest as PyTorch's.

    Parameters
    ----------
    filters : three ints
        Of each group.
    residual : bool
        Groups of three convolutions, with a residual block around the last two.
    momentum : float
        The share of a running average that a batch leaves as it was; PyTorch counts the other one.
    factor : float
        On the scores.
    width : float
        Factor on the groups' filters.

    Examples
    --------
    >>> airbench((3, 32, 32), 10)[0]
    Conv(filters=24, size=2, pad=0, frozen=True)
    """
    norm = BatchNorm(eps=EPS, momentum=momentum, scale=False)
    whitening = Conv(2 * 4 * input_shape[0], 2, pad=0, frozen=True)
    layers: list[Spec] = [whitening, GELU()]
    for f in as_counts("filters", filters, 3):
        conv = Conv(scaled(f, width), bias=False, initial=Dirac(FanInUniform()))
        layers += [conv, MaxPool(), norm, GELU()]
        layers += [Residual((conv, norm, GELU(), conv, norm))] if residual else [conv, norm]
        layers.append(GELU())
    return [*layers, MaxPool(3), Affine(classes, bias=False, initial=FanInUniform()), Scale(factor)]


def _entry(name: str, figure: str, **options: Any) -> Entry:
    source = "https://github.com/KellerJordan/cifar10-airbench"
    return Entry(name, partial(airbench, **options), (3, 32, 32), 10, PAPER, LINK, figure, source)


ENTRIES = (
    _entry("airbench94", "94.01 % accuracy on CIFAR-10 (1000 runs), 3.83 s on an A100"),
    _entry(
        "airbench95",
        "95.01 % accuracy on CIFAR-10 (200 runs), 10.4 s on an A100",
        filters=(128, 384, 384),
    ),
    _entry(
        "airbench96",
        "96.03 % accuracy on CIFAR-10 (400 runs), 34.7 s on an A100",
        filters=(128, 384, 512),
        residual=True,
        momentum=0.9,
    ),
)
