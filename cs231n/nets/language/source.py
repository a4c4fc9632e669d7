"""Places in a text, and the error that points at one."""

from dataclasses import dataclass

_MOST_SHOWN = 88  # characters of a line under an error


@dataclass(frozen=True)
class Span:
    """The characters ``text[start:end]``.

    Examples
    --------
    >>> print(Span("relu maxpol fc-10", 5, 11).pointed())
      relu maxpol fc-10
           ^^^^^^
    """

    text: str
    start: int
    end: int

    @property
    def token(self) -> str:
        """The characters themselves."""
        return self.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The number of the line, from 1."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """The number of the first character in its line, from 1."""
        return self.start - self._line_start + 1

    @property
    def _line_start(self) -> int:
        return self.text.rfind("\n", 0, self.start) + 1

    def pointed(self) -> str:
        """Return the line, cut to what fits on a screen, and carets below the characters."""
        begin, end = self._line_start, self.text.find("\n", self.start)
        end = len(self.text) if end < 0 else end
        first = max(begin, min(self.start - _MOST_SHOWN // 3, end - _MOST_SHOWN))
        last = min(end, first + _MOST_SHOWN)
        before, after = "…" * (first > begin), "…" * (last < end)
        # Tabs and unprintable characters would shift what stands behind them.
        shown = "".join(c if c.isprintable() else " " for c in self.text[first:last])
        indent = " " * (2 + len(before) + self.start - first)
        carets = "^" * max(1, min(self.end, last) - self.start)
        return f"  {before}{shown}{after}\n{indent}{carets}"


class ParseError(ValueError):
    """A text that describes no network.

    Attributes
    ----------
    line, column : int
        Where the mistake is, from 1.
    token : str
        What stands there.
    text : str
        All of it.
    """

    __module__ = "cs231n.nets"  # where users find it, and what tracebacks show

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(f"line {span.line}, column {span.column}: {message}\n{span.pointed()}")
        self.line, self.column, self.token, self.text = (
            span.line,
            span.column,
            span.token,
            span.text,
        )
        self._made_from = message, span

    def __reduce__(self) -> tuple[type["ParseError"], tuple[str, Span]]:
        # An exception is otherwise made again from its message alone, which fails in a pool.
        return type(self), self._made_from
