"""The loss of a linear softmax classifier: naive, and vectorized."""

import numpy as np

from cs231n.classifiers.linear_layout import in_rows
from cs231n.layers import softmax_loss
from cs231n.validation import Array


def softmax_loss_naive(W: Array, X: Array, y: Array, reg: float) -> tuple[float, Array]:
    """Cross-entropy of the softmax of linear scores, and its gradient, by loops; for reading.

    ``s_n = x_n W``, ``p_nc = exp(s_nc) / sum_k exp(s_nk)``,
    ``loss = -1/N sum_n log p_{n y_n} + l2 sum(W^2)``, ``dW_c = 1/N sum_n (p_nc - [c = y_n]) x_n +
    2 l2 W_c``

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
    Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990,
    https://doi.org/10.1007/978-3-642-76153-9_28

    Examples
    --------
    >>> loss, dW = softmax_loss_naive(np.zeros((1, 4)), np.ones((1, 1)), np.array([2]), reg=0.0)
    >>> round(loss, 4), dW.tolist()
    (1.3863, [[0.25, 0.25, -0.75, 0.25]])
    """
    rows = in_rows(W, X, y, reg)
    W, X, y, l2, _ = rows
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros(W.shape, np.result_type(W, X))
    for n in range(N):
        scores = X[n] @ W  # (D,) @ (D, C) -> (C,)
        scores -= np.max(scores)  # exp cannot overflow
        total = np.sum(np.exp(scores))
        loss += (np.log(total) - scores[y[n]]) / N
        for c in range(C):
            probability = np.exp(scores[c]) / total
            dW[:, c] += (probability - (c == y[n])) * X[n] / N
    loss += l2 * np.sum(W * W)
    dW += 2 * l2 * W
    return float(loss), rows.as_given(dW)


def softmax_loss_vectorized(W: Array, X: Array, y: Array, reg: float) -> tuple[float, Array]:
    """Compute what :func:`softmax_loss_naive` does, with the same arguments, by matrix products.

    ``scores = X W``, ``dW = X.T dscores + 2 l2 W``

    Examples
    --------
    >>> W, X = np.zeros((1, 4)), np.ones((1, 1))
    >>> loss, dW = softmax_loss_vectorized(W, X, np.array([2]), reg=0.0)
    >>> round(loss, 4), dW.tolist()
    (1.3863, [[0.25, 0.25, -0.75, 0.25]])
    """
    rows = in_rows(W, X, y, reg)
    W, X, y, l2, _ = rows
    # Both products with the few classes first: BLAS is up to three times as fast on them.
    scores = (W.T @ X.T).T  # (C, D) @ (D, N) -> (C, N) -> (N, C)
    loss, dscores = softmax_loss(scores, y)
    loss += l2 * np.sum(W * W)
    dW = (dscores.T @ X).T  # (C, N) @ (N, D) -> (C, D) -> (D, C)
    dW += 2 * l2 * W
    return float(loss), rows.as_given(dW)
