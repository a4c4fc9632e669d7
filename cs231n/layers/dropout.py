"""Dropout: noise in the forward pass, averaged out at test time."""

from typing import Any

import numpy as np

from cs231n import validation
from cs231n.validation import Array, as_float_array, as_shaped

DropoutCache = tuple[dict[str, Any], Array | None]


def dropout_forward(x: Array, dropout_param: dict[str, Any]) -> tuple[Array, DropoutCache]:
    """Inverted dropout: keep each number with probability p and scale it by 1/p.

    ``out = x mask / p`` with ``mask ~ Bernoulli(p)`` in training, so that the expected output is
    ``x``; ``out = x`` at test time.

    Parameters
    ----------
    x : array of any shape
    dropout_param : dict
        ``'p'``: the probability of *keeping* a number, in (0, 1]; ``'mode'``: ``'train'`` or
        ``'test'``; ``'seed'`` (optional): seeds NumPy's global generator before the mask is
        drawn, which makes a gradient check possible.

    Returns
    -------
    out : array like ``x``
    cache : tuple ``(dropout_param, mask)``; the mask holds 0 and 1/p, and is None at test time

    References
    ----------
    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 2014, https://jmlr.org/papers/v15/srivastava14a.html

    Examples
    --------
    >>> import numpy as np
    >>> x = np.ones(4)
    >>> out, cache = dropout_forward(x, {"p": 0.5, "mode": "train", "seed": 1})
    >>> sorted(set(out.tolist()))
    [0.0, 2.0]
    """
    x = as_float_array("x", x)
    p = validation.as_fraction(
        "dropout_param['p']",
        validation.parameter("dropout_param", dropout_param, "p"),
        above_zero=True,
    )
    if validation.mode("dropout_param", dropout_param) == "test":
        return x, (dropout_param, None)
    if dropout_param.get("seed") is not None:
        np.random.seed(dropout_param["seed"])
    mask = ((np.random.random_sample(x.shape) < p) / p).astype(x.dtype)
    return x * mask, (dropout_param, mask)


def dropout_backward(dout: Array, cache: DropoutCache) -> Array:
    """Differentiate :func:`dropout_forward`: ``dx = dout mask / p``; ``dout`` at test time.

    Parameters
    ----------
    dout : array like ``x``
    cache : what :func:`dropout_forward` returned

    Examples
    --------
    >>> import numpy as np
    >>> dropout_backward(np.ones(2), ({"p": 0.5, "mode": "train"}, np.array([0.0, 2.0]))).tolist()
    [0.0, 2.0]
    """
    dropout_param, mask = cache
    if mask is None:
        return as_float_array("dout", dout)
    return as_shaped("dout", dout, mask.shape, "as x has") * mask
