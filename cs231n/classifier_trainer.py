"""The trainer of 2015: minibatch gradient descent on a dict of parameters and a loss function."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from cs231n.validation import Array, as_extent, parameter

UPDATES = ("sgd", "momentum", "rmsprop")
RMSPROP_DECAY, RMSPROP_EPSILON = 0.99, 1e-8
# Accuracies are measured on so many images at a time, and training accuracy on so many in all.
EVALUATION_SLICE, TRAIN_SAMPLES = 100, 1000

Trained = tuple[dict[str, Array], list[float], list[float], list[float]]


class ClassifierTrainer:
    """Train the parameters of a function ``loss_function(X, model, y=None, reg=0.0, ...)``.

    Attributes
    ----------
    step_cache : dict
        For each parameter what the update rule remembers: the velocity of ``'momentum'``, the
        running mean square of ``'rmsprop'``. It is kept between calls of :meth:`train`, as long
        as they use the same rule and parameters of the same shape.

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n.classifiers.convnet import init_two_layer_convnet, two_layer_convnet
    >>> X, y = np.random.randn(20, 3, 8, 8), np.arange(20) % 10
    >>> model = init_two_layer_convnet(input_shape=(3, 8, 8), num_filters=4)
    >>> best_model, losses, train_acc, val_acc = ClassifierTrainer().train(
    ...     X, y, X, y, model, two_layer_convnet, num_epochs=3, batch_size=10
    ... )
    >>> len(losses), len(val_acc)  # 3 epochs of 2 iterations; the first one, and each epoch's end
    (6, 4)
    """

    def __init__(self) -> None:
        self.step_cache: dict[str, Array] = {}
        self._step_rule: str | None = None

    def train(
        self,
        X: Array,
        y: Array,
        X_val: Array,
        y_val: Array,
        model: dict[str, Array],
        loss_function: Callable[..., Any],
        reg: float = 0.0,
        dropout: float | None = 1.0,
        learning_rate: float = 1e-2,
        momentum: float = 0,
        learning_rate_decay: float = 0.95,
        update: str = "momentum",
        sample_batches: bool = True,
        num_epochs: int = 30,
        batch_size: int = 100,
        acc_frequency: int | None = None,
        augment_fn: Callable[[Array], Array] | None = None,
        predict_fn: Callable[[Array], Array] | None = None,
        verbose: bool = False,
    ) -> Trained:
        """Change the parameters in place, and return a copy of the best ones seen.

        Accuracies are measured at the first iteration, at each epoch's end, and every
        `acc_frequency` iterations; that of the training images on 1000 of them at most.

        Parameters
        ----------
        X, X_val : arrays (N, ...)
        y, y_val : int arrays (N,)
        model : dict of parameters
        loss_function : callable
            ``loss_function(X, model)`` gives scores; ``loss_function(X, model, y, reg)`` gives
            ``(loss, grads)``. If it takes ``dropout``, that is handed over by name, and so is
            ``reg`` if it has an argument of that name.
        reg, dropout : float
            Handed to `loss_function`; dropout means what that makes of it.
        learning_rate, momentum, learning_rate_decay : float
            The rate is multiplied by the decay at each epoch's end (but not at iteration 0).
        update : {'sgd', 'momentum', 'rmsprop'}
        sample_batches : bool
            False: each step uses all images, and is an epoch.
        num_epochs, batch_size : int
        acc_frequency : int, optional
        augment_fn, predict_fn : callables ``X -> X``, optional
            Applied to each training batch; to each slice before it is classified.
        verbose : bool

        Returns
        -------
        best_model, loss_history, train_acc_history, val_acc_history
        """
        _check_options(update, num_epochs, batch_size, acc_frequency)
        record = _Record(model, loss_function, predict_fn, (X, y), (X_val, y_val))
        cost_and_gradients = _bound(loss_function, reg, dropout)
        self._prepare(model, update)
        rate, epoch = float(learning_rate), 0
        per_epoch = max(len(X) // batch_size, 1) if sample_batches else 1
        for it in range(num_epochs * per_epoch):
            if verbose and it % 10 == 0:
                print("starting iteration ", it)
            batch = np.random.choice(len(X), batch_size) if sample_batches else slice(None)
            X_batch = X[batch] if augment_fn is None else augment_fn(X[batch])
            cost, grads = cost_and_gradients(X_batch, model, y[batch])
            record.losses.append(cost)
            self._step(model, grads, update, rate, float(momentum))
            epoch_ends = (it + 1) % per_epoch == 0
            if epoch_ends and it > 0:
                epoch += 1
                rate *= float(learning_rate_decay)
            if epoch_ends or it == 0 or (acc_frequency and it % acc_frequency == 0):
                record.measure()
                if verbose:
                    accuracies = f"train: {record.train_accs[-1]:f}, val {record.val_accs[-1]:f}"
                    start = f"Finished epoch {epoch} / {num_epochs}: cost {cost:f}"
                    print(f"{start}, {accuracies}, lr {rate:e}")
        if verbose:
            print(f"finished optimization. best validation accuracy: {record.best_val_acc:f}")
        return record.best_model, record.losses, record.train_accs, record.val_accs

    def _prepare(self, model: dict[str, Array], update: str) -> None:
        """Forget what another rule, or parameters of another shape, have left behind."""
        kept = self.step_cache if update == self._step_rule else {}
        for name, value in model.items():
            if getattr(value, "dtype", np.dtype(object)).kind != "f":
                raise TypeError(f"model[{name!r}] must be an array of real numbers, got {value!r}")
        self.step_cache = {
            name: value
            for name, value in kept.items()
            if name in model and value.shape == model[name].shape
        }
        self._step_rule = update

    def _step(
        self,
        model: dict[str, Array],
        grads: dict[str, Array],
        update: str,
        rate: float,
        momentum: float,
    ) -> None:
        """Change every parameter, in place."""
        for name, w in model.items():
            dw = parameter("grads", grads, name)
            if np.shape(dw) != w.shape:
                raise ValueError(
                    f"the gradient of {name!r} must have its shape {w.shape}, got {np.shape(dw)}"
                )
            if update == "sgd":
                w -= rate * dw
                continue
            memory = self.step_cache.get(name, np.zeros_like(w))
            if update == "momentum":
                memory = momentum * memory - rate * dw
                w += memory
            else:
                memory = RMSPROP_DECAY * memory + (1 - RMSPROP_DECAY) * dw**2
                w -= rate * dw / np.sqrt(memory + RMSPROP_EPSILON)
            self.step_cache[name] = memory


class _Record:
    """Losses and accuracies of one training run, and the parameters that were best."""

    def __init__(
        self,
        model: dict[str, Array],
        loss_function: Callable[..., Any],
        predict_fn: Callable[[Array], Array] | None,
        train: tuple[Array, Array],
        val: tuple[Array, Array],
    ) -> None:
        _check_images("X", *train)
        _check_images("X_val", *val)
        self.model, self.loss_function, self.predict_fn = model, loss_function, predict_fn
        self.train, self.val = train, val
        self.losses: list[float] = []
        self.train_accs: list[float] = []
        self.val_accs: list[float] = []
        self.best_val_acc = 0.0
        self.best_model = self._copy()

    def measure(self) -> None:
        """Append both accuracies; keep the parameters if they are the best so far."""
        X, y = self.train
        if len(X) > TRAIN_SAMPLES:
            sample = np.random.choice(len(X), TRAIN_SAMPLES)
            X, y = X[sample], y[sample]
        val_acc = self._accuracy(*self.val)
        self.train_accs.append(self._accuracy(X, y))
        if val_acc > self.best_val_acc or not self.val_accs:
            self.best_val_acc, self.best_model = val_acc, self._copy()
        self.val_accs.append(val_acc)

    def _copy(self) -> dict[str, Array]:
        return {name: np.copy(value) for name, value in self.model.items()}

    def _accuracy(self, X: Array, y: Array) -> float:
        predictions = []
        for first in range(0, len(X), EVALUATION_SLICE):
            images = X[first : first + EVALUATION_SLICE]
            images = images if self.predict_fn is None else self.predict_fn(images)
            predictions.append(np.argmax(self.loss_function(images, self.model), axis=1))
        return float(np.mean(np.concatenate(predictions) == y))


def _bound(loss_function: Callable[..., Any], reg: float, dropout: float | None) -> Any:
    """Hand over `reg` and `dropout` as the loss function takes them: 2015 had both manners."""
    try:
        arguments = dict(inspect.signature(loss_function).parameters)
    except (TypeError, ValueError):  # compiled functions may tell nothing
        arguments = {}
    anything = any(a.kind is a.VAR_KEYWORD for a in arguments.values())
    named: dict[str, Any] = {}
    # A wrapper that takes any keyword gets dropout only where it matters.
    if "dropout" in arguments or (anything and dropout != 1):
        named["dropout"] = dropout
    elif dropout not in (None, 1):
        raise ValueError(f"dropout={dropout} was asked for, but loss_function takes no dropout")
    if "reg" in arguments:
        named["reg"] = reg
        return lambda X, model, y: loss_function(X, model, y, **named)
    return lambda X, model, y: loss_function(X, model, y, reg, **named)


def _check_images(name: str, X: Array, y: Array) -> None:
    if len(X) == 0 or len(X) != len(y):
        raise ValueError(
            f"{name} and its labels must match and not be empty, got {len(X)} images and "
            f"{len(y)} labels"
        )


def _check_options(
    update: str, num_epochs: int, batch_size: int, acc_frequency: int | None
) -> None:
    if update not in UPDATES:
        raise ValueError(f"update must be one of {', '.join(UPDATES)}, got {update!r}")
    as_extent("num_epochs", num_epochs, minimum=0)
    as_extent("batch_size", batch_size, minimum=1)
    if acc_frequency is not None:
        as_extent("acc_frequency", acc_frequency, minimum=1)
