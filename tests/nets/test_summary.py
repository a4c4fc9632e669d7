"""The table of costs, against the papers' counts and against networks that are there."""

import json
import math
import tracemalloc

import numpy as np
import pytest

from cs231n.nets import (
    GELU,
    Affine,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    FractionalMaxPool,
    MaxPool,
    Network,
    ReLU,
    Residual,
    summary,
    zoo,
)
from nets.samples import NETWORKS


def vgg(groups, last_size=3):
    """Return VGG's layers: so many convolutions a group; the last of some is of another size."""
    layers = []
    for filters, n in zip((64, 128, 256, 512, 512), groups, strict=True):
        for i in range(n):
            layers += [Conv(filters, last_size if i == 2 else 3), ReLU()]
        layers.append(MaxPool())
    return [*layers, *[Affine(4096), ReLU(), Dropout()] * 2, Affine(1000)]


@pytest.mark.parametrize(
    ("layers", "parameters", "giga"),
    [
        (vgg((1, 1, 2, 2, 2)), 132_863_336, 7.61),
        (vgg((2, 2, 2, 2, 2)), 133_047_848, 11.31),
        (vgg((2, 2, 3, 3, 3), 1), 133_638_952, 11.77),
        (vgg((2, 2, 3, 3, 3)), 138_357_544, 15.47),
        (vgg((2, 2, 4, 4, 4)), 143_667_240, 19.63),
    ],
    ids="ABCDE",
)
def test_the_vgg_table(layers, parameters, giga):
    table = summary(layers, (3, 224, 224))
    assert table.parameters == parameters
    assert round(table.multiply_adds / 1e9, 2) == giga


def test_vgg_d_layer_by_layer():
    """Known figures: the map's sides, 15.2 million numbers kept, 212 pixels seen by the last maps.

    The fields of 16 weight layers follow from 3x3 filters: 5, 6, 14, 16, 40, 44, 92, 100, 196, 212.
    """
    table = summary(vgg((2, 2, 3, 3, 3)), (3, 224, 224))
    pools = [row for row in table.layers if row.name == "pool2"]
    assert [row.field.size[0] for row in pools] == [6, 16, 44, 100, 212]
    assert [row.field.jump for row in pools] == [(2, 2), (4, 4), (8, 8), (16, 16), (32, 32)]
    assert [row.output_shape[1] for row in pools] == [112, 56, 28, 14, 7]
    assert table.memory == 4 * 15_237_608


def test_nothing_is_allocated():
    layers = vgg((2, 2, 4, 4, 4))
    summary(layers, (3, 224, 224))
    tracemalloc.start()
    try:
        summary(layers, (3, 224, 224))
        assert tracemalloc.get_traced_memory()[1] < 300_000  # the weights are 575 MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_the_parameters_and_shapes_of_its_summary(name):
    layers, input_shape, _ = NETWORKS[name]
    network = Network(layers, input_shape, seed=0)
    table = summary(layers, input_shape)
    assert table == network.summary()
    assert table.parameters == sum(w.size for w in network.params.values())
    assert [row.output_shape for row in table.layers] == [p.output_shape for p in network.placed]
    assert Network(layers, input_shape, dtype=np.float64).summary().memory == 2 * table.memory


BLOCK = Residual((Conv(4, bias=False), BatchNorm(), ReLU(), Residual((Conv(4),))), (Conv(4, 1),))


def test_the_layers_of_blocks_stand_inside():
    table = summary([Conv(2), BLOCK, ReLU()], (1, 5, 6))
    assert [(row.depth, row.name, str(row.field)) for row in table.layers] == [
        (0, "conv3-2", "3x3"),
        (1, "conv3-4:bias=no", "5x5"),
        (1, "bn", "5x5"),
        (1, "relu", "5x5"),
        (2, "conv3-4", "7x7"),
        (1, "sum", "7x7"),
        (1, "conv1-4 (shortcut)", "3x3"),
        (0, "sum", "7x7"),
        (0, "relu", "7x7"),
    ]
    weights = [1 * 2 * 9 + 2, 2 * 4 * 9, 8, 4 * 4 * 9 + 4, 2 * 4 + 4]
    assert table.parameters == sum(weights)
    assert table.multiply_adds == 30 * (18 + 72 + 144 + 8)
    assert table.memory == 4 * 30 * (1 + 2 + 4 * 4)  # input, Conv, and Conv, BatchNorm, Conv, Conv


def test_frozen_filters_are_counted_apart():
    table = summary([Conv(4, frozen=True), BatchNorm(), Conv(5, 1)], (2, 4, 4))
    assert (table.parameters, table.frozen) == (4 + 8 + 25, 72)
    assert str(table).endswith("\nbesides, 72 numbers of frozen filters")


@pytest.mark.parametrize("name", zoo.names())
def test_the_zoo_counts_the_same(name):
    net = zoo(name)
    table, counts = summary(net, net.input_shape), net.counts
    assert (table.parameters, table.frozen) == (counts.parameters, counts.frozen)
    assert table.multiply_adds == counts.multiply_adds


def test_layers_in_place_take_no_memory():
    layers = [Conv(2), ReLU(), GELU(), Flatten(), Dropout()]
    assert [row.memory for row in summary(layers, (1, 4, 4)).layers] == [128, 0, 128, 0, 0]


def test_the_table_in_text():
    layers = [Conv(8), BLOCK, FractionalMaxPool(1.5), Affine(10)]
    text = str(summary(layers, (3, 30, 32)))
    lines = text.splitlines()
    assert lines[0].split()[:4] == ["layer", "output", "parameters", "multiply-adds"]
    assert lines[2].split() == ["input", "3x30x32", "11.5", "kB"]
    assert lines[3].split()[1:] == ["8x30x32", "224", "207,360", "30.7", "kB", "3x3", "1", "0"]
    assert lines[4].startswith("  conv3-4:bias=no")
    assert lines[7].startswith("    conv3-4")
    assert lines[-3].split()[-3:] == ["36.5x38", "1.5", "14.75x15.5"]
    assert lines[-1].split()[0] == "total"
    assert max(map(len, lines)) <= 110
    assert not any(line != line.rstrip() for line in lines)


def test_the_table_as_json():
    table = summary([Conv(8), ReLU(), Affine(10)], (3, 6, 6))
    again = json.loads(json.dumps(table.as_dict()))
    assert again["input_shape"] == [3, 6, 6]
    assert again["totals"] == {
        "parameters": 224 + 8 * 36 * 10 + 10,
        "frozen": 0,
        "multiply_adds": 36 * 27 * 8 + 2880,
        "memory": 4 * (108 + 288 + 10),
    }
    assert again["layers"][0] == {
        "name": "conv3-8",
        "depth": 0,
        "output_shape": [8, 6, 6],
        "parameters": 224,
        "frozen": 0,
        "multiply_adds": 7776,
        "memory": 1152,
        "receptive_field": {"size": [3, 3], "jump": [1, 1], "start": [0, 0]},
    }
    assert math.prod(again["layers"][-1]["output_shape"]) == 10


def test_stacks_that_do_not_end_in_scores_have_a_summary_but_are_no_network():
    assert summary([Conv(8)], (3, 6, 6)).parameters == 224
    with pytest.raises(ValueError, match="one score a class"):
        Network([Conv(8)], (3, 6, 6))
