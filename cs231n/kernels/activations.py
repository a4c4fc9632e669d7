"""ReLU, dropout and the softmax loss, each in one pass over memory."""

import numpy as np

from cs231n.kernels.arrays import apart, as_real, in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array, as_fraction, as_labels


def relu_forward(x: Array, *, out: Array | None = None) -> Array:
    """Return x where it is positive, 0 elsewhere; NaN stays NaN.

    Parameters
    ----------
    x : float array of any shape
    out : array, optional
        Where to write the result; it may be `x`.

    Examples
    --------
    >>> relu_forward(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    out = result("out", out, as_real("x", x).shape, x.dtype)
    if x.size:
        x = apart(in_order(x, x.dtype), out)
        kernel_module("activations", x.dtype).relu_forward(x.ravel(), out.reshape(-1), _threads(x))
    return out


def relu_backward(dout: Array, y: Array, *, out: Array | None = None) -> Array:
    """Return `dout` where the ReLU's output `y` was positive, 0 elsewhere; `out` may be `dout`.

    Examples
    --------
    >>> relu_backward(np.array([5.0, 6.0]), np.array([0.0, 2.0])).tolist()
    [0.0, 6.0]
    """
    if dout.shape != as_real("y", y).shape:
        raise ValueError(f"dout must have the shape of y {y.shape}, got {dout.shape}")
    out = result("out", out, y.shape, y.dtype)
    if y.size:
        dout, y = (apart(in_order(array, y.dtype), out) for array in (dout, y))
        kernel_module("activations", y.dtype).relu_backward(
            dout.ravel(), y.ravel(), out.reshape(-1), _threads(y)
        )
    return out


def dropout_forward(x: Array, keep: float, key: int, *, out: Array | None = None) -> Array:
    """Keep each number with probability `keep`, divided by it; set the others to zero.

    Whether a number is kept depends on `key` and its place only: the same key gives the same mask
    again, which therefore need not be stored.

    Parameters
    ----------
    x : float array of any shape
    keep : float in (0, 1]
    key : int
        Its lowest 64 bits count.
    out : array, optional
        Where to write the result; it may be `x`.

    References
    ----------
    Srivastava et al., "Dropout", JMLR 2014, https://jmlr.org/papers/v15/srivastava14a.html; Steele,
    Lea & Flood, "Fast splittable pseudorandom number generators", 2014,
    https://doi.org/10.1145/2714064.2660195

    Examples
    --------
    >>> out = dropout_forward(np.ones(1000), 0.5, key=1)
    >>> sorted(set(out.tolist())), 450 < (out != 0).sum().item() < 550
    ([0.0, 2.0], True)
    """
    keep = as_fraction("keep", keep, above_zero=True)
    out = result("out", out, as_real("x", x).shape, x.dtype)
    if x.size:
        x = apart(in_order(x, x.dtype), out)
        threshold, key = round(keep * 2**32), int(key) & (2**64 - 1)
        kernel_module("activations", x.dtype).dropout(
            x.ravel(), out.reshape(-1), key, threshold, 1 / keep, _threads(x)
        )
    return out


def dropout_backward(dout: Array, keep: float, key: int, *, out: Array | None = None) -> Array:
    """Differentiate :func:`dropout_forward`: the same mask again, on the gradient."""
    return dropout_forward(dout, keep, key, out=out)


def softmax_loss(scores: Array, y: Array, *, dscores: Array | None = None) -> tuple[float, Array]:
    """Return the mean cross-entropy of the softmax of scores, and its gradient.

    Parameters
    ----------
    scores : float array (N, C)
    y : int array (N,), labels from 0 to C - 1
    dscores : array (N, C), optional
        Where to write the gradient; it may be `scores`.

    Examples
    --------
    >>> loss, dscores = softmax_loss(np.zeros((1, 2)), np.array([0]))
    >>> round(loss, 4), dscores.tolist()
    (0.6931, [[-0.5, 0.5]])
    """
    if as_real("scores", scores).ndim != 2:
        raise ValueError(f"scores must have shape (N, C), got {scores.shape}")
    N, C = scores.shape
    labels = as_labels("y", y, N, C)
    dscores = result("dscores", dscores, scores.shape, scores.dtype)
    if not scores.size:
        return 0.0, dscores
    losses = np.empty(N)
    scores = apart(in_order(scores, scores.dtype), dscores)
    kernel_module("activations", scores.dtype).softmax(
        scores, in_order(labels, np.dtype(np.intp)), losses, dscores, _threads(scores)
    )
    return float(losses.sum() / N), dscores


def _threads(x: Array) -> int:
    return threads_for(x.size, get_num_threads())
