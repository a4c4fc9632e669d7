"""Train an experiment's networks with every seed, and hold the claims against them."""

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from cs231n.data import Dataset
from cs231n.nets import Affine, Spec, describe, receptive_field, summary
from cs231n.nets.specs import Conv, MaxPool, ReLU
from cs231n.training.experiments.claims import Claim, Contender, Experiment
from cs231n.training.networks import Job, Outcome, split
from cs231n.training.pool import run_jobs
from cs231n.training.recipes import Recipe
from cs231n.training.rungs import Setup
from cs231n.training.statistics import estimate, paired_difference
from cs231n.training.store import OutcomeStore


def compare_contenders(
    experiment: Experiment,
    dataset: Dataset,
    recipe: Recipe,
    folder: Path | None = None,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Train all contenders with all seeds of the recipe; return what is to be reported.

    Parameters
    ----------
    experiment : Experiment
    dataset : Dataset
        Its test images choose nothing.
    recipe : Recipe
        One of the experiment's, or a changed one.
    folder, workers, on_progress : as :func:`cs231n.training.squeeze.squeeze` takes them

    Returns
    -------
    dict, ready for JSON
        One row a contender, one entry a claim; errors in %, differences paired by seed.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from cs231n.data.shapes import load_shapes
    >>> from cs231n.training.experiments import SMALL_FILTERS
    >>> recipe = replace(SMALL_FILTERS.recipes["shapes"], train_size=20, validation_size=10)
    >>> few = replace(SMALL_FILTERS, contenders=SMALL_FILTERS.contenders[3:5], claims=())
    >>> recipe = replace(recipe, epochs=1, seeds=2)
    >>> report = compare_contenders(few, load_shapes(30, 10), recipe, workers=0)
    >>> [(row["name"], row["receptive_field"]) for row in report["contenders"]]
    [('B', 36), ('C', 36)]
    """
    start = time.perf_counter()
    split(dataset, recipe, seed=0)  # refuses impossible sizes before any work is done
    jobs = _jobs(experiment, recipe)
    store = OutcomeStore(folder, dataset, recipe)
    outcomes = run_jobs(list(jobs.values()), dataset, recipe, store, workers, on_progress)
    rows = [
        _row(
            contender,
            [outcomes[jobs[seed, contender.name]] for seed in range(recipe.seeds)],
            jobs[0, contender.name].setup.layers,
            dataset,
        )
        for contender in experiment.contenders
    ]
    errors = {row["name"]: row["errors"] for row in rows}
    return {
        "schema": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - start, 1),
        **describe_experiment(experiment, dataset, recipe),
        "contenders": rows,
        "claims": [_verdict(claim, errors) for claim in experiment.claims],
    }


def _jobs(experiment: Experiment, recipe: Recipe) -> dict[tuple[int, str], Job]:
    """Return every network's job, seed by seed: what is there early can be reported early."""
    setups = {
        contender.name: Setup(contender.specs(recipe.layers, experiment.filters), augment=True)
        for contender in experiment.contenders
    }
    return {
        (seed, name): Job(setup, seed, 0, 0)
        for seed in range(recipe.seeds)
        for name, setup in setups.items()
    }


def _row(
    contender: Contender, outcomes: Sequence[Outcome], layers: tuple[Spec, ...], dataset: Dataset
) -> dict[str, Any]:
    errors = [
        round(100 * float(np.mean(o.probabilities.argmax(axis=1) != dataset.y_test)), 4)
        for o in outcomes
    ]
    overall = estimate(errors)
    costs = summary([*layers, Affine(len(dataset.class_names))], dataset.input_shape)
    return {
        "name": contender.name,
        "title": contender.title,
        "layers": describe(layers),
        "published": contender.published,
        "errors": errors,
        "mean": overall.mean,
        "standard_error": overall.standard_error,
        "validation_errors": [round(100 * (1 - float(o.val_accuracy.max())), 4) for o in outcomes],
        "parameters": costs.parameters,
        "multiply_adds": costs.multiply_adds,
        "receptive_field": _field(layers),
        "seconds": float(np.mean([outcome.seconds for outcome in outcomes])),
    }


def _field(layers: Sequence[Spec]) -> int:
    """Return the pixels a side that a unit sees before the first affine layer."""
    seen = [layer for layer in layers if isinstance(layer, Conv | MaxPool | ReLU)]
    return round(receptive_field(seen).size[0])


def _verdict(claim: Claim, errors: Mapping[str, list[float]]) -> dict[str, Any]:
    difference, verdict = paired_difference(errors[claim.better], errors[claim.worse])
    return {**asdict(claim), "difference": {**asdict(difference), "verdict": verdict}}


def describe_experiment(experiment: Experiment, dataset: Dataset, recipe: Recipe) -> dict[str, Any]:
    """Return what makes a run: two runs with the same description have the same results."""
    settings = {**vars(recipe), "augmentation": recipe.augmentation.describe()}
    for unused in ("keep_ratio", "passes", "members", "seeds", "layers"):
        del settings[unused]
    return {
        "experiment": experiment.name,
        "source": experiment.source,
        "dataset": {"name": dataset.name, "test_size": len(dataset.X_test)},
        "seeds": list(range(recipe.seeds)),
        "settings": {**settings, "ending": recipe.layers, "filters": dict(experiment.filters)},
    }
