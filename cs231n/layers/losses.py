"""Classification losses on scores: softmax cross-entropy and the multi-class SVM's hinge."""

import numpy as np

from cs231n.validation import Array, as_float_array, as_labels


def svm_loss(x: Array, y: Array) -> tuple[float, Array]:
    """Hinge loss of a multi-class SVM, and its gradient.

    ``loss = 1/N sum_n sum_{c != y_n} max(0, x_nc - x_{n y_n} + 1)``

    Parameters
    ----------
    x : array (N, C)
        Scores.
    y : integer array (N,)
        Labels, ``0 <= y_n < C``.

    Returns
    -------
    loss : float
        The mean over the batch; 0 for an empty batch.
    dx : array (N, C)
        Gradient with respect to the scores.

    References
    ----------
    Weston & Watkins, "Support vector machines for multi-class pattern recognition", ESANN 1999,
    https://www.esann.org/sites/default/files/proceedings/legacy/es1999-461.pdf

    Examples
    --------
    >>> import numpy as np
    >>> loss, dx = svm_loss(np.array([[3.0, 2.5, 0.0]]), np.array([0]))
    >>> loss, dx.tolist()
    (0.5, [[-1.0, 1.0, 0.0]])
    """
    x = as_float_array("x", x, ndim=2)
    N, C = x.shape
    y = as_labels("y", y, N, C)
    rows = np.arange(N)
    margins = np.maximum(x - x[rows, y][:, None] + 1, 0)
    margins[rows, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] = -dx.sum(axis=1)
    return float(margins.sum() / max(N, 1)), dx / max(N, 1)


def softmax_loss(x: Array, y: Array) -> tuple[float, Array]:
    """Cross-entropy of the softmax of the scores, and its gradient.

    ``p_nc = exp(x_nc) / sum_k exp(x_nk)``, ``loss = -1/N sum_n log p_{n y_n}``,
    ``dx = (p - onehot(y)) / N``

    Parameters
    ----------
    x : array (N, C)
        Scores (logits).
    y : integer array (N,)
        Labels, ``0 <= y_n < C``.

    Returns
    -------
    loss : float
        The mean over the batch, in nats; 0 for an empty batch.
    dx : array (N, C)
        Gradient with respect to the scores.

    References
    ----------
    Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990,
    https://doi.org/10.1007/978-3-642-76153-9_28

    Examples
    --------
    >>> import numpy as np
    >>> loss, dx = softmax_loss(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 4), dx.tolist()
    (1.3863, [[0.25, 0.25, -0.75, 0.25]])
    """
    x = as_float_array("x", x, ndim=2)
    N, C = x.shape
    y = as_labels("y", y, N, C)
    rows = np.arange(N)
    shifted = x - x.max(axis=1, keepdims=True, initial=-np.inf)  # exp cannot overflow
    exp = np.exp(shifted)
    total = exp.sum(axis=1, keepdims=True)
    # log p from the logarithm of the sum: the probability itself may underflow to 0.
    loss = (np.log(total[:, 0]) - shifted[rows, y]).sum() / max(N, 1)
    dx = exp / total
    dx[rows, y] -= 1
    return float(loss), dx / max(N, 1)
