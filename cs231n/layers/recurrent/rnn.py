"""Vanilla recurrent network: one step, and a whole sequence."""

import numpy as np

from cs231n.layers.recurrent.preactivation import (
    as_recurrent,
    previous,
    project_steps,
    sequence_gradients,
    step_gradients,
)
from cs231n.validation import Array, as_shaped

RNNCache = tuple[Array, Array, Array, Array, Array]
Gradients = tuple[Array, Array, Array, Array, Array]


def rnn_step_forward(
    x: Array, prev_h: Array, Wx: Array, Wh: Array, b: Array
) -> tuple[Array, RNNCache]:
    """Move the hidden state on by one step.

    ``next_h = tanh(x @ Wx + prev_h @ Wh + b)``

    Parameters
    ----------
    x : array (N, D)
        Input of this step.
    prev_h : array (N, H)
        State before it.
    Wx, Wh, b : arrays (D, H), (H, H), (H,)

    Returns
    -------
    next_h : array (N, H)
    cache : tuple ``(x, prev_h, Wx, Wh, next_h)`` for :func:`rnn_step_backward`

    Raises
    ------
    ValueError
        If the shapes do not match.

    References
    ----------
    Elman, "Finding structure in time", Cognitive Science 1990,
    https://doi.org/10.1207/s15516709cog1402_1

    Examples
    --------
    >>> x, h = np.ones((1, 2)), np.array([[1.0]])
    >>> rnn_step_forward(x, h, np.ones((2, 1)), np.array([[-2.0]]), np.zeros(1))[0].tolist()
    [[0.0]]
    """
    x, prev_h, Wx, Wh, b = as_recurrent(x, prev_h, Wx, Wh, b, state="prev_h", x_ndim=2)
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h: Array, cache: RNNCache) -> Gradients:
    """Differentiate :func:`rnn_step_forward`.

    With ``da = dnext_h (1 - next_h^2)``: ``dx = da @ Wx.T``, ``dprev_h = da @ Wh.T``,
    ``dWx = x.T @ da``, ``dWh = prev_h.T @ da``, ``db = sum over N of da``

    Parameters
    ----------
    dnext_h : array (N, H)
    cache : what :func:`rnn_step_forward` returned

    Returns
    -------
    dx, dprev_h, dWx, dWh, db : arrays of the shapes of the inputs

    Examples
    --------
    >>> x, h = np.ones((1, 2)), np.array([[1.0]])
    >>> _, cache = rnn_step_forward(x, h, np.ones((2, 1)), np.array([[-2.0]]), np.zeros(1))
    >>> [gradient.tolist() for gradient in rnn_step_backward(np.array([[3.0]]), cache)]
    [[[3.0, 3.0]], [[-6.0]], [[3.0], [3.0]], [[3.0]], [3.0]]
    """
    x, prev_h, Wx, Wh, next_h = cache
    dnext_h = as_shaped("dnext_h", dnext_h, next_h.shape, "as next_h has")
    da = dnext_h * (1 - next_h**2)
    dx, dWx, dWh, db = step_gradients(da, x, prev_h, Wx)
    return dx, da @ Wh.T, dWx, dWh, db


def rnn_forward(x: Array, h0: Array, Wx: Array, Wh: Array, b: Array) -> tuple[Array, RNNCache]:
    """Run a sequence: ``h_t = tanh(x_t @ Wx + h_{t-1} @ Wh + b)``, beginning with ``h0``.

    Parameters
    ----------
    x : array (N, T, D)
        N sequences of T steps.
    h0 : array (N, H)
        State before the first step.
    Wx, Wh, b : arrays (D, H), (H, H), (H,)

    Returns
    -------
    h : array (N, T, H)
        State after each step.
    cache : tuple ``(x, h0, Wx, Wh, h)`` for :func:`rnn_backward`

    Raises
    ------
    ValueError
        If the shapes do not match.

    Examples
    --------
    >>> x, h0 = np.zeros((1, 3, 1)), np.zeros((1, 2))
    >>> h, cache = rnn_forward(x, h0, np.ones((1, 2)), np.eye(2), np.array([0.0, 100.0]))
    >>> h.tolist()
    [[[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]]
    """
    x, h0, Wx, Wh, b = as_recurrent(x, h0, Wx, Wh, b, state="h0", x_ndim=3)
    h = project_steps(x, Wx, b)
    prev_h = h0
    for t in range(x.shape[1]):
        h[:, t] = prev_h = np.tanh(h[:, t] + prev_h @ Wh)
    return h, (x, h0, Wx, Wh, h)


def rnn_backward(dh: Array, cache: RNNCache) -> Gradients:
    """Differentiate :func:`rnn_forward`, from the last step to the first.

    ``da_t = (dh_t + da_{t+1} @ Wh.T) (1 - h_t^2)``; the rest as in :func:`rnn_step_backward`,
    summed over all steps.

    Parameters
    ----------
    dh : array (N, T, H)
        What the loss adds to each state's gradient, without what comes through later steps.
    cache : what :func:`rnn_forward` returned

    Returns
    -------
    dx, dh0, dWx, dWh, db : arrays of the shapes of the inputs

    References
    ----------
    Werbos, "Backpropagation through time: what it does and how to do it", 1990,
    https://doi.org/10.1109/5.58337

    Examples
    --------
    >>> x, h0 = np.zeros((1, 3, 1)), np.zeros((1, 1))
    >>> h, cache = rnn_forward(x, h0, np.ones((1, 1)), np.array([[2.0]]), np.zeros(1))
    >>> dx, dh0, dWx, dWh, db = rnn_backward(np.array([[[0.0], [0.0], [1.0]]]), cache)
    >>> dx.ravel().tolist(), dh0.tolist()
    ([4.0, 2.0, 1.0], [[8.0]])
    """
    x, h0, Wx, Wh, h = cache
    dh = as_shaped("dh", dh, h.shape, "as h has")
    slope = 1 - h**2
    da = dh * slope  # what later steps add comes in the loop
    dprev_h = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        da[:, t] += dprev_h * slope[:, t]
        dprev_h = da[:, t] @ Wh.T
    dx, dWx, dWh, db = sequence_gradients(da, x, previous(h0, h), Wx)
    return dx, dprev_h, dWx, dWh, db
