"""Affine - ReLU - affine - softmax, as a function (2015) and as a class (2016 to 2020)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n.layers import *
from cs231n.release import conventions
from cs231n.validation import Array, as_extent, parameter


def init_two_layer_model(input_size: int, hidden_size: int, output_size: int) -> dict[str, Array]:
    """Return parameters for :func:`two_layer_net`: weights ``1e-5 np.random.randn``, biases 0.

    Parameters
    ----------
    input_size, hidden_size, output_size : int
        D, H and C.

    Returns
    -------
    dict
        ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,).

    Examples
    --------
    >>> {name: w.shape for name, w in init_two_layer_model(4, 10, 3).items()}
    {'W1': (4, 10), 'b1': (10,), 'W2': (10, 3), 'b2': (3,)}
    """
    return _initial_params(input_size, hidden_size, output_size, 1e-5)


def two_layer_net(
    X: Array, model: Mapping[str, Array], y: Array | None = None, reg: float = 0.0
) -> Any:
    """Scores of a two-layer network, or with labels its loss and gradients.

    ``scores = max(0, X W1 + b1) W2 + b2``;
    ``loss = softmax loss + 0.5 reg (sum(W1^2) + sum(W2^2))``

    Parameters
    ----------
    X : array (N, D)
    model : dict
        As :func:`init_two_layer_model` makes it.
    y : int array (N,), optional
    reg : float

    Returns
    -------
    scores : array (N, C), without labels
    loss, grads : float, and a dict with the keys of `model`

    Raises
    ------
    ValueError, TypeError
        If a parameter is missing, or shapes or labels do not fit.

    References
    ----------
    Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", 1986,
    https://doi.org/10.1038/323533a0

    Examples
    --------
    >>> model = init_two_layer_model(4, 10, 3)
    >>> two_layer_net(np.ones((2, 4)), model).shape
    (2, 3)
    >>> loss, grads = two_layer_net(np.ones((2, 4)), model, np.array([0, 2]), reg=0.1)
    >>> round(loss, 4), list(grads)  # ln 3
    (1.0986, ['W1', 'b1', 'W2', 'b2'])
    """
    return _scores_or_loss(X, model, y, 0.5 * reg)


def _initial_params(D: int, H: int, C: int, std: float) -> dict[str, Array]:
    D, H = as_extent("input_size", D, 1), as_extent("hidden_size", H, 1)
    C = as_extent("output_size", C, 1)
    return {
        "W1": std * np.random.randn(D, H),
        "b1": np.zeros(H),
        "W2": std * np.random.randn(H, C),
        "b2": np.zeros(C),
    }


def _scores_or_loss(X: Array, params: Mapping[str, Array], y: Array | None, l2: float) -> Any:
    W1, b1, W2, b2 = (parameter("model", params, name) for name in ("W1", "b1", "W2", "b2"))
    hidden, affine_cache = affine_forward(X, W1, b1)
    hidden, relu_cache = relu_forward(hidden)
    scores, scores_cache = affine_forward(hidden, W2, b2)
    if y is None:
        return scores

    loss, dscores = softmax_loss(scores, y)
    loss += l2 * (np.sum(W1**2) + np.sum(W2**2))
    dhidden, dW2, db2 = affine_backward(dscores, scores_cache)
    _, dW1, db1 = affine_backward(relu_backward(dhidden, relu_cache), affine_cache)
    grads = {"W1": dW1 + 2 * l2 * W1, "b1": db1, "W2": dW2 + 2 * l2 * W2, "b2": db2}
    return float(loss), grads


class TwoLayerNet:
    """Affine - ReLU - affine - softmax, which trains itself.

    The L2 penalty is ``reg (sum(W1^2) + sum(W2^2))``; half of it in the releases of 2015 and 2016
    (:func:`cs231n.use_release`).

    Parameters
    ----------
    input_size, hidden_size, output_size : int
        D, H and C.
    std : float
        Standard deviation of the initial weights.

    Attributes
    ----------
    params : dict
        ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,).

    Examples
    --------
    >>> np.random.seed(0)
    >>> X = np.random.randn(60, 3)
    >>> net = TwoLayerNet(3, 10, 3, std=0.1)
    >>> y = X.argmax(axis=1)
    >>> stats = net.train(X, y, X, y, learning_rate=0.5, batch_size=20, num_iters=150)
    >>> bool((net.predict(X) == y).mean() > 0.9), len(stats["val_acc_history"])
    (True, 50)
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, std: float = 1e-4
    ) -> None:
        self.params = _initial_params(input_size, hidden_size, output_size, std)

    def loss(self, X: Array, y: Array | None = None, reg: float = 0.0) -> Any:
        """Return the scores (N, C), or with labels ``(loss, grads)``.

        Parameters
        ----------
        X : array (N, D)
        y : int array (N,), optional
        reg : float
        """
        return _scores_or_loss(X, self.params, y, conventions().neural_net_l2_factor * reg)

    def train(
        self,
        X: Array,
        y: Array,
        X_val: Array,
        y_val: Array,
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 0.95,
        reg: float | None = None,
        num_iters: int = 100,
        batch_size: int = 200,
        verbose: bool = False,
    ) -> dict[str, list[float]]:
        """Train by stochastic gradient descent on batches drawn with replacement.

        An epoch is ``max(N // batch_size, 1)`` iterations. After the first iteration of each, the
        accuracies are recorded and the learning rate decays, so there are
        ``ceil(num_iters / epoch)`` of each accuracy.

        Parameters
        ----------
        X, X_val : arrays (N, D), (N_val, D)
        y, y_val : int arrays (N,), (N_val,)
        learning_rate, learning_rate_decay : float
        reg : float, optional
            By default 5e-6; 1e-5 in the releases of 2015 and 2016, whose penalty is halved.
        num_iters, batch_size : int
        verbose : bool
            Print the loss every 100 iterations.

        Returns
        -------
        dict
            ``loss_history``, an entry an iteration; ``train_acc_history``, of the current batch,
            and ``val_acc_history``, an entry an epoch.

        Raises
        ------
        ValueError
            If the examples and labels do not match, or there are none.
        """
        X, y = _labelled("X", X, "y", y)
        X_val, y_val = _labelled("X_val", X_val, "y_val", y_val)
        num_iters = as_extent("num_iters", num_iters, 0)
        batch_size = as_extent("batch_size", batch_size, 1)
        if reg is None:
            reg = 1e-5 if conventions().year <= 2016 else 5e-6
        iterations_per_epoch = max(len(X) // batch_size, 1)
        history: dict[str, list[float]] = {
            "loss_history": [],
            "train_acc_history": [],
            "val_acc_history": [],
        }
        for it in range(num_iters):
            batch = np.random.choice(len(X), batch_size)
            loss = self._step(X[batch], y[batch], reg, learning_rate)
            history["loss_history"].append(loss)
            if verbose and it % 100 == 0:
                print(f"iteration {it} / {num_iters}: loss {loss:f}")
            if it % iterations_per_epoch == 0:
                history["train_acc_history"].append(self._accuracy(X[batch], y[batch]))
                history["val_acc_history"].append(self._accuracy(X_val, y_val))
                learning_rate *= learning_rate_decay
        return history

    def _step(self, X: Array, y: Array, reg: float, learning_rate: float) -> float:
        loss, grads = self.loss(X, y, reg=reg)
        for name, gradient in grads.items():
            self.params[name] = self.params[name] - learning_rate * gradient
        return loss

    def _accuracy(self, X: Array, y: Array) -> float:
        return float(np.mean(self.predict(X) == y))

    def predict(self, X: Array) -> Array:
        """Return the labels (N,) of the highest scores of X (N, D)."""
        return np.argmax(self.loss(X), axis=1)


def _labelled(X_name: str, X: Array, y_name: str, y: Array) -> tuple[Array, Array]:
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim < 2 or y.shape != X.shape[:1] or y.size == 0:
        raise ValueError(
            f"{X_name} must be (N, D) and {y_name} (N,), with N at least 1, "
            f"got shapes {X.shape} and {y.shape}"
        )
    return X, y
