"""ResNet-9: the net that took the contest for CIFAR-10 from minutes to seconds."""

from collections.abc import Sequence

from cs231n.nets.specs import (
    Affine,
    BatchNorm,
    Conv,
    FanInUniform,
    MaxPool,
    ReLU,
    Residual,
    Scale,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, as_counts, scaled


def resnet9(
    input_shape: Shape,
    classes: int,
    *,
    filters: Sequence[int] = (64, 128, 256, 512),
    factor: float = 1 / 8,
    width: float = 1.0,
) -> list[Spec]:
    """Return eight convolutions with batch normalisation, and one affine layer.

    A residual block of two convolutions follows the first and the third pooling; its sum goes on
    without a ReLU. Weights begin as PyTorch's do.

    Parameters
    ----------
    filters : four ints
        Of the first convolution, and of the three in front of a pooling.
    factor : float
        On the scores, which keeps them small at first.
    width : float
        Factor on all filters.

    Examples
    --------
    >>> resnet9((3, 32, 32), 10)[-3:-1]
    [MaxPool(size=4), Affine(units=10, bias=False, initial=FanInUniform())]
    """
    first, *pooled = (scaled(f, width) for f in as_counts("filters", filters, 4))
    layers: list[Spec] = [*_convolution(first)]
    for i, f in enumerate(pooled):
        layers += [*_convolution(f), MaxPool()]
        if i != 1:
            layers.append(Residual((*_convolution(f), *_convolution(f))))
    return [*layers, MaxPool(4), Affine(classes, bias=False, initial=FanInUniform()), Scale(factor)]


def _convolution(filters: int) -> tuple[Spec, ...]:
    return (Conv(filters, bias=False, initial=FanInUniform()), BatchNorm(), ReLU())


ENTRIES = (
    Entry(
        "resnet-9",
        resnet9,
        (3, 32, 32),
        10,
        "Page, How to train your ResNet, 2018",
        "https://github.com/davidcpage/cifar10-fast",
        "94 % accuracy on CIFAR-10 in 24 epochs, 79 s on a V100",
        "https://myrtle.ai/learn/how-to-train-your-resnet/",
    ),
)
