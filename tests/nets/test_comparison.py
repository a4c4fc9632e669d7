"""The lecture's table of small filters, in symbols and against summaries of real layers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n.nets import Conv, MaxPool, ReLU, Residual, compare, summary
from cs231n.nets.polynomial import LETTERS, Polynomial


def columns(*stacks, **values):
    return [
        (str(c.field), str(c.parameters), str(c.multiply_adds), str(c.activations))
        for c in compare(*stacks, **values).stacks
    ]


@pytest.mark.parametrize(
    ("text", "field", "factor", "layers"),
    [
        ("conv7-C", "7x7", "49", 1),
        ("conv3-C conv3-C conv3-C", "7x7", "27", 3),
        ("conv5-C", "5x5", "25", 1),
        ("conv3-C conv3-C", "5x5", "18", 2),
        ("conv3-C", "3x3", "9", 1),
        ("conv1-C/2 conv3-C/2 conv1-C", "3x3", "3.25", 3),
        ("conv1-C/4 conv3-C/4 conv1-C", "3x3", "1.0625", 3),
        ("conv3-C conv1-C", "3x3", "10", 2),
        ("conv1x3-C conv3x1-C", "3x3", "6", 2),
    ],
)
def test_the_lecture(text, field, factor, layers):
    (stack,) = compare(text).stacks
    assert (str(stack.field), stack.nonlinearities, stack.name) == (field, layers, text)
    assert (str(stack.parameters), str(stack.multiply_adds)) == (f"{factor}C²", f"{factor}HWC²")


def test_activations_kept():
    assert [row[3] for row in columns("conv7-C", "conv3-C conv3-C conv3-C")] == ["HWC", "3HWC"]
    assert columns("conv1-C/2 conv3-C/2 conv1-C") == [("3x3", "3.25C²", "3.25HWC²", "2HWC")]


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("conv7-C", [(64, 7)]),
        ("conv3-C conv3-C conv3-C", [(64, 3)] * 3),
        ("conv1-C/2 conv3-C/2 conv1-C", [(32, 1), (32, 3), (64, 1)]),
        ("conv5-2C pool2 conv3-3C/2 conv3-10", [(128, 5), None, (96, 3), (10, 3)]),
    ],
)
def test_symbols_give_the_numbers_of_a_summary(text, layers, bias):
    specs = [Conv(*layer, bias=bias) if layer else MaxPool() for layer in layers]
    words, counted = compare(text, specs, C=64, H=32, W=24, bias=bias).stacks
    table = summary(specs, (64, 32, 24))
    for values in ({"C": 64, "H": 32, "W": 24}, {"C": 1, "H": 1, "W": 1}):
        assert counted.parameters(**values) == table.parameters
    values = {"C": 64, "H": 32, "W": 24}
    assert words.parameters(**values) == table.parameters
    assert words.multiply_adds(**values) == counted.multiply_adds(**values) == table.multiply_adds
    assert words.activations(**values) == counted.activations(**values)
    assert 4 * words.activations(**values) == table.memory - table.input_memory
    assert words.field == counted.field


def test_nonlinearities_of_words_and_specs():
    assert compare("conv3-C relu conv3-C").stacks[0].nonlinearities == 1
    block = Residual((Conv(64), ReLU(), Conv(64)))
    assert compare([Conv(64), ReLU(), block, ReLU()]).stacks[0].nonlinearities == 3


def test_the_table_in_text():
    lines = str(compare("conv1-C/3", " conv3-C   conv1-C ", C=4, H=2, W=3)).splitlines()
    assert [line.split()[-1] for line in lines[1:-1]] == (
        ["3x3", "10C²", "160", "10HWC²", "960", "2HWC", "48", "2"]
    )
    assert lines[0].endswith("   conv1-C/3  conv3-C conv1-C")
    assert lines[2].split()[1:] == ["1/3", "C²", "10C²"]
    assert lines[3].split() == ["5.33", "160"]
    assert lines[-1] == "numbers: C=4, H=2, W=3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv3-C conv3_C", "'conv3-C conv3_C', column 9: cannot read 'conv3_C': expected conv3-C"),
        ("conv3-", "column 1: cannot read 'conv3-'"),
        ("conv3-C/0", "column 1: a size or a divisor must lie in"),
        ("conv3-0", "at least one filter"),
        ("conv3-0C", "column 1: .* must"),
        ("conv2-C", "must be odd"),
        ("conv3x4-C", "must be odd"),
        ("conv0-C", "must be odd"),
        ("pool0", "must lie in"),
        ("conv³-C", "cannot read"),
        ("", "at least one word"),
    ],
)
def test_words_that_mean_nothing(text, message):
    with pytest.raises(ValueError, match=message):
        compare(text)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="stacks must not be empty"):
        compare()
    with pytest.raises(ValueError, match="H must lie in"):
        compare("conv3-C", H=0)
    with pytest.raises(TypeError, match="layer 0 must be"):
        compare([3])
    with pytest.raises(ValueError, match="layer 0, Conv"):
        compare([Conv(3, 7, pad=0)], H=2, W=2)


FRACTIONS = st.fractions(-9, 9, max_denominator=7)
POWERS = st.tuples(*[st.integers(0, 2)] * len(LETTERS))
POLYNOMIALS = st.dictionaries(POWERS, FRACTIONS.filter(bool), max_size=4).map(Polynomial)
VALUES = st.fixed_dictionaries({letter: st.integers(1, 5) for letter in LETTERS})


@given(POLYNOMIALS, POLYNOMIALS, VALUES, st.integers(1, 9))
def test_polynomials_compute_as_their_values_do(a, b, values, number):
    x, y = Fraction(a(**values)), Fraction(b(**values))
    assert (a + b)(**values) == x + y
    assert (a * b)(**values) == x * y
    assert (a / number)(**values) == x / number
    assert (number + a * number)(**values) == number + x * number
    assert (a + -1 * a).terms == {}


def test_polynomials_in_text():
    H, W, C = map(Polynomial.letter, LETTERS)
    assert str(Polynomial({})) == "0"
    assert str(C * C * -1 + 2 * C + Fraction(1, 2)) == "-C² + 2C + 0.5"
    assert str(H * W * C / 3 + H * W + -1000 * C + 1) == "1/3 HWC + HW - 1,000C + 1"
    assert str(C * C * C * C * C * C * C * C * C * C) == "C¹⁰"
