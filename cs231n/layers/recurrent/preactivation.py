"""What RNN and LSTM share: ``a = x @ Wx + h @ Wh + b``, its checks and its gradients.

An RNN has one column of ``a`` for each number of its state, an LSTM has four.
"""

from typing import Any

import numpy as np

from cs231n.validation import Array, as_float_array, as_shaped


def as_recurrent(
    x: Any, h: Any, Wx: Any, Wh: Any, b: Any, *, state: str, x_ndim: int, gates: int = 1
) -> tuple[Array, Array, Array, Array, Array]:
    """Return the five arguments as arrays that fit together, or raise an error that names one.

    Parameters
    ----------
    x : array (N, D) for a step, or (N, T, D) for a sequence
    h : array (N, H)
        What the state is before; its name in errors is `state`.
    Wx, Wh, b : arrays (D, gates * H), (H, gates * H), (gates * H,)

    Examples
    --------
    >>> x, h, Wx, Wh, b = np.ones((2, 3)), np.ones((2, 4)), np.ones((3, 4)), np.eye(4), np.ones(4)
    >>> [a.shape for a in as_recurrent(x, h, Wx, Wh, b, state="prev_h", x_ndim=2)]
    [(2, 3), (2, 4), (3, 4), (4, 4), (4,)]
    """
    x, h = as_float_array("x", x, ndim=x_ndim), as_float_array(state, h, ndim=2)
    if len(x) != len(h):
        raise ValueError(
            f"{state} must have a row for each of the {len(x)} examples of x {x.shape}, "
            f"got shape {h.shape}"
        )
    D, H = x.shape[-1], h.shape[1]
    because = f"to match x {x.shape} and {state} {h.shape}"
    Wx = as_shaped("Wx", Wx, (D, gates * H), because)
    Wh = as_shaped("Wh", Wh, (H, gates * H), because)
    return x, h, Wx, Wh, as_shaped("b", b, (gates * H,), because)


def project_steps(x: Array, Wx: Array, b: Array) -> Array:
    """Return ``x @ Wx + b`` for all steps of a sequence at once, (N, T, D) -> (N, T, K).

    Examples
    --------
    >>> project_steps(np.ones((2, 5, 3)), np.ones((3, 4)), np.zeros(4)).shape
    (2, 5, 4)
    """
    N, T, D = x.shape
    # One product for all steps, here and backward: an LSTM then takes two thirds of the time.
    return (x.reshape(N * T, D) @ Wx + b).reshape(N, T, len(b))  # (N*T, K) -> (N, T, K)


def previous(first: Array, states: Array) -> Array:
    """Return the state before each step, (N, T, H): the first one, then all but the last.

    Examples
    --------
    >>> previous(np.array([[1.0]]), np.array([[[2.0], [3.0]]])).ravel().tolist()
    [1.0, 2.0]
    """
    return np.concatenate([first[:, None], states], axis=1)[:, :-1]  # (N, T+1, H) -> (N, T, H)


def step_gradients(da: Array, x: Array, h: Array, Wx: Array) -> tuple[Array, Array, Array, Array]:
    """Differentiate one step's ``a``, or any rows of them, by x, Wx, Wh and b.

    Examples
    --------
    >>> da, x, h, Wx = np.ones((2, 4)), np.ones((2, 3)), np.ones((2, 4)), np.ones((3, 4))
    >>> [gradient.shape for gradient in step_gradients(da, x, h, Wx)]
    [(2, 3), (3, 4), (4, 4), (4,)]
    """
    return da @ Wx.T, x.T @ da, h.T @ da, da.sum(axis=0)


def sequence_gradients(
    da: Array, x: Array, h: Array, Wx: Array
) -> tuple[Array, Array, Array, Array]:
    """Differentiate the ``a`` of all steps (N, T, K), each weight in one product over all of them.

    Examples
    --------
    >>> da, x, h = np.ones((2, 5, 4)), np.ones((2, 5, 3)), np.ones((2, 5, 4))
    >>> [gradient.shape for gradient in sequence_gradients(da, x, h, np.ones((3, 4)))]
    [(2, 5, 3), (3, 4), (4, 4), (4,)]
    """
    rows = x.shape[0] * x.shape[1]
    da, flat_x, h = (a.reshape(rows, a.shape[2]) for a in (da, x, h))  # (N, T, .) -> (N*T, .)
    dx, dWx, dWh, db = step_gradients(da, flat_x, h, Wx)
    return dx.reshape(x.shape), dWx, dWh, db  # (N*T, D) -> (N, T, D)
