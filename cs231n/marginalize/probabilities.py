"""Probabilities: from scores, as votes, their mean and their entropy."""

from collections.abc import Iterable

import numpy as np

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


def log_softmax(scores: Array) -> Array:
    """Turn scores into logarithms of probabilities, also of those too small for a float.

    Parameters
    ----------
    scores : array (N, C)

    Returns
    -------
    array (N, C)

    Examples
    --------
    >>> import numpy as np
    >>> log_softmax(np.array([[0.0, -2000.0]])).tolist()
    [[0.0, -2000.0]]
    """
    scores = as_float_array("scores", scores, ndim=2)
    shifted = scores - scores.max(axis=1, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def votes(scores: Array) -> Array:
    """Give 1 to the class of the highest score, the first of several, and 0 to all others.

    Examples
    --------
    >>> import numpy as np
    >>> votes(np.array([[1.0, 3.0, 3.0]])).tolist()
    [[0.0, 1.0, 0.0]]
    """
    scores = as_float_array("scores", scores, ndim=2)
    voted = np.zeros_like(scores)
    if scores.size:
        voted[np.arange(len(scores)), scores.argmax(axis=1)] = 1
        voted[np.isnan(scores).any(axis=1)] = np.nan  # a vote for the first NaN would mean nothing
    return voted


def entropy(probabilities: Array) -> Array:
    """Return ``-sum_c p_c log p_c`` of each row, in nats; what is impossible adds nothing.

    Examples
    --------
    >>> import numpy as np
    >>> (entropy(np.array([[0.5, 0.5], [1.0, 0.0]])) / np.log(2)).tolist()
    [1.0, 0.0]
    """
    p = as_float_array("probabilities", probabilities, ndim=2)
    return np.abs((p * np.log(np.where(p > 0, p, 1))).sum(axis=1))  # abs: 0 and not -0


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
