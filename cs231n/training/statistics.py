"""What several seeds say: means, standard errors, paired differences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
HELPS, HURTS, UNCLEAR = "helps", "hurts", "no clear difference"
ONE_SEED = "one seed: no verdict"


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error; the error is None for a single value."""

    mean: float
    standard_error: float | None

    def __str__(self) -> str:
        if self.standard_error is None:
            return f"{self.mean:.2f}"
        return f"{self.mean:.2f} ± {self.standard_error:.2f}"


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of `values` and its standard error ``s / sqrt(n)``.

    Examples
    --------
    >>> print(estimate([1.0, 2.0, 3.0]))
    2.00 ± 0.58
    """
    if len(values) == 0:
        raise ValueError("values must hold at least one number, got none")
    mean = float(np.mean(values))
    if len(values) == 1:
        return Estimate(mean, None)
    return Estimate(mean, float(np.std(values, ddof=1) / math.sqrt(len(values))))


def paired_difference(errors: Sequence[float], previous: Sequence[float]) -> tuple[Estimate, str]:
    """Compare two techniques seed by seed; return the difference and a verdict.

    A technique helps or hurts where the 95 % interval of Student's t around the mean paired
    difference leaves 0 out; anything else is "no clear difference".

    Parameters
    ----------
    errors, previous : test errors in %, one per seed, in the same order of seeds

    References
    ----------
    Student, "The probable error of a mean", Biometrika 1908, https://doi.org/10.2307/2331554

    Examples
    --------
    >>> difference, verdict = paired_difference([4.0, 5.1, 6.0], [5.0, 6.0, 7.0])
    >>> print(difference, verdict)
    -0.97 ± 0.03 helps
    """
    if len(errors) != len(previous):
        raise ValueError(
            f"errors and previous must hold one number a seed, got {len(errors)} and "
            f"{len(previous)}"
        )
    difference = estimate(np.subtract(errors, previous).tolist())
    if difference.standard_error is None:
        return difference, ONE_SEED
    reach = standard_errors_needed(len(errors)) * difference.standard_error
    if abs(difference.mean) <= reach:
        return difference, UNCLEAR
    return difference, HELPS if difference.mean < 0 else HURTS


def standard_errors_needed(seeds: int) -> float:
    """Return how many standard errors a mean over `seeds` must be away from 0 for a verdict.

    Examples
    --------
    >>> [round(standard_errors_needed(seeds), 1) for seeds in (2, 3, 8)]
    [12.7, 4.3, 2.4]
    """
    from scipy.stats import t  # slow to import, and needed once

    return float(t.ppf((1 + CONFIDENCE) / 2, seeds - 1))
