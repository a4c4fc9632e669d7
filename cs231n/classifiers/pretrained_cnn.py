"""The pretrained network of 2016's third assignment: nine convolutions and two affine layers.

Star-importing this module gives everything of ``layers``, ``fast_layers`` and ``layer_utils``, too.
"""

import os
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from cs231n.layer_utils import *
from cs231n.validation import Array


class PretrainedCNN:
    """{convolution - batchnorm - ReLU} x 9, affine - batchnorm - ReLU, affine.

    Parameters
    ----------
    dtype : floating-point dtype of the parameters and the computation
    num_classes, input_size : int
        Images are (3, input_size, input_size).
    h5_file : path-like, optional
        Weights for :meth:`load_weights`. Without it the weights are random (He et al. 2015,
        https://arxiv.org/abs/1502.01852), with running means of 0 and variances of 1.

    Attributes
    ----------
    params : dict
        ``W1, b1, ..., W11, b11``, and ``gamma1, beta1, ..., gamma10, beta10``: layer 0 has
        ``W1``.
    conv_params, bn_params : lists of dict
        One entry a convolution; one a batch normalisation, with its running averages.

    Examples
    --------
    >>> import numpy as np
    >>> class Narrow(PretrainedCNN):
    ...     filters, hidden_dim = (2,) * 9, 4
    >>> model = Narrow(input_size=32, num_classes=5)
    >>> model.loss(np.zeros((2, 3, 32, 32))).shape
    (2, 5)
    """

    filter_sizes = (5, 3, 3, 3, 3, 3, 3, 3, 3)
    strides = (2, 1, 2, 1, 2, 1, 2, 1, 2)
    filters: tuple[int, ...] = (64, 64, 128, 128, 256, 256, 512, 512, 1024)
    hidden_dim = 512

    def __init__(
        self,
        dtype: Any = np.float32,
        num_classes: int = 100,
        input_size: int = 64,
        h5_file: str | os.PathLike[str] | None = None,
    ) -> None:
        if input_size < 1 or num_classes < 1:
            raise ValueError(
                f"input_size and num_classes must be at least 1, got {input_size} and {num_classes}"
            )
        self.dtype, self.num_classes, self.input_size = dtype, num_classes, input_size
        self.conv_params = [
            {"stride": stride, "pad": (size - 1) // 2}
            for stride, size in zip(self.strides, self.filter_sizes, strict=True)
        ]
        self.num_layers = len(self.filters) + 2
        self.params: dict[str, Array] = {}
        self.bn_params: list[dict[str, Any]] = []
        for i, shape in enumerate(self._weight_shapes()):
            self._add_layer(i, shape)
        if h5_file is not None:
            self.load_weights(h5_file)

    def _weight_shapes(self) -> list[tuple[int, ...]]:
        channels = pairwise((3, *self.filters))
        sizes = zip(channels, self.filter_sizes, strict=True)
        convolutions = [(F, C, size, size) for (C, F), size in sizes]
        side = self.input_size
        for stride in self.strides:
            side = -(-side // stride)  # an odd side is rounded up
        features = self.filters[-1] * side * side
        return [*convolutions, (features, self.hidden_dim), (self.hidden_dim, self.num_classes)]

    def _add_layer(self, i: int, shape: tuple[int, ...]) -> None:
        fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        width = shape[0] if len(shape) == 4 else shape[1]
        scale = np.sqrt(2 / fan_in)
        self.params[f"W{i + 1}"] = (scale * np.random.randn(*shape)).astype(self.dtype)
        self.params[f"b{i + 1}"] = np.zeros(width, self.dtype)
        if i < self.num_layers - 1:
            self.params[f"gamma{i + 1}"] = np.ones(width, self.dtype)
            self.params[f"beta{i + 1}"] = np.zeros(width, self.dtype)
            averages = {
                "running_mean": np.zeros(width, self.dtype),
                "running_var": np.ones(width, self.dtype),
            }
            self.bn_params.append({"mode": "test", **averages})

    def load_weights(self, h5_file: str | os.PathLike[str], verbose: bool = False) -> None:
        """Read parameters and running averages from an HDF5 file.

        Parameters
        ----------
        h5_file : path-like
            With the names of ``params``, and ``running_mean1, running_var1, ...``. Transposed
            matrices are taken, too; other names are left alone.
        verbose : bool
            Print each name and shape.

        Raises
        ------
        ImportError
            If h5py is not installed.
        ValueError
            If a name is missing, or has the wrong shape; then nothing is changed.
        """
        loaded = _read_h5(h5_file)
        averages = {
            f"{name}{i}": bn_param[name]
            for i, bn_param in enumerate(self.bn_params, start=1)
            for name in ("running_mean", "running_var")
        }
        values = {
            name: _fitting(name, loaded, old).astype(self.dtype)
            for name, old in (self.params | averages).items()
        }
        for name, value in values.items():
            if verbose:
                print(name, value.shape)
            if name in self.params:
                self.params[name] = value
            else:
                stem = name.rstrip("0123456789")
                self.bn_params[int(name.removeprefix(stem)) - 1][stem] = value

    def forward(
        self, X: Array, start: int | None = None, end: int | None = None, mode: str = "test"
    ) -> tuple[Array, tuple[int, list[Any]]]:
        """Run layers `start` to `end`, both included.

        Parameters
        ----------
        X : array
            What layer `start` takes; images (N, 3, H, W) for layer 0.
        start, end : int, optional
            From 0 (the first convolution) to 10 (the scores); by default all.
        mode : {'test', 'train'}
            Batch normalisation by running averages, or by the batch.

        Returns
        -------
        out : what layer `end` gives; after layer 10 the scores (N, classes)
        cache : for :meth:`backward`
        """
        start, end = self._layer("start", start, 0), self._layer("end", end, self.num_layers - 1)
        if start > end:
            raise ValueError(f"start must not be above end, got {start} and {end}")
        if mode not in ("test", "train"):
            raise ValueError(f"mode must be 'train' or 'test', got {mode!r}")
        for bn_param in self.bn_params:
            bn_param["mode"] = mode
        out, caches = np.asarray(X).astype(self.dtype, copy=False), []
        for i in range(start, end + 1):
            out, cache = self._layer_forward(out, i)
            caches.append(cache)
        return out, (start, caches)

    def backward(self, dout: Array, cache: tuple[int, list[Any]]) -> tuple[Array, dict[str, Array]]:
        """Differentiate :meth:`forward`.

        Parameters
        ----------
        dout : array like ``out``
        cache : what :meth:`forward` returned

        Returns
        -------
        dX : array like ``X``
        grads : dict
            Gradients of the parameters of the layers that were run.
        """
        start, caches = cache
        grads: dict[str, Array] = {}
        for i in range(start + len(caches) - 1, start - 1, -1):
            dout, *gradients = self._backward_of(i)(dout, caches[i - start])
            # The last layer has no gamma and beta, and gives two gradients less.
            for name, gradient in zip(("W", "b", "gamma", "beta"), gradients, strict=False):
                grads[f"{name}{i + 1}"] = gradient
        return dout, grads

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return the scores (N, classes) in test mode; with labels ``(loss, grads)`` in train mode.

        Parameters
        ----------
        X : array (N, 3, input_size, input_size)
        y : int array (N,), optional
        """
        scores, cache = self.forward(X, mode="test" if y is None else "train")
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        return loss, self.backward(dscores, cache)[1]

    def _layer(self, name: str, value: int | None, default: int) -> int:
        if value is None:
            return default
        if value not in range(self.num_layers):
            raise ValueError(f"{name} must lie in 0 to {self.num_layers - 1}, got {value!r}")
        return int(value)

    def _layer_forward(self, x: Array, i: int) -> tuple[Array, Any]:
        w, b = self.params[f"W{i + 1}"], self.params[f"b{i + 1}"]
        if i == self.num_layers - 1:
            return affine_forward(x, w, b)
        gamma, beta = self.params[f"gamma{i + 1}"], self.params[f"beta{i + 1}"]
        if i == self.num_layers - 2:
            return affine_bn_relu_forward(x, w, b, gamma, beta, self.bn_params[i])
        conv_param, bn_param = self.conv_params[i], self.bn_params[i]
        return conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, bn_param)

    def _backward_of(self, i: int) -> Any:
        if i == self.num_layers - 1:
            return affine_backward
        return affine_bn_relu_backward if i == self.num_layers - 2 else conv_bn_relu_backward


def _read_h5(path: str | os.PathLike[str]) -> dict[str, Array]:
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            f"reading {os.fspath(path)} needs h5py: pip install h5py, and restart Python"
        ) from error
    with h5py.File(path, "r") as file:
        return {name: np.asarray(value) for name, value in file.items()}


def _fitting(name: str, loaded: Mapping[str, Array], old: Array) -> Array:
    """Return the loaded array of this name, in the shape of the old one."""
    if name not in loaded:
        raise ValueError(f"the file must hold {name!r}, it holds {sorted(loaded)}")
    value = loaded[name]
    if value.shape == old.shape:
        return value
    if value.size == old.size and value.squeeze().shape == old.shape:
        return value.squeeze()  # (1, M) -> (M,)
    if value.T.shape == old.shape:
        return value.T
    raise ValueError(f"{name} must have shape {old.shape} in the file, it has {value.shape}")
