"""From text to specs."""

from collections.abc import Iterable, Sequence
from typing import Any

from cs231n.nets.language.building import Builder, Placed
from cs231n.nets.language.choices import Choices
from cs231n.nets.language.graham import is_graham, read_graham
from cs231n.nets.language.layers import Layers
from cs231n.nets.language.reader import Reader
from cs231n.nets.language.source import Span
from cs231n.nets.language.tokens import read_tokens
from cs231n.nets.language.vocabulary import near
from cs231n.nets.specs import Affine, Conv, Spec


def parse(
    text: str,
    *,
    classes: int | None = None,
    filters: int | Sequence[int] | None = None,
    size: int | None = None,
    hidden: int | Sequence[int] | None = None,
    optional: bool | None = None,
    activation: str | None = None,
    dropout: float | None = None,
    mode: str | None = None,
    overlapping: bool | None = None,
    **letters: int,
) -> Layers:
    """Return the layers that a text describes; ``docs/networks.md`` tells the language.

    Parameters
    ----------
    text : in the token style, the course's pattern, or Graham's notation
    classes : units of a last ``fc``, and of Graham's ``output``; 10
    filters : of a bare ``conv``; 32, twice as many behind each pooling; a sequence: by stages
    size : of a bare ``conv``; 3
    hidden : units of other bare ``fc``; 512; a sequence: one by one
    optional : whether ``pool?`` is there
    activation : a layer to put behind each convolution and affine layer but the last
    dropout : Graham's p: level i = 0, 1, ... of l drops a share p i / (l + 1) of the maps
    mode, overlapping : of fractional max-pooling in Graham's notation
    **letters : numbers that single letters stand for: ``[conv3-F relu]*N``

    Returns
    -------
    list of specs

    Raises
    ------
    ParseError
        A ValueError that points at the place. No array is made.

    Examples
    --------
    >>> parse("conv3-64/2:bias=no bn relu gap fc-10")
    [Conv(filters=64, stride=2, bias=False), BatchNorm(), ReLU(), GlobalAvgPool(), Affine(units=10)]
    >>> parse("INPUT -> [CONV -> POOL?]*N -> FC", N=2, optional=True, filters=8)
    [Conv(filters=8), MaxPool(), Conv(filters=16), MaxPool(), Affine(units=10)]
    >>> parse("conv3-64 rellu")
    Traceback (most recent call last):
    ...
    cs231n.nets.ParseError: line 1, column 10: 'rellu' is no layer; did you mean 'relu'?
      conv3-64 rellu
               ^^^^^
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    given = {
        "classes": classes,
        "filters": filters,
        "size": size,
        "hidden": hidden,
        "optional": optional,
        "activation": activation,
        "dropout": dropout,
        "mode": mode,
        "overlapping": overlapping,
    }
    for name in letters:
        if len(name) > 1:
            raise TypeError(f"parse() knows no argument {name!r}; {near(name, given)}")
    choices = Choices({k: v for k, v in given.items() if v is not None}, letters)
    placed, places = _read(text, choices)
    choices.check_used()
    return Layers((spec for spec, _ in placed), places)


def _read(text: str, choices: Choices) -> tuple[Placed, Placed]:
    """Return specs with their places, and again with those inside residual blocks."""
    reader = Reader(text)
    if is_graham(text):
        placed = read_graham(reader, choices)
        return placed, placed
    builder = Builder(choices)
    placed = builder.build(read_tokens(reader, choices))
    activation = choices.get("activation")
    if activation is None:
        return placed, builder.places
    placed = _with_activation(placed, activation)
    return placed, [*builder.places, *placed]


def _with_activation(placed: Placed, activation: str) -> Placed:
    """Put an activation behind each layer with filters or a matrix, but the last."""
    weighted = [i for i, (spec, _) in enumerate(placed) if isinstance(spec, Conv | Affine)]
    out: Placed = []
    for i, (spec, span) in enumerate(placed):
        out.append((spec, span))
        if i in weighted[:-1]:
            # Specs of their own, as a place is known by its spec.
            out += [(layer, span) for layer in parse(activation)]
    return out


def as_layers(layers: str | Iterable[Spec | str]) -> Layers:
    """Return a text, or a list of specs and texts, as one list of specs.

    Examples
    --------
    >>> from cs231n.nets import Affine
    >>> as_layers(["conv3-64 relu", Affine(10)])
    [Conv(filters=64), ReLU(), Affine(units=10)]
    """
    if isinstance(layers, Layers):
        return layers
    if isinstance(layers, str):
        return parse(layers)
    specs: list[Spec] = []
    places: list[tuple[Spec, Span]] = []
    for item in layers:
        if isinstance(item, str):
            read = parse(item)
            specs += read
            places += read.places
        else:
            specs.append(_spec(len(specs), item))
    return Layers(specs, places)


def _spec(index: int, item: Any) -> Spec:
    if not isinstance(item, Spec):
        raise TypeError(
            f"layer {index} must be a spec such as Conv(64), or text such as 'conv3-64', "
            f"got {item!r}"
        )
    return item
