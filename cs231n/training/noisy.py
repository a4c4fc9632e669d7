"""A network together with the noise that it is trained under."""

import copy
import math
from typing import Any

import numpy as np

from cs231n.marginalize import LAYERS
from cs231n.nets import FractionalMaxPool, Network
from cs231n.training.edits import drop_nothing
from cs231n.training.pipelines import Pipeline
from cs231n.training.tails import Tail, split_at_noise
from cs231n.validation import Array


class NoisyNetwork:
    """Augment (in training), standardise, then run a network.

    Parameters
    ----------
    network : Network
    X_train : array (N, C, H, W), uint8
        The mean and standard deviation of each channel are taken from it.
    pipeline : Pipeline
    rng : numpy.random.Generator
        Draws the augmentations of training.

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n import marginalize
    >>> X = np.zeros((4, 1, 8, 8), np.uint8)
    >>> network = Network("conv3-4 relu dropout0.5 fc-10", (1, 8, 8), seed=0)
    >>> model = NoisyNetwork(network, X, Pipeline(), np.random.default_rng(0))
    >>> model.scores(X).shape, model.sources()
    ((4, 10), ('layers',))
    >>> marginalize.predict(model, X, passes=5, over=model.sources()).shape
    (4, 10)
    """

    def __init__(
        self, network: Network, X_train: Array, pipeline: Pipeline, rng: np.random.Generator
    ) -> None:
        self.network = network
        self._still: Network | None = None  # made where it is needed
        self.pipeline, self.rng = pipeline, rng
        channels = (0, 2, 3)
        self.mean = X_train.mean(axis=channels, keepdims=True, dtype=np.float64).astype(np.float32)
        std = X_train.std(axis=channels, keepdims=True, dtype=np.float64)
        self.std = np.maximum(std, 1).astype(np.float32)  # at least a grey level: never 0

    @property
    def params(self) -> dict[str, Array]:
        """The network's."""
        return self.network.params

    @property
    def state(self) -> dict[str, Array]:
        """The network's."""
        return self.network.state

    def with_network(self, network: Network) -> "NoisyNetwork":
        """Return the same with another network."""
        other = copy.copy(self)
        other.network, other._still = network, None
        return other

    def step(self, X: Array, y: Array, update: str = "sgd", **hyper: float) -> float:
        """Train on a batch under noise, in place; return the loss."""
        if self.pipeline.images is not None:
            X = self.pipeline.images(X, self.rng)
        if self.pipeline.mixing is not None:
            X, y = self.pipeline.mixing(X, y, self._classes(), self.rng)
        return self.network.step(self.standardized(X), y, update, **hyper)

    def scores(self, X: Array, noise: int | None = None) -> Array:
        """Return the scores (N, classes) of the images as they are.

        By default nothing is random. With a seed as `noise`, fractional pooling draws its regions
        as in training. Dropout and DropConnect have a good average in closed form, that of scaling,
        and are drawn only where nothing else is: with augmentation, sampling both was worse on
        validation images at 12 passes.
        """
        network = self.network
        if noise is not None and self._pools_at_random():
            self._still = self._still or _without_drops(network)
            network = self._still
        return network.scores(self.standardized(X), noise=noise)

    def sources(self) -> tuple[Any, ...]:
        """Return the noise to average over at test time, as :mod:`cs231n.marginalize` takes it.

        Augmentation and fractional pooling, whose averages can only be sampled, where there are
        any; else what is dropped. Mixing images is for training only.
        """
        images = () if self.pipeline.images is None else (self.pipeline.images,)
        drops = "noise" in self.state and not images
        return (LAYERS, *images) if drops or self._pools_at_random() else images

    def only_drops(self) -> bool:
        """Tell whether dropout and DropConnect are all that there is to average over."""
        return self.sources() == (LAYERS,) and not self._pools_at_random()

    def tail(self, X: Array) -> Tail:
        """Return the network's layers from the first random one on, and what goes into them."""
        return split_at_noise(self.network, self.standardized(X))

    def standardized(self, X: Array) -> Array:
        """Return the images with mean 0 and deviation 1 in each channel of the training images."""
        return (X - self.mean) / self.std

    def _pools_at_random(self) -> bool:
        return any(isinstance(layer.spec, FractionalMaxPool) for layer in self.network.placed)

    def _classes(self) -> int:
        return math.prod(self.network.placed[-1].output_shape)


def _without_drops(network: Network) -> Network:
    """Return a network with the same parameters that drops nothing."""
    layers = drop_nothing(network.layers)
    still = Network(layers, network.input_shape, dtype=network.dtype, seed=0)
    still.params, still.state = network.params, network.state
    return still
