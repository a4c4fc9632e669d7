"""Small networks of every kind of layer, in many orders."""

import numpy as np
from oracles import values

from cs231n.nets import (
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LayerNorm,
    MaxPool,
    Network,
    ReLU,
)

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
