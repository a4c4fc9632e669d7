"""Compare the gradient of one input with what was measured, and put a failure into words."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n.gradients.diagnosis import likely_causes
from cs231n.gradients.evidence import Context
from cs231n.gradients.probe import Measurement, Probe
from cs231n.gradients.subject import Subject, describe
from cs231n.gradients.trial import Trial

Index = tuple[int, ...]


@dataclass(frozen=True)
class Settings:
    """How exact and how thorough a check is."""

    tolerance: float
    h: float
    max_elements: int


@dataclass(frozen=True)
class InputCheck:
    """The result for one input; ``problem`` is None when its gradient is right."""

    name: str
    size: int
    checked: int
    error: float
    problem: str | None = None

    def __str__(self) -> str:
        if self.problem is not None:
            return f"{self.name}: {self.problem}"
        all_of_them = " and a random projection of all" if self.checked < self.size else ""
        return (
            f"{self.name}: {self.checked} of {self.size} elements{all_of_them}, "
            f"largest relative error {self.error:.1e}"
        )


class Comparison:
    """Compare the gradient of the input at one position.

    Parameters
    ----------
    subject, trial : Subject, Trial
        The layer, and what it returned.
    slot : int
        Which of the moving inputs.
    settings : Settings
        Tolerance, step and number of elements.
    rng : numpy Generator
        Chooses the elements of inputs that are too large to be measured completely.

    Examples
    --------
    >>> from cs231n.gradients.trial import conduct
    >>> subject = Subject(lambda x: (3 * x, None), lambda dout, cache: 3 * dout, [np.ones(2)])
    >>> rng = np.random.default_rng(0)
    >>> trial = conduct(subject, rng)
    >>> result = Comparison(subject, trial, 0, Settings(1e-7, 1e-3, 500), rng).result()
    >>> result.checked, result.problem
    (2, None)
    """

    def __init__(
        self,
        subject: Subject,
        trial: Trial,
        slot: int,
        settings: Settings,
        rng: np.random.Generator,
    ) -> None:
        self.subject, self.trial, self.slot = subject, trial, slot
        self.settings, self.rng = settings, rng
        self.position = subject.moving[slot]
        self.name = subject.names[self.position]
        self.x = subject.inputs[self.position]
        self.probe = self._probe(subject.inputs)

    def result(self) -> InputCheck:
        """Check type, shape, finiteness and values, in this order."""
        gradient = self.trial.gradients[self.slot]
        if np.isscalar(gradient) and self.x.ndim == 0:
            gradient = np.asarray(gradient)
        problem = self._unfit(gradient)
        if problem is not None:
            return self._failed(problem)
        if gradient.shape != self.x.shape:
            return self._failed(self._shape_problem(gradient))
        return self._compare(gradient)

    def _probe(self, inputs: list[Any]) -> Probe:
        run, douts = self.subject.run, self.trial.douts
        return Probe(run, inputs, self.position, douts, self.settings.h, self.settings.tolerance)

    def _failed(self, problem: str) -> InputCheck:
        return InputCheck(self.name, self.x.size, 0, np.inf, problem)

    def _unfit(self, gradient: Any) -> str | None:
        """Return what makes this no gradient at all."""
        if gradient is None:
            return (
                f"{self.subject.who[1]} returned None for its gradient; an input that is not to be "
                f"differentiated belongs into constants=['{self.name}']"
            )
        if not isinstance(gradient, np.ndarray) or gradient.dtype.kind != "f":
            came = describe(gradient)
            hint = "; np.zeros_like of an integer array?" if "int" in came else ""
            return f"its gradient must be a float64 array of shape {self.x.shape}, got {came}{hint}"
        if gradient.dtype.itemsize < 8:
            return (
                f"its gradient is {describe(gradient)} though everything went in as float64: a "
                "cast inside (astype, np.zeros(..., dtype=...)) loses digits"
            )
        return self._not_finite(gradient)

    def _not_finite(self, gradient: np.ndarray) -> str | None:
        bad = ~np.isfinite(gradient)
        if not bad.any():
            return None
        index = _indices(bad)[0]
        return (
            f"{np.count_nonzero(bad)} of {gradient.size} elements of its gradient are not finite, "
            f"the first is {gradient[index]} at {_at(self.name, index)}\n"
            "  likely cause: 0/0, a logarithm or root at 0, or an overflow in exp"
        )

    # ------------------------------------------------------------------------------------ shape

    def _shape_problem(self, gradient: np.ndarray) -> str:
        text = (
            f"its gradient has shape {gradient.shape}, expected {self.x.shape}, the shape of "
            f"{self.name}"
        )
        hint = "print the shapes in backward, line by line"
        return "\n".join([text, *_worded(self._causes_of_shape(gradient), hint)])

    def _causes_of_shape(self, gradient: np.ndarray) -> list[str]:
        numeric = np.full(self.x.shape, np.nan)
        if self.x.size <= self.settings.max_elements:
            for index in np.ndindex(self.x.shape):
                numeric[index] = self.probe.measure(index).value
        return likely_causes(gradient, numeric, self._context(np.zeros(self.x.shape, bool)))

    # ----------------------------------------------------------------------------------- values

    def _compare(self, gradient: np.ndarray) -> InputCheck:
        measured = self._measured(gradient)
        error = max((m.error for m in measured.values()), default=0.0)
        checked = len(measured)
        if error <= self.settings.tolerance:
            return InputCheck(self.name, self.x.size, checked, error)
        problem = self._value_problem(gradient, measured)
        return InputCheck(self.name, self.x.size, checked, error, problem)

    def _measured(self, gradient: np.ndarray) -> dict[Index, Measurement]:
        size, limit = self.x.size, self.settings.max_elements
        flat = np.arange(size)
        if size > limit:
            flat = np.sort(self.rng.choice(size, limit, replace=False))
        columns = np.unravel_index(flat, self.x.shape) if self.x.ndim else ()
        indices = [tuple(int(c[k]) for c in columns) for k in range(len(flat))]
        measured = {i: self.probe.measure(i, float(gradient[i])) for i in indices}
        if size > limit and all(m.error <= self.settings.tolerance for m in measured.values()):
            stray = self.probe.stray(gradient, self.rng)
            found = None if stray is None else self.probe.measure(stray, float(gradient[stray]))
            # Among very many elements some lie at a kink, and nobody could move them all away.
            if stray is not None and found is not None and not found.kink:
                measured[stray] = found
        return measured

    def _value_problem(self, gradient: np.ndarray, measured: dict[Index, Measurement]) -> str:
        numeric = np.full(self.x.shape, np.nan)
        wrong = np.zeros(self.x.shape, dtype=bool)
        failed = {i: m for i, m in measured.items() if m.error > self.settings.tolerance}
        kinks = [i for i, m in failed.items() if m.kink]
        for index, m in measured.items():
            # At a kink nothing can be said, so the search for a cause leaves these elements out.
            numeric[index] = np.nan if index in failed and m.kink else m.value
            wrong[index] = index in failed and not m.kink
        at = max([i for i in failed if i not in kinks] or kinks, key=lambda i: failed[i].error)
        causes = likely_causes(gradient, numeric, self._context(wrong, kinks))
        return "\n".join(
            [
                f"{len(failed)} of {len(measured)} measured elements are wrong "
                f"(shape {self.x.shape})",
                f"  worst at {_at(self.name, at)}: {_values(float(gradient[at]), failed[at])}",
                *_worded(
                    causes, f"compare backward with the formula of d{self.name}, term by term"
                ),
            ]
        )

    # --------------------------------------------------------------------------------- evidence

    def _context(self, wrong: np.ndarray, kinks: list[Index] | None = None) -> Context:
        names, inputs = self.subject.names, self.subject.inputs
        integers = {
            n: v
            for n, v in zip(names, inputs, strict=True)
            if isinstance(v, np.ndarray) and v.dtype.kind in "iu" and v.size
        }
        return Context(
            self.name, self.probe, wrong, kinks or [], self._sizes(), integers, self._elsewhere()
        )

    def _elsewhere(self) -> tuple[np.ndarray, Probe] | None:
        inputs, gradients = self.trial.other_inputs, self.trial.other_gradients
        if inputs is None or gradients is None or not isinstance(gradients[self.slot], np.ndarray):
            return None
        return gradients[self.slot], self._probe(inputs)

    def _sizes(self) -> dict[int, str]:
        """Name the numbers that a gradient is likely to be multiplied or divided by."""
        arrays = {
            n: v
            for n, v in zip(self.subject.names, self.subject.inputs, strict=True)
            if isinstance(v, np.ndarray)
        }
        arrays["out"] = self.trial.outs[0]
        sizes: dict[int, str] = {}
        for axis in range(max(a.ndim for a in arrays.values())):
            for name, array in arrays.items():
                if axis < array.ndim:
                    sizes.setdefault(array.shape[axis], f"{name}.shape[{axis}]")
        for name, array in arrays.items():
            if array.ndim == 4:
                sizes.setdefault(array.size // max(1, array.shape[1]), f"N * H * W of {name}")
            sizes.setdefault(array.size, f"{name}.size")
        return {size: source for size, source in sizes.items() if size > 1}


def compare(
    subject: Subject, trial: Trial, settings: Settings, rng: np.random.Generator
) -> list[InputCheck]:
    """Compare the gradients of all moving inputs; the parameters are those of ``Comparison``."""
    slots = range(len(subject.moving))
    return [Comparison(subject, trial, slot, settings, rng).result() for slot in slots]


def _indices(mask: np.ndarray) -> list[Index]:
    return [tuple(int(i) for i in index) for index in np.argwhere(mask)]


def _at(name: str, index: Index) -> str:
    return f"{name}[{', '.join(map(str, index)) if index else '()'}]"


def _values(analytic: float, m: Measurement) -> str:
    text = f"analytic {analytic:.8g}, numeric {m.value:.8g}, relative error {m.error:.1e}"
    if m.kink:
        text += f" (slope to the left {m.slopes[0]:.4g}, to the right {m.slopes[1]:.4g})"
    return text


def _worded(causes: list[str], hint: str) -> list[str]:
    if not causes:
        return [f"  no known mistake fits: {hint}"]
    return [
        f"  {'likely cause' if k == 0 else 'or perhaps'}: {cause}" for k, cause in enumerate(causes)
    ]
