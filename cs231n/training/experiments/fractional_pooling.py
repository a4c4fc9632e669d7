"""Graham's fractional max-pooling on MNIST: four ways to draw regions, one pass against many."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cs231n.data import Dataset
from cs231n.marginalize import softmax
from cs231n.nets import Network, describe
from cs231n.nets.zoo.fmp import SQRT2, fmp, fmp_sizes
from cs231n.training.checkpoints import load_checkpoint, save_checkpoint
from cs231n.training.experiments.passes import errors_by_passes, gain_of_passes
from cs231n.training.experiments.reporting import report_head
from cs231n.training.pool import run_each
from cs231n.training.store import fingerprint, read_arrays, write_arrays
from cs231n.validation import Array, as_extent

SOURCE = "Graham 2014, https://arxiv.org/abs/1412.6071"


@dataclass(frozen=True)
class Mode:
    """One way to draw regions, and the paper's errors in % with 1 and with 12 passes."""

    mode: str
    overlapping: bool
    published: tuple[float, float]

    @property
    def name(self) -> str:
        """The paper's letters: PO, RO, PD or RD."""
        return self.mode[0].upper() + ("O" if self.overlapping else "D")

    @property
    def title(self) -> str:
        """What the letters stand for."""
        return f"{self.mode} {'overlapping' if self.overlapping else 'disjoint'}"


MODES = (
    Mode("pseudorandom", True, (0.44, 0.34)),
    Mode("random", True, (0.50, 0.32)),
    Mode("pseudorandom", False, (0.54, 0.38)),
    Mode("random", False, (0.57, 0.40)),
)


@dataclass(frozen=True)
class FractionalPooling:
    """How Graham's nets are trained here: Nesterov's momentum, a rate that falls to 0.

    Attributes
    ----------
    filters, levels : int
        Of ``(filters n C2 - FMP√2)levels - C2 - C1 - output``.
    epochs, batch_size : int
    learning_rate, momentum : float
        The rate, on the mean gradient, falls step by step, in a straight line.
    passes : int
        Over the test images, when training has ended; more can be added to a run that is done.
    seed : int
        Of the initial weights, which are the same for all modes, and of everything drawn later.
    """

    filters: int = 32
    levels: int = 6
    epochs: int = 15
    batch_size: int = 100
    learning_rate: float = 0.003
    momentum: float = 0.99
    passes: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("filters", "levels", "epochs", "batch_size", "passes"):
            as_extent(name, getattr(self, name), minimum=1)
        as_extent("seed", self.seed, minimum=0)


# MNIST as Graham's program has it, but for the rate's fall: his is 1 % an epoch, for hundreds.
FRACTIONAL_POOLING = {
    "mnist": FractionalPooling(),
    "digits": FractionalPooling(
        filters=16, levels=3, epochs=60, batch_size=20, learning_rate=0.01, momentum=0.9
    ),
}


class Tested(NamedTuple):
    """What training and testing one mode's network gave.

    Attributes
    ----------
    loss : (epochs,)
        Mean loss of each epoch's steps.
    errors : (epochs,)
        Test error of one noisy pass after each epoch, a share; shown, and nothing else.
    probabilities : (passes, N, classes), float32
        Of each noisy pass over the test images in the end.
    seconds : float
        Of training.
    """

    loss: Array
    errors: Array
    probabilities: Array
    seconds: Array


def compare_modes(
    dataset: Dataset,
    recipe: FractionalPooling,
    folder: Path,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Train a network with each mode, and average over passes; return what is to be reported.

    Parameters
    ----------
    dataset : Dataset
        Its test images choose nothing.
    recipe : FractionalPooling
    folder : Path
        For a checkpoint an epoch and the results: the same call goes on where the last one ended.
    workers : int, optional
        Processes; by default one a usable core, each with one thread. 0 trains here.
    on_progress : callable
        Called with the epochs done, and those in all.

    Returns
    -------
    dict, ready for JSON
        One entry a mode; errors in %.

    Raises
    ------
    ValueError
        If the images are larger than what the network sees, or the loss is no longer a number.

    Examples
    --------
    >>> import tempfile
    >>> from cs231n.data import load
    >>> recipe = FractionalPooling(filters=2, levels=3, epochs=1, batch_size=100, passes=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = compare_modes(load("digits"), recipe, Path(folder), workers=0)
    >>> [(mode["name"], len(mode["errors"])) for mode in report["modes"]]
    [('PO', 2), ('RO', 2), ('PD', 2), ('RD', 2)]
    """
    start = time.perf_counter()
    _margins(dataset, recipe)  # refuses images that are too large before any work is done
    trained = {name: value for name, value in asdict(recipe).items() if name != "passes"}
    folder = folder / fingerprint(dataset, trained)
    results = {
        mode: tested
        for mode in MODES
        if (tested := _stored(folder, mode, recipe.passes)) is not None
    }
    missing = [mode for mode in MODES if mode not in results]
    total = len(MODES) * recipe.epochs
    before = total - sum(recipe.epochs - _epochs_done(folder, mode) for mode in missing)
    on_progress(before, total)
    for mode, tested in run_each(
        train_and_test,
        missing,
        (dataset, recipe, folder),
        workers,
        lambda epochs: on_progress(before + epochs, total),
    ):
        results[mode] = tested
    network = _network(MODES[0], dataset, recipe)
    costs = network.summary()
    return {
        **report_head(start),
        **describe_modes(dataset, recipe),
        "network": describe(network.layers),
        "parameters": costs.parameters,
        "multiply_adds": costs.multiply_adds,
        "modes": [_report(mode, results[mode], dataset.y_test, recipe.passes) for mode in MODES],
    }


def describe_modes(dataset: Dataset, recipe: FractionalPooling) -> dict[str, Any]:
    """Return what makes a run: two runs with the same description have the same results."""
    return {
        "experiment": "fractional-pooling",
        "source": SOURCE,
        "dataset": {
            "name": dataset.name,
            "train_size": len(dataset.X_train),
            "test_size": len(dataset.X_test),
        },
        "settings": asdict(recipe),
    }


def train_and_test(
    mode: Mode,
    dataset: Dataset,
    recipe: FractionalPooling,
    folder: Path,
    on_epoch_end: Callable[[int], None],
) -> Tested:
    """Train one mode's network, from its last checkpoint on, and run it over the test images."""
    network, path = _network(mode, dataset, recipe), _checkpoint(folder, mode)
    curves = load_checkpoint(path, network) or {
        "loss": np.empty(0),
        "errors": np.empty(0),
        "seconds": np.zeros(()),
    }
    frame = partial(_framed, margins=_margins(dataset, recipe))
    X_test, y_test = frame(dataset.X_test), dataset.y_test
    for epoch in range(len(curves["loss"]), recipe.epochs):
        start = time.perf_counter()
        loss = _train(network, dataset, recipe, epoch, frame)
        seconds = curves["seconds"] + time.perf_counter() - start
        rng = np.random.default_rng([recipe.seed, epoch, 1])
        error = np.mean(network.predict(X_test, noise=rng) != y_test)
        curves = {
            "loss": np.append(curves["loss"], loss),
            "errors": np.append(curves["errors"], error),
            "seconds": seconds,
        }
        save_checkpoint(path, network, curves)
        on_epoch_end(epoch + 1)
    known = _stored(folder, mode)
    first = [] if known is None else list(known.probabilities)
    tested = Tested(**curves, probabilities=_passes(network, X_test, recipe, first))
    write_arrays(_result(folder, mode), tested._asdict())
    return tested


def _train(
    network: Network,
    dataset: Dataset,
    recipe: FractionalPooling,
    epoch: int,
    frame: Callable[[Array], Array],
) -> float:
    """Train for an epoch; return the mean loss."""
    X, y = dataset.X_train, dataset.y_train
    steps = math.ceil(len(X) / recipe.batch_size)
    order = np.random.default_rng([recipe.seed, epoch, 0]).permutation(len(X))
    losses = []
    for step, batch in enumerate(np.array_split(order, steps), epoch * steps):
        losses.append(
            network.step(
                frame(X[batch]),
                y[batch],
                "nesterov_momentum",
                learning_rate=recipe.learning_rate * (1 - step / (recipe.epochs * steps)),
                momentum=recipe.momentum,
            )
        )
    if not math.isfinite(losses[-1]):
        raise ValueError(
            f"learning_rate {recipe.learning_rate:g} made the loss {losses[-1]} in epoch "
            f"{epoch + 1}: choose a smaller one"
        )
    return float(np.mean(losses))


def _passes(network: Network, X: Array, recipe: FractionalPooling, known: Sequence[Array]) -> Array:
    """Return the probabilities (passes, N, classes) of each noisy pass, of which some are known.

    A pass draws from a seed of its own, so it is the same however many there are.
    """
    passes = list(known)
    for number in range(len(passes), recipe.passes):
        rng = np.random.default_rng([recipe.seed, recipe.epochs, 1, number])
        passes.append(softmax(network.scores(X, noise=rng)).astype(np.float32))
    return np.stack(passes)


def _network(mode: Mode, dataset: Dataset, recipe: FractionalPooling) -> Network:
    field = fmp_sizes(recipe.levels, SQRT2)[0]
    shape, classes = (dataset.input_shape[0], field, field), len(dataset.class_names)
    layers = fmp(
        shape,
        classes,
        filters=recipe.filters,
        levels=recipe.levels,
        ratio=SQRT2,
        mode=mode.mode,
        overlapping=mode.overlapping,
    )
    return Network(layers, shape, seed=recipe.seed)


def _margins(dataset: Dataset, recipe: FractionalPooling) -> tuple[tuple[int, int], ...]:
    """Return what puts the images in the middle of the network's field."""
    field = fmp_sizes(recipe.levels, SQRT2)[0]
    missing = [field - extent for extent in dataset.input_shape[1:]]
    if min(missing) < 0:
        raise ValueError(
            f"levels must make a field that images of {dataset.input_shape[1:]} pixels fit into, "
            f"got {recipe.levels}, whose field is {field} pixels a side"
        )
    return (0, 0), (0, 0), *((extent // 2, extent - extent // 2) for extent in missing)


def _framed(X: Array, margins: tuple[tuple[int, int], ...]) -> Array:
    """Return bytes as floats from 0 to 1, on a black ground."""
    return np.pad(X, margins).astype(np.float32) / np.float32(255)


def _checkpoint(folder: Path, mode: Mode) -> Path:
    return folder / f"{mode.name}.checkpoint.npz"


def _result(folder: Path, mode: Mode) -> Path:
    return folder / f"{mode.name}.npz"


def _stored(folder: Path, mode: Mode, passes: int = 1) -> Tested | None:
    """Return what is known of a mode, with so many passes; None where there are fewer."""
    arrays = read_arrays(_result(folder, mode))
    if arrays is None or len(arrays["probabilities"]) < passes:
        return None
    return Tested(**arrays)


def _epochs_done(folder: Path, mode: Mode) -> int:
    arrays = read_arrays(_checkpoint(folder, mode))
    return 0 if arrays is None else len(arrays["curves/loss"])


def _report(mode: Mode, tested: Tested, y: Array, passes: int) -> dict[str, Any]:
    probabilities = tested.probabilities[:passes]
    return {
        "name": mode.name,
        "title": mode.title,
        "published": list(mode.published),
        "loss": tested.loss.round(6).tolist(),
        "epoch_errors": (100 * tested.errors).round(4).tolist(),
        "errors": [asdict(error) for error in errors_by_passes(probabilities, y)],
        "gain": gain_of_passes(probabilities, y),
        "seconds": round(float(tested.seconds), 1),
    }
