"""Small networks of every kind of layer, in many orders."""

import numpy as np
from oracles import values

from cs231n.nets import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dirac,
    DropConnect,
    Dropout,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    Glorot,
    GrahamUniform,
    GroupNorm,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Network,
    Normal,
    ReLU,
    Residual,
    Scale,
)


def basic(filters, stride=1):
    """ResNet's block, with the ReLU behind it."""
    body = [Conv(filters, stride=stride, bias=False), BatchNorm(), ReLU()]
    body += [Conv(filters, bias=False), BatchNorm()]
    shortcut = [Conv(filters, 1, stride, bias=False), BatchNorm()] if stride > 1 else []
    return [Residual(tuple(body), tuple(shortcut)), ReLU()]


def preactivated(filters):
    """ResNet's second version: normalised and rectified first."""
    return Residual((BatchNorm(), ReLU(), Conv(filters), BatchNorm(), ReLU(), Conv(filters)))


# Name -> (layers, input_shape, batch size)
RESIDUAL = {
    "basic": ([Conv(3), *basic(3), *basic(4, 2), *basic(4), GlobalAvgPool()], (2, 8, 7), 4),
    "preactivated": ([Conv(3), preactivated(3), preactivated(3), Affine(4)], (2, 5, 5), 3),
    "first": ([Residual((Conv(2),)), Affine(4)], (2, 5, 5), 3),
    "first without parameters": (
        [Residual((Scale(0.5), ReLU()), (LeakyReLU(0.1),)), Conv(3), Affine(4)],
        (2, 5, 5),
        3,
    ),
    "first with a shortcut only trained": (
        [Residual((AvgPool(3, 1),), (Conv(2, 3, pad=0),)), Affine(4)],
        (2, 5, 5),
        3,
    ),
    "scores": ([Conv(4), GlobalAvgPool(), Residual((Conv(4, 1),))], (2, 5, 5), 3),
    "scores and relu": ([Conv(4), GlobalAvgPool(), Residual((Conv(4, 1),)), ReLU()], (2, 5, 5), 3),
    "relu at every end": (
        [
            Conv(3),
            ReLU(),
            Residual((Conv(3), ReLU(), Conv(3), ReLU()), (Conv(3, 1), ReLU())),
            ReLU(),
            Residual((Conv(3), ReLU())),
            ReLU(),
            Affine(4),
        ],
        (2, 5, 5),
        3,
    ),
    "relu first": (
        [Conv(3), Residual((ReLU(), Conv(3)), (ReLU(), Conv(3))), Residual((ReLU(),)), Affine(4)],
        (2, 5, 5),
        3,
    ),
    "nested": (
        [
            Conv(3),
            Residual((Residual((Conv(3), BatchNorm())), ReLU(), Residual((Conv(3),)))),
            Residual((Conv(3), Residual((BatchNorm(),), (Conv(3), ReLU()))), (Scale(2),)),
            Affine(4),
        ],
        (2, 5, 5),
        3,
    ),
    "nested at the fork": (
        [Conv(3), Residual((Residual((Residual((Conv(3),)), ReLU())), Conv(3))), ReLU(), Affine(4)],
        (2, 5, 5),
        3,
    ),
    "twice itself": (
        [Conv(3), Residual((Dropout(1),)), Residual((Dropout(0.5),), (Dropout(0.7),)), Affine(4)],
        (2, 5, 5),
        3,
    ),
    "dropout": (
        [
            Conv(3),
            Residual((Dropout(0.5), Conv(3), Dropout(0.5)), (Dropout(0.5, True),)),
            ReLU(),
            Dropout(0.8),
            Residual((Dropout(0.5),)),
            Affine(4),
        ],
        (2, 5, 5),
        3,
    ),
    "pools": (
        [Conv(3), Residual((Conv(3), MaxPool()), (AvgPool(),)), Residual((MaxPool(1),)), Affine(4)],
        (2, 6, 6),
        3,
    ),
    "frozen": (
        [
            Conv(3, frozen=True, bias=False),
            Residual((Conv(3, frozen=True), ReLU()), (Conv(3),)),
            Affine(4),
        ],
        (2, 6, 6),
        3,
    ),
}

# Name -> (layers, input_shape, batch size)
NETWORKS = {
    "affine": ([Affine(4)], (6,), 3),
    "maps to affine": ([Affine(4)], (2, 3, 5), 3),
    "flatten first": ([Flatten(), Affine(5), ReLU(), Affine(4)], (2, 3, 5), 3),
    "two hidden": ([Affine(7), ReLU(), Affine(6), ReLU(), Affine(4)], (5,), 4),
    "affine bn": ([Affine(7), BatchNorm(), ReLU(), Affine(4)], (5,), 6),
    "affine bn without relu": ([Affine(7), BatchNorm(1e-3, 0.5), Affine(4)], (5,), 6),
    "affine ln": ([Affine(7), LayerNorm(), ReLU(), Affine(4)], (5,), 6),
    "ln first": ([LayerNorm(), Affine(4)], (5,), 3),
    "bn first": ([BatchNorm(), Conv(3), ReLU(), Affine(4)], (2, 5, 4), 3),
    "bn relu first": ([BatchNorm(), ReLU(), Affine(4)], (2, 5, 4), 3),
    "relu first": ([ReLU(), Conv(3), Affine(4)], (2, 5, 4), 3),
    "pool relu first": ([MaxPool(), ReLU(), ReLU(), Affine(4)], (2, 6, 4), 3),
    "dropout first": ([Dropout(0.8), Affine(4)], (2, 5, 4), 3),
    "three layers": ([Conv(3, 5), ReLU(), MaxPool(), Affine(6), ReLU(), Affine(4)], (2, 8, 6), 3),
    "batch of 1": ([Conv(3), ReLU(), MaxPool(), Affine(4)], (2, 6, 6), 1),
    "no bias": ([Conv(3, bias=False), ReLU(), Conv(3, bias=False), Affine(4)], (2, 5, 5), 2),
    "conv bn relu": (
        [
            Conv(3),
            BatchNorm(),
            ReLU(),
            Conv(4, bias=False),
            BatchNorm(),
            ReLU(),
            MaxPool(),
            Conv(5),
            BatchNorm(),
            ReLU(),
            MaxPool(),
            Affine(4),
        ],
        (2, 8, 8),
        4,
    ),
    "conv bn": ([Conv(3), BatchNorm(), Conv(3), BatchNorm(), Affine(4)], (2, 5, 5), 3),
    "two bn": ([Conv(3), BatchNorm(), BatchNorm(), ReLU(), Affine(4)], (2, 5, 5), 3),
    "bn of a vector of maps": ([Conv(3), Flatten(), BatchNorm(), ReLU(), Affine(4)], (2, 3, 3), 5),
    "no relu": ([Conv(3), Conv(4, 1), MaxPool(), Conv(2), Affine(4)], (2, 6, 6), 3),
    "stride 2": ([Conv(3, stride=2), ReLU(), Conv(4, 5, 2, 1), ReLU(), Affine(4)], (2, 9, 11), 3),
    "no padding": ([Conv(3, pad=0), ReLU(), Conv(4, 2, pad=1), ReLU(), Affine(4)], (1, 7, 6), 3),
    "pools": (
        [
            Conv(3),
            ReLU(),
            MaxPool(2, 1),
            Conv(3),
            ReLU(),
            AvgPool(),
            Conv(3),
            MaxPool(1),
            Affine(4),
        ],
        (2, 9, 7),
        2,
    ),
    "pool of nine": (
        [Conv(3), ReLU(), MaxPool(3, 2), Conv(3), MaxPool(3, 1), Affine(4)],
        (2, 9, 9),
        3,
    ),
    "pool after pool": (
        [Conv(3), MaxPool(), MaxPool(2, 1), AvgPool(2, 1), Affine(4)],
        (2, 9, 9),
        2,
    ),
    "pool relu": ([Conv(3), MaxPool(), ReLU(), AvgPool(), ReLU(), Affine(4)], (2, 8, 8), 3),
    "relu relu": ([Conv(3), ReLU(), ReLU(), Affine(4), ReLU()], (2, 4, 4), 3),
    "network in network": (
        [
            Conv(5),
            ReLU(),
            Conv(4, 1),
            ReLU(),
            MaxPool(3, 2),
            Dropout(0.7),
            Conv(4, 1),
            GlobalAvgPool(),
        ],
        (2, 7, 9),
        3,
    ),
    "global pool to affine": ([Conv(5), ReLU(), GlobalAvgPool(), Affine(4)], (2, 5, 4), 3),
    "dropout": (
        [
            Conv(3),
            ReLU(),
            Dropout(0.6),
            MaxPool(),
            Dropout(0.9),
            Affine(6),
            ReLU(),
            Dropout(0.5),
            Dropout(1),
            Affine(4),
        ],
        (2, 6, 6),
        3,
    ),
    "dropout of maps": ([Conv(3), Dropout(0.6), Conv(3), Dropout(0.6), Affine(4)], (2, 5, 5), 2),
    "dropout relu": (
        [Conv(3), Dropout(0.6), ReLU(), Dropout(0.6), ReLU(), Affine(4)],
        (2, 5, 5),
        2,
    ),
    "bn dropout": (
        [
            Conv(3),
            BatchNorm(),
            ReLU(),
            Dropout(0.6),
            Conv(3),
            BatchNorm(),
            Dropout(0.6),
            ReLU(),
            Affine(4),
        ],
        (2, 5, 5),
        3,
    ),
    "affine everything": (
        [
            Affine(6),
            BatchNorm(),
            ReLU(),
            Dropout(0.8),
            Affine(6),
            LayerNorm(),
            ReLU(),
            Affine(6),
            LayerNorm(),
            Dropout(0.8),
            Affine(6),
            Dropout(0.8),
            ReLU(),
            Affine(4),
        ],
        (7,),
        5,
    ),
    "scores of a relu": ([Affine(4), BatchNorm(), ReLU()], (5,), 4),
    "scores of a norm": ([Affine(4), LayerNorm()], (5,), 4),
    "wide": (
        [Conv(8), ReLU(), Conv(16), ReLU(), Conv(8), BatchNorm(), ReLU(), Affine(4)],
        (8, 9, 10),
        3,
    ),
    "pools that reach out": (
        [
            Conv(3),
            ReLU(),
            MaxPool(3, 2, pad=1),
            Conv(3),
            AvgPool(3, 2, ceil=True, pad=1),
            Conv(3),
            MaxPool(3, 2, ceil=True),
            Affine(4),
        ],
        (2, 14, 13),
        3,
    ),
    "large pools": (
        [Conv(3), MaxPool(4, 3, pad=2), Conv(3), MaxPool(5, 2, pad=2), Affine(4)],
        (2, 14, 13),
        3,
    ),
    "dilated": (
        [Conv(3, dilation=2), ReLU(), Conv(4, 2, pad=1, dilation=3, bias=False), Affine(4)],
        (2, 8, 7),
        3,
    ),
    "dilated with stride": ([Conv(3), Conv(3, 3, 2, dilation=2), Affine(4)], (2, 8, 7), 3),
    "groups": (
        [
            *(Conv(6, groups=2), ReLU(), Conv(6, groups=3, bias=False), BatchNorm(), ReLU()),
            *(Conv(12, 3, 2, groups=6), Conv(12, 1, groups=12), ReLU(), Affine(4)),
        ],
        (4, 8, 7),
        3,
    ),
    "groups frozen and dilated": (
        [Conv(4), Conv(4, groups=2, frozen=True), Conv(4, groups=4, dilation=2), Affine(4)],
        (4, 8, 7),
        3,
    ),
    "dropconnect": (
        [
            *(Conv(3), DropConnect(7, keep=0.6), ReLU(), DropConnect(6, False, keep=0.5)),
            *(BatchNorm(), DropConnect(5, keep=0.7), BatchNorm(), DropConnect(5, keep=1.0), ReLU()),
            DropConnect(4, keep=0.8),
        ],
        (2, 4, 3),
        5,
    ),
    "dropconnect first": ([DropConnect(5, keep=0.5), LeakyReLU(), Affine(4)], (6,), 3),
    "fractional": (
        [
            *(Conv(3), ReLU(), FractionalMaxPool(2**0.5), Conv(3), LeakyReLU()),
            *(FractionalMaxPool(1.5, "random", overlapping=False), Dropout(0.7), Conv(4)),
            *(FractionalMaxPool(1.3, overlapping=False), FractionalMaxPool(1.6, "random")),
            *(Conv(4, 1), GlobalAvgPool()),
        ],
        (2, 17, 13),
        3,
    ),
    "fractional first": ([FractionalMaxPool(1.5), Conv(3), Affine(4)], (2, 7, 7), 3),
    "gelu": (
        [Conv(3), GELU(), Conv(3), BatchNorm(), GELU(), GELU(), Affine(5), GELU(), Affine(4)],
        (2, 5, 5),
        3,
    ),
    "gelu first": ([GELU(), Conv(3), ReLU(), GELU(), Affine(4)], (2, 5, 5), 3),
    "groupnorm": (
        [
            *(Conv(6), GroupNorm(2), ReLU(), Conv(6), GroupNorm(3), Conv(6), GroupNorm(6), GELU()),
            *(Conv(6), GroupNorm(1, 1e-3), ReLU(), MaxPool(), Affine(4)),
        ],
        (2, 5, 5),
        3,
    ),
    "groupnorm first": ([GroupNorm(1), ReLU(), GroupNorm(2), Affine(4)], (2, 5, 5), 3),
    "response": (
        [
            *(Conv(7), ReLU(), LocalResponseNorm(5, 0.2, 0.75, 1.0), MaxPool(3, 2), Conv(6)),
            *(LocalResponseNorm(4, 0.3, 0.5, 2.0), LocalResponseNorm(), Affine(4)),
        ],
        (2, 9, 11),
        3,
    ),
    "response first": ([LocalResponseNorm(3, 0.2), Conv(6), ReLU(), Affine(4)], (2, 5, 4), 3),
    "leaky": (
        [
            Conv(3),
            LeakyReLU(),
            Conv(3),
            BatchNorm(),
            LeakyReLU(1 / 3),
            Affine(5),
            LeakyReLU(0.2),
            Affine(4),
        ],
        (2, 5, 5),
        3,
    ),
    "leaky first": ([LeakyReLU(0.3), Conv(3), LeakyReLU(0), LeakyReLU(1), Affine(4)], (2, 5, 4), 2),
    "scale": ([Scale(0.5), Conv(3), Scale(-2), ReLU(), Affine(4), Scale(1 / 8)], (2, 5, 4), 3),
    "affine without bias": (
        [Affine(7, bias=False), ReLU(), Affine(6, bias=False), BatchNorm(), Affine(4, False)],
        (5,),
        4,
    ),
    "bias values and initials": (
        [
            Conv(3, bias_value=0.5, initial=GrahamUniform(2)),
            Conv(4, initial=Dirac()),
            ReLU(),
            Affine(6, bias_value=-0.5, initial=Glorot()),
            Affine(4, initial=Normal(0.1)),
        ],
        (2, 5, 4),
        3,
    ),
    "bn without scale": (
        [
            Conv(3),
            BatchNorm(scale=False),
            ReLU(),
            BatchNorm(scale=False),
            Affine(5),
            BatchNorm(scale=False),
            Affine(4),
        ],
        (2, 5, 4),
        4,
    ),
    "frozen first": ([Conv(3, 2, frozen=True), Conv(3), ReLU(), Affine(4)], (2, 5, 4), 3),
    "frozen behind": (
        [Conv(3), ReLU(), Conv(3, frozen=True, bias=False), ReLU(), Affine(4)],
        (2, 5, 4),
        3,
    ),
    "frozen only": ([Conv(3, frozen=True, bias=False), ReLU(), Affine(4)], (2, 5, 4), 3),
    "dropout by channel": (
        [
            Conv(6),
            ReLU(),
            Dropout(0.6, by_channel=True),
            Conv(6),
            Dropout(0.5, by_channel=True),
            Affine(5),
            Dropout(0.5, by_channel=True),
            Affine(4),
        ],
        (2, 5, 4),
        3,
    ),
    **{f"residual: {name}": sample for name, sample in RESIDUAL.items()},
}


def sample(name, dtype=np.float64, reg=0.1, seed=0):
    """Return the network, with no parameter at a round value, and a batch for it."""
    layers, input_shape, N = NETWORKS[name]
    network = Network(layers, input_shape, dtype=dtype, reg=reg, seed=seed)
    for arrays in (network.params, network.state):
        for i, (_key, array) in enumerate(arrays.items()):
            if array.dtype.kind == "f":
                array += 0.1 * np.abs(values(*array.shape, seed=i))
    X = values(N, *input_shape, seed=seed)
    y = np.random.default_rng(seed).integers(4, size=N)
    return network, X, y


def distance(actual, expected, floor=1e-3):
    """The norm of the difference, relative to what is expected, or to the floor if it is less."""
    assert actual.shape == expected.shape
    return np.linalg.norm(actual - expected) / max(np.linalg.norm(expected), floor)
