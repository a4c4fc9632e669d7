"""An ensemble against its members: networks that differ in nothing but their seeds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cs231n import marginalize
from cs231n.data import Dataset
from cs231n.nets import Affine, describe, parse, summary
from cs231n.training.experiments.reporting import describe_training, error, report_head
from cs231n.training.networks import Job, Outcome, split
from cs231n.training.pool import run_jobs
from cs231n.training.recipes import Recipe
from cs231n.training.setups import Setup
from cs231n.training.statistics import estimate, paired_difference
from cs231n.training.store import OutcomeStore
from cs231n.validation import Array, as_extent

NAME, SOURCE = "ensemble", "CS231n 2015, assignment 3"
PUBLISHED = (
    "ten nets of five layers on TinyImageNet-100-A: singles 35.7 to 37.2 % accuracy, together "
    "42.4 %, 5.2 points more than the best"
)
_CIFAR10 = Recipe(
    layers="conv3-16:bias=no bn relu pool2 conv3-32:bias=no bn relu pool2 "
    "conv3-64:bias=no bn relu pool2 fc-64 relu",
    train_size=5_000,
    validation_size=1_000,
    seeds=3,
    members=10,
    epochs=12,
    learning_rate=2e-3,
    learning_rate_decay=0.85,
)
RECIPES = {
    # Small batches, because fewer images make fewer steps.
    "digits": replace(
        _CIFAR10,
        layers="conv3-16:bias=no bn relu pool2 conv3-32:bias=no bn relu pool2 fc-64 relu",
        train_size=200,
        validation_size=200,
        batch_size=20,
    ),
    "shapes": replace(_CIFAR10, train_size=1_000, validation_size=500, batch_size=20),
    "cifar10": _CIFAR10,
}


@dataclass(frozen=True)
class Repetition:
    """One ensemble: what its members say together, and alone. Accuracies are in %.

    Attributes
    ----------
    accuracies, validation_accuracies : list of float
        Of each member.
    best : int
        The member with the highest accuracy on validation images, the first of several.
    averages : list of lists of float
        Row n - 1: of the averages of n members that follow one another, the last by the first;
        column m begins with member m.
    gains_error : dict
        The standard error, because other images would have been tested, of what all together have
        over ``"best"`` and over the ``"mean"`` of the members.
    """

    accuracies: list[float]
    validation_accuracies: list[float]
    best: int
    averages: list[list[float]]
    gains_error: dict[str, float]

    @property
    def together(self) -> float:
        """Accuracy of the average of all."""
        return self.averages[-1][0]

    @property
    def gains(self) -> dict[str, float]:
        """Points that all together have over the best member, and over the members' mean."""
        over = {"best": self.accuracies[self.best], "mean": float(np.mean(self.accuracies))}
        return {name: round(self.together - accuracy, 4) for name, accuracy in over.items()}


def compare_members(
    dataset: Dataset,
    recipe: Recipe,
    folder: Path | None = None,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Train ensembles, one a seed of the recipe; return what is to be reported.

    The members of an ensemble learn from the same images; they differ in their initial weights and
    in the order of the images.

    Parameters
    ----------
    dataset : Dataset
        Its test images choose nothing.
    recipe : Recipe
        ``members`` networks an ensemble.
    folder, workers, on_progress : as :func:`cs231n.training.squeeze.squeeze` takes them

    Returns
    -------
    dict, ready for JSON

    Raises
    ------
    ValueError
        Before any work, if there are too few images, or no members.

    Examples
    --------
    >>> from cs231n.data.shapes import load_shapes
    >>> recipe = replace(RECIPES["shapes"], train_size=20, validation_size=10, epochs=1, seeds=1)
    >>> report = compare_members(load_shapes(30, 10), replace(recipe, members=3), workers=0)
    >>> (ensemble,) = report["ensembles"]
    >>> [len(averages) for averages in ensemble["averages"]]
    [3, 3, 3]
    """
    start = time.perf_counter()
    split(dataset, recipe, seed=0)  # refuses impossible sizes before any work is done
    as_extent("members", recipe.members, minimum=1)
    layers = tuple(parse(recipe.layers))
    jobs = [
        Job(Setup(layers), seed, member)
        for seed in range(recipe.seeds)
        for member in range(recipe.members)
    ]
    store = OutcomeStore(folder, dataset, recipe)
    outcomes = run_jobs(jobs, dataset, recipe, store, workers, on_progress)
    ensembles = [
        examine([outcomes[job] for job in jobs if job.seed == seed], dataset.y_test)
        for seed in range(recipe.seeds)
    ]
    costs = summary([*layers, Affine(len(dataset.class_names))], dataset.input_shape)
    return {
        **report_head(start),
        **describe_ensemble(dataset, recipe),
        "published": PUBLISHED,
        "layers": describe(layers),
        "parameters": costs.parameters,
        "multiply_adds": costs.multiply_adds,
        "training_seconds": estimate([outcomes[job].seconds for job in jobs]).mean,
        "ensembles": [asdict(one) for one in ensembles],
        **_summary(ensembles),
    }


def describe_ensemble(dataset: Dataset, recipe: Recipe) -> dict[str, Any]:
    """Return what makes a run: two runs with the same description have the same results."""
    return describe_training(NAME, SOURCE, dataset, recipe, members=recipe.members)


def examine(members: Sequence[Outcome], y: Array) -> Repetition:
    """Return what the members of one ensemble say of the test images, whose labels are `y`."""
    M, probabilities = len(members), [one.probabilities.astype(np.float64) for one in members]
    validation = [round(100 * float(one.val_accuracy.max()), 4) for one in members]
    best = int(np.argmax(validation))
    averages = []
    for n in range(1, M + 1):
        begin = range(M) if n < M else [0]  # all of them are the same, wherever one begins
        row = [
            100 - error(marginalize.average(probabilities[(m + k) % M] for k in range(n)), y)
            for m in begin
        ]
        averages.append([round(value, 4) for value in row] * (M // len(row)))
    right = np.stack([p.argmax(axis=1) == y for p in probabilities])  # (M, T)
    together = marginalize.average(probabilities).argmax(axis=1) == y
    return Repetition(
        accuracies=averages[0],
        validation_accuracies=validation,
        best=best,
        averages=averages,
        gains_error={
            "best": _over_images(100.0 * together - 100.0 * right[best]),
            "mean": _over_images(100.0 * together - 100.0 * right.mean(axis=0)),
        },
    )


def _over_images(points: Array) -> float:
    """Return the standard error of the mean over images, (T,)."""
    return round(float(np.std(points) / np.sqrt(len(points))), 4)


def _summary(ensembles: Sequence[Repetition]) -> dict[str, Any]:
    """Return means over the ensembles, with their standard errors."""
    gains = {}
    for name in ("best", "mean"):
        # Verdicts are on errors, of which less is better.
        difference, verdict = paired_difference(
            [-e.gains[name] for e in ensembles], [0.0] * len(ensembles)
        )
        gains[name] = {
            "values": [e.gains[name] for e in ensembles],
            "mean": -difference.mean,
            "standard_error": difference.standard_error,
            "verdict": verdict,
        }
    members = range(len(ensembles[0].averages))
    return {
        "singles": _values([float(np.mean(e.accuracies)) for e in ensembles]),
        "best": _values([e.accuracies[e.best] for e in ensembles]),
        "together": _values([e.together for e in ensembles]),
        "gains": gains,
        "curve": [
            {
                "networks": n + 1,
                "first": _values([e.averages[n][0] for e in ensembles]),
                "any": _values([float(np.mean(e.averages[n])) for e in ensembles]),
            }
            for n in members
        ],
    }


def _values(values: list[float]) -> dict[str, Any]:
    return {"values": [round(value, 4) for value in values], **asdict(estimate(values))}
