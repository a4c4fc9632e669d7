"""{conv - ReLU - 2x2 max-pool} x L, {affine - ReLU - [dropout]} x 0 or 1, affine - softmax.

What the convolutional networks of 2015 share. Their parameters are a dict: ``W1, b1, ...`` of the
convolutions, then of the affine layers; the convolutions have stride 1 and keep the size of their
input.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from cs231n import layer_utils as layers
from cs231n import validation
from cs231n.validation import Array

Params = dict[str, Array]
POOL_PARAM = {"pool_height": 2, "pool_width": 2, "stride": 2}


class Pass(NamedTuple):
    """What a forward pass leaves behind; `features` feed the last affine layer."""

    scores: Array
    features: Array
    caches: list[tuple[Any, Any]]


def initial_params(
    input_shape: tuple[int, int, int],
    filters: Sequence[tuple[int, int]],
    affine_dims: Sequence[int],
    weight_scale: float,
    bias_scale: float,
    dtype: Any,
) -> Params:
    """Draw the parameters: weights and biases are normal numbers times their scales.

    Parameters
    ----------
    input_shape : (C, H, W)
    filters : sequence of (number, size)
        One entry a convolution; sizes are odd.
    affine_dims : sequence of int
        Outputs of the affine layers; the last are the classes.

    Raises
    ------
    ValueError
        If a size is even, or the image too small to be halved so often.

    Examples
    --------
    >>> params = initial_params((3, 8, 8), [(4, 5)], [10], 1e-3, 0, np.float64)
    >>> {name: value.shape for name, value in params.items()}
    {'W1': (4, 3, 5, 5), 'b1': (4,), 'W2': (64, 10), 'b2': (10,)}
    """
    C, H, W = input_shape
    halvings = len(filters)
    if min(H, W) < 2**halvings:
        raise ValueError(
            f"input_shape must be at least {2**halvings} pixels a side for {halvings} poolings, "
            f"got {input_shape}"
        )
    shapes: list[tuple[int, ...]] = []
    for F, size in filters:
        if size < 1 or size % 2 == 0:
            raise ValueError(f"filter sizes must be odd, got {size}")
        shapes.append((F, C, size, size))
        C = F
    shapes += pairwise([C * (H >> halvings) * (W >> halvings), *affine_dims])
    params: Params = {}
    for i, shape in enumerate(shapes, start=1):
        outputs = shape[0] if len(shape) == 4 else shape[1]
        params[f"W{i}"] = (weight_scale * np.random.randn(*shape)).astype(dtype)
        params[f"b{i}"] = (bias_scale * np.random.randn(outputs)).astype(dtype)
    return params


def forward(X: Array, model: Params, convs: int, dropout_param: Mapping[str, Any] | None) -> Pass:
    """Run the network of `model`, of which the first `convs` layers are convolutions.

    Examples
    --------
    >>> params = initial_params((3, 8, 8), [(4, 5)], [10], 1e-3, 0, np.float64)
    >>> forward(np.zeros((2, 3, 8, 8)), params, 1, None).scores.shape
    (2, 10)
    """
    last = len(model) // 2
    out = np.asarray(X).astype(_weights(model, 1)[0].dtype, copy=False)
    caches: list[tuple[Any, Any]] = []
    cache: Any
    dropout_cache: Any
    for i in range(1, last):
        w, b = _weights(model, i)
        if i <= convs:
            conv_param = {"stride": 1, "pad": (w.shape[2] - 1) // 2}
            out, cache = layers.conv_relu_pool_forward(out, w, b, conv_param, POOL_PARAM)
        else:
            out, cache = layers.affine_relu_forward(out, w, b)
        caches.append((cache, None))
    features = out
    if dropout_param is not None:
        out, dropout_cache = layers.dropout_forward(out, dict(dropout_param))
        caches[-1] = (caches[-1][0], dropout_cache)
    scores, cache = layers.affine_forward(out, *_weights(model, last))
    return Pass(scores, features, [*caches, (cache, None)])


def backward(dscores: Array, run: Pass, convs: int) -> tuple[Array, Params]:
    """Differentiate :func:`forward`; return dX and the gradients, by the names of the parameters.

    Examples
    --------
    >>> params = initial_params((3, 8, 8), [(4, 5)], [10], 1e-3, 0, np.float64)
    >>> run = forward(np.zeros((2, 3, 8, 8)), params, 1, None)
    >>> dX, grads = backward(np.ones((2, 10)), run, 1)
    >>> dX.shape, sorted(grads)
    ((2, 3, 8, 8), ['W1', 'W2', 'b1', 'b2'])
    """
    grads: Params = {}
    last, dout = len(run.caches), dscores
    for i in range(last, 0, -1):
        cache, dropout_cache = run.caches[i - 1]
        if dropout_cache is not None:
            dout = layers.dropout_backward(dout, dropout_cache)
        differentiate: Any = layers.affine_backward
        if i < last:
            hidden, conv = layers.affine_relu_backward, layers.conv_relu_pool_backward
            differentiate = conv if i <= convs else hidden
        dout, grads[f"W{i}"], grads[f"b{i}"] = differentiate(dout, cache)
    return dout, grads


def loss_and_gradients(
    run: Pass, model: Params, y: Any, reg: float, convs: int
) -> tuple[float, Params, Array]:
    """Return softmax loss plus ``0.5 reg sum(W^2)``, the gradients of the parameters, and dX.

    One label alone, in place of N, is that of every image.

    Examples
    --------
    >>> params = initial_params((3, 8, 8), [(4, 5)], [10], 0, 0, np.float64)
    >>> run = forward(np.zeros((2, 3, 8, 8)), params, 1, None)
    >>> round(loss_and_gradients(run, params, 7, 0.0, 1)[0], 4)
    2.3026
    """
    labels = np.asarray(y)
    if labels.size == 1:
        labels = np.broadcast_to(labels.ravel(), len(run.scores))
    loss, dscores = layers.softmax_loss(run.scores, labels)
    dX, grads = backward(dscores, run, convs)
    for name in (f"W{i}" for i in range(1, len(run.caches) + 1)):
        loss += 0.5 * reg * float(np.sum(model[name] ** 2))
        grads[name] += reg * model[name]
    return loss, grads, dX


def dropout_param(keep: float | None, mode: str) -> dict[str, Any] | None:
    """Describe dropout by its probability of keeping, under any release; None for no layer.

    Examples
    --------
    >>> dropout_param(None, "test") is None
    True
    """
    if keep is None:
        return None
    keep = validation.as_fraction("dropout", keep, above_zero=True)
    return {"p": keep, "p_is_dropped": False, "mode": mode}


def _weights(model: Params, i: int) -> tuple[Array, Array]:
    return model[f"W{i}"], model[f"b{i}"]
