"""What a text is before its free numbers are chosen: layers, groups, residual blocks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cs231n.nets.language.source import ParseError, Span
from cs231n.nets.language.vocabulary import Word
from cs231n.nets.specs import Spec

MOST_LAYERS = 10_000
_FIELD = re.compile(r"'s (\w+)")


@dataclass
class Layer:
    """One layer, its values as far as the text gives them.

    Attributes
    ----------
    word : Word
    values : dict
        By field.
    spans : dict
        Where each value stands.
    span : where the whole stands
    """

    word: Word
    values: dict[str, Any]
    spans: dict[str, Span]
    span: Span
    spec: Spec | None = None
    size = 1

    @property
    def open(self) -> tuple[str, ...]:
        """The fields that the text leaves open."""
        return tuple(name for name in self.word.free if name not in self.values)

    def build(self, chosen: Mapping[str, Any] | None = None) -> Spec:
        """Return the spec, or point at the value that it refuses."""
        if self.spec is None or chosen:
            try:
                self.spec = self.word.spec(**{**self.values, **(chosen or {})})
            except (TypeError, ValueError) as error:
                raise ParseError(str(error), self._blamed(str(error))) from None
        return self.spec

    def _blamed(self, message: str) -> Span:
        named = _FIELD.search(message)
        return self.spans.get(named[1], self.span) if named else self.span


@dataclass
class Group:
    """Layers that are repeated."""

    nodes: list["Node"]
    count: int

    @property
    def size(self) -> int:
        """The number of layers that it becomes."""
        return self.count * total(self.nodes)


@dataclass
class Block:
    """A residual block."""

    body: list["Node"]
    shortcut: list["Node"]
    span: Span
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = 1 + total(self.body) + total(self.shortcut)


Node = Layer | Group | Block


def total(nodes: list[Node]) -> int:
    """Return how many layers they become."""
    return sum(node.size for node in nodes)


def check_size(size: int, span: Span) -> None:
    """Refuse a network that would be absurdly large, before it is built."""
    if size > MOST_LAYERS:
        message = f"expected a network of at most {MOST_LAYERS} layers, got {size}"
        raise ParseError(message, span)


def repeat(nodes: list[Node], count: int, span: Span) -> Group:
    """Return a group; `span` is where the count stands."""
    if count > MOST_LAYERS:
        raise ParseError(f"expected a count of at most {MOST_LAYERS}, got {count}", span)
    check_size(count * total(nodes), span)
    return Group(nodes, count)


def flat(nodes: list[Node]) -> list[Layer | Block]:
    """Return the layers and blocks in the order in which they run, groups written out."""
    out: list[Layer | Block] = []
    for node in nodes:
        if isinstance(node, Group):
            out += flat(node.nodes) * node.count
        else:
            out.append(node)
    return out
