"""What `parse` returns, and what may stand where a network's layers are asked for."""

from collections.abc import Iterable

from cs231n.nets.language.source import Span
from cs231n.nets.specs import Spec

_LONGEST_TOKEN = 40  # characters, in an error


class Layers(list[Spec]):
    """A list of specs that knows where in a text each of them stands."""

    def __init__(
        self, specs: Iterable[Spec] = (), places: Iterable[tuple[Spec, Span]] = ()
    ) -> None:
        super().__init__(specs)
        # Equal specs stand at different places, so they are told apart by identity; they are kept,
        # so that no other object can get the identity of one that is gone.
        self._places = {id(spec): (spec, span) for spec, span in places}

    @property
    def places(self) -> list[tuple[Spec, Span]]:
        """Specs, those inside residual blocks too, and where they stand."""
        return list(self._places.values())

    def where(self, spec: Spec) -> str:
        """Return lines that show where a spec stands, to put behind an error's message."""
        known, span = self._places.get(id(spec), (None, None))
        if known is not spec or span is None:
            return ""
        token = (
            span.token if len(span.token) <= _LONGEST_TOKEN else f"{span.token[:_LONGEST_TOKEN]}…"
        )
        token = " ".join(token.split())
        return f"\nat line {span.line}, column {span.column}: {token!r}\n{span.pointed()}"
