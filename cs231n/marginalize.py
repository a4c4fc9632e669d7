"""Average predictions over noise: passes of one network, or several networks.

The lecture's theme: randomness in the forward pass while training, averaged out at test time.
"""

from collections.abc import Callable, Iterable

import numpy as np

from cs231n import validation
from cs231n.validation import Array, as_float_array


def softmax(scores: Array) -> Array:
    """Turn scores into probabilities.

    Parameters
    ----------
    scores : array (N, C)

    Returns
    -------
    array (N, C), rows summing to 1

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.zeros((1, 4))).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    scores = as_float_array("scores", scores, ndim=2)
    exp = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return exp / exp.sum(axis=1, keepdims=True)


def predict(
    forward: Callable[[Array], Array], X: Array, passes: int = 1, batch_size: int = 200
) -> Array:
    """Average the class probabilities over several passes.

    ``p(c | x) = 1/R sum_r softmax(forward_r(x))_c``

    Parameters
    ----------
    forward : callable
        Takes images (n, ...) and returns scores (n, C); random, if more than one pass is to help.
    X : array (N, ...)
    passes : int
        R; one is enough for a forward without noise.
    batch_size : int
        Images handed to ``forward`` at a time.

    Returns
    -------
    array (N, C)

    References
    ----------
    Gal & Ghahramani, "Dropout as a Bayesian approximation", ICML 2016,
    https://arxiv.org/abs/1506.02142

    Examples
    --------
    >>> import numpy as np
    >>> predict(lambda X: X, np.zeros((3, 2)), passes=4).tolist()
    [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    """
    passes = validation.as_extent("passes", passes, minimum=1)
    batch_size = validation.as_extent("batch_size", batch_size, minimum=1)
    if len(X) == 0:
        raise ValueError(f"X must hold at least one image, got shape {np.shape(X)}")
    batches = [X[first : first + batch_size] for first in range(0, len(X), batch_size)]
    return np.concatenate(
        [average(softmax(forward(batch)) for _ in range(passes)) for batch in batches]
    )


def average(probabilities: Iterable[Array]) -> Array:
    """Return the mean of arrays of one shape, holding two of them at a time.

    Parameters
    ----------
    probabilities : iterable of arrays (N, C)
        For example one per network of an ensemble.

    Returns
    -------
    array (N, C)

    Examples
    --------
    >>> import numpy as np
    >>> average([np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])]).tolist()
    [[0.75, 0.25]]
    """
    total, count = None, 0
    for array in probabilities:
        if total is not None and np.shape(array) != total.shape:
            raise ValueError(
                f"probabilities must have one shape, got {total.shape} and {np.shape(array)}"
            )
        total = np.array(array) if total is None else total + array
        count += 1
    if total is None:
        raise ValueError("probabilities must hold at least one array, got none")
    return total / count
