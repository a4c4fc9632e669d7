"""The loss of a linear support vector machine: naive, and vectorized."""

import numpy as np

from cs231n.classifiers.linear_layout import in_rows
from cs231n.layers import svm_loss
from cs231n.validation import Array


def svm_loss_naive(W: Array, X: Array, y: Array, reg: float) -> tuple[float, Array]:
    """Multi-class hinge loss of linear scores, and its gradient, by loops; for reading.

    ``s_n = x_n W``, ``loss = 1/N sum_n sum_{c != y_n} max(0, s_nc - s_{n y_n} + 1) + l2 sum(W^2)``;
    each positive margin adds ``x_n / N`` to column c of ``dW`` and takes it from column ``y_n``.

    Parameters
    ----------
    W : array (D, C)
        Weights.
    X : array (N, D)
        A minibatch.
    y : int array (N,)
        Labels, ``0 <= y_n < C``.
    reg : float
        ``l2 = reg``; ``reg / 2`` in the releases of 2015 and 2016. Shapes as in 2015, W (C, D) and
        X (D, N), are understood, too, and always mean ``reg / 2``: see
        :mod:`cs231n.classifiers.linear_layout`.

    Returns
    -------
    loss : float
    dW : array of the shape of W

    Raises
    ------
    ValueError, TypeError
        If the shapes match in neither layout, or y holds something else than labels.

    References
    ----------
    Weston & Watkins, "Support vector machines for multi-class pattern recognition", ESANN 1999,
    https://www.esann.org/sites/default/files/proceedings/legacy/es1999-461.pdf

    Examples
    --------
    >>> loss, dW = svm_loss_naive(np.array([[3.0, 2.5, 0.0]]), np.ones((1, 1)), np.array([0]), 0.0)
    >>> loss, dW.tolist()
    (0.5, [[-1.0, 1.0, 0.0]])
    """
    rows = in_rows(W, X, y, reg)
    W, X, y, l2, _ = rows
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros(W.shape, np.result_type(W, X))
    for n in range(N):
        scores = X[n] @ W  # (D,) @ (D, C) -> (C,)
        for c in range(C):
            margin = scores[c] - scores[y[n]] + 1
            if c != y[n] and margin > 0:
                loss += margin / N
                dW[:, c] += X[n] / N
                dW[:, y[n]] -= X[n] / N
    loss += l2 * np.sum(W * W)
    dW += 2 * l2 * W
    return float(loss), rows.as_given(dW)


def svm_loss_vectorized(W: Array, X: Array, y: Array, reg: float) -> tuple[float, Array]:
    """Compute what :func:`svm_loss_naive` does, with the same arguments, by matrix products.

    ``scores = X W``, ``dW = X.T dscores + 2 l2 W``

    Examples
    --------
    >>> W, X = np.array([[3.0, 2.5, 0.0]]), np.ones((1, 1))
    >>> loss, dW = svm_loss_vectorized(W, X, np.array([0]), reg=0.0)
    >>> loss, dW.tolist()
    (0.5, [[-1.0, 1.0, 0.0]])
    """
    rows = in_rows(W, X, y, reg)
    W, X, y, l2, _ = rows
    # Both products with the few classes first: BLAS is up to three times as fast on them.
    scores = (W.T @ X.T).T  # (C, D) @ (D, N) -> (C, N) -> (N, C)
    loss, dscores = svm_loss(scores, y)
    loss += l2 * np.sum(W * W)
    dW = (dscores.T @ X).T  # (C, N) @ (N, D) -> (C, D) -> (D, C)
    dW += 2 * l2 * W
    return float(loss), rows.as_given(dW)
