"""From what a text says, and the numbers that it leaves open, to specs."""

from typing import Any

from cs231n.nets.language.choices import Choices
from cs231n.nets.language.nodes import Block, Layer, Node, flat
from cs231n.nets.language.source import ParseError, Span
from cs231n.nets.specs import Affine, FractionalMaxPool, Residual, Spec
from cs231n.nets.specs.pooling import Pool

Placed = list[tuple[Spec, Span]]


class Builder:
    """Makes specs, and keeps where each one stands.

    Attributes
    ----------
    places : list of (spec, span)
        Of those inside residual blocks, too.
    """

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.places: Placed = []
        self._stage = self._hidden = 0  # poolings and hidden layers so far
        self._last: int | None = None

    def build(self, nodes: list[Node]) -> Placed:
        """Return the network's specs, each with its place."""
        layers = flat(nodes)
        affine = [i for i, node in enumerate(layers) if _is_affine(node)]
        last = affine[-1] if affine else None
        return [(self._one(node, i == last), node.span) for i, node in enumerate(layers)]

    def _one(self, node: Layer | Block, is_last: bool = False) -> Spec:
        spec = self._block(node) if isinstance(node, Block) else self._layer(node, is_last)
        self.places.append((spec, node.span))
        return spec

    def _layer(self, node: Layer, is_last: bool) -> Spec:
        chosen: dict[str, Any] = {}
        for name in node.open:
            if name == "filters":
                chosen[name] = self.choices.filters(self._stage, node.span)
            elif name == "size" and self.choices.get("size") is not None:
                chosen[name] = self.choices.get("size")
            elif name == "units" and is_last:
                chosen[name] = self.choices.classes()
            elif name == "units":
                chosen[name] = self.choices.hidden(self._hidden, node.span)
                self._hidden += 1
        spec = node.build(chosen)
        self._stage += isinstance(spec, Pool | FractionalMaxPool)
        return spec

    def _block(self, node: Block) -> Spec:
        """Build both ways, which begin at the same stage."""
        stage = self._stage
        body = tuple(self._one(inner) for inner in flat(node.body))
        after, self._stage = self._stage, stage
        shortcut = tuple(self._one(inner) for inner in flat(node.shortcut))
        self._stage = after
        try:
            return Residual(body, shortcut)
        except ValueError as error:
            raise ParseError(str(error), node.span) from None


def _is_affine(node: Layer | Block) -> bool:
    return isinstance(node, Layer) and issubclass(node.word.spec, Affine)
