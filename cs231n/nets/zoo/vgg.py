"""VGG: 3x3 filters only, and what depth and 1x1 filters are worth beside them."""

from collections.abc import Sequence
from functools import partial

from cs231n.nets.specs import (
    Affine,
    BatchNorm,
    Conv,
    Glorot,
    He,
    Initial,
    LocalResponseNorm,
    MaxPool,
    Normal,
    ReLU,
    Shape,
    Spec,
)
from cs231n.nets.zoo.base import Entry, as_counts, dropped, scaled

PAPER = "Simonyan & Zisserman, Very deep convolutional networks, 2014"
LINK = "https://arxiv.org/abs/1409.1556"
FILTERS = (64, 128, 256, 512, 512)  # of each group; a 2x2 max-pool closes a group
CONVOLUTIONS_OF_A = 8
SMALL = 64  # pixels a side, below which the last map is 1 x 1 and the head is scaled down


def vgg(
    input_shape: Shape,
    classes: int,
    *,
    groups: Sequence[Sequence[int]],
    local_norm: bool = False,
    hidden: Sequence[int] | None = None,
    batchnorm: bool = False,
    dropout: float = 0.5,
    width: float = 1.0,
    initial: Initial | None = None,
) -> list[Spec]:
    """Return one of VGG's nets, at the paper's scale or scaled down.

    Parameters
    ----------
    groups : up to five lists
        The filter sizes of each group's convolutions.
    local_norm : bool
        Local response normalisation behind the first convolution.
    hidden : list of int, optional
        Units of the hidden affine layers. By default the paper's 4096, 4096; for images of less
        than 64 pixels a side, of which a map of 1 x 1 is left, 512.
    batchnorm : bool
        Normalise in front of each ReLU, which the paper did not know yet.
    dropout : float
        The share dropped behind each hidden affine layer.
    width : float
        Factor on all filters and hidden units.
    initial : Initial, optional
        By default the paper's: for A, normal numbers with variance 0.01; for the deeper nets, whose
        first layers came from a trained A, Glorot's, which it found to do as well. For images of
        less than 64 pixels He's, as nobody trains an A first to classify those.

    Examples
    --------
    >>> vgg((3, 32, 32), 10, groups=[[3], [3]], hidden=[])[:3]
    [Conv(filters=64), ReLU(), MaxPool()]
    """
    if not isinstance(groups, Sequence) or len(groups) > len(FILTERS):
        raise ValueError(f"groups must be up to {len(FILTERS)} lists, got {groups!r}")
    small = min(input_shape[1:]) < SMALL
    if initial is None:
        from_scratch = sum(map(len, groups)) <= CONVOLUTIONS_OF_A
        initial = He() if small else Normal(0.1) if from_scratch else Glorot()
    if hidden is None:
        hidden = (512,) if small else (4096, 4096)
    norm = (BatchNorm(),) if batchnorm else ()
    layers: list[Spec] = []
    for filters, sizes in zip(FILTERS, groups, strict=False):
        for size in as_counts("each group", sizes):
            conv = Conv(scaled(filters, width), size, bias=not batchnorm, initial=initial)
            layers += [conv, *norm, ReLU()]
            if local_norm and len(layers) == 2 + len(norm):
                layers.append(LocalResponseNorm())
        layers.append(MaxPool())
    for units in as_counts("hidden", hidden):
        affine = Affine(scaled(units, width), bias=not batchnorm, initial=initial)
        layers += [affine, *norm, ReLU(), *dropped(dropout)]
    return [*layers, Affine(classes, initial=initial)]


TWO = ((3, 3), (3, 3))
GROUPS = {
    "a": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "b": (*TWO, (3, 3), (3, 3), (3, 3)),
    "c": (*TWO, (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "d": (*TWO, (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "e": (*TWO, (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}


def _entry(letter: str, top1: str, top5: str, local_norm: bool = False) -> Entry:
    return Entry(
        f"vgg-{letter}{'-lrn' if local_norm else ''}",
        partial(vgg, groups=GROUPS[letter], local_norm=local_norm),
        (3, 224, 224),
        1000,
        PAPER,
        LINK,
        f"{top1} % top-1, {top5} % top-5 error on ILSVRC-2012 validation, one scale of 256",
        "table 3",
    )


ENTRIES = (
    _entry("a", "29.6", "10.4"),
    _entry("a", "29.7", "10.5", local_norm=True),
    _entry("b", "28.7", "9.9"),
    _entry("c", "28.1", "9.4"),
    _entry("d", "27.0", "8.8"),
    _entry("e", "27.3", "9.0"),
)
