"""What the search for the cause of a wrong gradient may look at, and how it compares arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from cs231n.gradients.probe import Probe


@dataclass
class Context:
    """What the detectives may look at besides the two gradients."""

    name: str
    probe: Probe
    wrong: np.ndarray  # True where measured and found wrong
    kinks: Sequence[tuple[int, ...]] = ()
    sizes: dict[int, str] = field(default_factory=dict)  # 4 -> "x.shape[0]"
    integers: dict[str, np.ndarray] = field(default_factory=dict)  # labels, word indices
    elsewhere: tuple[np.ndarray, Probe] | None = None  # backward and probe at other inputs
    _unreduced: np.ndarray | None = None

    @property
    def x(self) -> np.ndarray:
        """The input whose gradient is wrong."""
        return self.probe.x

    @property
    def dout(self) -> np.ndarray | None:
        """The upstream gradient, if there is exactly one output."""
        return self.probe.douts[0] if len(self.probe.douts) == 1 else None

    def unreduced(self) -> np.ndarray | None:
        """Return the gradient before the sum over the axes along which the input was broadcast.

        Each output element's contributions, summed over the input: for a bias it is ``dout``, for
        a scale ``dout * x``. It has the output's shape, and the right gradient is a sum over some
        of its axes, whichever layer it comes from.
        """
        if self._unreduced is None and self.dout is not None and self.x.size <= 1000:
            total = np.zeros_like(self.dout)
            for index in np.ndindex(self.x.shape):
                total += self.probe.contribution(index)
            self._unreduced = total
        return self._unreduced


def alike(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-5) -> bool:
    """Tell whether two arrays agree wherever both are known, and are not both zero."""
    known = np.isfinite(a) & np.isfinite(b)
    scale = float(np.max(np.abs(b[known]), initial=0.0))
    return scale > 1e-10 and bool(np.max(np.abs(a - b)[known]) <= tolerance * scale)


def same_values(a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether two arrays agree but for axes of length one."""
    a, b = np.squeeze(a), np.squeeze(b)
    return a.shape == b.shape and alike(a, b)


def axes_subsets(ndim: int) -> Iterator[tuple[int, ...]]:
    """Yield every set of axes to sum over, the empty one first."""
    for count in range(ndim + 1):
        yield from combinations(range(ndim), count)


def first(mask: np.ndarray) -> list[tuple[int, ...]]:
    """Return the first indices where the mask is True, at most twenty."""
    return [tuple(int(i) for i in index) for index in np.argwhere(mask)[:20]]
