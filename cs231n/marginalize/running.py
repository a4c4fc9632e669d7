"""The average so far, and how certain it is."""

from dataclasses import dataclass

import numpy as np

from cs231n.marginalize.probabilities import entropy
from cs231n.validation import Array, as_labels

_SHARE = 0.95  # of the images; the last ones, whose classes are a toss-up, take many times longer


@dataclass(frozen=True, eq=False)
class Average:
    """What so many passes say together; it stays as it is when more follow.

    Attributes
    ----------
    passes : int
        R, how many were averaged.
    probabilities : array (N, C)
        Their mean ``p = 1/R sum_r p_r``; of votes, the share of votes.
    spread : array (N, C)
        ``sum_r (p_r - p)^2``.
    expected_entropy : array (N,)
        ``1/R sum_r H(p_r)``, in nats: what is uncertain even when the noise is known.
    settled : bool
        Whether this is the average at which ``until=`` stopped.

    References
    ----------
    Gal, "Uncertainty in deep learning", PhD thesis, 2016, section 3.3; Houlsby et al., "Bayesian
    active learning for classification and preference learning" (BALD), 2011,
    https://arxiv.org/abs/1112.5745

    Examples
    --------
    >>> import numpy as np
    >>> running = Running()
    >>> running.add(np.array([[1.0, 0.0]])), running.add(np.array([[0.0, 1.0]]))
    (None, None)
    >>> average = running.average()
    >>> average.probabilities.tolist(), average.standard_error.tolist()
    ([[0.5, 0.5]], [[0.5, 0.5]])
    >>> (average.mutual_information / np.log(2)).tolist()  # each is certain, and they disagree
    [1.0]
    """

    passes: int
    probabilities: Array
    spread: Array
    expected_entropy: Array
    settled: bool = False

    @property
    def standard_error(self) -> Array:
        """Of the mean probabilities, (N, C): ``sqrt(spread / (R - 1) / R)``; NaN after one pass.

        It takes the passes for independent draws. Models and views that are gone through in turn
        are a sample of all that there could be, in this light.
        """
        if self.passes == 1:
            return np.full_like(self.spread, np.nan)
        return np.sqrt(self.spread / (self.passes - 1) / self.passes)

    @property
    def uncertainty(self) -> float:
        """How far 19 of 20 images may be from their limit; NaN after one pass.

        An image counts with the largest standard error of its classes, but with ``1/R`` at least,
        which it would be had one of R votes been for another class: passes that agree may all have
        missed what is rare. Of images, it is the quantile 0.95, of 20 or fewer the largest.
        """
        images = np.maximum(self.standard_error.max(axis=1), 1 / self.passes)
        return float(np.quantile(images, _SHARE, method="higher"))

    @property
    def entropy(self) -> Array:
        """Predictive entropy (N,): of the mean probabilities, in nats."""
        return entropy(self.probabilities)

    @property
    def mutual_information(self) -> Array:
        """Between class and noise (N,), in nats: ``H(p) - 1/R sum_r H(p_r)``, at least 0."""
        return np.maximum(self.entropy - self.expected_entropy, 0)

    @property
    def classes(self) -> Array:
        """The most probable class of each image, (N,)."""
        return self.probabilities.argmax(axis=1)

    def error(self, y: Array) -> float:
        """Return the share of images whose most probable class is not the label `y` (N,).

        Where probabilities are NaN, no class is right.
        """
        y = as_labels("y", y, *self.probabilities.shape)
        return float(np.mean((self.classes != y) | np.isnan(self.probabilities).any(axis=1)))


class Running:
    """Mean and spread, a pass at a time, without the cancellation of ``E[p^2] - E[p]^2``.

    Welford, "Note on a method for calculating corrected sums of squares and products",
    Technometrics, 1962, https://doi.org/10.1080/00401706.1962.10490022
    """

    def __init__(self) -> None:
        self.passes = 0

    def add(self, probabilities: Array) -> None:
        """Take one pass (N, C) in; all sums are in double precision."""
        p = probabilities.astype(np.float64)
        if not self.passes:
            self._mean, self._spread = np.zeros_like(p), np.zeros_like(p)
            self._entropy = np.zeros(len(p))
        self.passes += 1
        before = p - self._mean
        self._mean += before / self.passes
        self._spread += before * (p - self._mean)
        self._entropy += (entropy(p) - self._entropy) / self.passes

    def average(self) -> Average:
        """Return what there is now, in arrays of its own."""
        return Average(self.passes, self._mean.copy(), self._spread.copy(), self._entropy.copy())
