"""Long short-term memory: one step, and a whole sequence."""

import numpy as np

from cs231n.layers.activations import sigmoid_forward
from cs231n.layers.recurrent.preactivation import (
    as_recurrent,
    previous,
    project_steps,
    sequence_gradients,
    step_gradients,
)
from cs231n.validation import Array, as_shaped

LSTMCache = tuple[Array, ...]


def sigmoid(x: Array) -> Array:
    """Squash to (0, 1): ``1 / (1 + exp(-x))``, without overflow for large ``|x|``.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return sigmoid_forward(x)[0]


def _cell_forward(a: Array, prev_c: Array) -> tuple[Array, Array, Array, Array]:
    """Return next_h, next_c, its tanh and the gates (N, 4H), in the order i, f, o, g."""
    H = prev_c.shape[1]
    gates = np.concatenate([sigmoid(a[:, : 3 * H]), np.tanh(a[:, 3 * H :])], axis=1)
    i, f, o, g = np.split(gates, 4, axis=1)  # (N, 4H) -> four (N, H)
    next_c = f * prev_c + i * g
    tanh_c = np.tanh(next_c)
    return o * tanh_c, next_c, tanh_c, gates


def _cell_backward(
    dnext_h: Array, dnext_c: Array, prev_c: Array, tanh_c: Array, gates: Array
) -> tuple[Array, Array]:
    """Return the gradients of ``a`` (N, 4H) and prev_c."""
    i, f, o, g = np.split(gates, 4, axis=1)  # (N, 4H) -> four (N, H)
    dc = dnext_c + dnext_h * o * (1 - tanh_c**2)
    di, df, do, dg = dc * g, dc * prev_c, dnext_h * tanh_c, dc * i
    da = [di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)]
    return np.concatenate(da, axis=1), dc * f  # four (N, H) -> (N, 4H)


def lstm_step_forward(
    x: Array, prev_h: Array, prev_c: Array, Wx: Array, Wh: Array, b: Array
) -> tuple[Array, Array, LSTMCache]:
    """Move hidden state and cell on by one step.

    ``a = x @ Wx + prev_h @ Wh + b`` holds four blocks of H columns, in the order i, f, o, g:
    ``i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)``, ``g = tanh(a_g)``,
    ``next_c = f prev_c + i g``, ``next_h = o tanh(next_c)``

    Parameters
    ----------
    x : array (N, D)
        Input of this step.
    prev_h, prev_c : arrays (N, H)
        State and cell before it.
    Wx, Wh, b : arrays (D, 4H), (H, 4H), (4H,)

    Returns
    -------
    next_h, next_c : arrays (N, H)
    cache : for :func:`lstm_step_backward`

    Raises
    ------
    ValueError
        If the shapes do not match.

    References
    ----------
    Hochreiter & Schmidhuber, "Long short-term memory", 1997,
    https://doi.org/10.1162/neco.1997.9.8.1735; the forget gate is of Gers, Schmidhuber & Cummins,
    "Learning to forget", 2000, https://doi.org/10.1162/089976600300015015

    Examples
    --------
    >>> x, h, c = np.zeros((1, 2)), np.zeros((1, 1)), np.array([[4.0]])
    >>> _, next_c, _ = lstm_step_forward(x, h, c, np.ones((2, 4)), np.ones((1, 4)), np.zeros(4))
    >>> next_c.tolist()
    [[2.0]]
    """
    x, prev_h, Wx, Wh, b = as_recurrent(x, prev_h, Wx, Wh, b, state="prev_h", x_ndim=2, gates=4)
    prev_c = as_shaped("prev_c", prev_c, prev_h.shape, "as prev_h has")
    next_h, next_c, tanh_c, gates = _cell_forward(x @ Wx + prev_h @ Wh + b, prev_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, tanh_c, gates)


def lstm_step_backward(
    dnext_h: Array, dnext_c: Array, cache: LSTMCache
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Differentiate :func:`lstm_step_forward`.

    ``dc = dnext_c + dnext_h o (1 - tanh(next_c)^2)``, ``dprev_c = dc f``, ``di = dc g``,
    ``df = dc prev_c``, ``do = dnext_h tanh(next_c)``, ``dg = dc i``; times the slope of each gate
    they are ``da``, and ``dprev_h = da @ Wh.T``.

    Parameters
    ----------
    dnext_h, dnext_c : arrays (N, H)
    cache : what :func:`lstm_step_forward` returned

    Returns
    -------
    dx, dprev_h, dprev_c, dWx, dWh, db : arrays of the shapes of the inputs

    Examples
    --------
    >>> x, h, c = np.zeros((1, 2)), np.zeros((1, 1)), np.zeros((1, 1))
    >>> *_, cache = lstm_step_forward(x, h, c, np.ones((2, 4)), np.ones((1, 4)), np.zeros(4))
    >>> gradients = lstm_step_backward(np.array([[0.0]]), np.array([[8.0]]), cache)
    >>> gradients[2].tolist(), gradients[5].tolist()
    ([[4.0]], [0.0, 0.0, 0.0, 4.0])
    """
    x, prev_h, prev_c, Wx, Wh, tanh_c, gates = cache
    dnext_h = as_shaped("dnext_h", dnext_h, tanh_c.shape, "as next_h has")
    dnext_c = as_shaped("dnext_c", dnext_c, tanh_c.shape, "as next_c has")
    da, dprev_c = _cell_backward(dnext_h, dnext_c, prev_c, tanh_c, gates)
    dx, dWx, dWh, db = step_gradients(da, x, prev_h, Wx)
    return dx, da @ Wh.T, dprev_c, dWx, dWh, db


def lstm_forward(x: Array, h0: Array, Wx: Array, Wh: Array, b: Array) -> tuple[Array, LSTMCache]:
    """Run a sequence with :func:`lstm_step_forward`, beginning with ``h0`` and a cell of zeros.

    Parameters
    ----------
    x : array (N, T, D)
        N sequences of T steps.
    h0 : array (N, H)
        State before the first step.
    Wx, Wh, b : arrays (D, 4H), (H, 4H), (4H,)

    Returns
    -------
    h : array (N, T, H)
        State after each step; the cells stay inside.
    cache : for :func:`lstm_backward`

    Raises
    ------
    ValueError
        If the shapes do not match.

    Examples
    --------
    >>> x, h0 = np.ones((2, 5, 3)), np.zeros((2, 4))
    >>> h, cache = lstm_forward(x, h0, np.ones((3, 16)), np.ones((4, 16)), np.zeros(16))
    >>> h.shape
    (2, 5, 4)
    """
    x, h0, Wx, Wh, b = as_recurrent(x, h0, Wx, Wh, b, state="h0", x_ndim=3, gates=4)
    gates = project_steps(x, Wx, b)
    N, T, H = *x.shape[:2], h0.shape[1]
    h, c, tanh_c = np.empty((3, N, T, H), gates.dtype)
    prev_h, prev_c = h0, np.zeros_like(h0)
    for t in range(T):
        a = gates[:, t] + prev_h @ Wh
        prev_h, prev_c, tanh_c[:, t], gates[:, t] = _cell_forward(a, prev_c)
        h[:, t], c[:, t] = prev_h, prev_c
    return h, (x, h0, Wx, Wh, h, c, tanh_c, gates)


def lstm_backward(dh: Array, cache: LSTMCache) -> tuple[Array, Array, Array, Array, Array]:
    """Differentiate :func:`lstm_forward`, from the last step to the first.

    Each step is as in :func:`lstm_step_backward`, with ``dnext_h = dh_t + da_{t+1} @ Wh.T``; the
    gradients of the weights are summed over all steps.

    Parameters
    ----------
    dh : array (N, T, H)
        What the loss adds to each state's gradient, without what comes through later steps.
    cache : what :func:`lstm_forward` returned

    Returns
    -------
    dx, dh0, dWx, dWh, db : arrays of the shapes of the inputs

    Examples
    --------
    >>> x, h0 = np.ones((2, 5, 3)), np.zeros((2, 4))
    >>> h, cache = lstm_forward(x, h0, np.ones((3, 16)), np.ones((4, 16)), np.zeros(16))
    >>> [gradient.shape for gradient in lstm_backward(h, cache)]
    [(2, 5, 3), (2, 4), (3, 16), (4, 16), (16,)]
    """
    x, h0, Wx, Wh, h, c, tanh_c, gates = cache
    dh = as_shaped("dh", dh, h.shape, "as h has")
    da = np.empty_like(gates)
    prev_c = previous(np.zeros_like(h0), c)
    dprev_h = dprev_c = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        da[:, t], dprev_c = _cell_backward(
            dh[:, t] + dprev_h, dprev_c, prev_c[:, t], tanh_c[:, t], gates[:, t]
        )
        dprev_h = da[:, t] @ Wh.T
    dx, dWx, dWh, db = sequence_gradients(da, x, previous(h0, h), Wx)
    return dx, dprev_h, dWx, dWh, db
