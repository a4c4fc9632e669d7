"""DropConnect: an affine layer that drops weights, other ones for each example."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n import kernels, validation
from cs231n.layers.dropout import draws_noise, keep_of
from cs231n.layers.noise import as_key
from cs231n.validation import Array, as_float_array, as_shaped

KEYS = ("p", "p_is_dropped", "mode", "seed", "mask_bias", "inference", "activation", "samples")
# x, w, b; the probability of keeping, the masks' key (None: none are drawn), and whether of b, too
DropConnectCache = tuple[Array, Array, Array, float, int | None, bool]


def dropconnect_forward(
    x: Array, w: Array, b: Array, dropconnect_param: Mapping[str, Any]
) -> tuple[Array, DropConnectCache]:
    """Multiply each example by weights, each kept with probability q and scaled by 1/q.

    ``out[n] = x[n] @ (w mask[n] / q) + b`` with ``mask[n, d, m] ~ Bernoulli(q)`` in training; its
    mean, ``x @ w + b``, at test time. The N masks are hashes of their places and of one number,
    computed where they are needed and never stored.

    Parameters
    ----------
    x : array (N, d_1, ..., d_k), ``D = d_1 * ... * d_k``
    w : array (D, M)
    b : array (M,)
    dropconnect_param : dict
        ``'p'``, ``'p_is_dropped'``, ``'mode'``: as for :func:`dropout_forward`; q is rounded to a
        65536th. ``'inference'`` at test time: ``'mean'`` (the default), or ``'monte_carlo'``, which
        goes on drawing masks. ``'moments'`` is for :func:`dropconnect_inference`, and refused here.
        ``'seed'``: an int gives the same masks at each call; a Generator draws them; by default
        NumPy's global generator does.
        ``'mask_bias'``: whether biases are dropped, too, as in the paper. By default they are not:
        a bias connects no input, so there is no co-adaptation to break, only variance to add.

    Returns
    -------
    out : array (N, M)
    cache : tuple ``(x, w, b, q, key, mask_bias)`` for :func:`dropconnect_backward`

    References
    ----------
    Wan et al., "Regularization of neural networks using DropConnect", ICML 2013,
    https://proceedings.mlr.press/v28/wan13.html

    Examples
    --------
    >>> import numpy as np
    >>> param = {"p": 0.5, "mode": "train", "seed": 1}
    >>> out, cache = dropconnect_forward(np.ones((2, 4)), np.eye(4), np.zeros(4), param)
    >>> sorted(set(out.ravel().tolist()))
    [0.0, 2.0]
    """
    x, w, b = as_affine(x, w, b)
    keep, mask_bias = as_noise(dropconnect_param)
    rows = x.reshape(len(x), len(w))  # (N, d_1, ..., d_k) -> (N, D)
    if not draws_noise("dropconnect_param", dropconnect_param):
        if dropconnect_param.get("inference") == "moments":
            raise ValueError(
                "dropconnect_param['inference'] 'moments' is what dropconnect_inference computes, "
                "with the activation behind the layer; here it must be 'mean' or 'monte_carlo'"
            )
        return rows @ w + b, (x, w, b, keep, None, mask_bias)
    key = as_key("dropconnect_param['seed']", dropconnect_param.get("seed"))
    dtype = _dtype(x, w)
    # Scaling x by 1/q costs N D numbers, scaling w would cost D M.
    out = kernels.dropconnect_product(
        _scaled(rows, keep, dtype), w.astype(dtype, copy=False), keep, key
    )
    out += (b * _bias_scale(out.shape, len(w), keep, key, mask_bias)).astype(dtype, copy=False)
    return out, (x, w, b, keep, key, mask_bias)


def dropconnect_backward(dout: Array, cache: DropConnectCache) -> tuple[Array, Array, Array]:
    """Differentiate :func:`dropconnect_forward`, with the same masks again.

    ``dx[n] = (w mask[n] / q) @ dout[n]``, ``dw = sum over n of mask[n] / q * outer(x[n], dout[n])``

    Parameters
    ----------
    dout : array (N, M)
    cache : what :func:`dropconnect_forward` returned

    Returns
    -------
    dx, dw, db : arrays like ``x``, ``w`` and ``b``

    Examples
    --------
    >>> import numpy as np
    >>> param = {"p": 1, "mode": "train"}
    >>> _, cache = dropconnect_forward(np.ones((2, 1)), np.ones((1, 3)), np.zeros(3), param)
    >>> [gradient.tolist() for gradient in dropconnect_backward(np.ones((2, 3)), cache)]
    [[[3.0], [3.0]], [[2.0, 2.0, 2.0]], [2.0, 2.0, 2.0]]
    """
    x, w, b, keep, key, mask_bias = cache
    dout = as_shaped("dout", dout, (len(x), w.shape[1]), "as the output has")
    rows = x.reshape(len(x), len(w))  # (N, d_1, ..., d_k) -> (N, D)
    if key is None:
        return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)
    dtype = _dtype(x, w)
    dout = dout.astype(dtype, copy=False)
    dx = kernels.dropconnect_input(dout, w.astype(dtype, copy=False), keep, key)
    dx /= keep
    dw = kernels.dropconnect_weights(_scaled(rows, keep, dtype), dout, keep, key)
    db = (dout * _bias_scale(dout.shape, len(w), keep, key, mask_bias)).sum(axis=0, dtype=dtype)
    return dx.reshape(x.shape), dw, db


def as_affine(x: Array, w: Array, b: Array) -> tuple[Array, Array, Array]:
    """Return the three as floating-point arrays whose shapes match."""
    x, w = as_float_array("x", x), as_float_array("w", w, ndim=2)
    if x.ndim < 1 or int(np.prod(x.shape[1:])) != w.shape[0]:
        raise ValueError(
            f"x must hold {w.shape[0]} numbers an example to match w {w.shape}, got shape {x.shape}"
        )
    return x, w, as_shaped("b", b, w.shape[1:], f"to match w {w.shape}")


def as_noise(dropconnect_param: Mapping[str, Any]) -> tuple[float, bool]:
    """Return the probability of keeping a weight, and whether biases are dropped, too."""
    validation.known_keys("dropconnect_param", dropconnect_param, KEYS)
    mask_bias = dropconnect_param.get("mask_bias", False)
    if not isinstance(mask_bias, bool | np.bool_):
        raise TypeError(f"dropconnect_param['mask_bias'] must be True or False, got {mask_bias!r}")
    keep = keep_of("dropconnect_param", dropconnect_param)
    return kernels.rounded_keep(keep), bool(mask_bias)


def _dtype(x: Array, w: Array) -> np.dtype:
    return np.result_type(x, w).newbyteorder("=")


def _scaled(rows: Array, keep: float, dtype: np.dtype) -> Array:
    return (rows / keep).astype(dtype, copy=False)


def _bias_scale(
    shape: tuple[int, ...], D: int, keep: float, key: int, mask_bias: bool
) -> Array | float:
    """Return 1, or 0 and 1/q for the bias of each example; its bits follow those of all weights."""
    if not mask_bias:
        return 1.0
    N, M = shape
    return kernels.dropconnect_mask(N * D, N, M, keep, key) / keep
