"""Numbers: 64, 0.5, 1e-5, and the roots of Graham's notation, √2, ∛2, sqrt(2), 2^(1/3)."""

import math
import re
from typing import Any

from cs231n.nets.language.reader import Reader
from cs231n.nets.language.source import ParseError

# A run that a reader takes for one number; whether it is one is seen afterwards.
_RUN = re.compile(r"[-+]?(?:inf(?![A-Za-z])|[0-9.]+(?:[eE][-+]?[0-9]+)?)")
_ROOT = re.compile(r"(³√|∛|cbrt|√|sqrt)\s*(\(?)", re.IGNORECASE)
_POWER = re.compile(r"\s*(?:\^|\*\*)\s*(\(?)")
_OVER, _CLOSE = re.compile(r"\s*/\s*"), re.compile(r"\s*\)")
_MOST_DIGITS = 40
_ROOTS = {"√": 2, "sqrt": 2, "∛": 3, "cbrt": 3, "³√": 3}
_SIGNS = {2: "√", 3: "∛"}


def integer(reader: Reader, what: str) -> int:
    """Read an integer, or refuse what stands there; `what` says in an error what it is."""
    start = reader.at
    match = reader.take(_RUN)
    if not match:
        raise reader.error(what)
    try:
        if len(match[0]) > _MOST_DIGITS:
            raise ValueError
        return int(match[0])
    except ValueError:
        message = f"expected {what}, an integer, got {match[0][:_MOST_DIGITS]!r}"
        raise ParseError(message, reader.since(start)) from None


def number(reader: Reader, what: str) -> float:
    """Read a number; a root or a power of a plain one, too."""
    start = reader.at
    root = reader.take(_ROOT)
    value = _plain(reader, what)
    if root and root[2] and not reader.take(_CLOSE):
        raise reader.error(f"')' behind {reader.since(start).token!r}")
    power = 1 / _ROOTS[root[1].lower()] if root else _power(reader)
    if power == 1:
        return value
    try:
        result = value**power
    except (OverflowError, ZeroDivisionError):
        result = math.nan
    if not isinstance(result, float) or math.isnan(result):
        raise ParseError(f"expected {what}, got no real number", reader.since(start))
    return result


def _plain(reader: Reader, what: str) -> float:
    start = reader.at
    match = reader.take(_RUN)
    if not match:
        raise reader.error(what)
    try:
        return float(match[0])
    except ValueError:
        message = f"expected {what}, a number, got {match[0]!r}"
        raise ParseError(message, reader.since(start)) from None


def _power(reader: Reader) -> float:
    """Read ``^(1/3)`` or ``^0.5``, if it is there."""
    match = reader.take(_POWER)
    if not match:
        return 1.0
    power = _plain(reader, "an exponent")
    if not match[1]:
        return power
    if reader.take(_OVER):
        start = reader.at
        divisor = _plain(reader, "a divisor")
        if divisor == 0:
            raise ParseError("expected a divisor other than 0", reader.since(start))
        power /= divisor
    if not reader.take(_CLOSE):
        raise reader.error("')' behind the exponent")
    return power


def write_number(value: Any) -> str:
    """Return the shortest text that `number` reads as this value.

    Examples
    --------
    >>> write_number(0.5), write_number(2**0.5), write_number(1e-5), write_number(1 / 3)
    ('0.5', '√2', '1e-05', '0.3333333333333333')
    """
    exact = float(value)
    if exact != value:
        raise ValueError(f"{value!r} is no number that can be written exactly")
    short = f"{exact:g}"
    if float(short) == exact:
        return short
    for degree, sign in _SIGNS.items():
        base = round(exact**degree) if abs(exact) < 1e6 else 0
        if base > 0 and float(base) ** (1 / degree) == exact:
            return f"{sign}{base}"
    return repr(exact)
