"""A small convolutional network of 3x3 filters, with dropout."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from cs231n import validation
from cs231n.layer_utils import *
from cs231n.validation import Array

CONV_PARAM = {"stride": 1, "pad": 1}
POOL_PARAM = {"pool_height": 2, "pool_width": 2, "stride": 2}


class SmallConvNet:
    """{conv3x3 - ReLU - 2x2 max-pool} for each entry of filters, affine - ReLU - dropout - affine.

    Parameters
    ----------
    input_dim : (C, H, W)
    filters : sequence of int
        Filters of each convolution.
    hidden_dim, num_classes : int
    dropout_keep_ratio : float
        Probability of keeping a hidden activation, in (0, 1]; 1 means no dropout.
    reg : float
        Strength of the L2 penalty ``0.5 reg sum(W^2)``.
    dtype : floating-point dtype of the parameters and the computation

    Attributes
    ----------
    params : dict
        ``W1, b1, ...``, initialised as in He et al. 2015, https://arxiv.org/abs/1502.01852.

    Examples
    --------
    >>> import numpy as np
    >>> model = SmallConvNet((1, 8, 8), filters=(4, 8), hidden_dim=16)
    >>> model.loss(np.zeros((2, 1, 8, 8))).shape
    (2, 10)
    """

    def __init__(
        self,
        input_dim: tuple[int, int, int] = (3, 32, 32),
        filters: Sequence[int] = (32, 64),
        hidden_dim: int = 128,
        num_classes: int = 10,
        dropout_keep_ratio: float = 1.0,
        reg: float = 0.0,
        dtype: Any = np.float32,
    ) -> None:
        self.keep_ratio = validation.as_fraction(
            "dropout_keep_ratio", dropout_keep_ratio, above_zero=True
        )
        self.reg, self.dtype = reg, dtype
        self.num_convs = len(filters)
        C, H, W = input_dim
        if min(H, W) < 2**self.num_convs:
            raise ValueError(
                f"input_dim must be at least {2**self.num_convs} pixels a side for "
                f"{self.num_convs} poolings, got {input_dim}"
            )
        channels = [C, *filters]
        shapes: list[tuple[int, ...]] = [(F, C, 3, 3) for C, F in pairwise(channels)]
        features = channels[-1] * (H >> self.num_convs) * (W >> self.num_convs)
        shapes += [(features, hidden_dim), (hidden_dim, num_classes)]
        self.params: dict[str, Array] = {}
        for i, shape in enumerate(shapes, start=1):
            fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
            fan_out = shape[0] if len(shape) == 4 else shape[1]
            scale = np.sqrt(2 / fan_in)
            self.params[f"W{i}"] = (scale * np.random.randn(*shape)).astype(dtype)
            self.params[f"b{i}"] = np.zeros(fan_out, dtype=dtype)

    def scores(self, X: Array, mode: str = "test") -> Array:
        """Return the scores (N, C); with ``mode='train'`` dropout is at work, for averaging."""
        return self._forward(X, mode)[0]

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return the scores (N, C) in test mode, or with labels ``(loss, grads)`` in train mode.

        Parameters
        ----------
        X : array (N, C, H, W)
        y : int array (N,), optional
        """
        if y is None:
            return self.scores(X)
        scores, (conv_caches, hidden_cache, dropout_cache, scores_cache) = self._forward(X, "train")
        loss, dout = softmax_loss(scores, y)
        grads: dict[str, Array] = {}
        last = self.num_convs + 2
        dout, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dout, scores_cache)
        dout = dropout_backward(dout, dropout_cache)
        dout, grads[f"W{last - 1}"], grads[f"b{last - 1}"] = affine_relu_backward(
            dout, hidden_cache
        )
        for i in range(self.num_convs, 0, -1):
            dout, grads[f"W{i}"], grads[f"b{i}"] = conv_relu_pool_backward(dout, conv_caches[i - 1])
        for i in range(1, last + 1):
            w = self.params[f"W{i}"]
            loss += 0.5 * self.reg * float(np.sum(w**2))
            grads[f"W{i}"] += self.reg * w
        return loss, grads

    def _forward(self, X: Array, mode: str) -> tuple[Array, tuple[Any, ...]]:
        out, conv_caches = np.asarray(X).astype(self.dtype, copy=False), []
        for i in range(1, self.num_convs + 1):
            w, b = self.params[f"W{i}"], self.params[f"b{i}"]
            out, cache = conv_relu_pool_forward(out, w, b, CONV_PARAM, POOL_PARAM)
            conv_caches.append(cache)
        i = self.num_convs + 1
        out, hidden_cache = affine_relu_forward(out, self.params[f"W{i}"], self.params[f"b{i}"])
        dropout_param = {"p": self.keep_ratio, "p_is_dropped": False, "mode": mode}
        out, dropout_cache = dropout_forward(out, dropout_param)
        i += 1
        scores, scores_cache = affine_forward(out, self.params[f"W{i}"], self.params[f"b{i}"])
        return scores, (conv_caches, hidden_cache, dropout_cache, scores_cache)
