"""Averages of weights over the steps of one run: EMA and SWA."""

import copy
from typing import Any

import numpy as np

from cs231n.validation import Array, as_extent, as_fraction

_STATISTICS = ("running_mean", "running_var")  # of batch normalisation


def clone(model: Any) -> Any:
    """Return a copy of a model that shares nothing with it, ready to predict.

    What an update rule remembers is left out: it may be twice as large as the weights.

    Examples
    --------
    >>> from cs231n.nets import Network
    >>> network = Network("fc-2", (3,), seed=0)
    >>> twin = clone(network)
    >>> twin.params["W1"] is network.params["W1"], twin.updates
    (False, None)
    """
    updates = getattr(model, "updates", None)
    # A memo that already holds the rule's memory as None spares its copy.
    return copy.deepcopy(model, {id(updates): None})


class WeightAverage:
    """What EMA and SWA have in common; ``mean += rate (weights - mean)``, in double precision."""

    averages_running = False

    def __init__(self) -> None:
        self.updates, self.count = 0, 0
        self.mean: dict[str, Array] = {}

    def update(self, network: Any) -> None:
        """Take the weights in; to be called after every step.

        Parameters
        ----------
        network : with ``params`` (and perhaps ``state``), dicts of arrays
        """
        self.updates += 1
        if not self._counts():
            return
        arrays = self._arrays(network)
        found = {name: array.shape for name, array in arrays.items()}
        known = {name: array.shape for name, array in self.mean.items()}
        if self.count and found != known:
            raise ValueError(f"network must have the arrays of before, {known}, got {found}")
        self.count += 1
        rate = self._rate()
        for name, array in arrays.items():
            if self.count == 1:
                self.mean[name] = array.astype(np.float64)
            else:
                self.mean[name] += rate * (array - self.mean[name])

    def averaged(self, network: Any, X: Array | None = None, batch_size: int = 128) -> Any:
        """Return a copy of the network that has the averaged weights.

        Parameters
        ----------
        network : the one that is trained, which stays as it is
        X : array (N, ...), optional
            Training images, from which the running averages of batch normalisation are estimated
            anew: :meth:`cs231n.nets.Network.refresh`, and the same for models with ``bn_params``.
        batch_size : int
            As in training.

        Raises
        ------
        ValueError
            If no weights were taken in, or those of another network; or if there is batch
            normalisation, but no `X`, though its averages are not averaged themselves.
        TypeError
            If there is an `X`, and the model has neither ``refresh(X)`` nor batch normalisation.
        """
        if not self.count:
            raise ValueError(f"no weights were taken in yet, in {self.updates} updates")
        refreshes = hasattr(network, "refresh")
        if X is not None and not refreshes and not _norms(network):
            raise TypeError(
                "X is for models with batch normalisation in bn_params, or with refresh(X), "
                f"got {type(network).__name__}"
            )
        averaged = clone(network)
        arrays = self._arrays(averaged)
        if {k: a.shape for k, a in arrays.items()} != {k: a.shape for k, a in self.mean.items()}:
            raise ValueError(f"network must have the arrays {list(self.mean)}, got {list(arrays)}")
        for name, array in arrays.items():
            array[...] = self.mean[name]
        if X is not None and refreshes:
            averaged.refresh(X, batch_size)
        elif X is not None:
            _refresh(averaged, X, batch_size)
        elif not self.averages_running and (_norms(averaged) or _running(averaged)):
            raise ValueError(
                "averaged weights need new statistics of batch normalisation: "
                "pass training images as X"
            )
        return averaged

    def _arrays(self, network: Any) -> dict[str, Array]:
        return {**network.params, **(_running(network) if self.averages_running else {})}

    def _counts(self) -> bool:
        return True

    def _rate(self) -> float:
        raise NotImplementedError


class EMA(WeightAverage):
    """Exponential moving average of the weights, and of batch normalisation's running averages.

    ``mean_t = (1 - d) / (1 - d^t) sum_k d^(t-k) w_k``: corrected as in Adam, so that it begins with
    the first weights, and not with zeros.

    Parameters
    ----------
    decay : float
        d in [0, 1): about the last ``1 / (1 - d)`` steps count.

    References
    ----------
    Polyak & Juditsky, "Acceleration of stochastic approximation by averaging", SIAM Journal on
    Control and Optimization, 1992, https://doi.org/10.1137/0330046

    Examples
    --------
    >>> from cs231n.nets import Network
    >>> network, X, y = Network("fc-2", (3,), seed=0), np.eye(3), np.array([0, 1, 0])
    >>> ema = EMA(0.9)
    >>> for _ in range(20):
    ...     _ = network.step(X, y, learning_rate=1.0)
    ...     ema.update(network)
    >>> ema.averaged(network).predict(X).tolist()
    [0, 1, 0]
    """

    averages_running = True

    def __init__(self, decay: float = 0.999) -> None:
        super().__init__()
        self.decay = as_fraction("decay", decay)
        if self.decay == 1:
            raise ValueError("decay must lie in [0, 1), got 1.0: nothing would ever be taken in")

    def _rate(self) -> float:
        # expm1 and log1p would serve decays that differ from 1 by less than 1e-8; nobody has them.
        return (1 - self.decay) / (1 - self.decay**self.count)


class SWA(WeightAverage):
    """Stochastic weight averaging: the plain mean of the weights at regular steps.

    Parameters
    ----------
    start : int
        Steps before the first that may count: SWA begins where training has nearly converged.
    every : int
        Steps from one that counts to the next, for example those of an epoch.

    References
    ----------
    Izmailov et al., "Averaging weights leads to wider optima and better generalization", UAI 2018,
    https://arxiv.org/abs/1803.05407

    Examples
    --------
    >>> from cs231n.nets import Network
    >>> network, X, y = Network("fc-4 bn relu fc-2", (3,), seed=0), np.eye(3), np.array([0, 1, 0])
    >>> swa = SWA(start=10, every=5)
    >>> for _ in range(30):
    ...     _ = network.step(X, y, learning_rate=0.1)
    ...     swa.update(network)
    >>> swa.count, swa.averaged(network, X).predict(X).tolist()
    (4, [0, 1, 0])
    """

    def __init__(self, start: int = 0, every: int = 1) -> None:
        super().__init__()
        self.start = as_extent("start", start, minimum=0)
        self.every = as_extent("every", every, minimum=1)

    def _counts(self) -> bool:
        done = self.updates - self.start
        return done > 0 and done % self.every == 0

    def _rate(self) -> float:
        return 1 / self.count


def _running(network: Any) -> dict[str, Array]:
    """Return what of a network's state is averaged by itself; noise and frozen filters are not."""
    state = getattr(network, "state", {})
    running = {name: array for name, array in state.items() if name.startswith("running_")}
    for i, norm in _norms(network).items():
        for name in _STATISTICS:
            if name not in norm:
                raise ValueError(
                    "network has no running averages of batch normalisation yet: they begin "
                    "with its first training step"
                )
            running[f"{name}{i}"] = norm[name]
    return running


def _norms(model: Any) -> dict[int, dict[str, Any]]:
    """Return the batch normalisations of a model of the course, by their numbers.

    Layer normalisations stand in the same list, but they have no mode.
    """
    params = enumerate(getattr(model, "bn_params", ()), start=1)
    return {i: param for i, param in params if "mode" in param or "running_mean" in param}


def _refresh(model: Any, X: Array, batch_size: int) -> None:
    """Do what :meth:`cs231n.nets.Network.refresh` does, for a model of the course."""
    X, size = np.asarray(X), as_extent("batch_size", batch_size, minimum=1)
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(f"X must hold at least one image, got shape {X.shape}")
    norms = list(_norms(model).values())
    before = [dict(norm) for norm in norms]
    sums: list[dict[str, Any]] = [dict.fromkeys(_STATISTICS, 0.0) for _ in norms]
    generator = np.random.get_state()  # dropout of the course draws from it, or sets its seed
    try:
        for first in range(0, len(X), size):
            images = X[first : first + size]
            for norm in norms:  # what the pass leaves behind is then the batch's own
                norm.pop("running_mean", None)
                norm.pop("running_var", None)
                norm["momentum"] = 0.0
            model.loss(images, np.zeros(len(images), int))  # labels: as in training; any will do
            for norm, total in zip(norms, sums, strict=True):
                for name in _STATISTICS:
                    total[name] += len(images) / len(X) * norm[name].astype(np.float64)
    finally:
        np.random.set_state(generator)
    for norm, old, total in zip(norms, before, sums, strict=True):
        found = {name: total[name].astype(norm[name].dtype) for name in _STATISTICS}
        norm.clear()
        norm.update(old | found)
