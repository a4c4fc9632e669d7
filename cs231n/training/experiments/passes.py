"""The error of averages over noisy passes: over how many, and what that gains."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from cs231n.training.statistics import estimate
from cs231n.validation import Array

COUNTS = (1, 2, 4, 8, 12, 16, 32, 64, 100)  # of passes that are averaged
MANY = 12  # as many as Graham 2014 averages over


@dataclass(frozen=True)
class PassesError:
    """The test error in % of averages over so many passes.

    Attributes
    ----------
    passes, groups : int
        Disjoint groups of passes, each averaged by itself.
    mean : float
        Over the groups.
    standard_error : float or None
        Of that mean, because other noise would have been drawn; None for one group.
    images_error : float
        Of the mean, because other images would have been tested: ``sqrt(p (1 - p) / N)``.
    """

    passes: int
    groups: int
    mean: float
    standard_error: float | None
    images_error: float


def errors_by_passes(probabilities: Array, y: Array) -> list[PassesError]:
    """Return the test errors of averages over 1, 2, 4, ... passes.

    Parameters
    ----------
    probabilities : (passes, N, classes)
    y : int array (N,)

    Examples
    --------
    >>> import numpy as np
    >>> sure, unsure, wrong = [1.0, 0.0], [0.6, 0.4], [0.3, 0.7]
    >>> passes = np.array([[sure, wrong], [sure, unsure], [sure, wrong], [unsure, sure]])
    >>> [error.mean for error in errors_by_passes(passes, np.array([0, 0]))]
    [25.0, 25.0, 0.0]
    """
    found = []
    for count in (n for n in COUNTS if n <= len(probabilities)):
        share = _wrong(probabilities, y, count).mean(axis=1)
        mean = estimate((100 * share).tolist())
        p = float(share.mean())
        images = 100 * math.sqrt(p * (1 - p) / len(y))
        found.append(PassesError(count, len(share), mean.mean, mean.standard_error, images))
    return found


def gain_of_passes(probabilities: Array, y: Array) -> dict[str, Any]:
    """Return by how many points averaging lowers the error, paired image by image.

    Of 12 passes, or of as many as there are; the standard error is that over the images.
    """
    count = min(MANY, len(probabilities))
    averaged = _wrong(probabilities, y, count)
    single = _wrong(probabilities[: count * len(averaged)], y, 1)
    return {
        "passes": count,
        **asdict(estimate((100 * (averaged.mean(0) - single.mean(0))).tolist())),
    }


def _wrong(probabilities: Array, y: Array, count: int) -> Array:
    """Return which images disjoint averages of so many passes get wrong, (groups, N)."""
    groups = len(probabilities) // count
    used = probabilities[: groups * count]
    averages = used.reshape(groups, count, *used.shape[1:]).mean(axis=1)
    return averages.argmax(axis=2) != y
