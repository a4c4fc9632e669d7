"""A network that is trained as ever, and predicts with a running average of its weights."""

from cs231n.training.averaging import EMA
from cs231n.training.noisy import NoisyNetwork
from cs231n.validation import Array

_MOST_TO_REFRESH = 1000  # images; they take a forward pass an epoch


class SmoothedNetwork:
    """What :func:`~cs231n.training.fit.fit` trains, validates and keeps in a network's place.

    Parameters
    ----------
    model : NoisyNetwork
        Its own weights go on as without an average.
    decay : float
        As :class:`~cs231n.training.averaging.EMA` takes it.
    X_train : array (N, C, H, W)
        From which the statistics of batch normalisation, if there are any, are estimated for the
        averaged weights.
    batch_size : int
        As in training.

    Attributes
    ----------
    average : NoisyNetwork
        With the weights averaged so far. It stays the same until the next step.

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n.nets import Network
    >>> from cs231n.training.pipelines import Pipeline
    >>> X, y = np.zeros((4, 1, 8, 8), np.uint8), np.zeros(4, int)
    >>> network = Network("conv3-4 relu fc-10", (1, 8, 8), seed=0)
    >>> model = NoisyNetwork(network, X, Pipeline(), np.random.default_rng(0))
    >>> smoothed = SmoothedNetwork(model, 0.9, X, batch_size=4)
    >>> loss = [smoothed.step(X, y, learning_rate=0.1) for _ in range(3)]
    >>> smoothed.scores(X).shape, smoothed.average.network is network
    ((4, 10), False)
    """

    def __init__(self, model: NoisyNetwork, decay: float, X_train: Array, batch_size: int) -> None:
        self.model, self.batch_size = model, batch_size
        self.ema = EMA(decay)
        normalised = any(name.startswith("running_") for name in model.state)
        self.X = X_train[:_MOST_TO_REFRESH] if normalised else None
        self._average: NoisyNetwork | None = None

    @property
    def average(self) -> NoisyNetwork:
        """The model with averaged weights; before the first step, with its own."""
        if not self.ema.count:
            return self.model
        if self._average is None:
            X = None if self.X is None else self.model.standardized(self.X)
            network = self.ema.averaged(self.model.network, X, self.batch_size)
            self._average = self.model.with_network(network)
        return self._average

    @property
    def params(self) -> dict[str, Array]:
        """The averaged ones."""
        return self.average.params

    @property
    def state(self) -> dict[str, Array]:
        """What belongs to the averaged ones."""
        return self.average.state

    def step(self, X: Array, y: Array, update: str = "sgd", **hyper: float) -> float:
        """Train on a batch, and take the weights in."""
        loss = self.model.step(X, y, update, **hyper)
        self.ema.update(self.model.network)
        self._average = None
        return loss

    def scores(self, X: Array) -> Array:
        """Return the scores (N, classes) of the averaged network."""
        return self.average.scores(X)
