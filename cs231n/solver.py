"""Train a model by minibatch gradient descent, and keep its best parameters."""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any, Protocol

import numpy as np

from cs231n import optim
from cs231n.files import write_atomically
from cs231n.validation import Array


class Model(Protocol):
    """What a Solver trains: parameters by name, and a loss."""

    params: dict[str, Array]

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return scores for ``y=None``, else ``(loss, grads)``."""


class Solver:
    """Train a model by minibatch gradient descent.

    Parameters
    ----------
    model : object
        With ``params``, a dict of arrays, and ``loss(X, y=None)``, which returns scores (N, C)
        without labels, and ``(loss, grads)`` with them.
    data : dict
        ``'X_train'``, ``'y_train'``, ``'X_val'``, ``'y_val'``.
    update_rule : str
        A rule of :mod:`cs231n.optim`: ``'sgd'``, ``'sgd_momentum'``, ``'nesterov_momentum'``,
        ``'rmsprop'``, ``'adam'``.
    optim_config : dict
        Hyper-parameters of the rule; each parameter gets a copy of its own.
    lr_decay : float
        The learning rate is multiplied by it after each epoch.
    batch_size, num_epochs : int
    num_train_samples, num_val_samples : int or None
        How many images the accuracies are measured on; None for all.
    checkpoint_name : str, optional
        After each epoch a pickled dict is written to ``<name>_epoch_<k>.pkl``.
    print_every : int
        Iterations between two printed losses.
    verbose : bool
    on_epoch_end : callable, optional
        Called with the solver after each epoch, for example to move a progress bar.

    Attributes
    ----------
    loss_history : list of float, one an iteration
    train_acc_history, val_acc_history : lists of float
        At the first iteration and after each epoch, so ``num_epochs + 1`` of them; where an epoch
        is one iteration, ``num_epochs``.
    best_val_acc, best_params
        ``train`` ends with ``model.params`` set to the parameters of the best validation accuracy.

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n.classifiers.fc_net import TwoLayerNet
    >>> np.random.seed(0)
    >>> X = np.random.randn(40, 5)
    >>> data = {"X_train": X, "y_train": X.argmax(1), "X_val": X, "y_val": X.argmax(1)}
    >>> model = TwoLayerNet(input_dim=5, num_classes=5, weight_scale=0.1)
    >>> solver = Solver(model, data, update_rule="adam", optim_config={"learning_rate": 0.05},
    ...                 batch_size=20, num_epochs=20, verbose=False)
    >>> solver.train()
    >>> solver.check_accuracy(X, X.argmax(1)) > 0.9
    True
    """

    def __init__(self, model: Model, data: Mapping[str, Any], **kwargs: Any) -> None:
        self.model = model
        self._accept(data)

        self.update_rule: Any = kwargs.pop("update_rule", "sgd")
        self.optim_config: dict[str, Any] = kwargs.pop("optim_config", {})
        self.lr_decay: float = kwargs.pop("lr_decay", 1.0)
        self.batch_size: int = kwargs.pop("batch_size", 100)
        self.num_epochs: int = kwargs.pop("num_epochs", 10)
        self.num_train_samples: int | None = kwargs.pop("num_train_samples", 1000)
        self.num_val_samples: int | None = kwargs.pop("num_val_samples", None)
        self.checkpoint_name: str | None = kwargs.pop("checkpoint_name", None)
        self.print_every: int = kwargs.pop("print_every", 10)
        self.verbose: bool = kwargs.pop("verbose", True)
        self.on_epoch_end: Callable[[Solver], None] | None = kwargs.pop("on_epoch_end", None)
        if kwargs:
            raise ValueError(f"Unrecognized arguments: {', '.join(sorted(kwargs))}")
        if self.batch_size < 1 or self.num_epochs < 0 or self.print_every < 1:
            raise ValueError(
                "batch_size and print_every must be at least 1 and num_epochs at least 0, got "
                f"{self.batch_size}, {self.print_every} and {self.num_epochs}"
            )
        self.update_rule = _rule(self.update_rule)
        self._reset()

    def _accept(self, data: Mapping[str, Any]) -> None:
        """Check the data, and keep it."""
        self.X_train, self.y_train = _labelled(data, "X_train", "y_train")
        self.X_val, self.y_val = _labelled(data, "X_val", "y_val")

    def _train_size(self) -> int:
        return len(self.X_train)

    def _minibatch(self) -> tuple[Array, Array]:
        """Draw training examples, with replacement."""
        batch = np.random.choice(self.X_train.shape[0], self.batch_size)
        return self.X_train[batch], self.y_train[batch]

    def _accuracies(self) -> tuple[float, float]:
        """Return what is reached on training and on validation examples."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, self.num_train_samples)
        return train_acc, self.check_accuracy(self.X_val, self.y_val, self.num_val_samples)

    def _reset(self) -> None:
        """Start the book-keeping anew."""
        self.epoch = 0
        self.best_val_acc = 0.0
        self.best_params: dict[str, Array] = {}
        self.loss_history: list[float] = []
        self.train_acc_history: list[float] = []
        self.val_acc_history: list[float] = []
        self.optim_configs = {name: dict(self.optim_config) for name in self.model.params}

    def _step(self) -> None:
        """Update every parameter once, from one minibatch."""
        loss, grads = self.model.loss(*self._minibatch())
        self.loss_history.append(loss)
        for name, w in self.model.params.items():
            if name not in grads:
                raise ValueError(f"model.loss gave no gradient for {name!r}, only {sorted(grads)}")
            next_w, config = self.update_rule(w, grads[name], self.optim_configs[name])
            self.model.params[name] = next_w
            self.optim_configs[name] = config

    def check_accuracy(
        self, X: Array, y: Array, num_samples: int | None = None, batch_size: int = 100
    ) -> float:
        """Return the fraction of images whose highest score is that of the label.

        Parameters
        ----------
        X : array (N, ...)
        y : int array (N,)
        num_samples : int, optional
            Measure on so many images, drawn at random, if there are more.
        batch_size : int
        """
        if X.shape[0] == 0 or X.shape[0] != y.shape[0]:
            raise ValueError(f"X and y must match and not be empty, got {X.shape} and {y.shape}")
        if num_samples is not None and X.shape[0] > num_samples:
            sample = np.random.choice(X.shape[0], num_samples)
            X, y = X[sample], y[sample]
        predictions = [
            np.argmax(self.model.loss(X[first : first + batch_size]), axis=1)
            for first in range(0, X.shape[0], batch_size)
        ]
        return float(np.mean(np.hstack(predictions) == y))

    def train(self) -> None:
        """Run all epochs, then set ``model.params`` to the best ones seen."""
        iterations_per_epoch = max(self._train_size() // self.batch_size, 1)
        num_iterations = self.num_epochs * iterations_per_epoch
        for t in range(num_iterations):
            self._step()
            if self.verbose and t % self.print_every == 0:
                loss = self.loss_history[-1]
                print(f"(Iteration {t + 1} / {num_iterations}) loss: {loss:f}")
            epoch_ends = (t + 1) % iterations_per_epoch == 0
            if epoch_ends:
                self._decay_learning_rates()
            if t == 0 or epoch_ends:
                self._record_accuracies()
            if epoch_ends:
                self._save_checkpoint()
                if self.on_epoch_end is not None:
                    self.on_epoch_end(self)
        if self.best_params:
            # A copy: the parameters go on changing if training goes on.
            self.model.params = {name: w.copy() for name, w in self.best_params.items()}

    def _decay_learning_rates(self) -> None:
        self.epoch += 1
        for config in self.optim_configs.values():
            config["learning_rate"] *= self.lr_decay

    def _record_accuracies(self) -> None:
        train_acc, val_acc = self._accuracies()
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        if self.verbose:
            print(
                f"(Epoch {self.epoch} / {self.num_epochs}) "
                f"train acc: {train_acc:f}; val_acc: {val_acc:f}"
            )
        if val_acc > self.best_val_acc:
            self.best_val_acc = val_acc
            self.best_params = {name: w.copy() for name, w in self.model.params.items()}

    def _save_checkpoint(self) -> None:
        """Write the state to ``<checkpoint_name>_epoch_<k>.pkl``, whole or not at all."""
        if self.checkpoint_name is None:
            return
        checkpoint = {
            "model": self.model,
            "update_rule": self.update_rule,
            "lr_decay": self.lr_decay,
            "optim_config": self.optim_config,
            "batch_size": self.batch_size,
            "num_train_samples": self.num_train_samples,
            "num_val_samples": self.num_val_samples,
            "epoch": self.epoch,
            "loss_history": self.loss_history,
            "train_acc_history": self.train_acc_history,
            "val_acc_history": self.val_acc_history,
        }
        path = Path(f"{self.checkpoint_name}_epoch_{self.epoch}.pkl")
        if self.verbose:
            print(f'Saving checkpoint to "{path}"')
        write_atomically(path, pickle.dumps(checkpoint))


def _labelled(data: Mapping[str, Any], X_key: str, y_key: str) -> tuple[Array, Array]:
    for key in (X_key, y_key):
        if key not in data:
            raise ValueError(f"data must have the key {key!r}, got the keys {sorted(data)}")
    X, y = data[X_key], data[y_key]
    if len(X) == 0 or len(X) != len(y):
        raise ValueError(
            f"data[{X_key!r}] and data[{y_key!r}] must match and not be empty, "
            f"got {len(X)} images and {len(y)} labels"
        )
    return X, y


def _rule(name: str) -> Callable[..., optim.Update]:
    rules = ("sgd", "sgd_momentum", "rmsprop", "adam")
    rule = getattr(optim, str(name), None)
    if str(name).startswith("_") or not isinstance(rule, FunctionType):
        raise ValueError(f"Invalid update_rule {name!r}: expected one of {', '.join(rules)}")
    return rule
