"""Network in Network: the numbers of the authors' layer files."""

import pytest

from cs231n.nets import Conv, Dropout, GlobalAvgPool, MaxPool, Network, Normal, ReLU, zoo
from cs231n.nets.placing import place

# (side, size, channels in, filters)
CIFAR = [
    *[(32, 5, 3, 192), (32, 1, 192, 160), (32, 1, 160, 96)],
    *[(16, 5, 96, 192), (16, 1, 192, 192), (16, 1, 192, 192)],
    *[(8, 3, 192, 192), (8, 1, 192, 192)],
]
SVHN = [
    *[(32, 5, 3, 128), (32, 1, 128, 96), (32, 1, 96, 64)],
    *[(16, 5, 64, 320), (16, 1, 320, 256), (16, 1, 256, 128)],
    *[(8, 5, 128, 384), (8, 1, 384, 256), (8, 1, 256, 10)],
]
MNIST = [
    *[(28, 5, 1, 96), (28, 1, 96, 64), (28, 1, 64, 48)],
    *[(14, 5, 48, 128), (14, 1, 128, 96), (14, 1, 96, 48)],
    *[(7, 5, 48, 128), (7, 1, 128, 96), (7, 1, 96, 10)],
]
TABLE = {
    "nin-cifar10": ([*CIFAR, (8, 1, 192, 10)], 966_986, 222_486_528),
    "nin-cifar100": ([*CIFAR, (8, 1, 192, 100)], 984_356, 223_592_448),
    "nin-svhn": (SVHN, 1_986_026, 274_235_392),
    "nin-mnist": (MNIST, 349_674, 50_699_712),
}


@pytest.mark.parametrize("name", TABLE)
def test_counts(name):
    convs, parameters, multiply_adds = TABLE[name]
    assert sum(k * k * C * F + F for _, k, C, F in convs) == parameters
    assert sum(s * s * k * k * C * F for s, k, C, F in convs) == multiply_adds
    counts = zoo(name).counts
    assert (counts.parameters, counts.multiply_adds) == (parameters, multiply_adds)


def test_counts_of_the_paper():
    counts = zoo("nin-cifar10").counts
    assert f"{counts.parameters / 1e6:.3f} {counts.multiply_adds / 1e6:.0f}" == "0.967 222"


@pytest.mark.parametrize("name", TABLE)
def test_layers(name):
    net = zoo(name)
    layers = [layer for layer in net if not isinstance(layer, Conv)]
    block = [ReLU()] * 3
    assert layers == [
        *[*block, MaxPool(3, 2, ceil=True), Dropout(0.5)] * 2,
        *block,
        GlobalAvgPool(),
    ]
    placed = [layer for layer in place(net, net.input_shape) if isinstance(layer.spec, Conv)]
    assert [
        (p.output_shape[2], p.spec.size, p.input_shape[0], p.spec.filters) for p in placed
    ] == TABLE[name][0]
    assert all(conv.stride == 1 and conv.padding == conv.size // 2 for conv in map(_spec, placed))


def _spec(placed):
    return placed.spec


def test_how_the_weights_begin():
    for name in ("nin-cifar10", "nin-svhn", "nin-mnist"):
        assert {spec.initial for spec in zoo(name) if isinstance(spec, Conv)} == {Normal(0.05)}
    scales = [spec.initial.scale for spec in zoo("nin-cifar100") if isinstance(spec, Conv)]
    assert scales == [0.001, 0.01, 0.01] + [0.05] * 6
    params = Network(zoo("nin-cifar100", width=0.5), seed=0).params
    assert params["W1"].std() == pytest.approx(0.001, rel=0.05)
    assert params["W4"].std() == pytest.approx(0.05, rel=0.05)
    assert not params["b4"].any()


def test_options():
    net = zoo("nin-cifar10", (1, 20, 20), 3, width=0.25, dropout=0.2, initial=Normal(0.1))
    convs = [spec for spec in net if isinstance(spec, Conv)]
    assert [conv.filters for conv in convs] == [48, 40, 24, 48, 48, 48, 48, 48, 3]
    assert {conv.initial for conv in convs} == {Normal(0.1)}
    assert [spec.keep for spec in net if isinstance(spec, Dropout)] == [0.8, 0.8]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": ((8, 8, 8), (8, 8, 8))}, "widths must hold three entries, one a block"),
        ({"widths": ((8, 8, 8), (8, 8), (8, 8))}, "each block's widths must hold 3 integers"),
        ({"scales": 0.05}, "scales must hold three entries"),
        ({"scales": ((1, 1), (1, 1, 1), (1, 1, 1))}, "each block's scales must be three numbers"),
        ({"sizes": (5, 4, 3)}, "sizes must be odd"),
        ({"dropout": -0.1}, "dropout must be a number in"),
        ({"input_shape": (3, 4, 4)}, "nin-cifar10 cannot take input_shape"),
    ],
)
def test_what_does_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        zoo("nin-cifar10", **options)
