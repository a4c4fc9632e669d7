"""Changes of a network's description, each a technique: ``(layers) -> layers``."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from cs231n.nets import (
    GELU,
    Affine,
    BatchNorm,
    Conv,
    DropConnect,
    Dropout,
    FractionalMaxPool,
    GroupNorm,
    LayerNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Residual,
    Spec,
)

Layers = tuple[Spec, ...]
# What belongs to the convolution in front of it.
_FOLLOWERS = (GELU, BatchNorm, GroupNorm, LayerNorm, LeakyReLU, ReLU)


def stack_small_filters(layers: Iterable[Spec]) -> Layers:
    """Put a stack of 3x3 filters in the place of each larger filter, a ReLU behind each of them.

    The stack sees as much: two for 5x5, three for 7x7, (k - 1) / 2 for odd k. Convolutions with a
    stride, a dilation or a padding of their own stay as they are. What follows a convolution,
    normalisation and activation, follows each of the stack.

    Simonyan & Zisserman, "Very deep convolutional networks", 2014, https://arxiv.org/abs/1409.1556

    Examples
    --------
    >>> from cs231n.nets import describe, parse
    >>> describe(stack_small_filters(parse("conv7-8 bn relu pool2 conv3-16 relu")))
    '[conv3-8 bn relu]*3 pool2 conv3-16 relu'
    """
    stacked: list[Spec] = []
    for block in _blocks(layers):
        conv, *rest = block
        if isinstance(conv, Conv) and _can_be_stacked(conv):
            stacked += [replace(conv, size=3), *(rest or [ReLU()])] * ((conv.size - 3) // 2)
            block = [replace(conv, size=3), *rest]
        stacked += block
    return tuple(stacked)


def _can_be_stacked(conv: Conv) -> bool:
    plain = conv.stride == conv.dilation == 1 and conv.padding == conv.size // 2
    return plain and conv.size > 3 and conv.size % 2 == 1


def _blocks(layers: Iterable[Spec]) -> list[list[Spec]]:
    """Cut the layers: each convolution with the normalisation and activation behind it."""
    blocks: list[list[Spec]] = []
    for layer in layers:
        if blocks and isinstance(blocks[-1][0], Conv) and isinstance(layer, _FOLLOWERS):
            blocks[-1].append(layer)
        else:
            blocks.append([layer])
    return blocks


def insert_1x1(layers: Iterable[Spec]) -> Layers:
    """Put a 1x1 convolution in front of each max-pooling, as wide as what is there.

    It is followed by what follows the convolution before it, or by a ReLU.

    Lin, Chen & Yan, "Network in network", 2013, https://arxiv.org/abs/1312.4400

    Examples
    --------
    >>> from cs231n.nets import describe, parse
    >>> describe(insert_1x1(parse("conv3-8 relu pool2 conv3-16 relu pool2 fc-10")))
    'conv3-8 relu conv1-8 relu pool2 conv3-16 relu conv1-16 relu pool2 fc-10'
    """
    inserted: list[Spec] = []
    conv: Conv | None = None
    followers: list[Spec] = []
    for block in _blocks(layers):
        if isinstance(block[0], Conv):
            conv, followers = block[0], block[1:]
        elif isinstance(block[0], MaxPool) and conv is not None:
            inserted.append(replace(conv, size=1, stride=1, pad=None, dilation=1))
            inserted += followers or [ReLU()]
        inserted += block
    return tuple(inserted)


def soften_pooling(layers: Iterable[Spec]) -> Layers:
    """Put two fractional max-poolings of ratio √2 in the place of each 2x2 max-pooling.

    Between them stands a 3x3 convolution as wide as what is there, with what follows the last
    convolution, or a ReLU. So the map shrinks more gently, and there is something to learn at each
    size. From 3 pixels a side on it ends as large as behind 2x2 pooling, or a pixel larger.

    Graham, "Fractional max-pooling", 2014, https://arxiv.org/abs/1412.6071

    Examples
    --------
    >>> from cs231n.nets import describe, parse
    >>> describe(soften_pooling(parse("conv5-8 relu pool2 fc-10")))
    'conv5-8 relu fmp√2 conv3-8 relu fmp√2 fc-10'
    """
    softened: list[Spec] = []
    between: list[Spec] = []
    for block in _blocks(layers):
        if isinstance(block[0], Conv):
            small = replace(block[0], size=3, stride=1, pad=None, dilation=1)
            between = [small, *(block[1:] or [ReLU()])]
        if block == [MaxPool(2)] or block == [MaxPool(2, 2)]:
            gentle = FractionalMaxPool(2**0.5)
            block = [gentle, *between, gentle]
        softened += block
    return tuple(softened)


def append_dropout(layers: Iterable[Spec], keep: float) -> Layers:
    """Drop what goes into the layer of the scores.

    Examples
    --------
    >>> from cs231n.nets import describe, parse
    >>> describe(append_dropout(parse("conv3-8 relu fc-64 relu"), 0.5))
    'conv3-8 relu fc-64 relu dropout0.5'
    """
    return (*layers, Dropout(keep))


def drop_connections(layers: Iterable[Spec], keep: float) -> Layers:
    """Drop weights of the hidden affine layers, for each image anew, and no activations any more.

    Wan et al., "Regularization of neural networks using DropConnect", 2013,
    https://proceedings.mlr.press/v28/wan13.html

    Raises
    ------
    ValueError
        If there is no affine layer in front of the scores.

    Examples
    --------
    >>> from cs231n.nets import describe, parse
    >>> describe(drop_connections(parse("conv3-8 relu fc-64 relu dropout0.5"), 0.5))
    'conv3-8 relu dropconnect-64 relu'
    """
    dropping: list[Spec] = []
    for layer in layers:
        if isinstance(layer, Affine):
            dropping.append(DropConnect(**_affine(layer), keep=keep))
        elif not isinstance(layer, Dropout):
            dropping.append(layer)
    if not any(isinstance(layer, DropConnect) for layer in dropping):
        raise ValueError("layers must have an affine layer whose weights DropConnect can drop")
    return tuple(dropping)


def drop_nothing(layers: Iterable[Spec]) -> Layers:
    """Take dropout out, and make DropConnect an affine layer: what they are on average.

    Both scale what they keep, so parameters stay as they are, and have the same names.

    Examples
    --------
    >>> from cs231n.nets import describe, parse
    >>> describe(drop_nothing(parse("conv3-8 relu fmp√2 dropout0.5 dropconnect-64 relu")))
    'conv3-8 relu fmp√2 fc-64 relu'
    """
    still: list[Spec] = []
    for layer in layers:
        if isinstance(layer, DropConnect):
            still.append(Affine(**_affine(layer)))
        elif isinstance(layer, Residual):
            ways = drop_nothing(layer.body), drop_nothing(layer.shortcut)
            still.append(replace(layer, body=ways[0], shortcut=ways[1]))
        elif not isinstance(layer, Dropout):
            still.append(layer)
    return tuple(still)


def _affine(layer: Affine) -> dict[str, Any]:
    return {field.name: getattr(layer, field.name) for field in fields(Affine)}


def insert_batchnorm(layers: Iterable[Spec]) -> Layers:
    """Put batch normalisation behind each convolution, whose bias it makes needless.

    Ioffe & Szegedy, "Batch normalization", 2015, https://arxiv.org/abs/1502.03167

    Examples
    --------
    >>> from cs231n.nets import describe, parse
    >>> describe(insert_batchnorm(parse("conv3-8 relu pool2 fc-10")))
    'conv3-8:bias=no bn relu pool2 fc-10'
    """
    normalised: list[Spec] = []
    for layer in layers:
        if isinstance(layer, Conv):
            normalised += [replace(layer, bias=False), BatchNorm()]
        else:
            normalised.append(layer)
    return tuple(normalised)
