"""Stacks of layers side by side, in the lecture's symbols: 27C² against 49C²."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from cs231n.nets.field import Field, ReceptiveField, receptive_field
from cs231n.nets.language import as_layers
from cs231n.nets.polynomial import Polynomial
from cs231n.nets.specs import GELU, LeakyReLU, ReLU, Residual, Shape, Spec, Window
from cs231n.nets.summary import summary
from cs231n.validation import as_extent

_CONV = re.compile(r"conv(\d+)(?:x(\d+))?-(\d*)(C?)(?:/(\d+))?", re.ASCII)
_POOL = re.compile(r"pool(\d+)", re.ASCII)
_C, _H, _W = (Polynomial.letter(letter) for letter in "CHW")
_HELP = (
    "expected conv3-C, conv1x3-C, conv1-C/2, conv3-2C, conv3-64 (a filter's size or rows x "
    "columns, and how many filters), relu or pool2"
)


@dataclass(frozen=True)
class Costs:
    """What one stack sees and costs.

    Attributes
    ----------
    name : str
    field : ReceptiveField
    parameters, multiply_adds, activations : Polynomial
        In the channels C of the input and its height H and width W. Activations are the numbers
        that the backward pass needs of the outputs.
    nonlinearities : int
    """

    name: str
    field: ReceptiveField
    parameters: Polynomial
    multiply_adds: Polynomial
    activations: Polynomial
    nonlinearities: int


@dataclass(frozen=True)
class Comparison:
    """One column a stack; printing it gives a table.

    Attributes
    ----------
    stacks : tuple of Costs
    values : dict
        The numbers that stand for C, H and W.
    """

    stacks: tuple[Costs, ...]
    values: dict[str, int]

    def __str__(self) -> str:
        rows: list[list[str]] = [["", *(stack.name for stack in self.stacks)]]
        rows.append(["receptive field", *(str(stack.field) for stack in self.stacks)])
        for name in ("parameters", "multiply_adds", "activations"):
            costs: list[Polynomial] = [getattr(stack, name) for stack in self.stacks]
            rows.append([name.replace("_", "-"), *map(str, costs)])
            if any(any(powers) for cost in costs for powers in cost.terms):
                rows.append(["", *(_number(cost(**self.values)) for cost in costs)])
        rows.append(["non-linearities", *(str(stack.nonlinearities) for stack in self.stacks)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        with_numbers = ", ".join(f"{letter}={value}" for letter, value in self.values.items())
        return "\n".join([*lines, f"numbers: {with_numbers}"])


def compare(
    *stacks: str | Sequence[Spec | str], C: int = 64, H: int = 32, W: int = 32, bias: bool = False
) -> Comparison:
    """Put stacks side by side: what they see and what they cost, in symbols and in numbers.

    Parameters
    ----------
    *stacks : str or list of specs
        Words such as ``conv3-C``: a filter's size, and how many there are, C being the channels
        of the input. ``conv1x3-C`` has one row and three columns; ``conv1-C/2``, ``conv3-2C`` and
        ``conv3-64`` are possible, ``pool2`` as well. The map keeps its size but for pools, and
        every convolution is followed by a ReLU, unless the words themselves say ``relu``. Specs
        are counted as they are, with C, H and W as the input's shape.
    C, H, W : int
        For the numbers.
    bias : bool
        Whether words have biases; the lecture leaves them out.

    Returns
    -------
    Comparison
        Printing it gives a table.

    Raises
    ------
    ValueError
        Naming the word that cannot be read, and its column.

    Examples
    --------
    >>> print(compare("conv7-C", "conv3-C conv3-C conv3-C"))
                     conv7-C      conv3-C conv3-C conv3-C
    receptive field  7x7          7x7
    parameters       49C²         27C²
                     200,704      110,592
    multiply-adds    49HWC²       27HWC²
                     205,520,896  113,246,208
    activations      HWC          3HWC
                     65,536       196,608
    non-linearities  1            3
    numbers: C=64, H=32, W=32
    """
    if not stacks:
        raise ValueError("stacks must not be empty: compare needs at least one")
    values = {"C": as_extent("C", C, 1), "H": as_extent("H", H, 1), "W": as_extent("W", W, 1)}
    costs = [
        _read(stack, bias) if isinstance(stack, str) else _count(stack, (C, H, W))
        for stack in stacks
    ]
    return Comparison(tuple(costs), values)


def _count(layers: Iterable[Spec | str], input_shape: Shape) -> Costs:
    """Return the costs of specs, from their summary."""
    specs = as_layers(layers)
    table = summary(specs, input_shape, dtype="u1")  # a byte a number: memory counts numbers
    return Costs(
        " ".join(row.name for row in table.layers),
        receptive_field(specs, input_shape),
        Polynomial.of(table.parameters),
        Polynomial.of(table.multiply_adds),
        Polynomial.of(table.memory - table.input_memory),
        sum(map(_nonlinearities, specs)),
    )


def _nonlinearities(spec: Spec) -> int:
    if isinstance(spec, Residual):
        return sum(map(_nonlinearities, (*spec.body, *spec.shortcut)))
    return isinstance(spec, ReLU | LeakyReLU | GELU)


def _read(text: str, bias: bool) -> Costs:
    """Return the costs of words, each word's added to those before."""
    words = list(re.finditer(r"\S+", text))
    if not words:
        raise ValueError("a stack must have at least one word: " + _HELP)
    at = _Reading(bias)
    for word in words:
        try:
            at.take(word[0])
        except ValueError as error:
            raise ValueError(f"{text!r}, column {word.start() + 1}: {error}") from None
    convolutions = sum(word[0].startswith("conv") for word in words)
    relus = sum(word[0] == "relu" for word in words)
    return replace(at.costs, name=" ".join(text.split()), nonlinearities=relus or convolutions)


class _Reading:
    """What the words so far have led to."""

    def __init__(self, bias: bool) -> None:
        self.bias = bias
        self.channels, self.height, self.width = _C, _H, _W
        nothing = Polynomial({})
        self.costs = Costs("", ReceptiveField((Field(), Field())), nothing, nothing, nothing, 0)

    def take(self, word: str) -> None:
        """Add one word's costs."""
        if word == "relu":
            return
        if match := _CONV.fullmatch(word):
            rows, columns, times, letter, parts = match.groups()
            if times or letter:
                filters = (_C if letter else Polynomial.of(1)) * int(times or 1)
                self._convolve(int(rows), int(columns or rows), filters / _at_least_1(parts))
                return
        elif match := _POOL.fullmatch(word):
            size = _at_least_1(match[1])
            self.height, self.width = self.height / size, self.width / size
            self._see(Window(size, size), Window(size, size))
            self._add(0, 0)
            return
        raise ValueError(f"cannot read {word!r}: {_HELP}")

    def _convolve(self, rows: int, columns: int, filters: Polynomial) -> None:
        if not filters.terms:
            raise ValueError("a layer must have at least one filter")
        if rows % 2 == 0 or columns % 2 == 0:
            raise ValueError("a filter's size must be odd, so that the map keeps its own")
        self._see(Window(rows, pad=rows // 2), Window(columns, pad=columns // 2))
        weights = rows * columns * self.channels * filters
        self.channels = filters
        self._add(weights + (filters if self.bias else 0), self.height * self.width * weights)

    def _add(self, parameters: Polynomial | int, multiply_adds: Polynomial | int) -> None:
        costs = self.costs
        self.costs = replace(
            costs,
            parameters=costs.parameters + parameters,
            multiply_adds=costs.multiply_adds + multiply_adds,
            activations=costs.activations + self.height * self.width * self.channels,
        )

    def _see(self, *windows: Window) -> None:
        axes = zip(self.costs.field.axes, windows, strict=True)
        field = ReceptiveField(tuple(axis.through(window) for axis, window in axes))
        self.costs = replace(self.costs, field=field)


def _number(value: int | Fraction) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{float(value):,.2f}"


def _at_least_1(digits: str | None) -> int:
    return as_extent("a size or a divisor", int(digits or 1), 1)
