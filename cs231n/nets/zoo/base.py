"""What an entry of the zoo is, and what comes out when it is built."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from cs231n.nets.specs import Dropout, Shape, Spec
from cs231n.nets.zoo.counting import Counts, count
from cs231n.validation import as_extent


@dataclass(frozen=True)
class Entry:
    """A net that somebody published.

    Attributes
    ----------
    name : str
    build : function
        ``build(input_shape, classes, **options)`` returns specs.
    input_shape : (C, H, W), of one image
    classes : int
    paper, link : str
    figure : str
        What was reached with it.
    source : str
        Where that figure stands.
    """

    name: str
    build: Callable[..., Iterable[Spec]]
    input_shape: Shape
    classes: int
    paper: str
    link: str
    figure: str = ""
    source: str = ""

    def __str__(self) -> str:
        size = "x".join(map(str, self.input_shape))
        paper = ", ".join(filter(None, (self.paper, self.link)))
        published = f"; {self.figure} ({self.source})" if self.figure else ""
        return f"{self.name}: {paper}; {size} to {self.classes} classes{published}"


class Architecture(tuple[Spec, ...]):
    """The specs of a net, which know what they were built for.

    Attributes
    ----------
    name : str
    input_shape : (C, H, W)
    classes : int

    Examples
    --------
    >>> from cs231n.nets.specs import Affine, ReLU
    >>> net = Architecture([Affine(8), ReLU(), Affine(2)], "tiny", (1, 4, 4), 2)
    >>> len(net), net.input_shape, net.counts.parameters
    (3, (1, 4, 4), 154)
    """

    name: str
    input_shape: Shape
    classes: int

    def __new__(  # noqa: D102
        cls, layers: Iterable[Spec], name: str = "", input_shape: Shape = (), classes: int = 0
    ) -> "Architecture":
        self = super().__new__(cls, layers)
        self.name, self.input_shape, self.classes = name, input_shape, classes
        return self

    @property
    def counts(self) -> Counts:
        """How many parameters it has, and the multiply-adds of one image's forward pass."""
        return count(self, self.input_shape)


def scaled(filters: int, width: float, multiple: int = 1) -> int:
    """Return about ``width * filters``, at least 1, in a multiple of `multiple`.

    Examples
    --------
    >>> scaled(64, 1), scaled(64, 0.3), scaled(96, 0.01, multiple=2)
    (64, 19, 2)
    """
    factor = _number(width)
    if not 0 < factor < math.inf:
        raise ValueError(f"width must be a number above 0, got {width!r}")
    return multiple * max(1, round(factor * filters / multiple))


def _number(value: Any) -> float:
    """Return a number as a float, and NaN, which lies in no interval, for anything else."""
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan


def as_counts(name: str, values: Any, length: int | None = None) -> tuple[int, ...]:
    """Return a list of integers of at least 1 as a tuple, or refuse it by its name.

    Examples
    --------
    >>> as_counts("hidden", [512, 10])
    (512, 10)
    """
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise TypeError(f"{name} must be a list of integers, got {values!r}")
    if length is not None and len(values) != length:
        raise ValueError(f"{name} must hold {length} integers, got {values!r}")
    return tuple(as_extent(f"each of {name}", value, minimum=1) for value in values)


def dropped(share: Any, by_channel: bool = False) -> tuple[Spec, ...]:
    """Return what drops this share of the numbers: nothing, or one layer.

    Examples
    --------
    >>> dropped(0.2), dropped(0)
    ((Dropout(keep=0.8),), ())
    """
    rate = _number(share)
    if not 0 <= rate < 1:
        raise ValueError(f"dropout must be a number in [0, 1), got {share!r}")
    return (Dropout(1 - rate, by_channel),) if rate else ()
