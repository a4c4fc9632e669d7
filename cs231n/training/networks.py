"""Train one network, and let it predict the test images."""

import hashlib
import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from cs231n import marginalize
from cs231n.augmentation.views import shifted_views
from cs231n.data import Dataset
from cs231n.nets import Affine, Network
from cs231n.training.fit import History, fit
from cs231n.training.noisy import NoisyNetwork
from cs231n.training.recipes import Recipe
from cs231n.training.setups import ONCE, Setup, Way
from cs231n.training.smoothed import SmoothedNetwork
from cs231n.training.tails import match_moments
from cs231n.validation import Array


@dataclass(frozen=True)
class Job:
    """One network to train: its setup, its seed, its place in the ensemble.

    Attributes
    ----------
    setup : Setup
        How it is trained: ``setup.network`` of all that use it.
    seed, member : int
    ways : tuple of Way
        How it is to predict the test images, besides once.
    """

    setup: Setup
    seed: int
    member: int = 0
    ways: tuple[Way, ...] = ()

    @property
    def name(self) -> str:
        """A file name that no other job has."""
        setup = hashlib.sha256(repr(self.setup).encode()).hexdigest()[:12]
        ways = "".join(f"-{way.name}" for way in self.ways)
        return f"{setup}-seed{self.seed}-member{self.member}{ways}"


@dataclass(frozen=True)
class Outcome:
    """What a trained network leaves behind."""

    probabilities: Array  # (T, C), one pass without noise
    averaged: Array  # (W, T, C), by each of the job's other ways, also where W = 0
    loss: Array  # one a step
    train_accuracy: Array  # one an epoch
    val_accuracy: Array
    seconds: float  # training and predicting once
    averaging_seconds: Array  # (W,)
    parameters: int


@dataclass(frozen=True)
class Trained:
    """A job and its outcome, and what it says by one of its ways."""

    job: Job
    outcome: Outcome

    def probabilities(self, way: Way) -> Array:
        """Return (T, C)."""
        if way == ONCE:
            return self.outcome.probabilities
        return self.outcome.averaged[self.job.ways.index(way)]

    def seconds(self, way: Way) -> float:
        """Return how long it took to get there."""
        if way == ONCE:
            return self.outcome.seconds
        return self.outcome.seconds + float(
            self.outcome.averaging_seconds[self.job.ways.index(way)]
        )


def split(dataset: Dataset, recipe: Recipe, seed: int) -> dict[str, Array]:
    """Draw training and validation images of a seed out of the training set.

    Returns
    -------
    dict ``X_train, y_train, X_val, y_val``; the test images take no part
    """
    wanted = recipe.train_size + recipe.validation_size
    if wanted > len(dataset.X_train):
        raise ValueError(
            f"train_size {recipe.train_size} and {recipe.validation_size} validation images are "
            f"more than the {len(dataset.X_train)} training images of {dataset.name}"
        )
    order = np.random.default_rng([seed]).permutation(len(dataset.X_train))
    train, val = order[: recipe.train_size], order[recipe.train_size : wanted]
    return {
        "X_train": dataset.X_train[train],
        "y_train": dataset.y_train[train],
        "X_val": dataset.X_train[val],
        "y_val": dataset.y_train[val],
    }


def build(job: Job, dataset: Dataset, recipe: Recipe, X_train: Array) -> NoisyNetwork:
    """Return the network of `job`, untrained.

    Networks of one seed and member start from the same numbers, whatever their setup, as far as
    they have the same layers.
    """
    weights, noise = _generators(job, 2)
    layers = [*job.setup.layers, Affine(len(dataset.class_names))]
    network = Network(layers, dataset.input_shape, seed=weights)
    pipeline = recipe.pipeline(job.setup.augmentation, X_train)
    return NoisyNetwork(network, X_train, pipeline, noise)


def train_network(
    job: Job, dataset: Dataset, recipe: Recipe, on_epoch_end: Callable[[int], None] | None = None
) -> tuple[NoisyNetwork, History]:
    """Train the network of `job`; the epoch of the best validation accuracy is kept.

    Networks of one seed and member see the same images in the same order, so that differences
    between setups are paired.
    """
    data = split(dataset, recipe, job.seed)
    model = build(job, dataset, recipe, data["X_train"])
    smoothed = None
    if job.setup.average_weights:
        steps = recipe.averaged_epochs * math.ceil(recipe.train_size / recipe.batch_size)
        decay = 1 - 1 / max(steps, 1)
        smoothed = SmoothedNetwork(model, decay, data["X_train"], recipe.batch_size)
    history = fit(
        model if smoothed is None else smoothed,
        data,
        epochs=recipe.epochs,
        rng=_generators(job, 3)[-1],
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        learning_rate_decay=recipe.learning_rate_decay,
        on_epoch_end=on_epoch_end,
    )
    return model if smoothed is None else smoothed.average, history


def predict(model: NoisyNetwork, X: Array, job: Job, recipe: Recipe, way: Way) -> Array:
    """Return the probabilities (N, C) that a trained network gives images by one way.

    With views and noisy passes, each pass sees the next view, and every view has its turn equally
    often: the passes are rounded up. The job's seed draws the noise, whatever was drawn before, and
    few passes are the first of more.
    """
    seed = _generators(job, 4)[-1]
    if way.moments:
        return match_moments(model.tail(X), way.samples or None, seed)
    over: list[object] = list(model.sources()) if way.passes else []
    passes = way.passes if over else None
    if way.views:
        views = marginalize.Views(views_of, recipe)
        over.append(views)
        if passes is not None:
            count = views.count(X)
            passes = count * math.ceil(passes / count)
    elif over and model.only_drops():
        return marginalize.predict(*model.tail(X), passes, over=over, seed=seed)
    return marginalize.predict(model, X, passes, over=over, seed=seed if over else None)


def predict_all(
    model: NoisyNetwork, X: Array, job: Job, recipe: Recipe
) -> Iterator[tuple[Array, float]]:
    """Yield what :func:`predict` gives by each of the job's ways, and the seconds that it takes.

    Ways that average over dropout or DropConnect alone, one over more passes than the other, are
    taken out of one run.
    """
    found: dict[Way, tuple[Array, float]] = {}
    start = time.perf_counter()
    counts = {way.passes for way in job.ways if way == Way(way.passes)} - {0}
    if counts and model.only_drops():
        seed = _generators(job, 4)[-1]
        for average in marginalize.stream(
            *model.tail(X), max(counts), over=marginalize.LAYERS, seed=seed
        ):
            if average.passes in counts:
                seconds = time.perf_counter() - start
                found[Way(average.passes)] = average.probabilities, seconds
    for way in job.ways:
        start = time.perf_counter()
        if way not in found:
            probabilities = predict(model, X, job, recipe, way)
            found[way] = probabilities, time.perf_counter() - start
        yield found[way]


def views_of(X: Array, recipe: Recipe) -> Iterator[Array]:
    """Yield the images, and shifted ones, with mirror images where the recipe does not refuse them.

    Examples
    --------
    >>> from cs231n.training.recipes import RECIPES
    >>> X = np.zeros((2, 1, 8, 8), np.uint8)
    >>> [len(list(views_of(X, RECIPES[name]))) for name in ("cifar10", "digits")]
    [6, 3]
    """
    views = shifted_views(X, recipe.view_shift)  # each with its mirror image behind it
    return itertools.islice(views, 0, None, 2 if "flip" in recipe.refuses else 1)


def _generators(job: Job, count: int) -> list[np.random.Generator]:
    """Return generators of the seed and member: weights, noise, the images' order, test noise."""
    return [np.random.default_rng([job.seed, job.member, purpose]) for purpose in range(count)]


def run(
    job: Job, dataset: Dataset, recipe: Recipe, on_epoch_end: Callable[[int], None] | None = None
) -> Outcome:
    """Train the network of `job` and predict the test images, once and by its other ways."""
    start = time.perf_counter()
    model, history = train_network(job, dataset, recipe, on_epoch_end)
    once = predict(model, dataset.X_test, job, recipe, ONCE).astype(np.float32)
    seconds = time.perf_counter() - start
    averaged = list(predict_all(model, dataset.X_test, job, recipe))
    return Outcome(
        probabilities=once,
        averaged=np.array([p for p, _ in averaged], np.float32).reshape(-1, *once.shape),
        loss=history.loss,
        train_accuracy=history.train_accuracy,
        val_accuracy=history.val_accuracy,
        seconds=seconds,
        averaging_seconds=np.array([seconds for _, seconds in averaged]),
        parameters=sum(w.size for w in model.params.values()),
    )
