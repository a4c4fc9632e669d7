"""One layer: a word, the numbers attached to it, and options.

conv3-64/2:pad=0,bias=no    dropout(keep=0.8)    fmp√2
"""

import re
from collections.abc import Callable
from typing import Any

from cs231n.nets.language import values
from cs231n.nets.language.choices import Choices
from cs231n.nets.language.nodes import Layer
from cs231n.nets.language.reader import Reader
from cs231n.nets.language.source import ParseError, Span
from cs231n.nets.language.vocabulary import BY_NAME, DROPPED, SHORT, WORDS, Word, near
from cs231n.nets.specs import Dropout

# A word ends in front of a root: fmpsqrt2.
WORD = re.compile(r"[A-Za-z]+?(?=(?:sqrt|cbrt)[(0-9.])|[A-Za-z]+", re.IGNORECASE)
_SIGNS = {"-": re.compile(r"-(?!>)"), "/": re.compile(r"/")}
_NUMBER_AHEAD = re.compile(r"[0-9.√∛³]|[-+](?=[0-9.])|sqrt|cbrt", re.IGNORECASE)
_DIGIT_AHEAD = re.compile(r"[0-9.]")
_OPTION = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_END = re.compile(r"[\s,#()\[\]|*\xd7?→]|->|$")
_OPEN, _CLOSE = re.compile(r"\("), re.compile(r"\)")
_COLON, _EQUALS = re.compile(r":"), re.compile(r"=")
_COMMA, _COMMA_AND_OPTION = re.compile(r","), re.compile(r",(?=[A-Za-z_])")


def read_layer(reader: Reader, choices: Choices) -> Layer:
    """Read a layer that is no residual block."""
    start = reader.at
    word = read_word(reader)
    found: dict[str, tuple[Any, Span]] = {}
    _read_attached(reader, choices, word, found)
    if reader.take(_COLON):
        _read_options(reader, word, found, lambda: None, _COMMA_AND_OPTION)
    elif opened := reader.take(_OPEN):
        _read_options(reader, word, found, reader.blank, _COMMA)
        if not reader.take(_CLOSE):
            raise reader.error(f"',' or ')' to close '(' of column {_column(reader, opened)}")
    for name in word.required:
        if name not in found and name not in word.free:
            message = f"{word.name!r} needs its {name}, as in {word.example!r}"
            raise ParseError(message, reader.since(start))
    layer = Layer(
        word,
        {name: value for name, (value, _) in found.items()},
        {name: span for name, (_, span) in found.items()},
        reader.since(start),
    )
    if not layer.open:
        layer.build()
    return layer


def read_word(reader: Reader) -> Word:
    """Read a word of the language, or say which is near."""
    start = reader.at
    match = reader.take(WORD)
    if not match:
        raise reader.error("a layer such as 'conv3-64' or a group in '['")
    word = BY_NAME.get(match[0].lower())
    if word is None:
        message = f"{match[0]!r} is no layer; {_hint(reader, match[0])}"
        raise ParseError(message, reader.since(start))
    return word


def _hint(reader: Reader, word: str) -> str:
    if word.lower() == "input":
        return "it may stand in front of all layers only"
    if reader.sees(_EQUALS):
        return "options stand behind ':' or in '(', as in 'conv3-64:pad=0,bias=no'"
    return near(word, BY_NAME, (known.name for known in WORDS))


def check_end(reader: Reader, start: int) -> None:
    """Refuse what sticks to the end of a layer or a group."""
    if not reader.sees(_END):
        token = reader.since(start).token
        raise reader.error(f"a blank, ',' or '->' behind {token!r}")


def _column(reader: Reader, match: re.Match[str]) -> int:
    return Span(reader.text, match.start(), match.end()).column


def _read_attached(
    reader: Reader, choices: Choices, word: Word, found: dict[str, tuple[Any, Span]]
) -> None:
    """Read the values that follow the word without a blank, in the order of the word's row."""
    for sign, name in word.attached.items():
        start = reader.at
        is_float = word.field(name).type is float
        if sign:
            if not reader.take(_SIGNS[sign]):
                continue
        elif not reader.sees(_NUMBER_AHEAD if is_float else _DIGIT_AHEAD):
            continue
        what = f"the {name} of {word.name!r}"
        value = values.number(reader, what) if is_float else choices.integer(reader, what)
        found[name] = value, reader.since(start + len(sign))
        if word.spec is Dropout and value != 0.5:
            raise ParseError(
                f"{value:g} could be what is kept or what is dropped: write "
                f"dropout(keep={value:g}) or dropout(drop={value:g})",
                found[name][1],
            )


def _read_options(
    reader: Reader,
    word: Word,
    found: dict[str, tuple[Any, Span]],
    blank: Callable[[], None],
    comma: re.Pattern[str],
) -> None:
    """Read ``name=value`` with commas between; a yes-or-no option may stand by its name alone."""
    while True:
        blank()
        start = reader.at
        name = _read_option_name(reader, word)
        target = "keep" if name == DROPPED else name
        blank()
        kind = word.field(target).type
        if reader.take(_EQUALS):
            blank()
            begin = reader.at
            value = values.read(reader, kind, f"the {name} of {word.name!r}")
            span = reader.since(begin)
        elif kind is bool:
            value, span = True, reader.since(start)
        else:
            raise reader.error(f"'=' and a value behind {name!r}")
        if name == DROPPED:
            value = round(1 - value, 15)  # 0.1, not 0.09999999999999998
        if target in found:
            raise ParseError(f"{target} is given twice", reader.since(start))
        found[target] = value, span
        blank()
        if not reader.take(comma):
            return


def _read_option_name(reader: Reader, word: Word) -> str:
    start = reader.at
    match = reader.take(_OPTION)
    if not match:
        raise reader.error(f"an option of {word.name!r}")
    name = SHORT.get(match[0].lower(), match[0].lower())
    known = [*word.options, *([DROPPED] if "keep" in word.options else [])]
    if name not in known:
        shown = [next((s for s, full in SHORT.items() if full == k), k) for k in known]
        message = f"{match[0]!r} is no option of {word.name!r}; {near(match[0], shown)}"
        raise ParseError(message, reader.since(start))
    return name
