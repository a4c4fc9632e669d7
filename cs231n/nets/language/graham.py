"""Graham's notation: ``(32nC2-FMP√2)6-C2-C1-output``.

Level n = 1, 2, ... is a 2 x 2 convolution with 32 n filters, leaky ReLU, and fractional
max-pooling; then come convolutions with 32 (l + 1) and 32 (l + 2) filters, and one score a class.
Nothing is padded, and sizes are counted backwards from 1 x 1: `nets.input_size` tells the first.

Graham, "Fractional max-pooling", 2014, https://arxiv.org/abs/1412.6071
"""

import re
from dataclasses import dataclass

from cs231n.nets.language.choices import Choices
from cs231n.nets.language.nodes import check_size
from cs231n.nets.language.numerals import number
from cs231n.nets.language.reader import Reader
from cs231n.nets.language.source import ParseError, Span
from cs231n.nets.specs import (
    Conv,
    Dropout,
    FractionalMaxPool,
    GrahamUniform,
    LeakyReLU,
    MaxPool,
    Spec,
)

SLOPE = 0.333  # of the leaky ReLU
_INPUT = re.compile(r"input\s*[-\u2013\u2212](?!>)\s*", re.IGNORECASE)
_START = re.compile(r"[(0-9]")
_DASH, _OPEN, _CLOSE = re.compile(r"[-\u2013\u2212]"), re.compile(r"\("), re.compile(r"\)")
_CONV = re.compile(r"(?:([0-9]{1,9})\s*(n?)\s*)?C\s*([0-9]{1,9})(?![0-9.])", re.IGNORECASE)
_FMP, _MP = re.compile(r"FMP\s*", re.IGNORECASE), re.compile(r"MP\s*", re.IGNORECASE)
_OUTPUT = re.compile(r"output(?!\w)", re.IGNORECASE)
_MARK = re.compile(r"[_^*\xd7]\s*")
_SUBSCRIPT = re.compile(r"[₀-₉]{1,9}")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_COUNT_AHEAD = re.compile(r"[0-9A-Za-z]")

Placed = list[tuple[Spec, Span]]


@dataclass(frozen=True)
class _Conv:
    filters: int | None  # None: as the level says
    times_n: bool
    size: int
    span: Span


@dataclass(frozen=True)
class _Pool:
    spec: FractionalMaxPool | MaxPool
    span: Span


_Level = list[_Conv | _Pool]


def is_graham(text: str) -> bool:
    """Tell whether a text is in this notation: it begins with a number or '(', or 'input-'."""
    reader = Reader(text)
    reader.blank()
    return bool(reader.take(_INPUT) or reader.sees(_START))


def read_graham(reader: Reader, choices: Choices) -> Placed:
    """Read a whole text, and return specs, each with its place."""
    levels, output = _read_levels(reader, choices)
    rate = choices.get("dropout", 0.0)
    if not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise ValueError(f"dropout must lie in [0, 1), got {rate!r}")
    placed: Placed = []
    k: int | None = None
    for i, level in enumerate(levels):
        given = next((part for part in level if isinstance(part, _Conv) and part.times_n), None)
        k = given.filters if given else k
        placed += _level(level, i + 1, k)
        drop = rate * i / max(len(levels) - 1, 1)
        if drop:
            placed.append((Dropout(1 - drop, by_channel=True), level[-1].span))
    if output:
        conv = Conv(choices.classes(), 1, pad=0, initial=GrahamUniform())
        placed.append((conv, output))
    return placed


def _read_levels(reader: Reader, choices: Choices) -> tuple[list[_Level], Span | None]:
    """Read parts with dashes between; what is repeated is written out."""
    levels: list[_Level] = []
    reader.blank()
    reader.take(_INPUT)
    size = 0
    while True:
        reader.blank()
        start = reader.at
        if reader.take(_OUTPUT):
            output = reader.since(start)
            reader.blank()
            if not reader.ended:
                raise reader.error("nothing behind 'output'")
            return levels, output
        new = (
            _read_group(reader, choices) if reader.sees(_OPEN) else [[_read_part(reader, choices)]]
        )
        size += sum(map(len, new))
        check_size(size, reader.since(start))
        # A pooling that stands alone belongs to the level in front of it.
        if levels and len(new) == 1 and isinstance(new[0][0], _Pool):
            levels[-1] = levels[-1] + new[0]
        else:
            levels += new
        reader.blank()
        if reader.ended:
            return levels, None
        if not reader.take(_DASH):
            raise reader.error("'-' and a part such as 'C2'")


def _read_group(reader: Reader, choices: Choices) -> list[_Level]:
    """Read ``(32nC2-FMP√2)6``."""
    opening = reader.at
    reader.take(_OPEN)
    level: _Level = []
    while True:
        reader.blank()
        level.append(_read_part(reader, choices))
        reader.blank()
        if reader.take(_CLOSE):
            break
        if reader.ended:
            raise ParseError("'(' is never closed", Span(reader.text, opening, opening + 1))
        if not reader.take(_DASH):
            raise reader.error("'-' or ')'")
    return [level] * _read_count(reader, choices, len(level))


def _read_count(reader: Reader, choices: Choices, length: int) -> int:
    reader.blank()
    marked = reader.take(_MARK)
    start = reader.at
    subscript = reader.take(_SUBSCRIPT)
    if subscript:
        count = int(subscript[0].translate(_DIGITS))
    elif marked or reader.sees(_COUNT_AHEAD):
        count = choices.count(reader)
    else:
        count = 1
    if count < 1:
        raise ParseError(f"expected a count of at least 1, got {count}", reader.since(start))
    check_size(3 * count * length, reader.since(start))
    return count


def _read_part(reader: Reader, choices: Choices) -> _Conv | _Pool:
    """Read ``32nC2``, ``C2``, ``FMP√2`` or ``MP2``."""
    start = reader.at
    if match := reader.take(_CONV):
        filters, n, size = match.groups()
        given = int(filters) if filters else None
        if given == 0 or int(size) == 0:
            zero = f"{match[0]!r}"
            raise ParseError(f"expected at least 1, got 0 in {zero}", reader.since(start))
        return _Conv(given, bool(n), int(size), reader.since(start))
    if reader.take(_FMP):
        mode = choices.get("mode", "pseudorandom")
        overlapping = choices.get("overlapping", True)
        begin = reader.at
        ratio = number(reader, "the ratio of 'FMP'")
        try:
            spec = FractionalMaxPool(ratio, mode, overlapping)
        except ValueError as error:
            if "ratio" not in str(error):
                raise
            raise ParseError(str(error), reader.since(begin)) from None
        return _Pool(spec, reader.since(start))
    if reader.take(_MP):
        begin = reader.at
        size = choices.integer(reader, "the size of 'MP'")
        try:
            return _Pool(MaxPool(size), reader.since(start))
        except ValueError as error:
            raise ParseError(str(error), reader.since(begin)) from None
    raise reader.error("'32nC2', 'C2', 'FMP√2', 'MP2' or 'output'")


def _level(level: _Level, n: int, k: int | None) -> Placed:
    """Return the specs of one level; k n filters where the notation says so."""
    placed: Placed = []
    for part, behind in zip(level, [*level[1:], None], strict=True):
        if isinstance(part, _Pool):
            placed.append((part.spec, part.span))
            continue
        filters = part.filters if part.filters and not part.times_n else k and k * n
        if filters is None:
            message = (
                f"{part.span.token!r} takes its filters from a part such as '32nC2' in front of it"
            )
            raise ParseError(message, part.span)
        try:
            conv = Conv(filters, part.size, pad=0, initial=GrahamUniform(_reduction(behind)))
        except ValueError as error:
            raise ParseError(str(error), part.span) from None
        placed += [(conv, part.span), (LeakyReLU(SLOPE), part.span)]
    return placed


def _reduction(behind: _Conv | _Pool | None) -> float:
    """Return by how much what stands behind a convolution shrinks its map."""
    if not isinstance(behind, _Pool):
        return 1.0
    spec = behind.spec
    return float(spec.ratio if isinstance(spec, FractionalMaxPool) else spec.size)
