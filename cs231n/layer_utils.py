"""Layers that often stand together, as one forward and one backward.

A cache is the tuple of the parts' caches, in forward order. Convolutions and pools are the fast
ones. Star-importing this module gives everything of ``layers`` and ``fast_layers``, too.
"""

from collections.abc import Mapping
from typing import Any

from cs231n.fast_layers import *
from cs231n.layers import *
from cs231n.validation import Array


def affine_relu_forward(x: Array, w: Array, b: Array) -> tuple[Array, tuple[Any, Any]]:
    """Affine layer, then ReLU; shapes as in :func:`~cs231n.layers.affine_forward`."""
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, relu_cache)


def affine_relu_backward(dout: Array, cache: tuple[Any, Any]) -> tuple[Array, Array, Array]:
    """Differentiate :func:`affine_relu_forward`; return dx, dw, db."""
    fc_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), fc_cache)


def conv_relu_forward(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, Any]
) -> tuple[Array, tuple[Any, Any]]:
    """Convolution, then ReLU; shapes as in :func:`~cs231n.fast_layers.conv_forward_fast`."""
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    out, relu_cache = relu_forward(a)
    return out, (conv_cache, relu_cache)


def conv_relu_backward(dout: Array, cache: tuple[Any, Any]) -> tuple[Array, Array, Array]:
    """Differentiate :func:`conv_relu_forward`; return dx, dw, db."""
    conv_cache, relu_cache = cache
    return conv_backward_fast(relu_backward(dout, relu_cache), conv_cache)


def conv_relu_pool_forward(
    x: Array,
    w: Array,
    b: Array,
    conv_param: Mapping[str, Any],
    pool_param: Mapping[str, Any],
) -> tuple[Array, tuple[Any, Any, Any]]:
    """Convolution, ReLU, max-pooling.

    Examples
    --------
    >>> import numpy as np
    >>> conv_param = {"stride": 1, "pad": 1}
    >>> pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    >>> x, w, b = np.ones((2, 3, 8, 8)), np.ones((4, 3, 3, 3)), np.zeros(4)
    >>> conv_relu_pool_forward(x, w, b, conv_param, pool_param)[0].shape
    (2, 4, 4, 4)
    """
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    s, relu_cache = relu_forward(a)
    out, pool_cache = max_pool_forward_fast(s, pool_param)
    return out, (conv_cache, relu_cache, pool_cache)


def conv_relu_pool_backward(dout: Array, cache: tuple[Any, Any, Any]) -> tuple[Array, Array, Array]:
    """Differentiate :func:`conv_relu_pool_forward`; return dx, dw, db."""
    conv_cache, relu_cache, pool_cache = cache
    da = relu_backward(max_pool_backward_fast(dout, pool_cache), relu_cache)
    return conv_backward_fast(da, conv_cache)


def conv_bn_relu_forward(
    x: Array,
    w: Array,
    b: Array,
    gamma: Array,
    beta: Array,
    conv_param: Mapping[str, Any],
    bn_param: dict[str, Any],
) -> tuple[Array, tuple[Any, Any, Any]]:
    """Convolution, spatial batch normalisation, ReLU."""
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    s, bn_cache = spatial_batchnorm_forward(a, gamma, beta, bn_param)
    out, relu_cache = relu_forward(s)
    return out, (conv_cache, bn_cache, relu_cache)


def conv_bn_relu_backward(
    dout: Array, cache: tuple[Any, Any, Any]
) -> tuple[Array, Array, Array, Array, Array]:
    """Differentiate :func:`conv_bn_relu_forward`; return dx, dw, db, dgamma, dbeta."""
    conv_cache, bn_cache, relu_cache = cache
    ds = relu_backward(dout, relu_cache)
    da, dgamma, dbeta = spatial_batchnorm_backward(ds, bn_cache)
    return *conv_backward_fast(da, conv_cache), dgamma, dbeta


def affine_bn_relu_forward(
    x: Array, w: Array, b: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> tuple[Array, tuple[Any, Any, Any]]:
    """Affine layer, batch normalisation, ReLU."""
    a, fc_cache = affine_forward(x, w, b)
    s, bn_cache = batchnorm_forward(a, gamma, beta, bn_param)
    out, relu_cache = relu_forward(s)
    return out, (fc_cache, bn_cache, relu_cache)


def affine_bn_relu_backward(
    dout: Array, cache: tuple[Any, Any, Any]
) -> tuple[Array, Array, Array, Array, Array]:
    """Differentiate :func:`affine_bn_relu_forward`; return dx, dw, db, dgamma, dbeta."""
    fc_cache, bn_cache, relu_cache = cache
    da, dgamma, dbeta = batchnorm_backward_alt(relu_backward(dout, relu_cache), bn_cache)
    return *affine_backward(da, fc_cache), dgamma, dbeta


def affine_ln_relu_forward(
    x: Array, w: Array, b: Array, gamma: Array, beta: Array, ln_param: dict[str, Any]
) -> tuple[Array, tuple[Any, Any, Any]]:
    """Affine layer, layer normalisation, ReLU."""
    a, fc_cache = affine_forward(x, w, b)
    s, ln_cache = layernorm_forward(a, gamma, beta, ln_param)
    out, relu_cache = relu_forward(s)
    return out, (fc_cache, ln_cache, relu_cache)


def affine_ln_relu_backward(
    dout: Array, cache: tuple[Any, Any, Any]
) -> tuple[Array, Array, Array, Array, Array]:
    """Differentiate :func:`affine_ln_relu_forward`; return dx, dw, db, dgamma, dbeta."""
    fc_cache, ln_cache, relu_cache = cache
    da, dgamma, dbeta = layernorm_backward(relu_backward(dout, relu_cache), ln_cache)
    return *affine_backward(da, fc_cache), dgamma, dbeta
