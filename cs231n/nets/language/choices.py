"""The numbers that a text leaves open: how many filters, hidden units, classes, repetitions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cs231n.nets.language.numerals import integer
from cs231n.nets.language.reader import Reader
from cs231n.nets.language.source import ParseError, Span
from cs231n.validation import as_extent

_LETTER = re.compile(r"[A-Za-z](?![A-Za-z0-9_])")
FILTERS, HIDDEN, CLASSES = 32, 512, 10  # unless told otherwise


@dataclass
class Choices:
    """What the caller of `parse` chose, by the keyword's name; remembers what was of use.

    Attributes
    ----------
    given : dict
        Without those that are None.
    letters : dict
        The numbers that single letters stand for.
    """

    given: Mapping[str, Any]
    letters: Mapping[str, Any]
    used: set[str] = field(default_factory=set)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a choice."""
        self.used.add(name)
        return self.given.get(name, default)

    def integer(self, reader: Reader, what: str) -> int:
        """Read an integer, or a letter that stands for one."""
        start = reader.at
        match = reader.take(_LETTER)
        if not match:
            return integer(reader, what)
        letter = match[0]
        if letter not in self.letters:
            message = f"{letter} stands for a number: parse(..., {letter}=2)"
            raise ParseError(message, reader.since(start))
        self.used.add(letter)
        return as_extent(letter, self.letters[letter], minimum=0)

    def count(self, reader: Reader) -> int:
        """Read how often something is repeated; 0 only where a letter says so."""
        start = reader.at
        is_letter = bool(reader.sees(_LETTER))
        count = self.integer(reader, "a count of repetitions")
        if count < (0 if is_letter else 1):
            raise ParseError(f"expected a count of at least 1, got {count}", reader.since(start))
        return count

    def filters(self, stage: int, span: Span) -> int:
        """Return the filters of a convolution behind so many poolings."""
        chosen = self.get("filters", FILTERS)
        if isinstance(chosen, Sequence):
            return _nth("filters", chosen, stage, "stage", span)
        return as_extent("filters", chosen, 1) * 2 ** min(stage, 64)  # refused before that

    def hidden(self, number: int, span: Span) -> int:
        """Return the units of a hidden affine layer."""
        chosen = self.get("hidden", HIDDEN)
        if isinstance(chosen, Sequence):
            return _nth("hidden", chosen, number, "hidden layer", span)
        return as_extent("hidden", chosen, 1)

    def classes(self) -> int:
        """Return the units of the last affine layer."""
        return as_extent("classes", self.get("classes", CLASSES), 1)

    def check_used(self) -> None:
        """Refuse choices that the text had no use for: they would be ignored without a word."""
        for name in (*self.given, *self.letters):
            if name not in self.used:
                value = self.given.get(name, self.letters.get(name))
                raise ValueError(f"{name}={value!r} has no use: the text leaves nothing such open")


def _nth(name: str, chosen: Sequence[Any], index: int, what: str, span: Span) -> int:
    if index >= len(chosen):
        raise ParseError(
            f"{name} has {len(chosen)} numbers, but this is {what} {index + 1}: one more is needed",
            span,
        )
    return as_extent(name, chosen[index], 1)
