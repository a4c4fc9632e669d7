"""Graham's nets: sizes, counts, dropout, and how the filters begin."""

from itertools import pairwise

import numpy as np
import pytest

from cs231n.nets import Conv, Dropout, FractionalMaxPool, LeakyReLU, Network, zoo
from cs231n.nets.placing import place
from cs231n.nets.zoo import fmp_sizes

SQRT2, CBRT2 = 2 ** (1 / 2), 2 ** (1 / 3)
SIX = [36, 35, 25, 24, 17, 16, 11, 10, 7, 6, 4, 3, 2, 1]
TWELVE = [
    94,
    93,
    74,
    73,
    58,
    57,
    45,
    44,
    35,
    34,
    27,
    26,
    21,
    20,
    16,
    15,
    12,
    11,
    9,
    8,
    6,
    5,
    4,
    3,
    2,
    1,
]
# filters a level, levels, channels in, classes, sizes; parameters and multiply-adds, also rounded
TABLE = {
    "fmp-mnist": (32, 6, 1, 10, SIX, 519_946, 20_369_024, "0.52", "20.4"),
    "fmp-cifar10-small": (32, 12, 3, 10, TWELVE, 3_176_490, 596_408_064, "3.18", "596.4"),
    "fmp-cifar100": (64, 12, 3, 100, TWELVE, 12_770_212, 2_379_061_504, "12.77", "2379.1"),
    "fmp-cifar10": (160, 12, 3, 10, TWELVE, 79_247_530, 14_843_687_680, "79.25", "14843.7"),
}


@pytest.mark.parametrize("name", TABLE)
def test_sizes_and_counts_of_the_paper(name):
    k, levels, C, classes, sizes, parameters, multiply_adds, *rounded = TABLE[name]
    channels = [C, *(k * (n + 1) for n in range(levels + 2))]
    areas = [side * side for side in sizes[1::2]]  # behind each 2x2 convolution
    weights = [4 * D * F for D, F in pairwise(channels[:-1])]
    last = channels[-2] * channels[-1] + channels[-1] * classes
    assert sum(weights) + last + sum(channels[1:]) + classes == parameters
    assert np.dot(weights, areas) + last == multiply_adds
    assert [f"{parameters / 1e6:.2f}", f"{multiply_adds / 1e6:.1f}"] == rounded

    net = zoo(name)
    assert (net.counts.parameters, net.counts.multiply_adds) == (parameters, multiply_adds)
    layers = place(net, net.input_shape)
    moving = [p for p in layers if isinstance(p.spec, Conv | FractionalMaxPool)]
    assert [sizes[0], *(p.output_shape[1] for p in moving)] == [*sizes, 1, 1]
    assert [p.output_shape[0] for p in layers if isinstance(p.spec, Conv)] == [
        *channels[1:],
        classes,
    ]


def test_sizes():
    assert fmp_sizes(0, 1.5) == [2, 1]
    for ratio in (1.01, 1.26, 1.5, 1.99):
        for levels in range(5):
            sizes = fmp_sizes(levels, ratio)
            net = zoo("fmp-mnist", (1, sizes[0], sizes[0]), filters=1, levels=levels, ratio=ratio)
            assert len([s for s in net if isinstance(s, FractionalMaxPool)]) == levels
    with pytest.raises(ValueError, match="ratio must lie in"):
        fmp_sizes(3, 2)
    with pytest.raises(ValueError, match="levels must leave less than"):
        fmp_sizes(10**6, 1.9)
    with pytest.raises(ValueError, match="levels must lie in"):
        fmp_sizes(-1, 1.5)


def pools(net):
    return [spec for spec in net if isinstance(spec, FractionalMaxPool)]


def test_modes():
    expected = {
        "fmp-mnist": ("pseudorandom", True, SQRT2),
        "fmp-cifar10-small": ("random", True, CBRT2),
        "fmp-cifar100": ("random", True, CBRT2),
        "fmp-cifar10": ("pseudorandom", True, CBRT2),
    }
    for name, settings in expected.items():
        assert {(p.mode, p.overlapping, p.ratio) for p in pools(zoo(name))} == {settings}
    changed = pools(zoo("fmp-mnist", mode="random", overlapping=False))
    assert {(p.mode, p.overlapping) for p in changed} == {("random", False)}
    with pytest.raises(ValueError, match="mode must be one of"):
        zoo("fmp-mnist", mode="regular")


def test_order_of_a_level():
    net = zoo("fmp-cifar10")
    assert [type(spec) for spec in net[:7]] == [
        *[Conv, LeakyReLU, FractionalMaxPool],
        *[Conv, LeakyReLU, FractionalMaxPool, Dropout],
    ]
    assert [type(spec) for spec in net[-7:]] == [
        *[Conv, LeakyReLU, Dropout],
        *[Conv, LeakyReLU, Dropout],
        Conv,
    ]
    assert {spec.slope for spec in net if isinstance(spec, LeakyReLU)} == {0.333}
    assert [spec.size for spec in net if isinstance(spec, Conv)] == [2] * 13 + [1, 1]
    assert {spec.padding for spec in net if isinstance(spec, Conv)} == {0}


def test_dropout_grows_from_level_to_level():
    dropouts = [spec for spec in zoo("fmp-cifar10") if isinstance(spec, Dropout)]
    assert all(spec.by_channel for spec in dropouts)
    # none behind level 1; p i / 13 behind the i-th; C2 p 12 / 13; C1 p
    assert [1 - spec.keep for spec in dropouts] == pytest.approx(
        [0.5 * i / 13 for i in range(1, 14)]
    )
    for name in ("fmp-mnist", "fmp-cifar100"):
        assert not any(isinstance(spec, Dropout) for spec in zoo(name))
    shares = (0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5)  # of Graham's program for MNIST
    given = [s for s in zoo("fmp-mnist", dropout=shares) if isinstance(s, Dropout)]
    assert [1 - spec.keep for spec in given] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    with pytest.raises(ValueError, match="dropout must be a number or 8 of them"):
        zoo("fmp-mnist", dropout=(0, 0.5))
    with pytest.raises(ValueError, match="dropout must be a number in"):
        zoo("fmp-mnist", dropout=1.5)
    with pytest.raises(ValueError, match="dropout must be a number or 8 of them"):
        zoo("fmp-mnist", dropout=None)
    assert zoo("fmp-mnist", dropout=np.float32(0.5), levels=6.0) == zoo("fmp-mnist", dropout=0.5)


def test_how_the_filters_begin():
    """Graham: uniform in +-sqrt(6 / (fan in + filters (size / pool ratio)^2)), biases 0."""
    net = zoo("fmp-mnist", (1, 7, 7), 40, filters=64, levels=2)
    params = Network(net, net.input_shape, dtype=np.float64, seed=0).params
    bounds = {
        "W1": 6 / (4 * 1 + 64 * 4 / 2),
        "W2": 6 / (4 * 64 + 128 * 4 / 2),
        "W3": 6 / (4 * 128 + 192 * 4),
        "W4": 6 / (192 + 256),
        "W5": 6 / (256 + 40),
    }
    for name, square in bounds.items():
        most = abs(params[name]).max()
        assert most <= square**0.5
        assert most == pytest.approx(square**0.5, rel=0.02)
        assert params[name].std() == pytest.approx((square / 3) ** 0.5, rel=0.1)
    assert not any(params[f"b{i}"].any() for i in range(1, 6))


def test_images_of_another_size():
    message = r"input_shape must be \(C, 36, 36\) for 6 levels of ratio 1.41421, got \(1, 28, 28\)"
    with pytest.raises(ValueError, match=message):
        zoo("fmp-mnist", (1, 28, 28))
    with pytest.raises(ValueError, match="input_shape must be"):
        zoo("fmp-mnist", (1, 36, 35))
    with pytest.raises(ValueError, match="filters must lie in"):
        zoo("fmp-mnist", filters=0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fmp-mnist", "(32nC2-FMP√2)6-C2-C1-output"),
        ("fmp-cifar10-small", "(32nC2-FMP∛2)12-C2-C1-output"),
        ("fmp-cifar100", "(64nC2-FMP∛2)12-C2-C1-output"),
        ("fmp-cifar10", "(160nC2-FMP∛2)12-C2-C1-output"),
    ],
)
def test_agrees_with_the_papers_notation(name, text):
    language = pytest.importorskip("cs231n.nets.language")
    net = zoo(name, dropout=0, mode="random")
    assert tuple(language.parse(text, classes=net.classes, mode="random")) == net
