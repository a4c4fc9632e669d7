"""ReLU and its kin, GELU, sums, dropout and the softmax loss, each in one pass over memory."""

import numpy as np

from cs231n.kernels.arrays import apart, as_real, in_order, result, threads_for
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array, as_fraction, as_labels_or_targets


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
    return _pointwise("relu_forward", "x", x, out)


def relu_backward(dout: Array, y: Array, *, out: Array | None = None) -> Array:
    """Return `dout` where the ReLU's output `y` was positive, 0 elsewhere; `out` may be `dout`.

    Examples
    --------
    >>> relu_backward(np.array([5.0, 6.0]), np.array([0.0, 2.0])).tolist()
    [0.0, 6.0]
    """
    return _pointwise("relu_backward", "y", y, out, dout)


def leaky_relu_forward(x: Array, slope: float, *, out: Array | None = None) -> Array:
    """Return x where it is positive, ``slope x`` elsewhere; `out` may be `x`.

    Examples
    --------
    >>> leaky_relu_forward(np.array([-1.0, 2.0]), 0.5).tolist()
    [-0.5, 2.0]
    """
    return _pointwise("leaky_relu_forward", "x", x, out, None, _slope(slope))


def leaky_relu_backward(dout: Array, y: Array, slope: float, *, out: Array | None = None) -> Array:
    """Return `dout` where the output `y` was positive, ``slope dout`` elsewhere.

    As the slope is not negative, the output has the sign of the input, which need not be kept.

    Parameters
    ----------
    dout, y : float arrays of one shape
    slope : float of at least 0
    out : array, optional
        Where to write the result; it may be `dout`.

    Examples
    --------
    >>> leaky_relu_backward(np.array([4.0, 6.0]), np.array([-0.5, 2.0]), 0.5).tolist()
    [2.0, 6.0]
    """
    return _pointwise("leaky_relu_backward", "y", y, out, dout, _slope(slope))


def gelu_forward(x: Array, *, out: Array | None = None) -> Array:
    """Return ``x P(Z <= x)`` with Z standard normal: exact in float64, to some 1e-6 in float32.

    Parameters
    ----------
    x : float array of any shape
    out : array, optional
        Where to write the result; it may be `x`.

    References
    ----------
    Hendrycks & Gimpel, "Gaussian error linear units", 2016, https://arxiv.org/abs/1606.08415

    Examples
    --------
    >>> gelu_forward(np.array([-1.0, 0.0, 1.0])).round(4).tolist()
    [-0.1587, 0.0, 0.8413]
    """
    return _pointwise("gelu_forward", "x", x, out)


def gelu_backward(dout: Array, x: Array, *, out: Array | None = None) -> Array:
    """Return ``dout (P(Z <= x) + x p(x))`` with the density p; `out` may be `dout`.

    Examples
    --------
    >>> gelu_backward(np.array([2.0]), np.array([0.0])).tolist()
    [1.0]
    """
    return _pointwise("gelu_backward", "x", x, out, dout)


def add(a: Array, b: Array, *, relu: bool = False, out: Array | None = None) -> Array:
    """Return ``a + b``, or its ReLU; `out` may be `a` or `b`.

    Examples
    --------
    >>> add(np.array([1.0, -3.0]), np.array([1.0, 1.0]), relu=True).tolist()
    [2.0, 0.0]
    """
    return _pointwise("add", "b", b, out, a, relu, first="a")


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
    y : int array (N,), labels from 0 to C - 1; or array (N, C), targets
        What each class's share of the label is, as mixed images have it: rows sum to 1, and the
        loss is ``-1/N sum_nc t_nc log p_nc``.
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
    labels = as_labels_or_targets("y", y, N, C)
    if labels.ndim == 2:
        return _loss_of_targets(scores, labels, dscores)
    dscores = result("dscores", dscores, scores.shape, scores.dtype)
    if not scores.size:
        return 0.0, dscores
    losses = np.empty(N)
    scores = apart(in_order(scores, scores.dtype), dscores)
    kernel_module("activations", scores.dtype).softmax(
        scores, in_order(labels, np.dtype(np.intp)), losses, dscores, _threads(scores)
    )
    return float(losses.sum() / N), dscores


def _loss_of_targets(scores: Array, targets: Array, dscores: Array | None) -> tuple[float, Array]:
    """Return what the loss of labels, those of the largest shares, becomes with the targets.

    ``sum_c t_c (log sum exp(x) - x_c)`` differs from label l's ``log sum exp(x) - x_l`` by
    ``sum_c t_c (x_l - x_c)``.
    """
    N = max(len(scores), 1)
    if not scores.size:
        return softmax_loss(scores, np.zeros(len(scores), np.intp), dscores=dscores)
    labels = targets.argmax(axis=1)
    rows = np.arange(len(scores))
    with np.errstate(invalid="ignore"):  # infinite scores
        behind = scores[rows, labels][:, None].astype(np.float64) - scores
        gap = np.where(targets > 0, targets * behind, 0).sum()  # before dscores is written
    loss, dscores = softmax_loss(scores, labels, dscores=dscores)
    change = -targets
    change[rows, labels] += 1
    dscores += (change / N).astype(dscores.dtype)
    return loss + float(gap) / N, dscores


def _pointwise(
    kernel: str,
    name: str,
    array: Array,
    out: Array | None,
    other: Array | None = None,
    *numbers: float,
    first: str = "dout",
) -> Array:
    """Check the arrays, and run a kernel on them flat; where there are two, `other` comes first."""
    if other is not None and other.shape != as_real(name, array).shape:
        raise ValueError(f"{first} must have the shape of {name} {array.shape}, got {other.shape}")
    out = result("out", out, as_real(name, array).shape, array.dtype)
    if array.size:
        given = (array,) if other is None else (other, array)
        arrays = [apart(in_order(a, array.dtype), out).ravel() for a in given]
        getattr(kernel_module("activations", array.dtype), kernel)(
            *arrays, out.reshape(-1), *numbers, _threads(array)
        )
    return out


def _slope(slope: float) -> float:
    if not 0 <= slope < float("inf"):
        raise ValueError(f"slope must be a number of at least 0, got {slope!r}")
    return float(slope)


def _threads(x: Array) -> int:
    return threads_for(x.size, get_num_threads())
