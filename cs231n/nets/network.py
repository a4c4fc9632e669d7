"""A network that is run by a plan: `params` and `loss(X, y)` as the course's models have them."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cs231n import kernels
from cs231n.kernels.workspace import empty_aligned
from cs231n.nets.language import as_layers, describe
from cs231n.nets.placing import place
from cs231n.nets.plan import Plan
from cs231n.nets.profile import Profile, profile
from cs231n.nets.specs import DropConnect, Dropout, FractionalMaxPool, Parameter, Spec
from cs231n.nets.steps import Step
from cs231n.nets.steps.noise import mix
from cs231n.nets.summary import Summary, summary_of
from cs231n.nets.updates import Updates, hyper_parameters
from cs231n.validation import Array, as_extent, as_float_array, as_labels_or_targets

_MOST_AT_TEST_TIME = 128  # images in one pass without gradients, so that their memory stays small
NOISY = (Dropout, DropConnect, FractionalMaxPool)
_SUMMED_AT_ONCE = 16384  # squares, in the network's own precision


class Network:
    """A stack of layers that allocates its arrays once, and uses them again in every step.

    Parameters
    ----------
    layers : list of specs, or text
        :class:`~cs231n.nets.Conv` and the like; ``"conv3-64 relu fc-10"``, as
        :func:`~cs231n.nets.parse` reads it; or a list of both.
    input_shape : (C, H, W) or (D,)
    dtype : floating-point dtype of the parameters and the computation
    reg : float
        Strength of the L2 penalty ``0.5 reg sum(W^2)`` on the weights.
    seed : int or Generator, optional
        For the initial weights and all noise in training; by default NumPy's global generator
        draws it.
    loss : ``'softmax'``

    Attributes
    ----------
    params : dict of arrays
        ``W1``, ``b1``, ``gamma1``, ``beta1``, ``W2``, ... An entry that is replaced is used from
        the next pass on.
    state : dict of arrays
        What training moves besides: ``running_mean1``, ``running_var1``, and ``noise``,
        the number from which a pass draws what is random in it; filters that are frozen. With
        `params` it is all that a checkpoint needs.

    Examples
    --------
    >>> from cs231n.nets import Affine, Conv, MaxPool, ReLU
    >>> network = Network([Conv(8), ReLU(), MaxPool(), Affine(10)], (1, 8, 8), seed=0)
    >>> list(network.params), network.scores(np.zeros((2, 1, 8, 8))).shape
    (['W1', 'b1', 'W2', 'b2'], (2, 10))
    """

    def __init__(
        self,
        layers: str | Iterable[Spec | str],
        input_shape: tuple[int, ...] = (3, 32, 32),
        *,
        dtype: Any = np.float32,
        reg: float = 0.0,
        seed: int | np.random.Generator | None = None,
        loss: str = "softmax",
    ) -> None:
        read = as_layers(layers)
        self.layers = tuple(read)
        self.placed = place(read, input_shape)
        self.input_shape = self.placed[0].input_shape
        self.dtype = np.dtype(dtype)
        if self.dtype.kind != "f":
            raise TypeError(f"dtype must be a floating-point dtype, got {self.dtype}")
        if loss != "softmax":
            raise ValueError(f"loss must be 'softmax', got {loss!r}")
        if not 0 <= reg < math.inf:
            raise ValueError(f"reg must be a number of at least 0, got {reg!r}")
        self.reg = float(reg)
        self._learnt = {k: p for layer in self.placed for k, p in layer.parameters.items()}
        self._running = {k: p for layer in self.placed for k, p in layer.running.items()}
        rng = np.random.default_rng(np.random.randint(2**31) if seed is None else seed)
        self.params = self._draw(self._learnt, rng)
        self.state = self._draw(self._running, rng)
        if any(isinstance(layer.spec, NOISY) for layer in self.placed):
            self.state["noise"] = rng.integers(2**62, size=1)
        self.updates: Updates | None = None
        self._forget()

    def loss(self, X: Array, y: Array | None = None) -> Any:
        """Return the scores (N, classes), or with labels ``(loss, grads)``.

        Parameters
        ----------
        X : array (N, *input_shape)
        y : int array (N,), or array (N, classes) of shares, optional

        Returns
        -------
        loss : float, with the L2 penalty
        grads : dict
            With the keys of `params`; the caller's own, not written again by the next pass.
        """
        if y is None:
            return self.scores(X)
        loss, plan = self._pass(X, y)
        grads = {name: dw.copy() for name, dw in plan.grads.items()}
        for name, strength in self._decay().items():
            if strength:
                grads[name] += strength * self.params[name]
        return loss, grads

    def step(self, X: Array, y: Array, update: str = "sgd", **hyper: float) -> float:
        """Train on one batch: forward, backward, update in place; return the loss before it.

        Parameters
        ----------
        X : array (N, *input_shape)
        y : int array (N,), or array (N, classes) of shares, which sum to 1 in each row
        update : ``'sgd'``, ``'sgd_momentum'``, ``'nesterov_momentum'``, ``'rmsprop'`` or ``'adam'``
            Another rule than the last time begins with a state of its own.
        **hyper : float
            Hyper-parameters, named as in :mod:`cs231n.optim`.
        """
        values = hyper_parameters(update, hyper)
        loss, plan = self._pass(X, y)
        if self.updates is None or self.updates.rule != update:
            self.updates = Updates(update, self.params)
        self.updates.apply(self.params, plan.grads, self._decay(), values)
        return loss

    def scores(self, X: Array, noise: int | np.random.Generator | None = None) -> Array:
        """Return the scores (N, classes) at test time.

        Parameters
        ----------
        X : array (N, *input_shape)
        noise : int or Generator, optional
            By default nothing is random: dropout and DropConnect drop nothing (as they scale what
            they keep, that is their mean), and fractional pooling has the same regions for all
            images at each call. A seed or a Generator draws it all as in training, for passes that
            are averaged; the running averages of batch normalisation stay in use, and at rest.

        Returns
        -------
        scores : array (N, classes)

        Examples
        --------
        >>> from cs231n.nets import Affine, Dropout
        >>> network, X = Network([Dropout(0.5), Affine(2)], (20,), seed=0), np.ones((1, 20))
        >>> bool((network.scores(X) == network.scores(X)).all())
        True
        >>> bool((network.scores(X, noise=1) == network.scores(X, noise=2)).any())
        False
        """
        X, noisy, number = self._images(X), noise is not None, _number_of(noise)
        scores = np.empty((len(X), math.prod(self.placed[-1].output_shape)), self.dtype)
        for first in range(0, len(X), _MOST_AT_TEST_TIME):
            images = X[first : first + _MOST_AT_TEST_TIME]
            plan, steps = self._prepare(images, "noisy" if noisy else "test", number)
            for step in steps:
                step.forward()
            scores[first : first + len(images)] = plan.scores[: len(images)]
            number += noisy * self._numbers_a_pass()
        return scores

    def predict(self, X: Array, noise: int | np.random.Generator | None = None) -> Array:
        """Return the classes (N,) of the highest :meth:`scores`."""
        return self.scores(X, noise).argmax(axis=1)

    def refresh(self, X: Array, batch_size: int = 128) -> None:
        """Estimate the running means and variances of batch normalisation anew.

        Passes in training mode, each batch normalised by itself and with noise, as while training;
        then ``running = sum_k n_k batch_k / sum_k n_k`` over batches of n_k images. Weights that
        no step has led to, as averages of weights, need it. Nothing else changes.

        Parameters
        ----------
        X : array (N, *input_shape)
            Training images in an order without meaning.
        batch_size : int
            As in training.
        """
        X, size = self._images(X), as_extent("batch_size", batch_size, minimum=1)
        if len(X) == 0:
            raise ValueError(f"X must hold at least one image, got shape {X.shape}")
        before = {name: array.copy() for name, array in self.state.items()}
        sums: dict[str, Array] = {}
        noise = self._noise()
        try:
            for first in range(0, len(X), size):
                images = X[first : first + size]
                _, steps = self._prepare(images, "training", noise)
                for step in steps:
                    step.forward()
                    for name, statistic in step.statistics().items():
                        share = len(images) / len(X) * statistic.astype(np.float64)
                        sums[name] = sums[name] + share if name in sums else share
                noise += self._numbers_a_pass()
        except BaseException:
            sums.clear()
            raise
        finally:  # the passes themselves moved the running averages
            for name, array in (before | sums).items():
                self.state[name][...] = array

    def profile(self, X: Array, y: Array, steps: int = 10) -> Profile:
        """Time each layer in so many training steps, which change nothing.

        Printing the result gives a table.
        """
        X, y = self._batch(X, y)
        moving = {name: array.copy() for name, array in self.state.items()}
        plan, bound = self._prepare(X, "training", self._noise())
        try:
            return profile(plan, bound, X, y, self.params, steps)
        finally:
            for name, array in moving.items():
                self.state[name][...] = array

    def summary(self) -> Summary:
        """Return what each layer costs and sees; printing it gives a table."""
        return summary_of(self.placed, self.dtype)

    def _pass(self, X: Array, y: Array) -> tuple[float, Plan]:
        """Run forward and backward; the gradients, without the penalty's, are the plan's."""
        X, y = self._batch(X, y)
        plan, steps = self._prepare(X, "training", self._noise())
        n = len(X)
        for step in steps:
            step.forward()
        loss, _ = kernels.softmax_loss(plan.scores[:n], y, dscores=plan.dscores[:n])
        for i in reversed(plan.learning):
            steps[i].backward_and_sum()
        if "noise" in self.state:
            self.state["noise"] += self._numbers_a_pass()
        return float(loss) + self._penalty(), plan

    def _noise(self) -> int:
        return int(self.state["noise"][0]) if "noise" in self.state else 0

    def _numbers_a_pass(self) -> int:
        """Return how many numbers a pass takes for its noise: each layer has one of its own."""
        return self.placed[-1].index + 1

    def _prepare(self, X: Array, mode: str, noise: int) -> tuple[Plan, list[Step]]:
        """Return a plan with the images in its input, and its steps with today's parameters."""
        n = len(X)
        self._take_up("params", self.params, self._learnt)
        self._take_up("state", self.state, self._running)
        plan = self._plans.get(mode)
        if plan is None or plan.capacity < n:
            plan = None
            self._plans.pop(mode, None)  # gives its memory back before asking for more
            training, noisy = mode == "training", mode != "test"
            plan = self._plans[mode] = Plan(self.placed, n, self.dtype, training, noisy)
        np.copyto(plan.input[:n], X, casting="unsafe")
        steps = plan.on(n)
        for step in steps:
            step.bind(self.params, self.state, noise)
        return plan, steps

    def _take_up(
        self, what: str, arrays: dict[str, Array], expected: Mapping[str, Parameter]
    ) -> None:
        """Check the entries that are new since the last pass."""
        for name, parameter in expected.items():
            array = arrays.get(name)
            if array is None:
                raise ValueError(f"{what} must have the key {name!r}, got {list(arrays)}")
            if array is self._seen.get(name):
                continue
            array = as_float_array(f"{what}[{name!r}]", array)
            if array.shape != parameter.shape:
                raise ValueError(
                    f"{what}[{name!r}] must have shape {parameter.shape}, got {array.shape}"
                )
            usable = np.require(array, dtype=self.dtype, requirements=["C", "A", "W"])
            arrays[name] = self._seen[name] = usable

    def _batch(self, X: Array, y: Array) -> tuple[Array, Array]:
        X = self._images(X)
        if len(X) == 0:
            raise ValueError(f"X must hold at least one image to learn from, got shape {X.shape}")
        classes = math.prod(self.placed[-1].output_shape)
        return X, as_labels_or_targets("y", y, len(X), classes)

    def _images(self, X: Array) -> Array:
        X = np.asarray(X)
        if X.dtype.kind not in "fiub":
            raise TypeError(f"X must hold real numbers, got dtype {X.dtype}")
        if X.ndim == 0 or X.shape[1:] != self.input_shape:
            expected = ", ".join(map(str, self.input_shape))
            raise ValueError(f"X must have shape (N, {expected}), got {X.shape}")
        return X

    def _draw(self, arrays: Mapping[str, Parameter], rng: np.random.Generator) -> dict[str, Array]:
        drawn = {}
        for name, parameter in arrays.items():
            drawn[name] = _aligned(parameter.initial.draw(rng, parameter.shape), self.dtype)
        return drawn

    def _decay(self) -> dict[str, float]:
        return {name: self.reg * p.decays for name, p in self._learnt.items()}

    def _penalty(self) -> float:
        """Return ``0.5 reg sum(W^2)``."""
        if not self.reg:
            return 0.0
        total = 0.0
        for name in (name for name, p in self._learnt.items() if p.decays):
            w = self.params[name].ravel()
            for first in range(0, w.size, _SUMMED_AT_ONCE):
                part = w[first : first + _SUMMED_AT_ONCE]
                total += float(np.einsum("i,i->", part, part))  # neither BLAS nor fresh memory
        return 0.5 * self.reg * total

    def _forget(self) -> None:
        self._plans: dict[str, Plan] = {}
        self._seen: dict[str, Array] = {}

    def __getstate__(self) -> dict[str, Any]:
        # Plans are made again where they are needed; they are many times as large as the rest.
        return {k: v for k, v in self.__dict__.items() if k not in ("_plans", "_seen")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for arrays in (self.params, self.state):
            arrays.update({name: _aligned(array, array.dtype) for name, array in arrays.items()})
        self._forget()

    def __str__(self) -> str:
        # A layer of the user's own has no word in the language, but must not make printing fail.
        try:
            return describe(self.layers)
        except ValueError:
            return repr(self)

    def __repr__(self) -> str:
        layers = ", ".join(map(repr, self.layers))
        return f"Network([{layers}], {self.input_shape}, dtype={self.dtype}, reg={self.reg:g})"


def _number_of(noise: int | np.random.Generator | None) -> int:
    """Return the number from which a pass at test time draws its noise."""
    if noise is None:
        return 0
    if isinstance(noise, np.random.Generator):
        return int(noise.integers(2**62))
    if isinstance(noise, bool) or not isinstance(noise, int | np.integer):
        raise TypeError(f"noise must be a seed, a Generator or None, got {noise!r}")
    return mix(int(noise))


def _aligned(array: Array, dtype: np.dtype) -> Array:
    aligned = empty_aligned(array.shape, dtype)
    aligned[...] = array
    return aligned
