"""Several networks out of one run: copies of it at regular steps."""

import math
from typing import Any

from cs231n.training.averaging import clone
from cs231n.training.ensembles import Ensemble
from cs231n.validation import as_extent


class Snapshots:
    """Copy a network every so many steps: at each epoch's end, or at that of each cycle.

    Parameters
    ----------
    every : int
        Steps in an epoch, or in a cycle of the learning rate.
    keep : int, optional
        How many of the latest copies are kept; by default all.

    Attributes
    ----------
    models : list
        The copies, the oldest first.

    References
    ----------
    Huang et al., "Snapshot ensembles: train 1, get M for free", ICLR 2017,
    https://arxiv.org/abs/1704.00109

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n.nets import Network
    >>> network, X, y = Network("fc-2", (3,), seed=0), np.eye(3), np.array([0, 1, 0])
    >>> snapshots = Snapshots(every=10, keep=2)
    >>> for _ in range(30):
    ...     _ = network.step(X, y, learning_rate=0.5 * snapshots.factor())
    ...     snapshots.update(network)
    >>> len(snapshots.ensemble())
    2
    """

    def __init__(self, every: int, keep: int | None = None) -> None:
        self.every = as_extent("every", every, minimum=1)
        self.keep = None if keep is None else as_extent("keep", keep, minimum=1)
        self.steps = 0
        self.models: list[Any] = []

    def update(self, model: Any) -> None:
        """Count a step, and copy the model if it is the last of its epoch or cycle."""
        self.steps += 1
        if self.steps % self.every == 0:
            self.take(model)

    def take(self, model: Any) -> None:
        """Copy the model now; for callers that know when, as ``Solver(on_epoch_end=...)``."""
        self.models.append(clone(model))
        if self.keep is not None:
            del self.models[: -self.keep]

    def factor(self) -> float:
        """Return what the learning rate of the next step is multiplied by, for cycles.

        ``(1 + cos(pi t / T)) / 2`` at step t of a cycle of T steps: from 1 to nearly 0, and anew.
        """
        return 0.5 * (1 + math.cos(math.pi * (self.steps % self.every) / self.every))

    def ensemble(self, weights: Any = None) -> Ensemble:
        """Return the copies as one model."""
        return Ensemble(self.models, weights)
