"""VGG's table of parameters and multiply-adds, layer by layer; the nets scaled down."""

import numpy as np
import pytest

from cs231n.nets import (
    Affine,
    BatchNorm,
    Conv,
    Dropout,
    Glorot,
    He,
    LocalResponseNorm,
    MaxPool,
    Normal,
    zoo,
)

# (side of the maps, size of the filters, channels in, filters), as the paper's table 1 lists them.
FIRST = [(224, 3, 3, 64)]
SECOND = [(112, 3, 64, 128)]
A = [
    *FIRST,
    *SECOND,
    (56, 3, 128, 256),
    (56, 3, 256, 256),
    (28, 3, 256, 512),
    (28, 3, 512, 512),
    (14, 3, 512, 512),
    (14, 3, 512, 512),
]
B = [*FIRST, (224, 3, 64, 64), *SECOND, (112, 3, 128, 128), *A[2:]]
THIRDS = {"c": 1, "d": 3}
TABLE = {
    "vgg-a": (A, 132_863_336, 7_609_090_048, "132.86", "7.61"),
    "vgg-a-lrn": (A, 132_863_336, 7_609_090_048, "132.86", "7.61"),
    "vgg-b": (B, 133_047_848, 11_308_466_176, "133.05", "11.31"),
    "vgg-c": (
        [*B, (56, 1, 256, 256), (28, 1, 512, 512), (14, 1, 512, 512)],
        133_638_952,
        11_770_888_192,
        "133.64",
        "11.77",
    ),
    "vgg-d": (
        [*B, (56, 3, 256, 256), (28, 3, 512, 512), (14, 3, 512, 512)],
        138_357_544,
        15_470_264_320,
        "138.36",
        "15.47",
    ),
    "vgg-e": (
        [*B, *2 * [(56, 3, 256, 256), (28, 3, 512, 512), (14, 3, 512, 512)]],
        143_667_240,
        19_632_062_464,
        "143.67",
        "19.63",
    ),
}
HEAD = [(7 * 7 * 512, 4096), (4096, 4096), (4096, 1000)]
SMALL_HEAD = [(512, 512), (512, 10)]


def specs(net, kind):
    return [spec for spec in net if isinstance(spec, kind)]


@pytest.mark.parametrize("name", TABLE)
def test_counts_of_the_paper(name):
    convs, parameters, multiply_adds, millions, billions = TABLE[name]
    weights = sum(k * k * C * F for _, k, C, F in convs) + sum(D * M for D, M in HEAD)
    biases = sum(F for *_, F in convs) + sum(M for _, M in HEAD)
    products = sum(s * s * k * k * C * F for s, k, C, F in convs) + sum(D * M for D, M in HEAD)
    assert (weights + biases, products) == (parameters, multiply_adds)

    counts = zoo(name).counts
    assert (counts.parameters, counts.frozen, counts.multiply_adds) == (parameters, 0, products)
    assert (f"{parameters / 1e6:.2f}", f"{products / 1e9:.2f}") == (millions, billions)


@pytest.mark.parametrize("name", TABLE)
def test_counts_scaled_down(name):
    """Images of 32 x 32 pixels: the same convolutions, on maps of a seventh of the side."""
    convs = TABLE[name][0]
    parameters = sum(k * k * C * F + F for _, k, C, F in convs)
    parameters += sum(D * M + M for D, M in SMALL_HEAD)
    products = sum((s // 7) ** 2 * k * k * C * F for s, k, C, F in convs)
    products += sum(D * M for D, M in SMALL_HEAD)
    net = zoo(name, input_shape=(3, 32, 32), classes=10)
    assert (net.counts.parameters, net.counts.multiply_adds) == (parameters, products)


def test_order_of_the_layers():
    def letters(name):
        names = {"Conv": "c", "ReLU": "", "MaxPool": "p", "Affine": "f", "LocalResponseNorm": "n"}
        return "".join(
            str(spec.size) if isinstance(spec, Conv) else names.get(type(spec).__name__, "d")
            for spec in zoo(name)
            if type(spec).__name__ != "ReLU"
        )

    assert letters("vgg-a") == "3p3p33p33p33pfdfdf"
    assert letters("vgg-a-lrn") == "3np3p33p33p33pfdfdf"
    assert letters("vgg-b") == "33p33p33p33p33pfdfdf"
    assert letters("vgg-c") == "33p33p331p331p331pfdfdf"
    assert letters("vgg-d") == "33p33p333p333p333pfdfdf"
    assert letters("vgg-e") == "33p33p3333p3333p3333pfdfdf"


def test_each_layer_is_activated_but_the_last():
    for name in TABLE:
        kinds = [type(spec).__name__ for spec in zoo(name)]
        for i, kind in enumerate(kinds[:-1]):
            assert kind not in ("Conv", "Affine") or kinds[i + 1] == "ReLU"
        assert kinds[-1] == "Affine"


def test_how_the_weights_begin():
    assert {spec.initial for spec in specs(zoo("vgg-a"), Conv | Affine)} == {Normal(0.1)}
    assert {spec.initial for spec in specs(zoo("vgg-a-lrn"), Conv | Affine)} == {Normal(0.1)}
    for name in ("vgg-b", "vgg-c", "vgg-d", "vgg-e"):
        assert {spec.initial for spec in specs(zoo(name), Conv | Affine)} == {Glorot()}
    small = zoo("vgg-a", (3, 32, 32), 10)
    assert {spec.initial for spec in specs(small, Conv | Affine)} == {He()}
    given = zoo("vgg-d", initial=Normal(0.01))
    assert {spec.initial for spec in specs(given, Conv | Affine)} == {Normal(0.01)}


def test_options():
    net = zoo("vgg-a", (3, 32, 32), 10, batchnorm=True, dropout=0, width=0.5, hidden=[100, 60])
    assert not specs(net, Dropout)
    assert [conv.filters for conv in specs(net, Conv)] == [32, 64, 128, 128, 256, 256, 256, 256]
    assert [affine.units for affine in specs(net, Affine)] == [50, 30, 10]
    assert [affine.bias for affine in specs(net, Affine)] == [False, False, True]
    assert not any(conv.bias for conv in specs(net, Conv))
    kinds = [type(spec) for spec in net]
    assert sum(kind is BatchNorm for kind in kinds) == 10
    for i, kind in enumerate(kinds):
        assert kind is not BatchNorm or kinds[i - 1] in (Conv, Affine)

    normed = [type(spec).__name__ for spec in zoo("vgg-a-lrn", (3, 32, 32), 10, batchnorm=True)]
    assert normed[:5] == ["Conv", "BatchNorm", "ReLU", "LocalResponseNorm", "MaxPool"]
    assert normed.count("LocalResponseNorm") == 1
    assert specs(zoo("vgg-a-lrn"), LocalResponseNorm) == [LocalResponseNorm()]


def test_larger_images_keep_the_large_head():
    assert [affine.units for affine in specs(zoo("vgg-d", (3, 64, 64), 7), Affine)] == [
        4096,
        4096,
        7,
    ]
    assert [affine.units for affine in specs(zoo("vgg-d", (3, 63, 64), 7), Affine)] == [512, 7]
    assert specs(zoo("vgg-d", (1, 256, 256)), MaxPool) == [MaxPool()] * 5


def test_images_too_small():
    with pytest.raises(ValueError, match=r"vgg-d cannot take input_shape \(3, 31, 32\): layer 30"):
        zoo("vgg-d", (3, 31, 32), 10)
    with pytest.raises(ValueError, match=r"vgg-a cannot take input_shape \(3, 8, 8\): layer"):
        zoo("vgg-a", (3, 8, 8), 10)


@pytest.mark.parametrize("width", [0, -1, np.nan, np.inf, "half", True, None, [1]])
def test_width_out_of_range(width):
    with pytest.raises(ValueError, match="width must be a number above 0"):
        zoo("vgg-a", width=width)


def test_options_out_of_range():
    with pytest.raises(ValueError, match="dropout must be a number in"):
        zoo("vgg-a", dropout=1)
    with pytest.raises(TypeError, match="hidden must be a list of integers, got 512"):
        zoo("vgg-a", hidden=512)
    with pytest.raises(ValueError, match="each of hidden must lie in"):
        zoo("vgg-a", hidden=[0])
    with pytest.raises(TypeError, match="initial must be one such as He"):
        zoo("vgg-a", initial="he")
    with pytest.raises(ValueError, match="groups must be up to 5 lists"):
        zoo("vgg-a", groups=[[3]] * 6)
