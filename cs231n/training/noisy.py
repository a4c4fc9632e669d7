"""A network together with the noise that it is trained under."""

from typing import Any

import numpy as np

from cs231n.augmentation import Augmentation
from cs231n.classifiers.small_convnet import SmallConvNet
from cs231n.validation import Array


class NoisyClassifier:
    """Augment (in training), standardise, then run a network; has the interface of a model.

    Parameters
    ----------
    network : SmallConvNet
    X_train : array (N, C, H, W), uint8
        The mean and standard deviation of each channel are taken from it.
    augmentation : callable ``(X, rng) -> X``, optional
    rng : numpy.random.Generator
        Draws the augmentations.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.zeros((4, 1, 8, 8), np.uint8)
    >>> model = NoisyClassifier(SmallConvNet((1, 8, 8)), X, None, np.random.default_rng(0))
    >>> model.loss(X).shape, model.noisy_scores(X).shape
    ((4, 10), (4, 10))
    """

    def __init__(
        self,
        network: SmallConvNet,
        X_train: Array,
        augmentation: Augmentation | None,
        rng: np.random.Generator,
    ) -> None:
        self.network = network
        self.augmentation = augmentation
        self.rng = rng
        channels = (0, 2, 3)
        self.mean = X_train.mean(axis=channels, keepdims=True, dtype=np.float64).astype(np.float32)
        std = X_train.std(axis=channels, keepdims=True, dtype=np.float64)
        self.std = np.maximum(std, 1).astype(np.float32)  # at least a grey level: never 0

    @property
    def params(self) -> dict[str, Array]:
        """The network's parameters."""
        return self.network.params

    @params.setter
    def params(self, params: dict[str, Array]) -> None:
        self.network.params = params

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return scores of the images as they are, or with labels ``(loss, grads)`` under noise."""
        if y is None:
            return self.network.scores(self._standardized(X))
        return self.network.loss(self._standardized(self._augmented(X)), y)

    def noisy_scores(self, X: Array) -> Array:
        """Return scores under noise, to be averaged over many passes.

        Augmentation can only be sampled. Dropout has a good average in closed form, its weight
        scaling, and is sampled only where there is no augmentation: sampling both was worse on
        validation images at 12 passes.
        """
        if self.augmentation is None:
            return self.network.scores(self._standardized(X), mode="train")
        return self.network.scores(self._standardized(self._augmented(X)))

    def _augmented(self, X: Array) -> Array:
        return X if self.augmentation is None else self.augmentation(X, self.rng)

    def _standardized(self, X: Array) -> Array:
        return (X - self.mean) / self.std
