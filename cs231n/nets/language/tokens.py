"""The token style, and the course's pattern, which leaves numbers open.

conv3-64 relu pool2 fc-10         [conv3-64 relu]*2 -> pool2, residual(conv3-64 | conv1-64/2)
INPUT -> [[CONV -> RELU]*2 -> POOL?]*3 -> [FC -> RELU]*2 -> FC
"""

import re

from cs231n.nets.language.choices import Choices
from cs231n.nets.language.layer import check_end, read_layer
from cs231n.nets.language.nodes import Block, Group, Node, check_size, flat, repeat
from cs231n.nets.language.reader import Reader
from cs231n.nets.language.source import ParseError, Span

_SEPARATOR = re.compile(r"->|→|,")
_TIMES = re.compile(r"\s*(?:\*(?!\*)|\xd7)\s*")
_MAYBE = re.compile(r"\?")
_CLOSING = re.compile(r"[\])|]")
_GROUP, _RESIDUAL = re.compile(r"\["), re.compile(r"residual\s*\(", re.IGNORECASE)
_BEGIN, _END = re.compile(r"input(?![A-Za-z0-9_(])", re.I), re.compile(r"soft-?max\b", re.I)


def read_tokens(reader: Reader, choices: Choices) -> list[Node]:
    """Read a whole text."""
    reader.blank()
    start = reader.at
    if reader.take(_BEGIN):
        check_end(reader, start)
        reader.blank()
        reader.take(_SEPARATOR)
    nodes = _read_nodes(reader, choices, "", None)
    if not flat(nodes):
        raise ParseError("expected at least one layer", Span(reader.text, 0, len(reader.text)))
    return nodes


def _read_nodes(reader: Reader, choices: Choices, closing: str, opened: Span | None) -> list[Node]:
    """Read layers and groups up to one of the closing signs, or the end."""
    nodes: list[Node] = []
    separator: Span | None = None
    size = 0
    while True:
        reader.blank()
        if reader.ended or reader.sees(_CLOSING):
            _check_closing(reader, closing, opened)
            if separator:
                raise ParseError(f"expected a layer behind {separator.token!r}", separator)
            return nodes
        if not opened and _ends_with_softmax(reader):
            return nodes
        start = reader.at
        if reader.take(_SEPARATOR):
            if separator or not nodes:
                where = "behind another separator" if separator else "in front of all layers"
                message = f"expected a layer, got {reader.since(start).token!r} {where}"
                raise ParseError(message, reader.since(start))
            separator = reader.since(start)
            continue
        nodes.append(_read_repeated(reader, choices))
        separator = None
        size += nodes[-1].size
        check_size(size, reader.since(start))


def _ends_with_softmax(reader: Reader) -> bool:
    """Pass over the loss, which papers' tables end with."""
    start = reader.at
    if not reader.take(_END):
        return False
    span = reader.since(start)
    reader.blank()
    if not reader.ended:
        raise ParseError(f"expected {span.token!r} behind all layers only", span)
    return True


def _check_closing(reader: Reader, closing: str, opened: Span | None) -> None:
    """Refuse brackets that are not closed, or were not opened."""
    sign = reader.piece()
    if opened and reader.ended:
        raise ParseError(f"{opened.token!r} is never closed", opened)
    if sign.token and sign.token not in closing:
        if not opened:
            raise ParseError(f"{sign.token!r} closes nothing", sign)
        expected = " or ".join(map(repr, closing))
        raise ParseError(
            f"expected {expected} for {opened.token!r} of line {opened.line}, column "
            f"{opened.column}, got {sign.token!r}",
            sign,
        )


def _read_repeated(reader: Reader, choices: Choices) -> Node:
    """Read a layer, a group or a block, and what stands behind it: ``*3``, ``?``."""
    start = reader.at
    node = _read_one(reader, choices)
    if reader.take(_TIMES):
        begin = reader.at
        count = choices.count(reader)
        node = repeat([node], count, reader.since(begin))
    if reader.sees(_MAYBE):
        begin = reader.at
        reader.take(_MAYBE)
        wanted = choices.get("optional")
        if not isinstance(wanted, bool):
            message = (
                f"{reader.since(start).token!r} may be there or not: parse(..., optional=True)"
            )
            raise ParseError(message, reader.since(begin))
        if not wanted:
            node = Group([], 1)
    check_end(reader, start)
    return node


def _read_one(reader: Reader, choices: Choices) -> Node:
    start = reader.at
    if reader.take(_GROUP):
        group = _read_nodes_in(reader, choices, start, "]")
        return Group(group, 1)
    match = reader.take(_RESIDUAL)
    if not match:
        return read_layer(reader, choices)
    opening = reader.at - 1
    body = _read_nodes_in(reader, choices, opening, "|)")
    shortcut: list[Node] = []
    if reader.text[reader.at - 1] == "|":
        shortcut = _read_nodes_in(reader, choices, opening, ")")
    return Block(body, shortcut, reader.since(start))


def _read_nodes_in(reader: Reader, choices: Choices, opening: int, closing: str) -> list[Node]:
    """Read what stands between brackets, and pass over the closing one."""
    with reader.nested(opening):
        nodes = _read_nodes(reader, choices, closing, Span(reader.text, opening, opening + 1))
    if not nodes:
        span = Span(reader.text, opening, reader.at + 1)
        raise ParseError("expected a layer in the brackets", span)
    reader.at += 1
    return nodes
