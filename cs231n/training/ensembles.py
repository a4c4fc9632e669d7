"""Several models that predict together."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cs231n.layers.noise import as_key
from cs231n.marginalize import log_softmax
from cs231n.marginalize.sources import forwards
from cs231n.training import ensemble_files
from cs231n.validation import Array, as_extent, as_float_array


class Ensemble:
    """The weighted mean of several models' probabilities, with a model's interface.

    Parameters
    ----------
    models : sequence of models with ``scores(X)`` or ``loss(X)``, or callables ``X -> scores``
    weights : sequence of float, optional
        One a model, at least 0; they are scaled to sum to 1. Equal by default.

    Raises
    ------
    ValueError
        If there is no model, or the weights do not fit.
    TypeError
        If `models` is one model, or holds something that is none.

    Examples
    --------
    >>> sure, unsure = (lambda X: X), (lambda X: 0 * X)
    >>> ensemble = Ensemble([sure, unsure], weights=[3, 1])
    >>> ensemble.predict(np.array([[0.0, 2.0]])).tolist()
    [1]
    >>> np.exp(ensemble.scores(np.array([[0.0, 2.0]]))).round(3).tolist()
    [[0.214, 0.786]]
    """

    def __init__(self, models: Iterable[Any], weights: Any = None) -> None:
        self.models = _listed(models)
        if not self.models:
            raise ValueError("models must hold at least one model, got none")
        forwards(self.models, layers=False)  # refuses what is no model
        self.weights = _weights(weights, len(self.models))

    @classmethod
    def of_seeds(cls, train: Callable[[int], Any], seeds: int | Iterable[int]) -> "Ensemble":
        """Train independent models: ``train(seed)`` for each seed, or for 0, 1, ... of a number.

        Examples
        --------
        >>> from cs231n.nets import Network
        >>> len(Ensemble.of_seeds(lambda seed: Network("fc-2", (3,), seed=seed), 5))
        5
        """
        if not isinstance(seeds, Iterable):
            seeds = range(as_extent("seeds", seeds, minimum=1))
        return cls([train(seed) for seed in seeds])

    @classmethod
    def best(
        cls, models: Iterable[Any], accuracies: Sequence[float], count: int | None = None
    ) -> "Ensemble":
        """Take the best models of a search, judged by validation accuracies; the best comes first.

        They are `count`, or by default the ten best, or all where there are fewer.

        Examples
        --------
        >>> import math
        >>> Ensemble.best([math.sin, math.cos, math.tan], [0.5, 0.9, 0.7], count=2).models
        [<built-in function cos>, <built-in function tan>]
        """
        models = _listed(models)
        values = as_float_array("accuracies", accuracies)
        if values.shape != (len(models),) or not np.isfinite(values).all():
            raise ValueError(
                f"accuracies must hold {len(models)} finite numbers, one a model, got {accuracies}"
            )
        count = min(10, len(models)) if count is None else as_extent("count", count, minimum=1)
        if count > len(models):
            raise ValueError(
                f"count must be at most {len(models)}, the number of models, got {count}"
            )
        order = np.argsort(-values, kind="stable")
        return cls([models[i] for i in order[:count]])

    def scores(self, X: Array, noise: int | np.random.Generator | None = None) -> Array:
        """Return ``log sum_m weight_m p_m(c | x)``, (N, C), in double precision.

        It is summed in logarithms, so that no probability is too small. The softmax of these
        scores is the mean of probabilities.

        Parameters
        ----------
        X : array (N, ...)
        noise : int or Generator, optional
            Draws the noise in the members' layers, for each its own.
        """
        key = None if noise is None else as_key("noise", noise)
        total: Array | None = None
        for m, run in enumerate(forwards(self.models, layers=key is not None)):
            if not self.weights[m]:
                continue
            seed = None if key is None else _seed_of(key, m)
            log_p = log_softmax(np.asarray(run(X, seed), np.float64)) + np.log(self.weights[m])
            if total is not None and log_p.shape != total.shape:
                raise ValueError(
                    f"models must agree in the shape of their scores, got {total.shape} before "
                    f"and {log_p.shape} from model {m}"
                )
            total = log_p if total is None else np.logaddexp(total, log_p)
        assert total is not None  # one weight at least is above 0
        return total

    def loss(self, X: Array, y: None = None) -> Array:
        """Return :meth:`scores`: what models do without labels."""
        if y is not None:
            raise ValueError("an ensemble is not trained: call loss(X, y) of its models")
        return self.scores(X)

    def predict(self, X: Array, noise: int | np.random.Generator | None = None) -> Array:
        """Return the most probable classes (N,)."""
        return self.scores(X, noise).argmax(axis=1)

    def save(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Write all members, which must be Networks, to one file.

        Raises
        ------
        FileExistsError
            If there is such a file, unless `overwrite` is true.
        FileNotFoundError
            If there is no such folder.
        """
        if Path(path).exists() and not overwrite:
            raise FileExistsError(f"{path} exists: take another path, or overwrite=True")
        ensemble_files.write(path, self.models, self.weights)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Ensemble":
        """Read what :meth:`save` wrote: the same scores, bit for bit.

        Raises
        ------
        FileNotFoundError, or ValueError if the file holds something else.
        """
        models, weights = ensemble_files.read(path)
        loaded = cls(models, weights)
        loaded.weights[:] = weights  # scaled once is enough: again may change the last bit
        return loaded

    def __len__(self) -> int:
        return len(self.models)

    def __repr__(self) -> str:
        return f"Ensemble({self.models}, weights={self.weights.tolist()})"


def _listed(models: Iterable[Any]) -> list[Any]:
    try:
        each = iter(models)
    except TypeError:
        raise TypeError(
            f"models must be a sequence of models, got a single {type(models).__name__}"
        ) from None
    return list(each)


def _weights(weights: Any, count: int) -> Array:
    if weights is None:
        return np.full(count, 1 / count)
    values = as_float_array("weights", weights).astype(np.float64)
    fits = values.shape == (count,) and np.isfinite(values).all()
    if not fits or (values < 0).any() or not values.any():
        raise ValueError(
            f"weights must hold {count} finite numbers of at least 0, not all of them 0, "
            f"got {weights!r}"
        )
    # A power of two first: the sum cannot overflow then, and no bit of the result changes.
    values = np.ldexp(values, -np.frexp(values.max())[1])
    return values / values.sum()


def _seed_of(key: int, m: int) -> int:
    return int(np.random.SeedSequence([key, m]).generate_state(1, np.uint64)[0] >> np.uint64(1))
