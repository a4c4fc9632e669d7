"""A network together with the noise that it is trained under."""

import numpy as np

from cs231n.augmentation import Augmentation
from cs231n.nets import Network
from cs231n.validation import Array


class NoisyNetwork:
    """Augment (in training), standardise, then run a network.

    Parameters
    ----------
    network : Network
    X_train : array (N, C, H, W), uint8
        The mean and standard deviation of each channel are taken from it.
    augmentation : callable ``(X, rng) -> X``, optional
    rng : numpy.random.Generator
        Draws the augmentations, and what noisy scores need.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.zeros((4, 1, 8, 8), np.uint8)
    >>> network = Network("conv3-4 relu fc-10", (1, 8, 8), seed=0)
    >>> model = NoisyNetwork(network, X, None, np.random.default_rng(0))
    >>> model.scores(X).shape, model.noisy_scores(X).shape
    ((4, 10), (4, 10))
    """

    def __init__(
        self,
        network: Network,
        X_train: Array,
        augmentation: Augmentation | None,
        rng: np.random.Generator,
    ) -> None:
        self.network = network
        self.params, self.state = network.params, network.state
        self.augmentation = augmentation
        self.rng = rng
        channels = (0, 2, 3)
        self.mean = X_train.mean(axis=channels, keepdims=True, dtype=np.float64).astype(np.float32)
        std = X_train.std(axis=channels, keepdims=True, dtype=np.float64)
        self.std = np.maximum(std, 1).astype(np.float32)  # at least a grey level: never 0

    def step(self, X: Array, y: Array, update: str = "sgd", **hyper: float) -> float:
        """Train on a batch under noise, in place; return the loss."""
        return self.network.step(self._standardized(self._augmented(X)), y, update, **hyper)

    def scores(self, X: Array) -> Array:
        """Return the scores (N, classes) of the images as they are, without noise."""
        return self.network.scores(self._standardized(X))

    def noisy_scores(self, X: Array) -> Array:
        """Return scores under noise, to be averaged over many passes.

        Augmentation can only be sampled. Dropout has a good average in closed form, its weight
        scaling, and is sampled only where there is no augmentation: sampling both was worse on
        validation images at 12 passes.
        """
        if self.augmentation is None:
            return self.network.scores(self._standardized(X), noise=self.rng)
        return self.scores(self._augmented(X))

    def _augmented(self, X: Array) -> Array:
        return X if self.augmentation is None else self.augmentation(X, self.rng)

    def _standardized(self, X: Array) -> Array:
        return (X - self.mean) / self.std
