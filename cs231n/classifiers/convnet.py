"""The convolutional networks of 2015: a dict of parameters, and a function of it.

``f(X, model, y=None, reg=0.0, ...)`` returns scores (N, C), or with labels ``(loss, grads)``. The
penalty is ``0.5 reg sum(W^2)``; biases are free of it. Wherever a network takes ``dropout``, that
is the probability of *keeping* a hidden activation, in (0, 1], whatever
:func:`cs231n.use_release` says: 1 keeps all. It is at work when labels are given.

Star-importing this module gives everything of ``layers``, ``fast_layers`` and ``layer_utils``, too.
"""

from typing import Any

import numpy as np

from cs231n.classifiers import conv_stack as _stack
from cs231n.layer_utils import *
from cs231n.marginalize import softmax as _softmax
from cs231n.validation import Array, parameter


def init_two_layer_convnet(
    weight_scale: float = 1e-3,
    bias_scale: float = 0,
    input_shape: tuple[int, int, int] = (3, 32, 32),
    num_classes: int = 10,
    num_filters: int = 32,
    filter_size: int = 5,
) -> dict[str, Array]:
    """Draw the parameters of :func:`two_layer_convnet`.

    Parameters
    ----------
    weight_scale, bias_scale : float
        Standard deviations of weights and biases.
    input_shape : (C, H, W)
    num_classes, num_filters, filter_size : int
        The filter size is odd.

    Returns
    -------
    dict
        ``W1`` (F, C, HH, WW), ``b1`` (F,), ``W2`` (F*H/2*W/2, classes), ``b2``.

    Raises
    ------
    ValueError
        If the filter size is even.

    Examples
    --------
    >>> init_two_layer_convnet()["W2"].shape
    (8192, 10)
    """
    filters = [(num_filters, filter_size)]
    return _stack.initial_params(
        input_shape, filters, [num_classes], weight_scale, bias_scale, np.float64
    )


def two_layer_convnet(
    X: Array,
    model: dict[str, Array],
    y: Any = None,
    reg: float = 0.0,
    dropout: float | None = 1.0,
) -> Any:
    """Convolution - ReLU - 2x2 max-pool - affine - softmax.

    Parameters
    ----------
    X : array (N, C, H, W)
    model : dict from :func:`init_two_layer_convnet`
    y : int array (N,) or int, optional
    reg : float
        Strength of the penalty ``0.5 reg sum(W^2)``.
    dropout : float
        Taken, and not used: there is no hidden affine layer.

    Returns
    -------
    Scores (N, classes), or with `y` ``(loss, grads)``.

    Examples
    --------
    >>> model = init_two_layer_convnet(input_shape=(3, 8, 8))
    >>> two_layer_convnet(np.zeros((2, 3, 8, 8)), model).shape
    (2, 10)
    """
    params = _named(model, 2)
    run = _stack.forward(X, params, 1, None)
    return run.scores if y is None else _stack.loss_and_gradients(run, params, y, reg, 1)[:2]


def init_three_layer_convnet(
    input_shape: tuple[int, int, int] = (3, 32, 32),
    num_classes: int = 10,
    filter_size: int = 5,
    num_filters: tuple[int, int] = (32, 128),
    weight_scale: float = 1e-2,
    bias_scale: float = 0,
    dtype: Any = np.float32,
) -> dict[str, Array]:
    """Draw the parameters of :func:`three_layer_convnet`.

    Parameters
    ----------
    input_shape : (C, H, W)
    num_classes, filter_size : int
        The filter size is odd.
    num_filters : (filters, hidden)
        Filters of the convolution, and numbers of the hidden affine layer.
    weight_scale, bias_scale : float
        Standard deviations of weights and biases.
    dtype : floating-point dtype of the parameters and the computation

    Examples
    --------
    >>> init_three_layer_convnet()["W2"].shape
    (8192, 128)
    """
    filters, hidden = _counts("num_filters", num_filters, 2)
    return _stack.initial_params(
        input_shape,
        [(filters, filter_size)],
        [hidden, num_classes],
        weight_scale,
        bias_scale,
        dtype,
    )


def three_layer_convnet(
    X: Array,
    model: dict[str, Array],
    y: Any = None,
    reg: float = 0.0,
    dropout: float | None = None,
) -> Any:
    """Convolution - ReLU - 2x2 max-pool - affine - ReLU - dropout - affine - softmax.

    Parameters
    ----------
    X : array (N, C, H, W)
    model : dict from :func:`init_three_layer_convnet`
    y : int array (N,) or int, optional
    reg : float
        Strength of the penalty ``0.5 reg sum(W^2)``.
    dropout : float or None
        Probability of keeping a hidden activation; None for a network without that layer.

    Returns
    -------
    Scores (N, classes), or with `y` ``(loss, grads)``.

    Examples
    --------
    >>> model = init_three_layer_convnet(input_shape=(3, 8, 8), num_filters=(4, 5))
    >>> three_layer_convnet(np.zeros((2, 3, 8, 8)), model).shape
    (2, 10)
    """
    noise = _stack.dropout_param(dropout, "test" if y is None else "train")
    params = _named(model, 3)
    run = _stack.forward(X, params, 1, noise)
    return run.scores if y is None else _stack.loss_and_gradients(run, params, y, reg, 1)[:2]


def init_five_layer_convnet(
    input_shape: tuple[int, int, int] = (3, 64, 64),
    num_classes: int = 100,
    filter_sizes: tuple[int, int, int] = (5, 5, 5),
    num_filters: tuple[int, int, int, int] = (32, 32, 64, 128),
    weight_scale: float = 1e-2,
    bias_scale: float = 0,
    dtype: Any = np.float32,
) -> dict[str, Array]:
    """Draw the parameters of :func:`five_layer_convnet`.

    Parameters
    ----------
    input_shape : (C, H, W)
    num_classes : int
    filter_sizes : three odd int
    num_filters : four int
        Filters of the three convolutions, and numbers of the hidden affine layer.
    weight_scale, bias_scale : float
        Standard deviations of weights and biases.
    dtype : floating-point dtype of the parameters and the computation

    Examples
    --------
    >>> init_five_layer_convnet()["W4"].shape
    (4096, 128)
    """
    sizes = _counts("filter_sizes", filter_sizes, 3)
    *filters, hidden = _counts("num_filters", num_filters, 4)
    return _stack.initial_params(
        input_shape,
        list(zip(filters, sizes, strict=True)),
        [hidden, num_classes],
        weight_scale,
        bias_scale,
        dtype,
    )


def five_layer_convnet(
    X: Array,
    model: dict[str, Array],
    y: Any = None,
    reg: float = 0.0,
    dropout: float | None = 1.0,
    extract_features: bool = False,
    compute_dX: bool = False,
    return_probs: bool = False,
) -> Any:
    """{convolution - ReLU - 2x2 max-pool} x 3 - affine - ReLU - dropout - affine - softmax.

    Parameters
    ----------
    X : array (N, C, H, W)
    model : dict from :func:`init_five_layer_convnet`
    y : int array (N,) or int, optional
        One label alone is that of every image.
    reg : float
        Strength of the penalty ``0.5 reg sum(W^2)``.
    dropout : float or None
        Probability of keeping a hidden activation; None for a network without that layer.
    extract_features, return_probs : bool
        Without `y`: return the hidden activations (N, H), or probabilities, instead of scores.
    compute_dX : bool
        With `y`: return the gradient of the loss with respect to the images, like `X`.

    Returns
    -------
    Scores (N, classes), or features, or probabilities; with `y` ``(loss, grads)``, or dX.

    Raises
    ------
    ValueError
        If `compute_dX` is asked for without `y`.

    Examples
    --------
    >>> model = init_five_layer_convnet((3, 8, 8), 10, (3, 3, 3), (2, 3, 4, 5))
    >>> five_layer_convnet(np.zeros((2, 3, 8, 8)), model, y=1, compute_dX=True).shape
    (2, 3, 8, 8)
    """
    if y is None and compute_dX:
        raise ValueError("compute_dX needs y: it is the gradient of the loss, which needs labels")
    noise = _stack.dropout_param(dropout, "test" if y is None else "train")
    params = _named(model, 5)
    run = _stack.forward(X, params, 3, noise)
    if y is not None:
        loss, grads, dX = _stack.loss_and_gradients(run, params, y, reg, 3)
        return dX if compute_dX else (loss, grads)
    if extract_features:
        return run.features
    return _softmax(run.scores) if return_probs else run.scores


def _named(model: dict[str, Array], layers: int) -> dict[str, Array]:
    """Return the parameters of this network; what else the dict holds is left alone."""
    names = [f"{letter}{i}" for i in range(1, layers + 1) for letter in "Wb"]
    return {name: np.asarray(parameter("model", model, name)) for name in names}


def _counts(name: str, values: Any, length: int) -> tuple[int, ...]:
    if np.shape(values) != (length,):
        raise ValueError(f"{name} must hold {length} numbers, got {values!r}")
    return tuple(int(value) for value in values)
