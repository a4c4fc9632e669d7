"""Train one network of the ladder, and let it predict the test images."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n import marginalize
from cs231n.classifiers.small_convnet import SmallConvNet
from cs231n.data import Dataset
from cs231n.solver import Solver
from cs231n.training.noisy import NoisyClassifier
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
        noise = f"dropout{self.setup.dropout:d}-augment{self.setup.augment:d}"
        return f"{noise}-seed{self.seed}-member{self.member}-passes{self.passes}"


@dataclass(frozen=True)
class Outcome:
    """What a trained network leaves behind."""

    probabilities: Array  # (T, C), one pass without noise
    averaged: Array  # (T, C), over noisy passes; (0, C) without them
    loss: Array  # one an iteration
    train_accuracy: Array  # one an epoch, from the first iteration on
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


def train_network(
    job: Job, dataset: Dataset, recipe: Recipe, on_epoch_end: Callable[[Any], None] | None = None
) -> tuple[NoisyClassifier, Solver]:
    """Train the network of `job`; the epoch of the best validation accuracy is kept.

    Networks of one seed and member start from the same weights, whatever their setup, so that
    differences between setups are paired.
    """
    data = split(dataset, recipe, job.seed)
    np.random.seed(np.random.SeedSequence([job.seed, job.member]).generate_state(4))
    network = SmallConvNet(
        dataset.input_shape,
        recipe.filters,
        recipe.hidden_dim,
        len(dataset.class_names),
        dropout_keep_ratio=recipe.keep_ratio if job.setup.dropout else 1.0,
    )
    model = NoisyClassifier(
        network,
        data["X_train"],
        recipe.augmentation if job.setup.augment else None,
        np.random.default_rng([job.seed, job.member]),
    )
    solver = Solver(
        model,
        data,
        update_rule="adam",
        optim_config={"learning_rate": recipe.learning_rate},
        lr_decay=recipe.learning_rate_decay,
        batch_size=recipe.batch_size,
        num_epochs=recipe.epochs,
        num_train_samples=500,
        verbose=False,
        on_epoch_end=on_epoch_end,
    )
    solver.train()
    return model, solver


def run(
    job: Job, dataset: Dataset, recipe: Recipe, on_epoch_end: Callable[[Any], None] | None = None
) -> Outcome:
    """Train the network of `job` and predict the test images, once and under noise."""
    start = time.perf_counter()
    model, solver = train_network(job, dataset, recipe, on_epoch_end)
    probabilities = marginalize.predict(model.loss, dataset.X_test)
    trained = time.perf_counter()
    averaged = np.empty((0, probabilities.shape[1]))
    if job.passes:
        averaged = marginalize.predict(model.noisy_scores, dataset.X_test, job.passes)
    return Outcome(
        probabilities=probabilities.astype(np.float32),
        averaged=averaged.astype(np.float32),
        loss=np.array(solver.loss_history),
        train_accuracy=np.array(solver.train_acc_history),
        val_accuracy=np.array(solver.val_acc_history),
        seconds=trained - start,
        averaging_seconds=time.perf_counter() - trained,
        parameters=sum(w.size for w in model.params.values()),
    )
