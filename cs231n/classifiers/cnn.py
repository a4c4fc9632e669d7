"""Convolutional networks."""

from typing import Any

import numpy as np

from cs231n.layer_utils import *
from cs231n.validation import Array


class ThreeLayerConvNet:
    """Convolution - ReLU - 2x2 max-pool - affine - ReLU - affine - softmax.

    The convolution has stride 1 and keeps the size of its input.

    Parameters
    ----------
    input_dim : (C, H, W)
        H and W even.
    num_filters, filter_size, hidden_dim, num_classes : int
        The filter size is odd.
    weight_scale : float
        Standard deviation of the initial weights.
    reg : float
        Strength of the L2 penalty ``0.5 reg sum(W^2)``.
    dtype : floating-point dtype of the parameters and the computation

    Attributes
    ----------
    params : dict
        ``W1`` (F, C, HH, WW), ``b1`` (F,), ``W2`` (F*H/2*W/2, hidden), ``b2``, ``W3``, ``b3``.

    Examples
    --------
    >>> import numpy as np
    >>> model = ThreeLayerConvNet(input_dim=(3, 8, 8), num_filters=4, filter_size=3, hidden_dim=5)
    >>> model.loss(np.zeros((2, 3, 8, 8))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_dim: tuple[int, int, int] = (3, 32, 32),
        num_filters: int = 32,
        filter_size: int = 7,
        hidden_dim: int = 100,
        num_classes: int = 10,
        weight_scale: float = 1e-3,
        reg: float = 0.0,
        dtype: Any = np.float32,
    ) -> None:
        C, H, W = input_dim
        if H % 2 or W % 2:
            raise ValueError(f"input_dim must have an even height and width, got {input_dim}")
        if filter_size % 2 == 0:
            raise ValueError(f"filter_size must be odd, got {filter_size}")
        self.reg = reg
        self.dtype = dtype
        features = num_filters * (H // 2) * (W // 2)
        params = {
            "W1": weight_scale * np.random.randn(num_filters, C, filter_size, filter_size),
            "b1": np.zeros(num_filters),
            "W2": weight_scale * np.random.randn(features, hidden_dim),
            "b2": np.zeros(hidden_dim),
            "W3": weight_scale * np.random.randn(hidden_dim, num_classes),
            "b3": np.zeros(num_classes),
        }
        self.params = {name: value.astype(dtype) for name, value in params.items()}

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return the scores (N, C), or with labels ``(loss, grads)``.

        Parameters
        ----------
        X : array (N, C, H, W)
        y : int array (N,), optional
        """
        W1, b1, W2, b2, W3, b3 = (
            self.params[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3")
        )
        conv_param = {"stride": 1, "pad": (W1.shape[2] - 1) // 2}
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        X = np.asarray(X).astype(self.dtype, copy=False)
        maps, maps_cache = conv_relu_pool_forward(X, W1, b1, conv_param, pool_param)
        hidden, hidden_cache = affine_relu_forward(maps, W2, b2)
        scores, scores_cache = affine_forward(hidden, W3, b3)
        if y is None:
            return scores

        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * sum(np.sum(W**2) for W in (W1, W2, W3))
        dhidden, dW3, db3 = affine_backward(dscores, scores_cache)
        dmaps, dW2, db2 = affine_relu_backward(dhidden, hidden_cache)
        _, dW1, db1 = conv_relu_pool_backward(dmaps, maps_cache)
        grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}
        for name in ("W1", "W2", "W3"):
            grads[name] += self.reg * self.params[name]
        return loss, grads
