"""AlexNet, with the cut through its middle that two GPUs asked for."""

from cs231n.nets.specs import (
    Affine,
    Conv,
    Initial,
    LocalResponseNorm,
    MaxPool,
    Normal,
    ReLU,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, dropped, scaled
from cs231n.validation import as_extent

# The paper began with N(0, 0.01^2).
BEGINNING = Normal(0.01)


def alexnet(
    input_shape: Shape,
    classes: int,
    *,
    groups: int = 2,
    local_norm: bool = True,
    dropout: float = 0.5,
    width: float = 1.0,
    initial: Initial = BEGINNING,
) -> list[Spec]:
    """Return five convolutions and three affine layers.

    The paper speaks of 224 x 224 pixels, with which 11x11 filters at every fourth pixel do not
    give its 55 x 55 maps; 227 x 227 do.

    Parameters
    ----------
    groups : int
        Parts of which the filters of the second, fourth and fifth convolution see one: the maps on
        their own GPU.
    local_norm : bool
        Normalise the first two convolutions' maps over neighbouring channels.
    dropout : float
        The share dropped behind the two hidden affine layers.
    width : float
        Factor on all filters and hidden units.
    initial : Initial, of all weights
        Biases begin with 1 where the paper's do: in the second, fourth and fifth convolution and in
        the hidden affine layers, whose ReLUs then have positive inputs to learn from.

    Examples
    --------
    >>> alexnet((3, 227, 227), 1000)[2:4]
    [LocalResponseNorm(), MaxPool(size=3, stride=2)]
    """
    groups = as_extent("groups", groups, minimum=1)
    pool = MaxPool(3, 2)  # windows overlap by a pixel
    norm = (LocalResponseNorm(),) if local_norm else ()

    def conv(filters: int, size: int, stride: int = 1, split: bool = False) -> list[Spec]:
        spec = Conv(
            scaled(filters, width, groups),
            size,
            stride,
            pad=0 if stride > 1 else None,
            groups=groups if split else 1,
            initial=initial,
            bias_value=1.0 if split else 0.0,
        )
        return [spec, ReLU()]

    def hidden() -> list[Spec]:
        affine = Affine(scaled(4096, width), initial=initial, bias_value=1.0)
        return [affine, ReLU(), *dropped(dropout)]

    layers = [*conv(96, 11, stride=4), *norm, pool, *conv(256, 5, split=True), *norm, pool]
    layers += [*conv(384, 3), *conv(384, 3, split=True), *conv(256, 3, split=True), pool]
    return [*layers, *hidden(), *hidden(), Affine(classes, initial=initial)]


ENTRIES = (
    Entry(
        "alexnet",
        alexnet,
        (3, 227, 227),
        1000,
        "Krizhevsky, Sutskever & Hinton, ImageNet classification, 2012",
        "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
        "18.2 % top-5 error on ILSVRC-2012 validation",
        "table 2, one net",
    ),
)
