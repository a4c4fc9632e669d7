"""What `parse` returns, and what may stand where a network's layers are asked for."""

from collections.abc import Iterable

from cs231n.nets.language.source import Span
from cs231n.nets.specs import Spec

_LONGEST_TOKEN = 40  # characters, in an error


class Layers(list[Spec]):
    """A list of specs that knows where in a text each of them stands.

    Attributes
    ----------
    places : list of (spec, span)
        Of specs inside residual blocks, too.
    """

    def __init__(
        self, specs: Iterable[Spec] = (), places: Iterable[tuple[Spec, Span]] = ()
    ) -> None:
        super().__init__(specs)
        self.places = list(places)

    def where(self, spec: Spec) -> str:
        """Return lines that show where a spec stands, to put behind an error's message."""
        # Equal specs stand at different places: it must be the very same.
        span = next((span for known, span in self.places if known is spec), None)
        if span is None:
            return ""
        token = " ".join(span.token.split())
        if len(token) > _LONGEST_TOKEN:
            token = f"{token[:_LONGEST_TOKEN]}…"
        return f"\nat line {span.line}, column {span.column}: {token!r}\n{span.pointed()}"
