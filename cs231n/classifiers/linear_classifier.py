"""Linear classifiers, trained by stochastic gradient descent: SVM and softmax."""

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from cs231n.classifiers.linear_layout import examples_are_columns, layout_of_the_release
from cs231n.classifiers.linear_svm import *
from cs231n.classifiers.saved import load_array, save_array
from cs231n.classifiers.softmax import *
from cs231n.validation import Array, as_extent, as_float_array, as_labels


class LinearClassifier:
    """A matrix of weights, and how to train it; a subclass says what ``loss`` is.

    Attributes
    ----------
    W : array (D, C), or None before ``train``
        (C, D) if it was trained on examples in columns, the layout of 2015; see
        :mod:`cs231n.classifiers.linear_layout`.

    References
    ----------
    Robbins & Monro, "A stochastic approximation method", 1951,
    https://doi.org/10.1214/aoms/1177729586

    Examples
    --------
    >>> np.random.seed(0)
    >>> X = np.random.randn(60, 3)
    >>> classifier = Softmax()
    >>> history = classifier.train(X, X.argmax(axis=1), learning_rate=0.5, num_iters=150)
    >>> len(history), history[-1] < history[0], classifier.W.shape
    (150, True, (3, 3))
    >>> bool((classifier.predict(X) == X.argmax(axis=1)).mean() > 0.9)
    True
    """

    W: Any = None
    # The layout of the last training, for shapes that fit both.
    _columns: bool | None = None

    def train(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        learning_rate: float = 1e-3,
        reg: float = 1e-5,
        num_iters: int = 100,
        batch_size: int = 200,
        verbose: bool = False,
    ) -> list[float]:
        """Train by stochastic gradient descent, from where ``W`` stands.

        ``W <- W - learning_rate dW``, on batches drawn with replacement by ``np.random.choice``.
        Without a ``W``, it starts with ``0.001 np.random.randn`` and ``max(y) + 1`` classes.

        Parameters
        ----------
        X : array (N, D), or (D, N) in the layout of 2015
            Integers are taken as float64.
        y : int array (N,)
        learning_rate, reg : float
        num_iters, batch_size : int
        verbose : bool
            Print the loss every 100 iterations.

        Returns
        -------
        list of float
            The loss of each batch.

        Raises
        ------
        ValueError, TypeError
            If X, y and a W from before do not match, or there are no examples.
        """
        X, y = as_float_array("X", X, ndim=2), np.asarray(y)
        num_iters = as_extent("num_iters", num_iters, 0)
        batch_size = as_extent("batch_size", batch_size, 1)
        columns = self._prepare(X, y, batch_size)
        losses = []
        for it in range(num_iters):
            batch = np.random.choice(len(y), batch_size)
            X_batch = X[:, batch] if columns else X[batch]
            loss, dW = self.loss(X_batch, y[batch], reg)
            losses.append(float(loss))
            self.W = self.W - learning_rate * dW  # a new array: others may keep the old one
            if verbose and it % 100 == 0:
                print(f"iteration {it} / {num_iters}: loss {loss:f}")
        return losses

    def _prepare(self, X: Array, y: Array, batch_size: int) -> bool:
        """Check the examples, make W if there is none, and return whether they are columns."""
        if y.ndim != 1 or y.size == 0:
            raise ValueError(f"y must have shape (N,) with at least one label, got {y.shape}")
        columns = examples_are_columns(X, count=len(y), W=self.W)
        D = X.shape[0] if columns else X.shape[1]
        if self.W is not None:
            C = self.W.shape[0] if columns else self.W.shape[1]
        else:
            C = max(int(y.max()), 0) + 1 if y.dtype.kind in "iu" else 1
        as_labels("y", y, len(y), C)
        if batch_size == D == C and columns != layout_of_the_release():
            raise ValueError(
                f"batch_size must not be {batch_size}, the numbers in an example and the classes: "
                "the shapes of a batch do not tell its layout; take another, or use_release"
            )
        if self.W is None:
            self.W = 0.001 * np.random.randn(*((C, D) if columns else (D, C)))
        self._columns = columns
        return columns

    def predict(self, X: npt.ArrayLike) -> Array:
        """Return the labels (N,) of the highest scores.

        Parameters
        ----------
        X : array (N, D), or (D, N) if W is (C, D)

        Raises
        ------
        ValueError
            If there is no W yet, or X does not match it.
        """
        if self.W is None:
            raise ValueError("the classifier has no W yet: call train(X, y) first")
        X = as_float_array("X", X, ndim=2)
        if examples_are_columns(X, W=self.W, usual=self._columns):
            return np.argmax(self.W @ X, axis=0)  # (C, D) @ (D, N) -> (C, N) -> (N,)
        return np.argmax(X @ self.W, axis=1)  # (N, D) @ (D, C) -> (N, C) -> (N,)

    def loss(self, X_batch: Array, y_batch: Array, reg: float) -> Any:
        """Return ``(loss, dW)`` of a batch; a subclass says how.

        Parameters
        ----------
        X_batch : array (N, D), or (D, N) if W is (C, D)
        y_batch : int array (N,)
        reg : float
        """
        raise NotImplementedError("LinearClassifier has no loss: use LinearSVM or Softmax")

    def save(self, fname: str | os.PathLike[str]) -> None:
        """Write W to ``cs231n/saved/<fname>`` and print where that is.

        Only a file that holds a matrix of weights is replaced; which folder it is says
        :mod:`cs231n.classifiers.saved`.

        Parameters
        ----------
        fname : path-like
            A file name, or an absolute path; ``.npy`` is appended where it is missing.

        Raises
        ------
        ValueError
            If there is no W yet.
        FileExistsError
            If such a file holds something else.
        """
        if self.W is None:
            raise ValueError("the classifier has no W yet: call train(X, y) first")
        save_array(fname, self.W, _is_matrix)

    def load(self, fname: str | os.PathLike[str]) -> bool:
        """Read W from ``cs231n/saved/<fname>``, as :meth:`save` wrote it; return True.

        Parameters
        ----------
        fname : path-like

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it does not hold a matrix of real numbers.
        """
        W = load_array(fname)
        if not _is_matrix(W):
            raise ValueError(
                f"{fname} must hold a matrix of real numbers, got shape {W.shape} of {W.dtype}"
            )
        self.W, self._columns = W, None
        return True


class LinearSVM(LinearClassifier):
    """A linear classifier with the multi-class hinge loss."""

    def loss(self, X_batch: Array, y_batch: Array, reg: float) -> tuple[float, Array]:
        """Return ``(loss, dW)`` of a batch; see :func:`svm_loss_naive`."""
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)


class Softmax(LinearClassifier):
    """A linear classifier with the cross-entropy of the softmax."""

    def loss(self, X_batch: Array, y_batch: Array, reg: float) -> tuple[float, Array]:
        """Return ``(loss, dW)`` of a batch; see :func:`softmax_loss_naive`."""
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)


def _is_matrix(array: Array) -> bool:
    return array.ndim == 2 and array.dtype.kind == "f"
