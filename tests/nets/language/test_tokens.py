"""The token style and the course's pattern, against lists of specs written by hand."""

import math

import pytest

from cs231n.nets import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Constant,
    Conv,
    Dirac,
    DropConnect,
    Dropout,
    FanInUniform,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    Glorot,
    GrahamUniform,
    GroupNorm,
    He,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Normal,
    ReLU,
    Residual,
    Scale,
    parse,
)
from cs231n.nets.placing import place

LAYERS = {
    "conv3-64": Conv(64),
    "CONV3-64": Conv(64),
    "conv1-256": Conv(256, 1),
    "conv-64": Conv(64),
    "conv5-64/2": Conv(64, 5, 2),
    "conv3-64:pad=0,dilation=2,groups=4,bias=no,init=normal(0.01)": Conv(
        64, pad=0, dilation=2, groups=4, bias=False, initial=Normal(0.01)
    ),
    "conv3-64( pad = 0 , bias = No )": Conv(64, pad=0, bias=False),
    "conv3-64:pad=same,bias=true,frozen,bias_value=-1e-3": Conv(64, frozen=True, bias_value=-0.001),
    "conv(filters=8, size=5, stride=2)": Conv(8, 5, 2),
    "conv3-64:init=he": Conv(64, initial=He()),
    "conv3-64:init=glorot": Conv(64, initial=Glorot()),
    "conv3-64:init=constant(-.5)": Conv(64, initial=Constant(-0.5)),
    "conv3-64:init=graham": Conv(64, initial=GrahamUniform()),
    "conv3-64:init=graham(∛2)": Conv(64, initial=GrahamUniform(2 ** (1 / 3))),
    "conv3-64:init=dirac": Conv(64, initial=Dirac()),
    "conv3-64:init=dirac( normal(.1) )": Conv(64, initial=Dirac(Normal(0.1))),
    "pool": MaxPool(),
    "maxpool": MaxPool(),
    "MaxPool2": MaxPool(2),
    "pool3/2": MaxPool(3, 2),
    "pool2/2": MaxPool(2, 2),
    "pool3/2:pad=1,ceil": MaxPool(3, 2, 1, True),
    "avgpool3/2:ceil": AvgPool(3, 2, ceil=True),
    "avgpool8:ceil=no": AvgPool(8),
    "gap": GlobalAvgPool(),
    "fc-4096": Affine(4096),
    "FC-4096": Affine(4096),
    "affine-10:bias=off,init=glorot": Affine(10, bias=False, initial=Glorot()),
    "affine-10:init=fanin": Affine(10, initial=FanInUniform()),
    "dropconnect-800": DropConnect(800),
    "dropconnect-800:keep=0.8": DropConnect(800, keep=0.8),
    "dropconnect-800:drop=0.2": DropConnect(800, keep=0.8),
    "flatten": Flatten(),
    "relu": ReLU(),
    "leaky": LeakyReLU(),
    "leaky0.333": LeakyReLU(0.333),
    "leakyrelu1e-2": LeakyReLU(0.01),
    "gelu": GELU(),
    "scale0.125": Scale(0.125),
    "scale-2": Scale(-2),
    "dropout": Dropout(0.5),
    "dropout0.5": Dropout(0.5),
    "dropout(keep=0.8)": Dropout(0.8),
    "dropout(drop=0.2)": Dropout(0.8),
    "dropout:drop=0.9": Dropout(0.1),
    "dropout:keep=0.9,by_channel": Dropout(0.9, by_channel=True),
    "dropout0.5:by_channel": Dropout(0.5, by_channel=True),
    "bn": BatchNorm(),
    "bn:eps=1e-3,momentum=0.6,scale=no": BatchNorm(1e-3, 0.6, False),
    "ln": LayerNorm(),
    "LayerNorm:eps=.1": LayerNorm(0.1),
    "gn8": GroupNorm(8),
    "groupnorm(groups=8,eps=1e-6)": GroupNorm(8, 1e-6),
    "lrn": LocalResponseNorm(),
    "lrn3:alpha=5e-5,beta=1,k=1": LocalResponseNorm(3, 5e-5, 1, 1),
    "fmp1.4": FractionalMaxPool(1.4),
    "fmp√2": FractionalMaxPool(2**0.5),
    "fmpsqrt2": FractionalMaxPool(2**0.5),
    "FMPSQRT(2)": FractionalMaxPool(2**0.5),
    "fmp2^0.5": FractionalMaxPool(2**0.5),
    "fmp2**(1/2)": FractionalMaxPool(2**0.5),
    "fmp∛2": FractionalMaxPool(2 ** (1 / 3)),
    "fmp³√2": FractionalMaxPool(2 ** (1 / 3)),
    "fmpcbrt2": FractionalMaxPool(2 ** (1 / 3)),
    "fmp2^(1/3)": FractionalMaxPool(2 ** (1 / 3)),
    "fmp1.5:mode=random,overlapping=no,output=5": FractionalMaxPool(1.5, "random", False, 5),
    "residual(conv3-64)": Residual((Conv(64),)),
    "Residual ( conv3-64 bn relu conv3-64 bn | conv1-64/2 )": Residual(
        (Conv(64), BatchNorm(), ReLU(), Conv(64), BatchNorm()), (Conv(64, 1, 2),)
    ),
    "residual([conv3-8 relu]*2 residual(conv1-8))": Residual(
        (Conv(8), ReLU(), Conv(8), ReLU(), Residual((Conv(8, 1),)))
    ),
}


@pytest.mark.parametrize("text", LAYERS)
def test_a_layer(text):
    assert parse(text) == [LAYERS[text]]


@pytest.mark.parametrize(
    "text",
    [
        "conv3-8 relu pool2 fc-10",
        "conv3-8 -> relu -> pool2 -> fc-10",
        "conv3-8->relu->pool2->fc-10",
        "conv3-8, relu, pool2, fc-10",
        "conv3-8,relu,pool2,fc-10",
        "conv3-8 → relu → pool2 → fc-10 → softmax",
        "\n  conv3-8\trelu # the first\n# nothing\n  pool2\r\n  fc-10 soft-max\n",
        "INPUT -> conv3-8 relu [pool2] [[fc-10]*1]*1",
        "input conv3-8:pad=same, relu pool2 fc-10",
    ],
)
def test_separators_and_comments(text):
    assert parse(text) == [Conv(8), ReLU(), MaxPool(), Affine(10)]


def test_repetition():
    one = [Conv(8), ReLU()]
    assert parse("[conv3-8 relu]*3") == one * 3
    assert parse("[conv3-8 relu]×3") == one * 3  # noqa: RUF001
    assert parse("relu*2 pool2 * 2") == [ReLU()] * 2 + [MaxPool()] * 2
    assert parse("[[conv3-8 relu]*2 pool2]*2") == (one * 2 + [MaxPool()]) * 2
    assert parse("[relu]*10000") == [ReLU()] * 10_000


def test_the_courses_pattern():
    text = "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*2 -> FC"
    stages = [[*[Conv(f), ReLU()] * 2, MaxPool()] for f in (32, 64, 128)]
    head = [Affine(512), ReLU(), Affine(512), ReLU(), Affine(10)]
    assert parse(text) == [*stages[0], *stages[1], *stages[2], *head]
    assert parse(text, filters=[8, 12, 8], hidden=[7, 6], classes=5, size=5) == [
        *[Conv(8, 5), ReLU()] * 2,
        MaxPool(),
        *[Conv(12, 5), ReLU()] * 2,
        MaxPool(),
        *[Conv(8, 5), ReLU()] * 2,
        MaxPool(),
        *[Affine(7), ReLU(), Affine(6), ReLU(), Affine(5)],
    ]


def test_the_courses_pattern_with_letters():
    text = "INPUT -> [[CONV -> RELU]*N -> POOL?]*M -> [FC -> RELU]*K -> FC"
    # The notes: INPUT -> FC is a linear classifier, N = M = K = 0.
    assert parse(text, N=0, M=0, K=0, optional=True) == [Affine(10)]
    one = [Conv(8), ReLU()]
    assert parse(text, N=2, M=1, K=0, optional=False, filters=8) == [*one * 2, Affine(10)]
    assert parse(text, N=1, M=1, K=1, optional=True, filters=8, hidden=9) == [
        *one,
        MaxPool(),
        Affine(9),
        ReLU(),
        Affine(10),
    ]
    assert parse("conv7-C conv3-D", C=16, D=3) == [Conv(16, 7), Conv(3)]


def test_open_numbers_mix_with_given_ones():
    text = "conv5 conv-7 conv5-9 fmp1.5 conv3 residual(conv pool3/1 conv | conv) fc relu fc-6 fc"
    assert parse(text, filters=4, hidden=3, classes=2) == [
        Conv(4, 5),
        Conv(7),
        Conv(9, 5),
        FractionalMaxPool(1.5),
        Conv(8),
        Residual((Conv(8), MaxPool(3, 1), Conv(16)), (Conv(8),)),
        Affine(3),
        ReLU(),
        Affine(6),
        Affine(2),
    ]


def test_the_last_affine_layer_need_not_be_the_last():
    assert parse("fc relu fc bn", hidden=3, classes=2) == [
        *[Affine(3), ReLU()],
        *[Affine(2), BatchNorm()],
    ]


def test_an_activation_for_tables_that_leave_it_out():
    assert parse("conv3-8 pool FC-6 FC-2", activation="leaky0.1") == [
        *[Conv(8), LeakyReLU(0.1), MaxPool()],
        *[Affine(6), LeakyReLU(0.1), Affine(2)],
    ]


def parameters(layers, input_shape):
    placed = place(layers, input_shape)
    return sum(math.prod(p.shape) for layer in placed for p in layer.parameters.values())


VGG = {  # groups, and the exact number of parameters
    "A": ("1 1 2 2 2", "", 132_863_336),
    "A-LRN": ("1 1 2 2 2", "", 132_863_336),
    "B": ("2 2 2 2 2", "", 133_047_848),
    "C": ("2 2 2 2 2", "conv1-", 133_638_952),
    "D": ("2 2 2 2 2", "conv3-", 138_357_544),
    "E": ("2 2 4 4 4", "", 143_667_240),
}


def vgg(name):
    counts, extra, _ = VGG[name]
    rows = []
    for i, (count, f) in enumerate(zip(counts.split(), (64, 128, 256, 512, 512), strict=True)):
        lrn = " LRN" if name == "A-LRN" and i == 0 else ""
        rows.append(f"[conv3-{f}]*{count}{lrn} {f'{extra}{f}' if extra and i > 1 else ''} maxpool")
    return "\n".join(["input", *rows, "FC-4096 FC-4096 FC-1000 soft-max"])


@pytest.mark.parametrize("name", VGG)
def test_vgg_as_its_table_has_it(name):
    assert parameters(parse(vgg(name), activation="relu"), (3, 224, 224)) == VGG[name][2]


def test_vgg_c_layer_by_layer():
    filters = {64: 2, 128: 2, 256: 2, 512: 2, 513: 2}
    layers = []
    for f, count in filters.items():
        f = min(f, 512)
        layers += [Conv(f), ReLU()] * count
        layers += [Conv(f, 1), ReLU()] * (f > 128)
        layers += [MaxPool()]
    layers += [Affine(4096), ReLU(), Affine(4096), ReLU(), Affine(1000)]
    assert parse(vgg("C"), activation="relu") == layers


NIN = """
    conv5-192 relu conv1-160 relu conv1-96 relu    pool3/2:ceil dropout0.5
    [conv5-192 relu conv1-192 relu conv1-192 relu  pool3/2:ceil dropout0.5]
    conv3-192 relu conv1-192 relu conv1-10 relu    avgpool8
"""


def test_network_in_network():
    def block(k, *filters):
        return [
            layer for i, f in enumerate(filters) for layer in (Conv(f, k if i == 0 else 1), ReLU())
        ]

    expected = [*block(5, 192, 160, 96), MaxPool(3, 2, ceil=True), Dropout()]
    expected += [*block(5, 192, 192, 192), MaxPool(3, 2, ceil=True), Dropout()]
    expected += [*block(3, 192, 192, 10), AvgPool(8)]
    assert parse(NIN) == expected
    assert place(NIN, (3, 32, 32))[-1].output_shape == (10, 1, 1)
    assert round(parameters(NIN, (3, 32, 32)) / 1e6, 3) == 0.967
