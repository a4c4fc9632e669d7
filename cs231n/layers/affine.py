"""Affine (fully connected) layer."""

import numpy as np

from cs231n.validation import Array, as_float_array, as_shaped

AffineCache = tuple[Array, Array, Array]


def affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, AffineCache]:
    """Multiply each example, flattened to a row, by a matrix and add a bias.

    ``out = x.reshape(N, D) @ w + b``

    Parameters
    ----------
    x : array (N, d_1, ..., d_k)
        Examples, with ``D = d_1 * ... * d_k``.
    w : array (D, M)
    b : array (M,)

    Returns
    -------
    out : array (N, M)
    cache : tuple ``(x, w, b)`` for :func:`affine_backward`

    Raises
    ------
    ValueError
        If the shapes do not match.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = affine_forward(np.ones((2, 3)), np.ones((3, 1)), np.array([0.5]))
    >>> out.tolist()
    [[3.5], [3.5]]
    """
    x, w = as_float_array("x", x), as_float_array("w", w, ndim=2)
    if x.ndim < 1 or int(np.prod(x.shape[1:])) != w.shape[0]:
        raise ValueError(
            f"x must hold {w.shape[0]} numbers an example to match w {w.shape}, got shape {x.shape}"
        )
    b = as_shaped("b", b, w.shape[1:], f"to match w {w.shape}")
    rows = x.reshape(x.shape[0], w.shape[0])  # (N, d_1, ..., d_k) -> (N, D)
    return rows @ w + b, (x, w, b)


def affine_backward(dout: Array, cache: AffineCache) -> tuple[Array, Array, Array]:
    """Differentiate :func:`affine_forward`.

    ``dx = dout @ w.T``, ``dw = x.T @ dout``, ``db = sum over N of dout``

    Parameters
    ----------
    dout : array (N, M)
        Gradient of the loss with respect to the output.
    cache : what :func:`affine_forward` returned

    Returns
    -------
    dx, dw, db : arrays of the shapes of ``x``, ``w`` and ``b``

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = affine_forward(np.ones((2, 3)), np.ones((3, 1)), np.zeros(1))
    >>> dx, dw, db = affine_backward(np.ones((2, 1)), cache)
    >>> db.tolist()
    [2.0]
    """
    x, w, b = cache
    dout = as_shaped("dout", dout, (x.shape[0], w.shape[1]), "as the output has")
    rows = x.reshape(x.shape[0], w.shape[0])  # (N, d_1, ..., d_k) -> (N, D)
    dx = (dout @ w.T).reshape(x.shape)  # (N, D) -> (N, d_1, ..., d_k)
    return dx, rows.T @ dout, dout.sum(axis=0)
