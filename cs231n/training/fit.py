"""The training loop: epochs, shuffled batches, a falling learning rate, the best epoch kept."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cs231n.validation import Array, as_extent

_SHOWN = 500  # training images whose accuracy is followed


class Model(Protocol):
    """What can be trained: a :class:`~cs231n.nets.Network`, or something around one."""

    @property
    def params(self) -> dict[str, Array]:
        """What is learnt."""

    @property
    def state(self) -> dict[str, Array]:
        """What training moves besides."""

    def step(self, X: Array, y: Array, update: str = "sgd", **hyper: float) -> float:
        """Train on one batch, in place, and return the loss."""

    def scores(self, X: Array) -> Array:
        """Return the scores (N, classes) at test time."""


@dataclass(frozen=True)
class History:
    """How training went.

    Attributes
    ----------
    loss : array, one number a step
    train_accuracy, val_accuracy : arrays, one number an epoch
    best_epoch : int
        The first one with the best accuracy on the validation images; 0 is the first.
    """

    loss: Array
    train_accuracy: Array
    val_accuracy: Array
    best_epoch: int


def fit(
    model: Model,
    data: Mapping[str, Array],
    *,
    epochs: int,
    rng: np.random.Generator,
    batch_size: int = 50,
    update: str = "adam",
    learning_rate: float = 1e-3,
    learning_rate_decay: float = 1.0,
    on_epoch_end: Callable[[int], None] | None = None,
) -> History:
    """Train a model, and leave it as it was after its best epoch.

    Parameters
    ----------
    model : Network, or what has its `step`, `scores`, `params` and `state`
    data : dict
        ``X_train, y_train, X_val, y_val``. Each epoch shows every training image once; the
        validation images choose the epoch.
    rng : Generator
        Draws the order of the images, and nothing else.
    batch_size : int
        At most; an epoch is cut into batches of one size, give or take an image.
    update, learning_rate : as `Network.step` takes them
    learning_rate_decay : float
        Factor on the learning rate from epoch to epoch.
    on_epoch_end : callable, optional
        Called with the number of epochs done.

    Raises
    ------
    ValueError
        If the loss is no longer a number.

    Examples
    --------
    >>> from cs231n.nets import Network
    >>> y = np.arange(40) % 2
    >>> data = {"X_train": y[:, None] - 0.5, "y_train": y, "X_val": y[:, None] - 0.5, "y_val": y}
    >>> network = Network("fc-2", (1,), seed=0)
    >>> history = fit(network, data, epochs=5, rng=np.random.default_rng(0), learning_rate=0.3)
    >>> float(history.val_accuracy[-1])
    1.0
    """
    epochs = as_extent("epochs", epochs, minimum=1)
    X, y = data["X_train"], data["y_train"]
    batches = math.ceil(len(X) / as_extent("batch_size", batch_size, minimum=1))
    shown = rng.permutation(len(X))[:_SHOWN]
    loss, train, val = [], [], []
    best: tuple[dict[str, Array], dict[str, Array]] = ({}, {})
    best_epoch = 0
    for epoch in range(epochs):
        rate = learning_rate * learning_rate_decay**epoch
        for batch in np.array_split(rng.permutation(len(X)), batches):
            loss.append(model.step(X[batch], y[batch], update=update, learning_rate=rate))
        if not math.isfinite(loss[-1]):
            raise ValueError(
                f"learning_rate {learning_rate:g} made the loss {loss[-1]} in epoch {epoch + 1}: "
                "choose a smaller one"
            )
        train.append(accuracy(model, X[shown], y[shown]))
        val.append(accuracy(model, data["X_val"], data["y_val"]))
        if epoch == 0 or val[-1] > val[best_epoch]:
            best, best_epoch = (_copy(model.params), _copy(model.state)), epoch
        if on_epoch_end is not None:
            on_epoch_end(epoch + 1)
    for now, then in zip((model.params, model.state), best, strict=True):
        now.update(then)
    return History(np.array(loss), np.array(train), np.array(val), best_epoch)


def accuracy(model: Model, X: Array, y: Array) -> float:
    """Return the share of images whose highest score is that of their label."""
    return float(np.mean(model.scores(X).argmax(axis=1) == y))


def _copy(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: array.copy() for name, array in arrays.items()}
