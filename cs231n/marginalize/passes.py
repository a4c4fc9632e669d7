"""Run models again and again under noise, and average what they say."""

import math
from collections.abc import Iterator
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from cs231n import validation
from cs231n.layers.noise import as_key
from cs231n.marginalize.probabilities import softmax, votes
from cs231n.marginalize.running import Average, Running
from cs231n.marginalize.sources import forwards, memory, read_only, split
from cs231n.validation import Array

_PASSES = 12  # as many as Graham averages over, https://arxiv.org/abs/1412.6071
_FEWEST = 4  # passes before the spread is trusted: two that agree by chance prove nothing
_LARGEST_BATCH = 200
_IMAGE_BYTES = 2**26  # of a batch, in double precision
_ACTIVATION_BYTES = 2**30  # by summary(), which is training's; a test pass lets arrays share memory
_COUNTED_BY = {"probabilities": softmax, "votes": votes}


def predict(
    model: Any,
    X: Array,
    passes: int | None = None,
    batch_size: int | None = None,
    *,
    over: Any = (),
    by: str = "probabilities",
    until: float | None = None,
    seed: int | np.random.Generator | None = None,
    progress: bool = False,
) -> Array:
    """Average the class probabilities over several passes.

    ``p(c | x) = 1/R sum_r softmax(forward_r(x))_c``

    All arguments are those of :func:`stream`, whose last average this is, in less memory: unless
    `until` is given, a batch has all its passes before the next one begins.

    Returns
    -------
    array (N, C)

    References
    ----------
    Gal & Ghahramani, "Dropout as a Bayesian approximation", ICML 2016,
    https://arxiv.org/abs/1506.02142

    Examples
    --------
    >>> import numpy as np
    >>> predict(lambda X: X, np.zeros((3, 2)), passes=4).tolist()
    [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    """
    work = _Work(model, X, passes, batch_size, over, by, seed)
    if until is not None:
        for average in _averages(work, until, progress):
            last = average
        return last.probabilities
    means = []
    with _bar(work, progress) as bar:
        for batch in work.batches:
            running = Running()
            for r in range(work.passes):
                running.add(batch.run(r))
                bar.update(batch.size)
            means.append(running.average().probabilities)
    return np.concatenate(means)


def stream(
    model: Any,
    X: Array,
    passes: int | None = None,
    batch_size: int | None = None,
    *,
    over: Any = (),
    by: str = "probabilities",
    until: float | None = None,
    seed: int | np.random.Generator | None = None,
    progress: bool = False,
) -> Iterator[Average]:
    """Yield the :class:`Average` of 1, 2, ... passes, in one run of them all.

    Parameters
    ----------
    model : with ``scores(X)`` or ``loss(X)``, callable ``X -> scores (n, C)``, or a list of them
        Several models take turns: pass r, from 0, is by model ``r mod M``.
    X : array (N, ...)
        Sources and models get read-only views of it.
    passes : int, optional
        R. By default each model sees each view once; if something is drawn, 12 times or more.
    batch_size : int, optional
        By default 200, or fewer: 64 MiB of images in double precision, and 1 GiB of what
        ``summary().memory`` says, of models that have it, in sum.
    over : sources of noise, any of
        ``"layers"``: dropout and the like, of models with ``scores(X, noise=)``; `Views`, in turn;
        augmentations ``(X, rng) -> X``, applied to the view one after the other.
    by : ``'probabilities'`` or ``'votes'``
    until : float, optional
        Stop before R if the `uncertainty` of the average, the standard error that 19 of 20 images
        keep to, is at most this: after 4 passes and ``1/until``, as fewer may miss what is rare,
        with each view seen equally often by each model. The last average is `settled` then.
    seed : int or Generator, optional
        Same seed, same result; the average of k passes is that of the first k of more. Noise is
        drawn batch by batch, so `batch_size` must be the same, too, if anything is drawn.
    progress : bool

    Raises
    ------
    ValueError
        If a model returns NaN, and for wrong arguments.

    Examples
    --------
    >>> import numpy as np
    >>> jitter = lambda X, rng: X + rng.standard_normal(X.shape)
    >>> for average in stream(lambda X: X, np.array([[3.0, 0.0]]), 3, over=jitter, seed=0):
    ...     print(average.passes, average.probabilities.round(3))
    1 [[0.937 0.063]]
    2 [[0.911 0.089]]
    3 [[0.897 0.103]]
    """
    return _averages(_Work(model, X, passes, batch_size, over, by, seed), until, progress)


class _Work:
    """Checked arguments: what is to be run, on which batches, how often."""

    def __init__(
        self,
        model: Any,
        X: Array,
        passes: int | None,
        batch_size: int | None,
        over: Any,
        by: str,
        seed: Any,
    ) -> None:
        X = np.asarray(X)
        if X.ndim == 0 or len(X) == 0:
            raise ValueError(f"X must hold at least one image, got shape {X.shape}")
        X = read_only(X)
        if not isinstance(by, str) or by not in _COUNTED_BY:
            raise ValueError(f"by must be one of {list(_COUNTED_BY)}, got {by!r}")
        self.count = _COUNTED_BY[by]
        self.noisy, self.views, self.augmentations = split(over)
        self.forwards = forwards(model, self.noisy)
        self.n_views = 1 if self.views is None else self.views.count(X)
        self.cycle = len(self.forwards) * self.n_views
        drawn = self.noisy or bool(self.augmentations)
        if passes is None:
            passes = self.cycle * (math.ceil(_PASSES / self.cycle) if drawn else 1)
        self.passes = validation.as_extent("passes", passes, minimum=1)
        if batch_size is None:
            fit = _IMAGE_BYTES // (8 * X[0].size or 1), _ACTIVATION_BYTES // (memory(model) or 1)
            batch_size = max(min(_LARGEST_BATCH, *fit), 1)
        size = validation.as_extent("batch_size", batch_size, minimum=1)
        # Without noise of ours the global generator is not touched: models may draw from it.
        self.key = as_key("seed", seed) if drawn else 0
        self.images = len(X)
        self.shape: tuple[int, ...] | None = None
        self.batches = [
            _Batch(self, X[first : first + size], number, first)
            for number, first in enumerate(range(0, len(X), size))
        ]


class _Batch:
    """Some of the images, and the view of them that is in use."""

    def __init__(self, work: _Work, X: Array, number: int, first: int) -> None:
        self.work, self.X, self.number, self.first, self.size = work, X, number, first, len(X)
        self._views: Iterator[Array] = iter(())
        self._view, self._taken = X, -1

    def run(self, r: int) -> Array:
        """Return the probabilities, or votes, of pass r; passes come in their order."""
        work = self.work
        turn, m = divmod(r, len(work.forwards))
        X = self._look(turn)
        for i, augment in enumerate(work.augmentations):
            X = augment(X, np.random.default_rng([work.key, r, self.number, 1 + i]))
            if not isinstance(X, np.ndarray):
                raise TypeError(
                    f"an augmentation in over must return an array, {augment!r} returned "
                    f"{type(X).__name__}: functions that yield views are given as Views(...)"
                )
        noise = np.random.SeedSequence([work.key, r, self.number, 0]) if work.noisy else None
        scores = work.forwards[m](X, None if noise is None else _number(noise))
        counted = work.count(self._checked(scores, m))
        lost = np.isnan(counted).any(axis=1).sum()  # and not only of the scores: inf - inf
        if lost:
            raise ValueError(
                f"model {m} returned NaN for {lost} of the {self.size} images in pass {r} (the "
                f"batch that begins with image {self.first})"
            )
        return counted

    def _look(self, turn: int) -> Array:
        """Return the view of this turn, and keep it for the models that come after."""
        if self.work.views is not None and turn != self._taken:
            if turn % self.work.n_views == 0:
                self._views = self.work.views.exactly(self.X, self.work.n_views)
            self._view, self._taken = read_only(next(self._views)), turn
        return self._view

    def _checked(self, scores: Array, m: int) -> Array:
        shape = np.shape(scores)
        if len(shape) != 2 or shape[0] != self.size:
            raise ValueError(
                f"model must return scores of shape ({self.size}, C) for {self.size} images, "
                f"got {shape} from model {m}"
            )
        if self.work.shape is None:
            self.work.shape = shape[1:]
        if shape[1:] != self.work.shape:
            raise ValueError(
                f"models must agree in the shape of their scores, got ({self.size}, "
                f"{self.work.shape[0]}) before and {shape} from model {m}"
            )
        return scores


def _averages(work: _Work, until: float | None, progress: bool) -> Iterator[Average]:
    if until is not None and not (isinstance(until, Real) and 0 < until < math.inf):
        raise ValueError(f"until must be a number above 0, got {until!r}")
    return _generate(work, until, progress)


def _generate(work: _Work, until: float | None, progress: bool) -> Iterator[Average]:
    running = Running()
    with _bar(work, progress) as bar:
        for r in range(work.passes):
            parts = []
            for batch in work.batches:
                parts.append(batch.run(r))
                bar.update(batch.size)
            running.add(np.concatenate(parts))
            average = running.average()
            whole = average.passes >= _FEWEST and average.passes % work.cycle == 0
            if until is not None and whole and average.uncertainty <= until:
                bar.total = bar.n  # all that was needed is done
                yield replace(average, settled=True)
                return
            yield average


def _bar(work: _Work, progress: bool) -> Any:
    from tqdm import tqdm  # for those who look on

    total = work.passes * work.images
    return tqdm(total=total, unit="image", desc="averaging", disable=not progress)


def _number(noise: np.random.SeedSequence) -> int:
    return int(noise.generate_state(1, np.uint64)[0] >> np.uint64(1))
