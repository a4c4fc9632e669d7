"""The main job: train the ladder's networks, combine their predictions, say what each is worth."""

import datetime
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cs231n import marginalize
from cs231n.data import Dataset
from cs231n.training.networks import Job, Outcome, Trained, split
from cs231n.training.pool import run_jobs
from cs231n.training.recipes import Recipe
from cs231n.training.rungs import Rung, ladder
from cs231n.training.setups import ONCE, Setup, Way
from cs231n.training.statistics import estimate, paired_difference
from cs231n.training.store import OutcomeStore
from cs231n.validation import Array


@dataclass(frozen=True)
class Squeezed:
    """What the main job found."""

    results: dict[str, Any]  # ready for JSON
    augmented: dict[str, Array] | None  # originals (R, C, H, W), variants (R, K, C, H, W)
    misclassified: dict[str, Array]  # images, true, predicted, confidence of the last rung


def squeeze(
    dataset: Dataset,
    recipe: Recipe,
    rungs: Sequence[str] | None = None,
    folder: Path | None = None,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Squeezed:
    """Climb the ladder on a data set, with every seed of the recipe.

    Parameters
    ----------
    dataset : Dataset
    recipe : Recipe
    rungs : sequence of str, optional
        Names out of :data:`cs231n.training.rungs.RUNGS`; the recipe's own where it is left out.
    folder : Path, optional
        Keeps the outcome of each network, so that an interrupted run goes on where it stopped.
    workers : int, optional
        Processes that train side by side, each on one thread; the usable cores by default, and
        0 trains in this process. A script that uses processes needs the usual
        ``if __name__ == "__main__":``.
    on_progress : callable, optional
        Called with the epochs done and the epochs in all.

    Raises
    ------
    ValueError
        Before any work, if there are too few images, or a rung is wrong on these.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from cs231n.data import load
    >>> from cs231n.training.recipes import RECIPES
    >>> recipe = replace(RECIPES["digits"], epochs=1, seeds=2, layers="conv5-2 relu pool2")
    >>> squeezed = squeeze(load("digits"), recipe, ["baseline", "dropout"], workers=0)
    >>> [rung["name"] for rung in squeezed.results["rungs"]]
    ['baseline', 'dropout']
    """
    start = time.perf_counter()
    steps = ladder(recipe, rungs)
    seeds = list(range(recipe.seeds))
    split(dataset, recipe, seed=0)  # refuses impossible sizes before any work is done
    store = OutcomeStore(folder, dataset, recipe)
    outcomes = run_jobs(_jobs(steps, recipe), dataset, recipe, store, workers, on_progress)
    predictions = _Predictions(outcomes, recipe)
    rows: list[dict[str, Any]] = []
    shown = set()  # the networks whose learning curves an earlier rung shows
    for rung, setup in steps:
        rows.append(_row(rung, setup, seeds, predictions, dataset.y_test, rows))
        if setup.network in shown:
            rows[-1]["curves"] = []
        shown.add(setup.network)
    results = {
        "schema": 1,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - start, 1),
        **describe_run(dataset, recipe, rungs),
        "rungs": rows,
    }
    last = predictions.of(steps[-1][1], seeds[0])
    return Squeezed(
        results,
        _augmented_samples(dataset, recipe, steps[-1][1].augmentation),
        _misclassified(dataset, last),
    )


def _jobs(steps: Sequence[tuple[Rung, Setup]], recipe: Recipe) -> list[Job]:
    """List every network that the rungs need, once, the longest first."""
    ways: dict[tuple[Setup, int, int], set[Way]] = {}
    for _, setup in steps:
        for seed in range(recipe.seeds):
            for member in range(recipe.members if setup.ensemble else 1):
                wanted = ways.setdefault((setup.network, seed, member), set())
                wanted.add(setup.way(recipe.passes))
    jobs = [Job(*key, tuple(sorted(wanted - {ONCE}))) for key, wanted in ways.items()]
    return sorted(jobs, key=lambda job: -sum(1 + way.passes for way in job.ways))


class _Predictions:
    """Combines the outcomes of single networks into what a rung predicts."""

    def __init__(self, outcomes: dict[Job, Outcome], recipe: Recipe) -> None:
        self.recipe = recipe
        self.by_key = {
            (job.setup, job.seed, job.member): Trained(job, outcome)
            for job, outcome in outcomes.items()
        }

    def members(self, setup: Setup, seed: int) -> list[Trained]:
        count = self.recipe.members if setup.ensemble else 1
        return [self.by_key[setup.network, seed, member] for member in range(count)]

    def of(self, setup: Setup, seed: int) -> Array:
        """Return the probabilities (T, C) of one rung and seed."""
        way = setup.way(self.recipe.passes)
        return marginalize.average(
            trained.probabilities(way) for trained in self.members(setup, seed)
        )

    def seconds(self, setup: Setup, seed: int) -> float:
        """Return how long one rung and seed took."""
        way = setup.way(self.recipe.passes)
        return sum(trained.seconds(way) for trained in self.members(setup, seed))


def _row(
    rung: Rung,
    setup: Setup,
    seeds: Sequence[int],
    predictions: _Predictions,
    y_test: Array,
    earlier: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    errors = [
        round(100 * float(np.mean(predictions.of(setup, seed).argmax(axis=1) != y_test)), 4)
        for seed in seeds
    ]
    overall = estimate(errors)
    used = [predictions.members(setup, seed) for seed in seeds]
    return {
        "name": rung.name,
        "title": rung.title,
        "description": rung.description,
        "errors": errors,
        "mean": overall.mean,
        "standard_error": overall.standard_error,
        "difference": _difference(errors, earlier[-1]) if earlier else None,
        "seconds": float(np.mean([predictions.seconds(setup, seed) for seed in seeds])),
        "parameters": sum(trained.outcome.parameters for trained in used[0]),
        "curves": [
            _curve(seed, members[0].outcome) for seed, members in zip(seeds, used, strict=True)
        ],
    }


def _difference(errors: list[float], previous: dict[str, Any]) -> dict[str, Any]:
    difference, verdict = paired_difference(errors, previous["errors"])
    return {"previous": previous["name"], **asdict(difference), "verdict": verdict}


def _curve(seed: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "seed": seed,
        "loss": np.round(outcome.loss, 5).tolist(),
        "train_accuracy": np.round(outcome.train_accuracy, 5).tolist(),
        "val_accuracy": np.round(outcome.val_accuracy, 5).tolist(),
    }


def describe_run(
    dataset: Dataset, recipe: Recipe, rungs: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return what makes a run: two runs with the same description have the same results."""
    return {
        "dataset": _describe_dataset(dataset, recipe),
        "seeds": list(range(recipe.seeds)),
        "settings": {
            **_describe_recipe(recipe),
            "rungs": [rung.name for rung, _ in ladder(recipe, rungs)],
        },
    }


def _describe_dataset(dataset: Dataset, recipe: Recipe) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "input_shape": list(dataset.input_shape),
        "class_names": list(dataset.class_names),
        "train_size": recipe.train_size,
        "validation_size": recipe.validation_size,
        "test_size": len(dataset.X_test),
    }


def _describe_recipe(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe as flat values; the sizes stand with the data set."""
    settings = dict(vars(recipe))
    # What is refused was not done, and the ladder stands in the rungs.
    for elsewhere in ("train_size", "validation_size", "seeds", "techniques", "refuses", "ladder"):
        del settings[elsewhere]
    settings["augmentation"] = list(recipe.augmentation)
    return {**settings, **{f"technique {name}": text for name, text in recipe.described().items()}}


def _augmented_samples(
    dataset: Dataset, recipe: Recipe, names: tuple[str, ...], images: int = 8, variants: int = 7
) -> dict[str, Array] | None:
    X_train = split(dataset, recipe, seed=0)["X_train"]
    chain = recipe.pipeline(names, X_train).images
    if chain is None:
        return None
    rng = np.random.default_rng(0)
    changed = [chain(X_train[:images], rng) for _ in range(variants)]
    return {"originals": X_train[:images], "variants": np.stack(changed, axis=1)}


def _misclassified(dataset: Dataset, probabilities: Array, most: int = 40) -> dict[str, Array]:
    """Return the test images that are surest and wrong."""
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != dataset.y_test)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:most]
    return {
        "images": dataset.X_test[worst],
        "true": dataset.y_test[worst],
        "predicted": predicted[worst],
        "confidence": confidence[worst],
    }
