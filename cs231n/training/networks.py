"""Train one network, and let it predict the test images."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cs231n import marginalize
from cs231n.data import Dataset
from cs231n.nets import Affine, Network
from cs231n.training.fit import History, fit
from cs231n.training.noisy import NoisyNetwork
from cs231n.training.recipes import Recipe
from cs231n.training.rungs import Setup
from cs231n.validation import Array


@dataclass(frozen=True)
class Job:
    """One network to train: its setup, its seed, its place in the ensemble."""

    setup: Setup
    seed: int
    member: int
    passes: int  # noisy passes over the test images; 0 where no rung asks for them

    @property
    def name(self) -> str:
        """A file name that no other job has."""
        layers = hashlib.sha256(repr(self.setup.layers).encode()).hexdigest()[:12]
        return (
            f"{layers}-augment{self.setup.augment:d}-seed{self.seed}-member{self.member}"
            f"-passes{self.passes}"
        )


@dataclass(frozen=True)
class Outcome:
    """What a trained network leaves behind."""

    probabilities: Array  # (T, C), one pass without noise
    averaged: Array  # (T, C), over noisy passes; (0, C) without them
    loss: Array  # one a step
    train_accuracy: Array  # one an epoch
    val_accuracy: Array
    seconds: float  # training and predicting once
    averaging_seconds: float
    parameters: int


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
    augmentation = recipe.augmentation if job.setup.augment else None
    return NoisyNetwork(network, X_train, augmentation, noise)


def train_network(
    job: Job, dataset: Dataset, recipe: Recipe, on_epoch_end: Callable[[int], None] | None = None
) -> tuple[NoisyNetwork, History]:
    """Train the network of `job`; the epoch of the best validation accuracy is kept.

    Networks of one seed and member see the same images in the same order, so that differences
    between setups are paired.
    """
    data = split(dataset, recipe, job.seed)
    model = build(job, dataset, recipe, data["X_train"])
    history = fit(
        model,
        data,
        epochs=recipe.epochs,
        rng=_generators(job, 3)[-1],
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        learning_rate_decay=recipe.learning_rate_decay,
        on_epoch_end=on_epoch_end,
    )
    return model, history


def _generators(job: Job, count: int) -> list[np.random.Generator]:
    """Return generators of the seed and member: for weights, for noise, for the images' order."""
    return [np.random.default_rng([job.seed, job.member, purpose]) for purpose in range(count)]


def run(
    job: Job, dataset: Dataset, recipe: Recipe, on_epoch_end: Callable[[int], None] | None = None
) -> Outcome:
    """Train the network of `job` and predict the test images, once and under noise."""
    start = time.perf_counter()
    model, history = train_network(job, dataset, recipe, on_epoch_end)
    probabilities = marginalize.predict(model.scores, dataset.X_test)
    trained = time.perf_counter()
    averaged = np.empty((0, probabilities.shape[1]))
    if job.passes:
        averaged = marginalize.predict(model.noisy_scores, dataset.X_test, job.passes)
    return Outcome(
        probabilities=probabilities.astype(np.float32),
        averaged=averaged.astype(np.float32),
        loss=history.loss,
        train_accuracy=history.train_accuracy,
        val_accuracy=history.val_accuracy,
        seconds=trained - start,
        averaging_seconds=time.perf_counter() - trained,
        parameters=sum(w.size for w in model.params.values()),
    )
