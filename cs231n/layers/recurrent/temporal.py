"""Layers that treat every step of a sequence alike: affine, and softmax loss with a mask."""

import numpy as np

from cs231n.layers.affine import affine_backward, affine_forward
from cs231n.layers.losses import softmax_loss
from cs231n.validation import Array, as_float_array, as_labels, as_shaped

TemporalCache = tuple[Array, Array, Array]


def temporal_affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, TemporalCache]:
    """Multiply each step by the same matrix and add a bias: ``out = x @ w + b``.

    Parameters
    ----------
    x : array (N, T, D)
    w : array (D, M)
    b : array (M,)

    Returns
    -------
    out : array (N, T, M)
    cache : tuple ``(x, w, b)`` for :func:`temporal_affine_backward`

    Raises
    ------
    ValueError
        If the shapes do not match.

    Examples
    --------
    >>> out, cache = temporal_affine_forward(np.ones((2, 5, 3)), np.ones((3, 4)), np.zeros(4))
    >>> out.shape
    (2, 5, 4)
    """
    x, w = as_float_array("x", x, ndim=3), as_float_array("w", w, ndim=2)
    N, T, D = x.shape
    if w.shape[0] != D:
        raise ValueError(
            f"x must hold {w.shape[0]} numbers a step to match w {w.shape}, got shape {x.shape}"
        )
    out, (_, w, b) = affine_forward(x.reshape(N * T, D), w, b)  # (N, T, D) -> (N*T, D)
    return out.reshape(N, T, w.shape[1]), (x, w, b)  # (N*T, M) -> (N, T, M)


def temporal_affine_backward(dout: Array, cache: TemporalCache) -> tuple[Array, Array, Array]:
    """Differentiate :func:`temporal_affine_forward`.

    ``dx = dout @ w.T``, ``dw = sum over N, T of x.T @ dout``, ``db = sum over N, T of dout``

    Parameters
    ----------
    dout : array (N, T, M)
    cache : what :func:`temporal_affine_forward` returned

    Returns
    -------
    dx, dw, db : arrays of the shapes of ``x``, ``w`` and ``b``

    Examples
    --------
    >>> out, cache = temporal_affine_forward(np.ones((2, 5, 3)), np.ones((3, 4)), np.zeros(4))
    >>> dx, dw, db = temporal_affine_backward(np.ones((2, 5, 4)), cache)
    >>> dx.shape, dw.shape, db.tolist()
    ((2, 5, 3), (3, 4), [10.0, 10.0, 10.0, 10.0])
    """
    x, w, b = cache
    (N, T, D), M = x.shape, w.shape[1]
    dout = as_shaped("dout", dout, (N, T, M), "as the output has")
    flat_cache = (x.reshape(N * T, D), w, b)  # (N, T, D) -> (N*T, D)
    dx, dw, db = affine_backward(dout.reshape(N * T, M), flat_cache)  # (N, T, M) -> (N*T, M)
    return dx.reshape(N, T, D), dw, db  # (N*T, D) -> (N, T, D)


def temporal_softmax_loss(
    x: Array, y: Array, mask: Array, verbose: bool = False
) -> tuple[float, Array]:
    """Cross-entropy of every unmasked step, summed over the steps and averaged over the batch.

    ``loss = -1/N sum_{n,t} mask_nt log p_{nt, y_nt}`` with ``p_nt = softmax(x_nt)``;
    ``dx = mask (p - onehot(y)) / N``

    Parameters
    ----------
    x : array (N, T, V)
        Scores (logits) of each step.
    y : integer array (N, T)
        The right words, ``0 <= y < V``; what stands at masked steps does not matter.
    mask : boolean array (N, T)
        Where a step counts; 0 and 1 are taken, too.
    verbose : bool
        Print the shape of the flattened gradient.

    Returns
    -------
    loss : float
    dx : array (N, T, V)

    Raises
    ------
    ValueError
        If the shapes do not match, or a word is not in the vocabulary.

    Examples
    --------
    >>> x, y = np.zeros((1, 3, 4)), np.array([[2, 0, 0]])
    >>> loss, dx = temporal_softmax_loss(x, y, np.array([[True, False, False]]))
    >>> round(loss, 4), dx.tolist()[0][0], dx.tolist()[0][1]
    (1.3863, [0.25, 0.25, -0.75, 0.25], [0.0, 0.0, 0.0, 0.0])
    """
    x = as_float_array("x", x, ndim=3)
    N, T, V = x.shape
    y, counts = np.asarray(y), as_shaped("mask", mask, (N, T), f"to match x {x.shape}")
    if y.shape != (N, T):
        raise ValueError(f"y must have shape {(N, T)} to match x {x.shape}, got {y.shape}")
    if not np.isin(counts, (0, 1)).all():
        raise ValueError("mask must hold only True and False, or 1 and 0")
    kept = np.flatnonzero(counts)
    words = as_labels("y", y.ravel()[kept], len(kept), V)
    loss, dkept = softmax_loss(x.reshape(N * T, V)[kept], words)  # (N, T, V) -> (N*T, V) -> (K, V)
    weight = len(kept) / max(N, 1)  # softmax_loss averages over what is kept
    dx_flat = np.zeros((N * T, V), dkept.dtype)
    dx_flat[kept] = dkept * weight
    if verbose:
        print("dx_flat: ", dx_flat.shape)
    return loss * weight, dx_flat.reshape(N, T, V)  # (N*T, V) -> (N, T, V)
