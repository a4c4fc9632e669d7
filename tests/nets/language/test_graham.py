"""Graham's notation, against lists of specs and the sizes in his tables."""

import math
from itertools import pairwise

import pytest

from cs231n.nets import (
    Conv,
    Dropout,
    FractionalMaxPool,
    GrahamUniform,
    LeakyReLU,
    MaxPool,
    ParseError,
    input_size,
    parse,
)
from cs231n.nets.placing import place

SMALL = "(32nC2-FMP√2)6-C2-C1-output"
ROOT, CUBE = 2**0.5, 2 ** (1 / 3)


def conv(filters, size, reduction=1.0):
    return [Conv(filters, size, pad=0, initial=GrahamUniform(reduction)), LeakyReLU(0.333)]


def expected(k, levels, ratio, classes=10):
    layers = []
    for n in range(1, levels + 1):
        layers += [*conv(k * n, 2, ratio), FractionalMaxPool(ratio)]
    layers += [*conv(k * (levels + 1), 2), *conv(k * (levels + 2), 1)]
    return [*layers, conv(classes, 1)[0]]


def sizes(layers, channels=3):
    size = input_size(layers)
    placed = place(layers, (channels, size, size))
    changing = [p for p in placed if isinstance(p.spec, Conv | FractionalMaxPool | MaxPool)]
    return [size, *(p.output_shape[1] for p in changing)]


def count(layers, channels):
    size = input_size(layers)
    placed = place(layers, (channels, size, size))
    return sum(math.prod(p.shape) for layer in placed for p in layer.parameters.values())


@pytest.mark.parametrize(
    "text",
    [
        SMALL,
        "(32nC2-FMPsqrt2)_6-C2-C1-output",
        "  (32 n C2 - FMP sqrt(2))^6 - C2 - C1 - Output # MNIST",
        "(32nC2−FMP 2^(1/2))₆–C2–C1–output",  # noqa: RUF001
        "input-(32nc2-fmp2^0.5)*6-c2-c1-output",
        "(32nC2-FMP1.4142135623730951)6-C2-C1-output",
    ],
)
def test_the_network_for_mnist(text):
    assert parse(text) == expected(32, 6, ROOT)


def test_sizes_and_parameters_of_the_tables():
    small, large = parse(SMALL), parse("(32nC2-FMP∛2)_12-C2-C1-output")
    assert large == expected(32, 12, CUBE)
    assert sizes(small) == [36, 35, 25, 24, 17, 16, 11, 10, 7, 6, 4, 3, 2, 1, 1, 1]
    assert sizes(large) == [
        *[94, 93, 74, 73, 58, 57, 45, 44, 35, 34, 27, 26, 21, 20],
        *[16, 15, 12, 11, 9, 8, 6, 5, 4, 3, 2, 1, 1, 1],
    ]
    assert round(count(small, 1) / 1e6, 2) == 0.52
    assert round(count(large, 3) / 1e6, 2) == 3.18
    wide = parse("(64nC2-FMP∛2)12-C2-C1-output", classes=100)
    assert round(count(wide, 3) / 1e6, 1) == 12.8
    k = 160  # the widest: 79.25 million, by hand
    filters = [3, *(k * n for n in range(1, 14))]
    weights = sum(4 * c * f for c, f in pairwise(filters))
    weights += 13 * k * 14 * k + 14 * k * 10
    assert (
        count(parse("(160nC2-FMP∛2)12-C2-C1-output"), 3) == weights + sum(filters[1:]) + 14 * k + 10
    )


def test_a_gentle_ratio_saves_a_pixel_both_ways():
    # Backwards: 1, C2: 2, FMP: round(2.2) = 2, so 3; forwards round(3 / 1.1) = 3, so 2.
    layers = parse("(8nC2-FMP1.1)2-C2")
    assert sizes(layers) == [6, 5, 4, 3, 2, 1]


def test_a_level_count_may_be_a_letter():
    assert parse("(32nC2-FMP√2)l-C2-C1-output", l=6) == parse(SMALL)


def test_levels_of_other_kinds():
    assert parse("(300nC2-300nC1-FMP√2)2-C2-C1") == [
        *conv(300, 2),
        *conv(300, 1, ROOT),
        FractionalMaxPool(ROOT),
        *conv(600, 2),
        *conv(600, 1, ROOT),
        FractionalMaxPool(ROOT),
        *conv(900, 2),
        *conv(1200, 1),
    ]
    assert parse("(10nC3-C1-MP2)2") == [
        *[*conv(10, 3), *conv(10, 1, 2.0), MaxPool(2)],
        *[*conv(20, 3), *conv(20, 1, 2.0), MaxPool(2)],
    ]
    assert parse("100C3-MP2-200C2-7C1") == [
        *[*conv(100, 3, 2.0), MaxPool(2)],
        *[*conv(200, 2), *conv(7, 1)],
    ]
    assert parse("32nC2-32nC2") == [*conv(32, 2), *conv(64, 2)]


def test_dropout_rises_from_level_to_level():
    layers = parse(SMALL, dropout=0.5)
    drops = [layer for layer in layers if isinstance(layer, Dropout)]
    assert all(layer.by_channel for layer in drops)
    # l = 6: levels 1 to 5 of 0 to 5, C2 with 6 / 7, C1 with all of p.
    assert [layer.keep for layer in drops] == pytest.approx([1 - 0.5 * i / 7 for i in range(1, 8)])
    assert [layer for layer in layers if not isinstance(layer, Dropout)] == parse(SMALL)
    assert isinstance(layers[2], FractionalMaxPool)
    assert isinstance(layers[6], Dropout)
    assert isinstance(layers[-2], Dropout)


def test_options_of_all_poolings():
    layers = parse(SMALL, mode="random", overlapping=False, classes=7)
    pools = [layer for layer in layers if isinstance(layer, FractionalMaxPool)]
    assert pools == [FractionalMaxPool(ROOT, "random", False)] * 6
    assert layers[-1].filters == 7


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("(32nC2-FMP2)6-C2-C1-output", 11, "ratio"),
        ("(32nC2-FMP1)6", 11, "ratio"),
        ("(32nC2-FMP)6", 11, "ratio"),
        ("(32nC2-FMP√2)0", 14, "at least 1"),
        ("(32nC2-FMP√2)₀", 14, "at least 1"),
        ("(32nC2-FMP√2)1000000000", 14, "at most"),
        ("(32nC2-FMP√2)9999", 14, "at most"),
        ("(32nC2-FMP√2", 1, "never closed"),
        ("(32nC2-FMP√2]6", 13, "')'"),
        ("(C2-FMP√2)6", 2, "32nC2"),
        ("10C2-C1", 6, "32nC2"),
        ("(32nC2-FMP√2)6-C2-C1-outptu", 22, "output"),
        ("(32nC2-FMP√2)6-C2-output-C1", 25, "nothing behind"),
        ("(32nC2-FMP√2)6 C2", 16, "'-'"),
        ("(32nC2-FMP√2)6-", 16, "end of the text"),
        ("(32nC2--FMP√2)6", 8, "FMP√2"),
        ("(32nC0-FMP√2)6", 2, "at least 1"),
        ("(0nC2-FMP√2)6", 2, "at least 1"),
        ("(900000000nC2-FMP√2)6", 2, "filters"),
        ("(32nC2-MP0)6", 10, "size"),
        ("(32nC2-(32nC2))6", 8, "FMP√2"),
        ("(32nC2-FMP√2)k", 14, "k"),
        ("(32nC2.5-FMP√2)6", 2, ""),
    ],
)
def test_what_is_wrong_is_pointed_at(text, column, word):
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert word in str(caught.value)


def test_choices_that_make_no_sense():
    for wrong in (1, -0.1, "half", math.nan):
        with pytest.raises(ValueError, match="dropout"):
            parse(SMALL, dropout=wrong)
    with pytest.raises(ValueError, match="mode"):
        parse(SMALL, mode="rnadom")
    with pytest.raises(ValueError, match="filters=3 has no use"):
        parse(SMALL, filters=3)
    with pytest.raises(ValueError, match="classes=3 has no use"):
        parse("(32nC2-FMP√2)6-C2-C1", classes=3)
