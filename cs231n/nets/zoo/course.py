"""The nets of the course: its models, and the patterns of its notes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from cs231n.nets.specs import (
    Affine,
    BatchNorm,
    Conv,
    He,
    Initial,
    MaxPool,
    Normal,
    ReLU,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, as_counts, dropped, scaled
from cs231n.validation import as_extent

HE = He()


def convnet(
    input_shape: Shape,
    classes: int,
    *,
    filters: Sequence[int],
    sizes: Sequence[int],
    hidden: Sequence[int] = (),
    dropout: float = 0.0,
    width: float = 1.0,
    initial: Initial = HE,
) -> list[Spec]:
    """Return ``[CONV -> RELU -> POOL]*M -> [FC -> RELU]*K -> FC``, as most of the models are.

    Parameters
    ----------
    filters, sizes : list of int
        How many filters each convolution has, and how large they are.
    hidden : list of int
        Units of the hidden affine layers.
    dropout : float
        The share dropped behind each of those.
    width : float
        Factor on filters and hidden units.
    initial : Initial, of all weights

    Examples
    --------
    >>> convnet((3, 32, 32), 10, filters=[32], sizes=[5])
    [Conv(filters=32, size=5), ReLU(), MaxPool(), Affine(units=10)]
    """
    filters = as_counts("filters", filters)
    sizes = as_counts("sizes", sizes, len(filters))
    layers: list[Spec] = []
    for f, size in zip(filters, sizes, strict=True):
        layers += [Conv(scaled(f, width), size, initial=initial), ReLU(), MaxPool()]
    for units in as_counts("hidden", hidden):
        layers += [Affine(scaled(units, width), initial=initial), ReLU(), *dropped(dropout)]
    return [*layers, Affine(classes, initial=initial)]


def pretrained(
    input_shape: Shape,
    classes: int,
    *,
    filters: Sequence[int] = (64, 64, 128, 128, 256, 256, 512, 512, 1024),
    hidden: int = 512,
    width: float = 1.0,
) -> list[Spec]:
    """Return the layers of :class:`cs231n.classifiers.pretrained_cnn.PretrainedCNN`.

    Every other convolution has a stride of 2, the first filters are 5x5. Biases stand in front of
    batch normalisation, which takes them away again, as its published weights have them. Names
    and shapes of all parameters are the model's.

    Parameters
    ----------
    filters : list of int
    hidden : int
        Units of the affine layer in front of the scores.
    width : float
        Factor on filters and hidden units.

    Examples
    --------
    >>> pretrained((3, 64, 64), 100)[:3]
    [Conv(filters=64, size=5, stride=2), BatchNorm(), ReLU()]
    """
    layers: list[Spec] = []
    for i, f in enumerate(as_counts("filters", filters)):
        conv = Conv(scaled(f, width), 3 if i else 5, stride=1 if i % 2 else 2)
        layers += [conv, BatchNorm(), ReLU()]
    units = scaled(as_extent("hidden", hidden, minimum=1), width)
    return [*layers, Affine(units), BatchNorm(), ReLU(), Affine(classes)]


def pattern(
    input_shape: Shape,
    classes: int,
    *,
    convs: int = 0,
    blocks: int = 0,
    pool: bool = True,
    hidden: Sequence[int] = (),
    filters: int = 32,
    width: float = 1.0,
) -> list[Spec]:
    """Return ``INPUT -> [[CONV -> RELU]*N -> POOL?]*M -> [FC -> RELU]*K -> FC`` of the notes.

    The notes give no numbers of filters: here they double from block to block. Filters are 3x3,
    poolings 2x2, as the notes advise, and weights begin as He's.

    Parameters
    ----------
    convs, blocks : int
        N and M.
    pool : bool
    hidden : list of int
        Units of the K hidden affine layers.
    filters : int
        Of each convolution of the first block.
    width : float
        Factor on filters and hidden units.

    Examples
    --------
    >>> pattern((3, 32, 32), 10, convs=1, blocks=1, pool=False)
    [Conv(filters=32), ReLU(), Affine(units=10)]
    """
    convs, blocks = as_extent("convs", convs, 0), as_extent("blocks", blocks, 0)
    layers: list[Spec] = []
    for block in range(blocks):
        layers += [Conv(scaled(filters * 2**block, width)), ReLU()] * convs
        layers += [MaxPool()] if pool else []
    for units in as_counts("hidden", hidden):
        layers += [Affine(scaled(units, width)), ReLU()]
    return [*layers, Affine(classes)]


def _assignment(year: int, number: int) -> tuple[str, str]:
    """Return what to quote for a model, and its link."""
    return (
        f"CS231n {year}, assignment {number}",
        f"https://cs231n.github.io/assignments{year}/assignment{number}/",
    )


def _pattern(name: str, **options: Any) -> Entry:
    build = partial(pattern, **options)
    link = "https://cs231n.github.io/convolutional-networks/"
    return Entry(name, build, (3, 32, 32), 10, "CS231n notes, layer patterns", link)


ENTRIES = (
    Entry(
        "two-layer-convnet",
        partial(convnet, filters=(32,), sizes=(5,), initial=Normal(1e-3)),
        (3, 32, 32),
        10,
        *_assignment(2015, 2),
    ),
    Entry(
        "five-layer-convnet",
        partial(
            convnet, filters=(32, 32, 64), sizes=(3, 3, 3), hidden=(512,), initial=Normal(1e-2)
        ),
        (3, 64, 64),
        100,
        *_assignment(2015, 3),
        "35.7 to 37.2 % accuracy on TinyImageNet-100-A, ten nets together 42.44 %",
        "its notebook",
    ),
    Entry(
        "three-layer-convnet",
        partial(convnet, filters=(32,), sizes=(7,), hidden=(100,), initial=Normal(1e-3)),
        (3, 32, 32),
        10,
        *_assignment(2016, 2),
    ),
    Entry("pretrained-cnn", pretrained, (3, 64, 64), 100, *_assignment(2016, 3)),
    Entry(
        "small-convnet",
        partial(convnet, filters=(32, 64), sizes=(3, 3), hidden=(128,)),
        (3, 32, 32),
        10,
        "this package, the net of cs231n squeeze",
        "",
    ),
    _pattern("pattern-linear"),
    _pattern("pattern-conv", convs=1, blocks=1, pool=False),
    _pattern("pattern-conv-pool", convs=1, blocks=2, hidden=(128,)),
    _pattern("pattern-conv-conv-pool", convs=2, blocks=3, hidden=(128, 128)),
)
