"""The error of averages over noisy passes: over how many, and what that gains."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cs231n.training.statistics import estimate
from cs231n.validation import Array

COUNTS = (1, 2, 4, 8, 12, 16, 32, 64, 100)  # of passes that are averaged
MANY = 12  # as many as Graham 2014 averages over
REPLICATES = 200


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
        Of that mean, because other noise would have been drawn: the spread of what passes that
        are drawn from these, with replacement, would give. None for one pass.
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

    References
    ----------
    Efron, "Bootstrap methods: another look at the jackknife", 1979,
    https://doi.org/10.1214/aos/1176344552

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
        wrong = _wrong(probabilities, y, count)
        p = float(wrong.mean())
        images = 100 * math.sqrt(p * (1 - p) / len(y))
        noise = _bootstrap(probabilities, y, count) if len(probabilities) > 1 else None
        found.append(PassesError(count, len(wrong), 100 * p, noise, images))
    return found


def _bootstrap(probabilities: Array, y: Array, count: int) -> float:
    """Return the standard error, in points, of the mean over all groups of `count` passes."""
    rng, passes = np.random.default_rng(0), len(probabilities)
    used = passes // count * count
    # Where all passes say the same, so does any average of them.
    said = probabilities.argmax(axis=2)
    doubtful = (said != said[0]).any(axis=0)
    few, labels = probabilities[:, doubtful], y[doubtful]
    wrong = [_wrong(few[rng.integers(passes, size=used)], labels, count) for _ in range(REPLICATES)]
    errors = np.array([each.sum() / len(each) for each in wrong]) / len(y)  # each (groups, images)
    return float(100 * errors.std(ddof=1))


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
