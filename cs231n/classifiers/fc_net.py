"""Fully connected networks."""

import os
from itertools import pairwise
from typing import Any

import numpy as np

from cs231n.classifiers.saving import load_params, save_params
from cs231n.layer_utils import *
from cs231n.layers.dropout import keep_probability
from cs231n.release import conventions
from cs231n.validation import Array, as_fraction


class TwoLayerNet:
    """Affine - ReLU - affine - softmax, with an L2 penalty ``0.5 reg sum(W^2)`` on the weights.

    Parameters
    ----------
    input_dim : int
        D, the numbers in one example, whatever its shape.
    hidden_dim, num_classes : int
    weight_scale : float
        Standard deviation of the initial weights.
    reg : float
        Strength of the L2 penalty.

    Attributes
    ----------
    params : dict
        ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,).

    Examples
    --------
    >>> import numpy as np
    >>> model = TwoLayerNet(input_dim=12, hidden_dim=4, num_classes=3)
    >>> model.loss(np.zeros((2, 3, 2, 2))).shape
    (2, 3)
    """

    def __init__(
        self,
        input_dim: int = 3 * 32 * 32,
        hidden_dim: int = 100,
        num_classes: int = 10,
        weight_scale: float = 1e-3,
        reg: float = 0.0,
    ) -> None:
        self.reg = reg
        self.params: dict[str, Array] = {
            "W1": weight_scale * np.random.randn(input_dim, hidden_dim),
            "b1": np.zeros(hidden_dim),
            "W2": weight_scale * np.random.randn(hidden_dim, num_classes),
            "b2": np.zeros(num_classes),
        }

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return the scores (N, C), or with labels ``(loss, grads)``.

        Parameters
        ----------
        X : array (N, d_1, ..., d_k)
        y : int array (N,), optional
        """
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        hidden, hidden_cache = affine_relu_forward(X, W1, b1)
        scores, scores_cache = affine_forward(hidden, W2, b2)
        if y is None:
            return scores

        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))
        dhidden, dW2, db2 = affine_backward(dscores, scores_cache)
        _, dW1, db1 = affine_relu_backward(dhidden, hidden_cache)
        grads = {"W1": dW1 + self.reg * W1, "b1": db1, "W2": dW2 + self.reg * W2, "b2": db2}
        return loss, grads

    def save(self, fname: str | os.PathLike[str]) -> None:
        """Write ``params`` to ``cs231n/saved/<fname>`` and print where that is (2025).

        Parameters
        ----------
        fname : path-like
            A file name, or an absolute path; ``.npy`` is appended where it is missing. See
            :mod:`cs231n.classifiers.saving`.
        """
        save_params(fname, self.params)

    def load(self, fname: str | os.PathLike[str]) -> bool:
        """Read ``params`` from ``cs231n/saved/<fname>``, as :meth:`save` wrote it; return True.

        Parameters
        ----------
        fname : path-like
            As in :meth:`save`.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it holds something else than the parameters of a two-layer network.
        """
        self.params = load_params(fname, self.params)
        return True


class FullyConnectedNet:
    """{affine - [norm] - ReLU - [dropout]} for each hidden layer, then affine - softmax.

    Parameters
    ----------
    hidden_dims : list of int
    input_dim, num_classes : int
    dropout : float, optional
        Probability of keeping an activation, in (0, 1]; 1 means no dropout. Under the releases
        2016 and 2017 that of dropping it, in [0, 1); 0 means no dropout.
    normalization : None, 'batchnorm' or 'layernorm'
        True and False are taken for the `use_batchnorm` that stood in this place.
    reg : float
        Strength of the L2 penalty ``0.5 reg sum(W^2)``; biases, gamma and beta are free of it.
    weight_scale : float
        Standard deviation of the initial weights.
    dtype : floating-point dtype of the parameters and the computation
    seed : int, optional
        Handed to every dropout layer, which makes a gradient check possible.
    dropout_keep_ratio : float, optional
        Probability of keeping an activation, in (0, 1], whatever the release.
    use_batchnorm : bool, optional
        True is ``normalization='batchnorm'``, as written in 2016 and 2017.

    Attributes
    ----------
    params : dict
        ``W1, b1, ..., WL, bL``, and ``gamma1, beta1, ...`` where hidden layers are normalised.
    reg, num_layers, dtype, normalization, use_batchnorm, use_dropout
    dropout_param : dict
        ``'p'`` means what the release at the time of construction says, from then on.
    bn_params : list of dict

    Examples
    --------
    >>> import numpy as np
    >>> model = FullyConnectedNet([5, 4], input_dim=6, num_classes=3, normalization="batchnorm")
    >>> loss, grads = model.loss(np.zeros((2, 6)), np.array([0, 1]))
    >>> sorted(grads) == sorted(model.params)
    True
    """

    def __init__(
        self,
        hidden_dims: list[int],
        input_dim: int = 3 * 32 * 32,
        num_classes: int = 10,
        dropout: float | None = None,
        normalization: str | bool | None = None,
        reg: float = 0.0,
        weight_scale: float = 1e-2,
        dtype: Any = np.float32,
        seed: int | None = None,
        *,
        dropout_keep_ratio: float | None = None,
        use_batchnorm: bool | None = None,
    ) -> None:
        self.normalization = _normalization(normalization, use_batchnorm)
        keep = _keep_ratio(dropout, dropout_keep_ratio)
        self.use_dropout = keep != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = self._initial_params([input_dim, *hidden_dims, num_classes], weight_scale)
        self.dropout_param: dict[str, Any] = {}
        self._p_is_dropped = conventions().dropout_p_is_dropped
        if self.use_dropout:
            p = 1 - keep if self._p_is_dropped else keep
            self.dropout_param = {"mode": "train", "p": p if dropout is None else dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params: list[dict[str, Any]] = []
        if self.normalization is not None:
            mode = {"mode": "train"} if self.use_batchnorm else {}
            self.bn_params = [dict(mode) for _ in hidden_dims]

    @property
    def use_batchnorm(self) -> bool:
        """Whether hidden layers are batch-normalised."""
        return self.normalization == "batchnorm"

    def _initial_params(self, dims: list[int], weight_scale: float) -> dict[str, Array]:
        params: dict[str, Array] = {}
        for i, (fan_in, fan_out) in enumerate(pairwise(dims), start=1):
            params[f"W{i}"] = weight_scale * np.random.randn(fan_in, fan_out)
            params[f"b{i}"] = np.zeros(fan_out)
            if self.normalization and i < self.num_layers:
                params[f"gamma{i}"] = np.ones(fan_out)
                params[f"beta{i}"] = np.zeros(fan_out)
        return {name: value.astype(self.dtype) for name, value in params.items()}

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return the scores (N, C) in test mode, or with labels ``(loss, grads)`` in train mode.

        Parameters
        ----------
        X : array (N, d_1, ..., d_k)
        y : int array (N,), optional
        """
        self._set_mode("test" if y is None else "train")
        hidden, caches = np.asarray(X).astype(self.dtype), []
        for i in range(1, self.num_layers):
            hidden, cache = self._hidden_forward(hidden, i)
            caches.append(cache)
        last = self.num_layers
        scores, scores_cache = affine_forward(
            hidden, self.params[f"W{last}"], self.params[f"b{last}"]
        )
        if y is None:
            return scores

        loss, dscores = softmax_loss(scores, y)
        grads: dict[str, Array] = {}
        dhidden, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dscores, scores_cache)
        for i in range(last - 1, 0, -1):
            dhidden = self._hidden_backward(dhidden, caches[i - 1], i, grads)
        for i in range(1, last + 1):
            loss += 0.5 * self.reg * np.sum(self.params[f"W{i}"] ** 2)
            grads[f"W{i}"] += self.reg * self.params[f"W{i}"]
        return loss, grads

    def _set_mode(self, mode: str) -> None:
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

    def _hidden_forward(self, x: Array, i: int) -> tuple[Array, tuple[Any, Any]]:
        w, b = self.params[f"W{i}"], self.params[f"b{i}"]
        cache: Any
        if self.normalization is None:
            out, cache = affine_relu_forward(x, w, b)
        else:
            forward = (
                affine_bn_relu_forward
                if self.normalization == "batchnorm"
                else affine_ln_relu_forward
            )
            gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
            out, cache = forward(x, w, b, gamma, beta, self.bn_params[i - 1])
        if not self.use_dropout:
            return out, (cache, None)
        dropout_param = {"p_is_dropped": self._p_is_dropped, **self.dropout_param}
        out, dropout_cache = dropout_forward(out, dropout_param)
        return out, (cache, dropout_cache)

    def _hidden_backward(
        self, dout: Array, caches: tuple[Any, Any], i: int, grads: dict[str, Array]
    ) -> Array:
        cache, dropout_cache = caches
        if self.use_dropout:
            dout = dropout_backward(dout, dropout_cache)
        if self.normalization is None:
            dx, grads[f"W{i}"], grads[f"b{i}"] = affine_relu_backward(dout, cache)
            return dx
        backward = (
            affine_bn_relu_backward
            if self.normalization == "batchnorm"
            else affine_ln_relu_backward
        )
        gradients = backward(dout, cache)
        for name, gradient in zip(("W", "b", "gamma", "beta"), gradients[1:], strict=True):
            grads[f"{name}{i}"] = gradient
        return gradients[0]


def _normalization(normalization: str | bool | None, use_batchnorm: bool | None) -> str | None:
    """Return None, 'batchnorm' or 'layernorm', from either year's keyword."""
    if isinstance(normalization, bool):
        if use_batchnorm not in (None, normalization):
            raise ValueError(
                f"normalization={normalization} and use_batchnorm={use_batchnorm} contradict each "
                "other: give one of them"
            )
        normalization, use_batchnorm = None, normalization
    if normalization not in (None, "batchnorm", "layernorm"):
        raise ValueError(
            f"normalization must be None, 'batchnorm' or 'layernorm', got {normalization!r}"
        )
    if use_batchnorm is None:
        return normalization
    if normalization is not None and bool(use_batchnorm) != (normalization == "batchnorm"):
        raise ValueError(
            f"use_batchnorm={use_batchnorm} and normalization={normalization!r} contradict each "
            "other: give one of them"
        )
    return "batchnorm" if use_batchnorm else normalization


def _keep_ratio(dropout: float | None, dropout_keep_ratio: float | None) -> float:
    """Return the probability of keeping an activation, from either year's keyword."""
    keep = 1.0
    if dropout is not None:
        keep = keep_probability("dropout", dropout, conventions().dropout_p_is_dropped)
    if dropout_keep_ratio is None:
        return keep
    ratio = as_fraction("dropout_keep_ratio", dropout_keep_ratio, above_zero=True)
    if dropout is not None and abs(ratio - keep) > 1e-12:
        raise ValueError(
            f"dropout={dropout} keeps {keep} of the activations in the release of "
            f"{conventions().year}, which contradicts dropout_keep_ratio={dropout_keep_ratio}: "
            "give one of them"
        )
    return ratio
