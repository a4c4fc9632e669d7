"""The values of options, read and written, by the type of the field."""

import re
from dataclasses import MISSING, fields
from typing import Any

from cs231n.nets.language.numerals import integer, number, write_number
from cs231n.nets.language.reader import Reader
from cs231n.nets.language.source import ParseError
from cs231n.nets.language.vocabulary import INITIALS, near
from cs231n.nets.specs import Initial

_NAME = re.compile(r"[A-Za-z_]+")
_OPEN, _CLOSE = re.compile(r"\(\s*"), re.compile(r"\s*\)")
_YES_OR_NO = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_NONE = ("same", "none")


def read(reader: Reader, kind: Any, what: str) -> Any:
    """Read a value of this type; `what` says in an error what it is."""
    if kind is Initial:
        return _read_initial(reader, what)
    if kind is bool:
        return _read_yes_or_no(reader, what)
    if kind is float:
        return number(reader, what)
    if kind is str:
        match = reader.take(_NAME)
        if not match:
            raise reader.error(f"{what}, a word")
        return match[0].lower()
    word = reader.sees(_NAME)
    if kind is not int and word and word[0].lower() in _NONE:
        reader.take(_NAME)
        return None
    return integer(reader, what)


def write(kind: Any, value: Any) -> str:
    """Return the text that `read` reads as this value."""
    if kind is Initial:
        return _write_initial(value)
    if kind is bool:
        return "yes" if value else "no"
    if kind is float:
        return write_number(value)
    if value is None:
        return _NONE[-1]
    return str(value)


def _read_yes_or_no(reader: Reader, what: str) -> bool:
    start = reader.at
    match = reader.take(_NAME)
    if not match:
        raise reader.error(f"{what}, yes or no")
    if match[0].lower() not in _YES_OR_NO:
        message = f"expected {what}, yes or no, got {match[0]!r}"
        raise ParseError(message, reader.since(start))
    return _YES_OR_NO[match[0].lower()]


def _read_initial(reader: Reader, what: str) -> Initial:
    """Read ``he``, ``normal(0.01)``, ``dirac(glorot)``: a name and at most one argument."""
    start = reader.at
    match = reader.take(_NAME)
    if not match:
        raise reader.error(f"{what}, such as 'normal(0.01)'")
    kind = INITIALS.get(match[0].lower())
    if kind is None:
        message = f"{match[0]!r} is no way to begin; {near(match[0], INITIALS)}"
        raise ParseError(message, reader.since(start))
    arguments = _read_argument(reader, kind, match[0])
    try:
        return kind(*arguments)
    except ValueError as error:
        raise ParseError(str(error), reader.since(start)) from None


def _read_argument(reader: Reader, kind: Any, name: str) -> list[Any]:
    start = reader.at
    argument = next(iter(fields(kind)), None)
    if not argument or not reader.take(_OPEN):
        if argument and argument.default is MISSING:
            raise reader.error(f"'(' and the {argument.name} of {name!r}")
        return []
    with reader.nested(start):
        value = read(reader, argument.type, f"the {argument.name} of {name!r}")
    if not reader.take(_CLOSE):
        raise reader.error(f"')' behind the {argument.name} of {name!r}")
    return [value]


def arguments(initial: Initial) -> dict[str, Any]:
    """Return the fields of a way to begin that do not have their default."""
    if type(initial) not in INITIALS.values():
        raise ValueError(f"{initial!r} has no name in the language")
    names = {field.name: field.default for field in fields(initial)}  # type: ignore[arg-type]
    given = {name: getattr(initial, name) for name in names}
    return {name: value for name, value in given.items() if value != names[name]}


def _write_initial(initial: Initial) -> str:
    given = list(arguments(initial).values())
    name = next(name for name, kind in INITIALS.items() if kind is type(initial))
    if not given:
        return name
    kind = Initial if isinstance(given[0], Initial) else float
    return f"{name}({write(kind, given[0])})"
