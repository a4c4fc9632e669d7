"""Whatever is wrong is refused with the place; no other exception ever comes out of a text."""

import pickle
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n.nets import ParseError, Spec, parse
from cs231n.nets.language.reader import MOST_CHARACTERS, MOST_NESTED
from cs231n.nets.language.source import Span

DEEP = "[" * (MOST_NESTED + 1) + "relu" + "]" * (MOST_NESTED + 1)

WRONG = [  # text, line, column, words of the message
    # unknown words, and what is near
    ("conv3-64 maxpol fc-10", 1, 10, ["'maxpol'", "did you mean 'maxpool'?"]),
    ("cnov3-64", 1, 1, ["did you mean 'conv'?"]),
    ("conv3-64 relu\n  rellu\n fc-10", 2, 3, ["line 2, column 3", "did you mean 'relu'?"]),
    ("relu xyzzy", 1, 6, ["'xyzzy' is no layer", "expected one of conv, pool"]),
    ("relu 64", 1, 6, ["expected a layer", "'64'"]),
    ("relu @", 1, 6, ["expected a layer", "'@'"]),
    ("fc-10 input", 1, 7, ["in front of all layers only"]),
    ("softmax fc-10", 1, 1, ["behind all layers only"]),
    ("[softmax]", 1, 2, ["'softmax' is no layer"]),
    # nothing
    ("", 1, 1, ["at least one layer"]),
    (" \n # nothing", 1, 1, ["at least one layer"]),
    ("input", 1, 1, ["at least one layer"]),
    # values out of range
    ("conv0-64", 1, 5, ["size", "got 0"]),
    ("relu conv3-0", 1, 12, ["filters", "got 0"]),
    ("conv3-64/0", 1, 10, ["stride", "got 0"]),
    ("conv3--64", 1, 7, ["filters", "got -64"]),
    ("conv3-99999999999", 1, 7, ["filters", "99999999999"]),
    (f"conv3-{'9' * 5000}", 1, 7, ["filters", "integer"]),
    ("conv3-64:pad=-1", 1, 14, ["pad", "got -1"]),
    ("conv3-64:dilation=0", 1, 19, ["dilation"]),
    ("conv3-64:groups=3", 1, 7, ["64 filters and 3 groups"]),
    ("conv3.5-64", 1, 5, ["size", "integer", "'3.5'"]),
    ("pool2:pad=2", 1, 11, ["pad must be less than its size"]),
    ("fmp2", 1, 4, ["ratio", "(1, 2)"]),
    ("fmp1", 1, 4, ["ratio"]),
    ("fmp√4", 1, 4, ["ratio"]),
    ("fmp9^9999", 1, 4, ["no real number"]),
    ("fmp0^-1", 1, 4, ["no real number"]),
    ("scale-2^0.5", 1, 6, ["no real number"]),
    ("fmp2^(1/0)", 1, 9, ["divisor"]),
    ("fmp1.4:mode=rnadom", 1, 13, ["mode", "random"]),
    ("leaky2", 1, 6, ["slope"]),
    ("leaky0.3.3", 1, 6, ["slope", "'0.3.3'"]),
    ("dropout(keep=0)", 1, 14, ["keep"]),
    ("dropout(drop=1)", 1, 14, ["keep"]),
    ("bn:momentum=2", 1, 13, ["momentum"]),
    ("gn0", 1, 3, ["groups"]),
    ("lrn:k=0", 1, 7, ["k must be above 0"]),
    ("conv3-8:init=normal(-1)", 1, 14, ["scale", "got -1"]),
    # what could be misread
    ("dropout0.8", 1, 8, ["dropout(keep=0.8)", "dropout(drop=0.8)"]),
    ("dropout1", 1, 8, ["kept", "dropped"]),
    # missing values
    ("gn", 1, 1, ["groups", "gn8"]),
    ("scale", 1, 1, ["factor", "scale0.125"]),
    ("fmp", 1, 1, ["ratio"]),
    ("conv3-", 1, 7, ["filters of 'conv'", "end of the text"]),
    ("conv3-64/", 1, 10, ["stride"]),
    ("conv3-64:", 1, 10, ["an option of 'conv'"]),
    ("conv3-64:pad", 1, 13, ["'='"]),
    ("conv3-64:pad=", 1, 14, ["pad"]),
    ("conv3-8:init=", 1, 14, ["normal(0.01)"]),
    ("conv3-8:init=normal", 1, 20, ["scale"]),
    ("conv3-8:init=normal(1", 1, 22, ["')'"]),
    ("fmp√(2", 1, 7, ["')'"]),
    ("fmp2^(1/2", 1, 10, ["')'"]),
    # options
    ("conv3-64:padd=1", 1, 10, ["did you mean 'pad'?"]),
    ("conv3-64:initial=he,init=he", 1, 21, ["twice"]),
    ("conv3-64:size=5", 1, 10, ["size is given twice"]),
    ("dropout:keep=.5,drop=.5", 1, 17, ["keep is given twice"]),
    ("conv3-64:init=norml(1)", 1, 15, ["did you mean 'normal'?"]),
    ("pool2:ceil=maybe", 1, 12, ["yes or no"]),
    ("relu:x", 1, 6, ["no option of 'relu'", "none"]),
    ("conv3-64,pad=0", 1, 10, ["behind ':'"]),
    ("conv3-64:pad=0,relu", 1, 16, ["no option of 'conv'"]),
    ("conv3-64(pad=1 relu", 1, 16, ["close '('", "column 9"]),
    # ends of layers
    ("conv3-64relu", 1, 9, ["behind 'conv3-64'", "'relu'"]),
    ("conv-3-64", 1, 7, ["'-64'"]),
    ("fc10", 1, 3, ["behind 'fc'"]),
    ("[relu]relu", 1, 7, ["behind '[relu]'"]),
    # separators
    ("relu ->", 1, 6, ["a layer behind '->'"]),
    ("[relu,]", 1, 6, ["a layer behind ','"]),
    ("-> relu", 1, 1, ["in front of all layers"]),
    ("relu -> , relu", 1, 9, ["another separator"]),
    # brackets
    ("[conv3-64 relu*2", 1, 1, ["'[' is never closed"]),
    ("relu\n[relu [relu]*2", 2, 1, ["'[' is never closed"]),
    ("residual(relu", 1, 9, ["'(' is never closed"]),
    ("relu]", 1, 5, ["']' closes nothing"]),
    ("relu | relu", 1, 6, ["'|' closes nothing"]),
    ("[[relu)]*2", 1, 7, ["expected ']'", "column 2", "got ')'"]),
    ("residual(relu]", 1, 14, ["'|' or ')'", "got ']'"]),
    ("residual(relu | relu | relu)", 1, 22, ["expected ')'", "got '|'"]),
    ("residual([relu | relu])", 1, 16, ["expected ']'"]),
    ("[]*2", 1, 1, ["a layer in the brackets"]),
    ("residual()", 1, 9, ["a layer in the brackets"]),
    ("residual(relu | )", 1, 9, ["a layer in the brackets"]),
    (DEEP, 1, MOST_NESTED + 1, ["deep"]),
    ("residual(" * 50_000, 1, 1, ["characters"]),
    ("residual(" * 5_000, 1, 9 * (MOST_NESTED + 1), ["deep"]),
    ("conv3-8:init=" + "dirac(" * 5_000, 1, 13 + 6 * (MOST_NESTED + 1), ["deep"]),
    # repetition
    ("[relu]*0", 1, 8, ["at least 1", "got 0"]),
    ("relu*-2", 1, 6, ["at least 1", "got -2"]),
    ("[relu]*", 1, 8, ["a count", "end of the text"]),
    ("[relu]*two", 1, 8, ["a count", "'two'"]),
    ("[relu]*2.5", 1, 8, ["integer", "'2.5'"]),
    ("[relu]*1e9", 1, 8, ["integer", "'1e9'"]),
    ("[relu]*1000000000", 1, 8, ["at most", "1000000000"]),
    ("[[relu]*1000]*1000", 1, 15, ["at most", "1000000"]),
    ("[[relu]*6000 [relu]*6000]", 1, 14, ["at most", "12000"]),
    ("relu " * 10_001, 1, 50_001, ["at most 10000 layers"]),
    ("relu*2*2", 1, 7, ["expected a layer"]),
    # letters and choices
    ("[relu]*N", 1, 8, ["N stands for a number", "N=2"]),
    ("relu pool?", 1, 10, ["'pool?'", "optional=True"]),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), WRONG, ids=lambda v: repr(v)[:40])
def test_what_is_wrong_is_pointed_at(text, line, column, words):
    if "characters" in words:
        line, column = 1, MOST_CHARACTERS + 1
    with pytest.raises(ParseError) as caught:
        parse(text)
    message = str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column), message
    assert message.startswith(f"line {line}, column {column}: ")
    for word in words:
        assert word in message
    _, shown, carets = message.split("\n")
    start = carets.index("^")
    token = caught.value.token
    if token and "\n" not in token and len(token) < 40:
        assert shown[start : start + len(token)] == token
        assert carets.strip() == "^" * len(token)
    assert max(len(shown), len(carets)) < 95


def test_the_whole_message():
    with pytest.raises(ParseError) as caught:
        parse("conv3-64 -> relu\n\tconv3-64 maxpol\nfc-10")
    assert str(caught.value) == (
        "line 2, column 11: 'maxpol' is no layer; did you mean 'maxpool'?\n"
        "   conv3-64 maxpol\n"
        "            ^^^^^^"
    )
    error = pickle.loads(pickle.dumps(caught.value))
    assert (str(error), error.token, error.text) == (
        str(caught.value),
        "maxpol",
        caught.value.text,
    )


def test_choices_that_are_wrong():
    with pytest.raises(ValueError, match="filters=3 has no use"):
        parse("conv3-64", filters=3)
    with pytest.raises(ValueError, match="N=3 has no use"):
        parse("conv3-64", N=3)
    with pytest.raises(ValueError, match="hidden=3 has no use"):
        parse("fc", hidden=3)
    with pytest.raises(TypeError, match=r"'clases'; did you mean 'classes'"):
        parse("fc", clases=3)
    with pytest.raises(ValueError, match="classes must lie in"):
        parse("fc", classes=0)
    with pytest.raises(TypeError, match="classes must be an integer"):
        parse("fc", classes="3")
    with pytest.raises(TypeError, match="text must be a string, got list"):
        parse(["relu"])
    with pytest.raises(ParseError, match="line 1, column 21: filters has 2 numbers"):
        parse("conv pool conv\tpool conv", filters=[1, 2])
    with pytest.raises(ParseError, match=r"column 24: hidden has 1 numbers.*hidden layer 2"):
        parse("conv3-8 relu fc-8 fc   fc fc", hidden=[1])
    with pytest.raises(ParseError, match=r"column 8: .*at most"):
        parse("[relu]*N", N=10**9)
    with pytest.raises(ParseError, match=r"column 9: .*at most"):
        parse("[relu?]*99999999999999999999", optional=False)
    with pytest.raises(ParseError, match="at least one layer"):
        parse("[relu]*N", N=0)
    with pytest.raises(ParseError, match="column 11: Conv's filters"):
        parse("[pool]*80 conv", filters=2)


PIECES = [
    *["conv", "conv3-64", "pool2", "fc-10", "relu", "dropout", "gn8", "fmp", "leaky", "scale"],
    *["residual(", "input", "softmax", "output", "bn", "flatten", "init=", "normal(", "dirac("],
    *["[", "]", "(", ")", "|", "*", "?", ":", "=", ",", "->", "-", "/", "^", "**", "#", "\n", " "],
    *["0", "1", "2", "3.5", "1e9", "-1", ".", "inf", "nan", "9" * 50, "√", "∛", "³√", "sqrt"],
    *["32nC2", "C2", "FMP√2", "MP2", "(32nC2-FMP√2)6", "_", "₆", "n", "N", "pad", "keep", "ceil"],
    *[
        "²",
        "٣",
        "\u017f",
        "K",
        "é",
        "\x00",
        "\ud800",
        "\u2028",
        "\t",
        "\r",
        "\\",
        "'",
        '"',
        "%",
        "{}",
    ],
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.text(max_size=60),
)


def outcome(text, **choices):
    """What becomes of a text: specs, or the error."""
    try:
        return parse(text, **choices)
    except ParseError as error:
        return error
    except ValueError as error:
        # Choices that the text leaves no room for are the caller's mistake, not the text's.
        return choices if "has no use" in str(error) else error


@settings(max_examples=500, deadline=None)
@given(texts, st.sampled_from([{}, {"optional": True}, {"activation": "relu"}]))
def test_any_text_gives_specs_or_points_at_a_place(text, choices):
    result = outcome(text, **choices)
    if isinstance(result, list):
        assert result
        assert all(isinstance(layer, Spec) for layer in result)
    elif not (choices and result == choices):
        assert isinstance(result, ParseError)
        lines = text.split("\n")
        assert 1 <= result.line <= len(lines)
        assert 1 <= result.column <= len(lines[result.line - 1]) + 1
        assert str(result).split("\n")[-1].strip("^ ") == ""


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_few_characters_changed_give_specs_or_point_at_a_place(data):
    good = [
        "[[conv3-64/2:pad=0,init=dirac(normal(0.1)) relu]*2 -> pool2]*3 fc-10",
        "residual(conv3-64 bn | conv1-64(bias=no)) fmp2^(1/3) dropout(keep=0.8)",
        "(32nC2-FMP√2)6-C2-C1-output",
    ]
    text = data.draw(st.sampled_from(good))
    i = data.draw(st.integers(0, len(text)))
    j = data.draw(st.integers(i, min(i + 2, len(text))))
    text = text[:i] + data.draw(st.sampled_from([*PIECES, ""])) + text[j:]
    assert isinstance(outcome(text), list | ParseError)


def test_refusing_costs_nothing():
    tracemalloc.start()
    try:
        for text in ("[" * 90_000, "[conv3-64 relu]*1000000000", "[[[relu]*9999]*9999]*9999"):
            with pytest.raises(ParseError):
                parse(text)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_spans_point_into_long_lines():
    text = "a" * 500 + "X" + "b" * 500
    shown, carets = Span(text, 500, 501).pointed().split("\n")
    assert shown[carets.index("^")] == "X"
    assert shown.startswith("  …")
    assert shown.endswith("…")
