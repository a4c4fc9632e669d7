"""Layers that treat each number by itself: ReLU and dropout."""

from dataclasses import dataclass

from cs231n.nets.specs.base import Spec, check_number


@dataclass(frozen=True, repr=False)
class ReLU(Spec):
    """``max(x, 0)``.

    Examples
    --------
    >>> ReLU().output_shape((64, 32, 32))
    (64, 32, 32)
    """


@dataclass(frozen=True, repr=False)
class Dropout(Spec):
    """In training each number is kept with probability ``keep``, and divided by it.

    Examples
    --------
    >>> Dropout(0.8)
    Dropout(keep=0.8)
    """

    keep: float = 0.5

    def __post_init__(self) -> None:
        check_number(self, "keep", 0, 1)
        if self.keep == 0:
            raise ValueError("Dropout's keep must lie in (0, 1], got 0: nothing would be left")
