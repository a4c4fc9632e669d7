"""Slopes measured accurately enough to judge a float64 gradient at a relative error of 1e-7.

A central difference with h = 1e-5 is good to about 1e-6 on a curved function. The error of the
five-point formula

    (s(-2h) - 8 s(-h) + 8 s(h) - s(2h)) / 12h

is of order h^4, so h may be 1e-3 and rounding stays below 1e-11. Where it disagrees
with the gradient under test, the step shrinks until two steps in a row agree *with each other*:
the choice of the step never looks at the gradient, so it cannot favour it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Where = tuple[int, ...] | np.ndarray  # one element, or a direction of the input's shape

EPS = float(np.finfo(np.float64).eps)
SHRINK = 0.1
RUNGS = 4


@dataclass(frozen=True)
class Slope:
    """One five-point measurement, with the slopes to either side."""

    value: float
    left: float
    right: float
    step: float

    @property
    def jump(self) -> float:
        """How far the slopes to the left and to the right differ."""
        return abs(self.right - self.left)


@dataclass(frozen=True)
class Measurement:
    """What was measured at one element, and how far the gradient is from it."""

    value: float
    error: float
    slopes: tuple[float, float]
    kink: bool = False


class Probe:
    """Measure how the sum of ``outputs * douts`` rises along one input.

    Parameters
    ----------
    run : callable
        Maps the list of all inputs to the tuple of outputs; it must not change the inputs.
    inputs : sequence
        All inputs of the layer; arrays are float64.
    position : int
        Which of them is moved.
    douts : sequence of arrays
        Upstream gradients, one per output.
    h : float
        First and largest step.
    tolerance : float
        Relative error up to which a gradient counts as right.

    Examples
    --------
    >>> x = np.array([1.0, 2.0])
    >>> probe = Probe(lambda inputs: (inputs[0] ** 3,), [x], 0, [np.ones(2)])
    >>> round(probe.measure((1,)).value, 9)
    12.0
    """

    def __init__(
        self,
        run: Callable[[list], tuple[np.ndarray, ...]],
        inputs: Sequence,
        position: int,
        douts: Sequence[np.ndarray],
        h: float = 1e-3,
        tolerance: float = 1e-7,
    ) -> None:
        self.run, self.inputs, self.position, self.douts = run, list(inputs), position, douts
        self.h, self.tolerance = h, tolerance
        self.base = run(self.inputs)
        # A tiny output (the loss of a confident softmax) comes of numbers around 1, and so does its
        # rounding error.
        sizes = [np.maximum(np.abs(o), 0.25) * d for o, d in zip(self.base, douts, strict=True)]
        self.size = float(np.sqrt(sum(np.sum(size**2) for size in sizes)))

    @property
    def x(self) -> np.ndarray:
        """The input that is moved."""
        return self.inputs[self.position]

    def change(self, where: Where, step: float) -> tuple[np.ndarray, ...]:
        """Return the change of ``output * dout``, per output, when the input moves by ``step``."""
        x = self.x.copy()
        if isinstance(where, tuple):
            x[where] += step
        else:
            x += step * where
        moved = [*self.inputs]
        moved[self.position] = x
        # Differences first, sum afterwards: the other order would lose the digits that matter.
        outs = self.run(moved)
        for new, old in zip(outs, self.base, strict=True):
            if new.shape != old.shape:
                raise ValueError(
                    f"out must keep its shape when an input moves a little, but it went from "
                    f"{old.shape} to {new.shape}"
                )
        triples = zip(outs, self.base, self.douts, strict=True)
        return tuple((new - old) * dout for new, old, dout in triples)

    def slope(self, where: Where, step: float) -> Slope:
        """Measure with one step size."""
        rise = {
            m: float(sum(c.sum() for c in self.change(where, m * step))) for m in (-2, -1, 1, 2)
        }
        value = (rise[-2] - 8 * rise[-1] + 8 * rise[1] - rise[2]) / (12 * step)
        return Slope(value, -rise[-1] / step, rise[1] / step, step)

    def first_step(self, where: Where) -> float:
        """Return the largest step: ``h``, or more where ``h`` would drown in the rounding of x."""
        x = self.x[where] if isinstance(where, tuple) else self.x[where != 0]
        return max(self.h, 1e-5 * float(np.max(np.abs(x), initial=0.0)))

    def noise(self, step: float) -> float:
        """Bound the rounding error of a slope measured with this step."""
        return 32 * EPS * self.size / step

    def error(self, expected: float, slope: Slope, doubt: float = 0.0) -> float:
        """Return the relative error; differences within noise and doubt stay below tolerance."""
        floor = max(1e-8, (self.noise(slope.step) + doubt) / self.tolerance)
        return abs(expected - slope.value) / max(abs(expected) + abs(slope.value), floor)

    def settle(self, where: Where, first: Slope) -> tuple[Slope, float, bool]:
        """Shrink the step until two measurements in a row agree.

        Returns the measurement to trust, by how much it may be off, and whether the function has
        a kink: the slopes to the left and to the right stay apart however small the step is.
        """
        best, best_gap, before, jumps = first, np.inf, first, [first.jump]
        for _ in range(RUNGS - 1):
            slope = self.slope(where, before.step * SHRINK)
            gap = abs(slope.value - before.value)
            jumps.append(slope.jump)
            if gap < best_gap:
                best, best_gap = slope, gap
            if gap <= self._agreement(slope, 0.1 * self.tolerance):
                break
            before = slope
        settled = best_gap <= self._agreement(best, 1e-5)
        # A curve's two slopes approach each other as fast as the step shrinks; a kink's do not.
        size = max(abs(slope.left), abs(slope.right))
        bent = jumps[-1] > max(1e-4 * size, 10 * self.noise(slope.step))
        return best, best_gap, bool(not settled or (bent and jumps[-1] > 0.5 * jumps[0]))

    def _agreement(self, slope: Slope, relative: float) -> float:
        return relative * abs(slope.value) + 2 * self.noise(slope.step)

    def measure(self, where: Where, expected: float | None = None) -> Measurement:
        """Measure the slope at one element; look twice only if it is not the expected one."""
        slope = self.slope(where, self.first_step(where))
        if expected is None:
            return Measurement(slope.value, np.nan, (slope.left, slope.right))
        error = self.error(expected, slope)
        if error <= self.tolerance:
            return Measurement(slope.value, error, (slope.left, slope.right))
        slope, gap, kink = self.settle(where, slope)
        # In an ill-conditioned layer the steps agree less well than rounding alone would have it.
        doubt = 0.0 if kink else min(2 * gap, 1e-5 * abs(slope.value))
        error, sides = self.error(expected, slope, doubt), (slope.left, slope.right)
        if error <= self.tolerance:
            return Measurement(slope.value, error, sides)
        plain = abs(expected - slope.value) / max(abs(expected) + abs(slope.value), 1e-8)
        return Measurement(slope.value, plain, sides, kink)

    def contribution(self, index: tuple[int, ...]) -> np.ndarray:
        """Return ``dout * d out / d x[index]``, the part of the gradient from each output element.

        Defined for a single output; summed over everything it is the gradient at ``index``.
        """
        step = 0.01 * self.first_step(index)
        (ahead,), (behind,) = self.change(index, step), self.change(index, -step)
        return (ahead - behind) / (2 * step)

    def parts(self, index: tuple[int, ...]) -> list[float]:
        """Return what each output contributes to the gradient at ``index``."""
        step = 0.01 * self.first_step(index)
        sides = zip(self.change(index, step), self.change(index, -step), strict=True)
        return [float(np.sum(ahead - behind)) / (2 * step) for ahead, behind in sides]

    def stray(self, gradient: np.ndarray, rng: np.random.Generator) -> tuple[int, ...] | None:
        """Look for one wrong element among all of them by a random projection, then by halving.

        One directional derivative along a random direction covers every element at once. If it
        is off, the half that is further off is searched on, down to a single element.
        """
        direction = rng.standard_normal(gradient.shape)
        part = np.arange(gradient.size)
        if not self._off(gradient, direction, part)[0]:
            return None
        while part.size > 1:
            halves = np.array_split(part, 2)
            part = max(halves, key=lambda half: self._off(gradient, direction, half)[1])
        return tuple(int(i) for i in np.unravel_index(part[0], gradient.shape))

    def _off(
        self, gradient: np.ndarray, direction: np.ndarray, part: np.ndarray
    ) -> tuple[bool, float]:
        where = np.zeros(gradient.size)
        where[part] = direction.ravel()[part]
        terms = gradient.ravel() * where  # the predicted slope is their sum
        along = where.reshape(gradient.shape)
        slope, _, _ = self.settle(along, self.slope(along, self.first_step(along)))
        gap = abs(slope.value - float(terms.sum()))
        allowed = 1e-6 * float(np.linalg.norm(terms)) + 10 * self.noise(slope.step)
        return gap > allowed, gap
