"""What reports of experiments have in common: their head, and what predictions are worth."""

import datetime
import time
from typing import Any

import numpy as np

from cs231n.data import Dataset
from cs231n.training.recipes import Recipe
from cs231n.validation import Array

_TRAINING = (
    *("layers", "train_size", "validation_size", "epochs"),
    *("batch_size", "learning_rate", "learning_rate_decay"),
)


def report_head(start: float) -> dict[str, Any]:
    """Return when a report was made, and how long it took since `start` on the performance clock.

    Examples
    --------
    >>> list(report_head(time.perf_counter()))
    ['schema', 'date', 'seconds']
    """
    return {
        "schema": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - start, 1),
    }


def describe_training(
    name: str, source: str, dataset: Dataset, recipe: Recipe, **more: Any
) -> dict[str, Any]:
    """Return what makes a run: two runs with the same description have the same results.

    Parameters
    ----------
    name, source : str
        Of the experiment.
    dataset : Dataset
    recipe : Recipe
    **more
        Settings that are not of the training.
    """
    return {
        "experiment": name,
        "source": source,
        "dataset": {"name": dataset.name, "test_size": len(dataset.X_test)},
        "seeds": list(range(recipe.seeds)),
        "settings": {**{field: getattr(recipe, field) for field in _TRAINING}, **more},
    }


def error(probabilities: Array, y: Array) -> float:
    """Return the share in % of images whose most probable class is not their label.

    Examples
    --------
    >>> error(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1]))
    50.0
    """
    return round(100 * float(np.mean(probabilities.argmax(axis=1) != y)), 4)


def log_loss(probabilities: Array, y: Array) -> float:
    """Return the mean of ``-log p(y | x)``, in nats.

    What is too small for single precision counts as its smallest normal number, about 1e-38, so
    that one image costs at most 87.3.

    Examples
    --------
    >>> log_loss(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 0]))
    0.346574
    """
    said = probabilities[np.arange(len(y)), y].astype(np.float64)
    return round(float(-np.log(np.maximum(said, np.finfo(np.float32).tiny)).mean()), 6)
