"""Networks that are trained with noise, and asked in several ways, all held against the first."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cs231n.data import Dataset
from cs231n.nets import Affine, describe, parse, summary
from cs231n.training.experiments.reporting import describe_training, error, log_loss, report_head
from cs231n.training.networks import Job, Trained, split
from cs231n.training.pool import run_jobs
from cs231n.training.recipes import Recipe
from cs231n.training.setups import ONCE, Setup, Way
from cs231n.training.statistics import estimate, paired_difference
from cs231n.training.store import OutcomeStore

MEASURES = {"error": error, "log_loss": log_loss}


@dataclass(frozen=True)
class Question:
    """One way to ask a trained network, and what it is called."""

    title: str
    way: Way


@dataclass(frozen=True)
class Study:
    """One network, trained with several seeds, and the ways in which it is asked.

    Attributes
    ----------
    name, title, source : str
    published : str
        What the paper found.
    questions : tuple of Question
        The first one is what the others are compared with.
    recipes : dict
        By data set. A recipe's `layers` are the network, without the layer of the scores.
    """

    name: str
    title: str
    source: str
    published: str
    questions: tuple[Question, ...]
    recipes: Mapping[str, Recipe]


def compare_inference(
    study: Study,
    dataset: Dataset,
    recipe: Recipe,
    folder: Path | None = None,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Train a network with each seed of the recipe, ask it in all ways; return what is to report.

    Parameters
    ----------
    study : Study
    dataset : Dataset
        Its test images choose nothing.
    recipe : Recipe
        One of the study's, or a changed one.
    folder, workers, on_progress : as :func:`cs231n.training.squeeze.squeeze` takes them

    Returns
    -------
    dict, ready for JSON
        One row a question; errors in %, log-losses in nats, differences paired by seed.

    Raises
    ------
    ValueError
        Before any work, if there are too few images.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from cs231n.data.shapes import load_shapes
    >>> from cs231n.training.experiments import STUDIES
    >>> study = STUDIES["dropout"]
    >>> recipe = replace(study.recipes["shapes"], train_size=20, validation_size=10, epochs=1)
    >>> two = replace(study, questions=study.questions[:3])
    >>> report = compare_inference(two, load_shapes(30, 10), recipe, workers=0)
    >>> [(row["title"], len(row["error"]["values"])) for row in report["rows"]]
    [('weight scaling', 5), ('Monte Carlo, 1 pass', 5), ('Monte Carlo, 2 passes', 5)]
    """
    start = time.perf_counter()
    split(dataset, recipe, seed=0)  # refuses impossible sizes before any work is done
    layers = tuple(parse(recipe.layers))
    ways = tuple(sorted({question.way for question in study.questions} - {ONCE}))
    jobs = [Job(Setup(layers), seed, ways=ways) for seed in range(recipe.seeds)]
    store = OutcomeStore(folder, dataset, recipe)
    outcomes = run_jobs(jobs, dataset, recipe, store, workers, on_progress)
    trained = [Trained(job, outcomes[job]) for job in jobs]
    rows: list[dict[str, Any]] = []
    for question in study.questions:
        rows.append(_row(question, trained, dataset, rows[:1]))
    costs = summary([*layers, Affine(len(dataset.class_names))], dataset.input_shape)
    return {
        **report_head(start),
        **describe_inference(study, dataset, recipe),
        "title": study.title,
        "published": study.published,
        "layers": describe(layers),
        "parameters": costs.parameters,
        "multiply_adds": costs.multiply_adds,
        "training_seconds": estimate([t.outcome.seconds for t in trained]).mean,
        "validation_errors": [
            round(100 * (1 - float(t.outcome.val_accuracy.max())), 4) for t in trained
        ],
        "rows": rows,
    }


def describe_inference(study: Study, dataset: Dataset, recipe: Recipe) -> dict[str, Any]:
    """Return what makes a run: two runs with the same description have the same results."""
    asked = [question.title for question in study.questions]
    return describe_training(study.name, study.source, dataset, recipe, questions=asked)


def _row(
    question: Question,
    trained: Sequence[Trained],
    dataset: Dataset,
    reference: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    seconds = [t.seconds(question.way) - t.seconds(ONCE) for t in trained]
    row: dict[str, Any] = {
        "title": question.title,
        "passes": question.way.passes,
        "seconds": None if question.way == ONCE else estimate(seconds).mean,
    }
    for name, measure in MEASURES.items():
        values = [measure(t.probabilities(question.way), dataset.y_test) for t in trained]
        row[name] = {"values": values, **asdict(estimate(values)), "difference": None}
        if reference:
            difference, verdict = paired_difference(values, reference[0][name]["values"])
            row[name]["difference"] = {**asdict(difference), "verdict": verdict}
    return row
