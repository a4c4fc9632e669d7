"""What a network costs and sees, layer by layer, without a single array."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cs231n.nets.field import ReceptiveField, by, trace
from cs231n.nets.language import describe
from cs231n.nets.placing import Placed, place
from cs231n.nets.specs import (
    Affine,
    Conv,
    Dropout,
    Flatten,
    LeakyReLU,
    ReLU,
    Scale,
    Shape,
    Spec,
    Sum,
)
from cs231n.nets.specs.initial import HE

_HEAD = ("layer", "output", "parameters", "multiply-adds", "memory", "sees", "jump", "centre")
_COSTS = ("parameters", "frozen", "multiply_adds", "memory")
# These write over their input, or only give it another shape.
_IN_PLACE = (Dropout, Flatten, LeakyReLU, ReLU, Scale, Sum)


@dataclass(frozen=True)
class LayerSummary:
    """One layer; a residual block is its layers, those of its shortcut, and their ``Sum``.

    Attributes
    ----------
    name : str
    depth : int
        In how many residual blocks it stands.
    output_shape : tuple, of one image
    parameters, frozen : int
        Numbers that are learnt, and filters' numbers that are not.
    multiply_adds : int
        Of the forward pass of one image, by the direct method.
    memory : int
        Bytes that one image's output takes; none where a layer works in place.
    field : ReceptiveField
    """

    name: str
    depth: int
    output_shape: Shape
    parameters: int
    frozen: int
    multiply_adds: int
    memory: int
    field: ReceptiveField


@dataclass(frozen=True)
class Summary:
    """One row a layer; printing it gives a table.

    Attributes
    ----------
    input_shape : tuple, of one image
    input_memory : int
        Bytes.
    layers : tuple of LayerSummary
    """

    input_shape: Shape
    input_memory: int
    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """Numbers that are learnt."""
        return self._sum("parameters")

    @property
    def frozen(self) -> int:
        """Filters' numbers that are not learnt."""
        return self._sum("frozen")

    @property
    def multiply_adds(self) -> int:
        """Of the forward pass of one image, by the direct method."""
        return self._sum("multiply_adds")

    @property
    def memory(self) -> int:
        """Bytes of one image and all that the forward pass keeps of it for the backward pass."""
        return self.input_memory + self._sum("memory")

    def _sum(self, what: str) -> int:
        return sum(getattr(row, what) for row in self.layers)

    def as_dict(self) -> dict[str, Any]:
        """Return the table as plain numbers, lists and dicts, for JSON."""
        rows = []
        for row in self.layers:
            plain = {key: value for key, value in asdict(row).items() if key != "field"}
            field = {"size": row.field.size, "jump": row.field.jump, "start": row.field.start}
            rows.append({**plain, "receptive_field": field})
        totals = {key: getattr(self, key) for key in _COSTS}
        return {"input_shape": self.input_shape, "layers": rows, "totals": totals}

    def __str__(self) -> str:
        head = (
            "layer",
            "output",
            "parameters",
            "multiply-adds",
            "memory",
            "sees",
            "jump",
            "centre",
        )
        rows = [
            head,
            ("input", by(self.input_shape), "", "", memory_text(self.input_memory), "", "", ""),
            *(_cells(row) for row in self.layers),
            (
                *("total", "", f"{self.parameters:,}", f"{self.multiply_adds:,}"),
                *(memory_text(self.memory), "", "", ""),
            ),
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                f"{cell:<{width}}" if i < 2 else f"{cell:>{width}}"
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        rule = "-" * max(map(len, lines))
        frozen = [f"besides, {self.frozen:,} numbers of frozen filters"] if self.frozen else []
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], *frozen])


def summary(
    layers: str | Iterable[Spec | str],
    input_shape: Shape = (3, 32, 32),
    dtype: npt.DTypeLike = np.float32,
) -> Summary:
    """Return what each layer costs and sees; no weight is allocated.

    Parameters
    ----------
    layers : specs, or text as :func:`~cs231n.nets.parse` reads it
    input_shape : (C, H, W) or (D,)
    dtype : floating-point dtype of the activations

    Returns
    -------
    Summary
        Printing it gives a table. `memory` counts what a step of training keeps of one image:
        each layer's output, but for layers that work in place. `centre` is that of the first
        unit, in pixels; the first pixel's is 0.

    Raises
    ------
    ValueError
        Naming the layer whose input does not fit.

    Examples
    --------
    >>> print(summary("conv3-64 relu pool2", (3, 32, 32)))
    layer     output    parameters  multiply-adds    memory  sees  jump  centre
    ---------------------------------------------------------------------------
    input     3x32x32                               12.3 kB
    conv3-64  64x32x32       1,792      1,769,472  262.1 kB   3x3     1       0
    relu      64x32x32                                        3x3     1       0
    pool2     64x16x16                              65.5 kB   4x4     2     0.5
    ---------------------------------------------------------------------------
    total                    1,792      1,769,472  340.0 kB
    """
    return summary_of(place(layers, input_shape, scores=False), dtype)


def summary_of(placed: tuple[Placed, ...], dtype: npt.DTypeLike = np.float32) -> Summary:
    """Return the summary of layers at their places."""
    size = np.dtype(dtype).itemsize
    rows = tuple(
        LayerSummary(
            _name(layer.spec) + (" (shortcut)" if "shortcut" in layer.where else ""),
            layer.where.count(","),
            layer.output_shape,
            sum(math.prod(p.shape) for p in layer.parameters.values()),
            sum(math.prod(p.shape) for p in layer.running.values() if p.stem == "W"),
            layer.spec.multiply_adds(layer.input_shape),
            0 if isinstance(layer.spec, _IN_PLACE) else size * math.prod(layer.output_shape),
            field,
        )
        for layer, field in zip(placed, trace(placed), strict=True)
    )
    return Summary(placed[0].input_shape, size * math.prod(placed[0].input_shape), rows)


def _name(spec: Spec) -> str:
    """Return the language's word for a layer, or its description in Python where there is none.

    How its parameters begin is left out: it costs nothing.
    """
    if isinstance(spec, Affine | Conv):
        spec = replace(spec, initial=HE, bias_value=0.0)
    try:
        return describe((spec,))
    except ValueError:
        return "sum" if isinstance(spec, Sum) else str(spec)


def _cells(row: LayerSummary) -> tuple[str, ...]:
    return (
        "  " * row.depth + row.name,
        by(row.output_shape),
        f"{row.parameters:,}" if row.parameters else "",
        f"{row.multiply_adds:,}" if row.multiply_adds else "",
        memory_text(row.memory),
        str(row.field),
        _per_axis(row.field.jump),
        _per_axis(row.field.start),
    )


def _per_axis(numbers: tuple[float, ...]) -> str:
    """Return one number where the axes agree, else ``15.5x7.5``."""
    return by(sorted(set(numbers), key=numbers.index))


def memory_text(size: int) -> str:
    """Return bytes in the largest unit that leaves a digit in front of the point.

    Examples
    --------
    >>> memory_text(0), memory_text(999), memory_text(12_345), memory_text(60_000_000)
    ('', '999 B', '12.3 kB', '60.0 MB')
    """
    if size < 1000:
        return f"{size} B" if size else ""
    number, unit = size / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if number >= 999.95:
            number, unit = number / 1000, larger
    return f"{number:.1f} {unit}"
