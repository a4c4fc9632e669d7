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
from cs231n.training.networks import Job, Trained, split, views_of
from cs231n.training.pool import run_jobs
from cs231n.training.recipes import Recipe
from cs231n.training.setups import ONCE, Setup, Way
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

    Raises
    ------
    ValueError
        Before any work, if there are too few images, or a technique is wrong on these.

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
    setups = {c.name: c.setup(recipe.layers, experiment.filters) for c in experiment.contenders}
    for setup in setups.values():
        recipe.check(setup.augmentation)
    jobs = _jobs(list(setups.values()), recipe)
    store = OutcomeStore(folder, dataset, recipe)
    outcomes = run_jobs(jobs, dataset, recipe, store, workers, on_progress)
    trained = {(job.setup, job.seed): Trained(job, outcomes[job]) for job in jobs}
    rows = []
    for contender in experiment.contenders:
        setup = setups[contender.name]
        of_seeds = [trained[setup.network, seed] for seed in range(recipe.seeds)]
        rows.append(_row(contender, setup, of_seeds, dataset, recipe))
    errors = {row["name"]: row["errors"] for row in rows}
    return {
        "schema": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - start, 1),
        **describe_experiment(experiment, dataset, recipe),
        "contenders": rows,
        "claims": [_verdict(claim, errors) for claim in experiment.claims],
    }


def _jobs(setups: Sequence[Setup], recipe: Recipe) -> list[Job]:
    """Return every network's job, once, and seed by seed: whole seeds can be reported early."""
    ways: dict[Setup, set[Way]] = {}
    for setup in setups:
        ways.setdefault(setup.network, set()).add(setup.way(recipe.passes))
    return [
        Job(network, seed, ways=tuple(sorted(wanted - {ONCE})))
        for seed in range(recipe.seeds)
        for network, wanted in ways.items()
    ]


def _row(
    contender: Contender,
    setup: Setup,
    of_seeds: Sequence[Trained],
    dataset: Dataset,
    recipe: Recipe,
) -> dict[str, Any]:
    way = setup.way(recipe.passes)
    errors = [
        round(100 * float(np.mean(t.probabilities(way).argmax(axis=1) != dataset.y_test)), 4)
        for t in of_seeds
    ]
    overall = estimate(errors)
    costs = summary([*setup.layers, Affine(len(dataset.class_names))], dataset.input_shape)
    return {
        "name": contender.name,
        "title": contender.title,
        "layers": describe(setup.layers),
        "published": contender.published,
        "augmentation": {name: recipe.described()[name] for name in setup.augmentation},
        "test_time": _test_time(way, dataset, recipe),
        "errors": errors,
        "mean": overall.mean,
        "standard_error": overall.standard_error,
        "validation_errors": [
            round(100 * (1 - float(t.outcome.val_accuracy.max())), 4) for t in of_seeds
        ],
        "parameters": costs.parameters,
        "multiply_adds": costs.multiply_adds,
        "receptive_field": _field(setup.layers),
        "seconds": float(np.mean([t.seconds(way) for t in of_seeds])),
    }


def _test_time(way: Way, dataset: Dataset, recipe: Recipe) -> str:
    """Return what predictions are averaged over, in words; nothing for one pass."""
    words = [f"{way.passes} noisy passes"] if way.passes else []
    if way.views:
        words.append(f"{sum(1 for _ in views_of(dataset.X_test[:1], recipe))} views")
    return ", ".join(words)


def _field(layers: Sequence[Spec]) -> int:
    """Return the pixels a side that a unit sees before the first affine layer."""
    seen = [layer for layer in layers if isinstance(layer, Conv | MaxPool | ReLU)]
    return round(receptive_field(seen).size[0])


def _verdict(claim: Claim, errors: Mapping[str, list[float]]) -> dict[str, Any]:
    difference, verdict = paired_difference(errors[claim.better], errors[claim.worse])
    return {**asdict(claim), "difference": {**asdict(difference), "verdict": verdict}}


def describe_experiment(experiment: Experiment, dataset: Dataset, recipe: Recipe) -> dict[str, Any]:
    """Return what makes a run: two runs with the same description have the same results."""
    settings = {**vars(recipe), "techniques": recipe.described()}
    for unused in (
        *("keep_ratio", "averaged_epochs", "members", "seeds", "layers"),
        *("augmentation", "refuses", "ladder"),
    ):
        del settings[unused]
    return {
        "experiment": experiment.name,
        "source": experiment.source,
        "dataset": {"name": dataset.name, "test_size": len(dataset.X_test)},
        "seeds": list(range(recipe.seeds)),
        "settings": {**settings, "ending": recipe.layers, "filters": dict(experiment.filters)},
    }
