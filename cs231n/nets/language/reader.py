"""A place in a text that moves on: what every notation is read with."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from cs231n.nets.language.source import ParseError, Span

MOST_CHARACTERS = 100_000
MOST_NESTED = 40  # brackets in brackets; Python's own stack has its end, too
_BLANK = re.compile(r"(?:\s|#[^\n]*)+")
# What a reader would take for one piece, in errors.
_PIECE = re.compile(r"[^\s\[\]()|,#>→]+|.", re.DOTALL)


class Reader:
    """Reads a text from left to right.

    Attributes
    ----------
    text : str
    at : int
        The next character.
    """

    def __init__(self, text: str) -> None:
        self.text, self.at, self._nested = text, 0, 0
        if len(text) > MOST_CHARACTERS:
            raise ParseError(
                f"a description must have at most {MOST_CHARACTERS} characters, got {len(text)}",
                Span(text, MOST_CHARACTERS, MOST_CHARACTERS + 1),
            )

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def blank(self) -> None:
        """Pass over white space and comments."""
        self.take(_BLANK)

    def sees(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match what comes next, and stay."""
        return pattern.match(self.text, self.at)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match what comes next, and pass over it."""
        match = self.sees(pattern)
        if match:
            self.at = match.end()
        return match

    def since(self, start: int) -> Span:
        """Return what was read from `start` on."""
        return Span(self.text, start, self.at)

    def piece(self) -> Span:
        """Return what comes next, as far as it looks like one piece."""
        match = self.sees(_PIECE)
        return Span(self.text, self.at, match.end() if match else self.at)

    def error(self, expected: str) -> ParseError:
        """Return the error that something else was expected here."""
        span = self.piece()
        got = repr(span.token) if span.token else "the end of the text"
        return ParseError(f"expected {expected}, got {got}", span)

    @contextmanager
    def nested(self, start: int) -> Iterator[None]:
        """Count what stands in brackets that were opened at `start`."""
        self._nested += 1
        if self._nested > MOST_NESTED:
            message = f"brackets may stand {MOST_NESTED} deep in each other, not deeper"
            raise ParseError(message, Span(self.text, start, start + 1))
        yield
        self._nested -= 1
