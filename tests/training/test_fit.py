"""The training loop: what it shows when, and which epoch it keeps."""

import numpy as np
import pytest

from cs231n.nets import Network
from cs231n.training.fit import accuracy, fit


class Recorder:
    """Stands in for a network: its one parameter counts steps, its accuracy follows a script."""

    def __init__(self, val_accuracies=(), loss=1.0):
        self.params, self.state = {"w": np.zeros(1)}, {"s": np.zeros(1)}
        self.script, self.loss = list(val_accuracies), loss
        self.batches, self.hyper = [], []

    def step(self, X, y, update="sgd", **hyper):
        self.batches.append((X.copy(), y.copy()))
        self.hyper.append({"update": update, **hyper})
        self.params["w"] += 1
        self.state["s"] -= 1
        return self.loss

    def scores(self, X):
        right = np.zeros(len(X), bool)
        if len(X) == 10:  # the validation images
            right[: round(10 * self.script.pop(0))] = True
        return np.stack([right, ~right], axis=1).astype(float)


def data(N=7):
    X = np.arange(N)[:, None]
    return {"X_train": X, "y_train": X[:, 0] * 3, "X_val": np.zeros((10, 1)), "y_val": [0] * 10}


def rng(seed=0):
    return np.random.default_rng(seed)


def test_every_epoch_shows_every_image_once_with_its_label():
    model = Recorder([0.5] * 3)
    fit(model, data(), epochs=3, batch_size=3, rng=rng())
    assert len(model.batches) == 9
    orders = []
    for first in (0, 3, 6):
        X = np.concatenate([X[:, 0] for X, _ in model.batches[first : first + 3]])
        assert sorted(X) == list(range(7))
        orders.append(X.tolist())
    assert orders[0] != orders[1] != orders[2]
    for X, y in model.batches:
        np.testing.assert_array_equal(y, 3 * X[:, 0])
    assert max(len(y) for _, y in model.batches) == 3
    assert min(len(y) for _, y in model.batches) == 2


def test_the_learning_rate_falls_from_epoch_to_epoch():
    model = Recorder([0.5] * 3)
    options = {"update": "sgd_momentum", "learning_rate": 0.1, "learning_rate_decay": 0.5}
    fit(model, data(), epochs=3, batch_size=4, rng=rng(), **options)
    rates = [hyper["learning_rate"] for hyper in model.hyper]
    assert rates == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.025, 0.025])
    assert {hyper["update"] for hyper in model.hyper} == {"sgd_momentum"}


@pytest.mark.parametrize(
    ("script", "best"), [([0.1, 0.9, 0.5], 1), ([0.5, 0.5, 0.5], 0), ([0.1, 0.2, 0.3], 2)]
)
def test_the_first_best_epoch_is_kept(script, best):
    model, told = Recorder(script), []
    history = fit(model, data(), epochs=3, batch_size=7, rng=rng(), on_epoch_end=told.append)
    assert history.best_epoch == best
    assert history.val_accuracy.tolist() == pytest.approx(script)
    assert (model.params["w"], model.state["s"]) == (best + 1, -best - 1)
    assert told == [1, 2, 3]
    assert history.loss.shape == history.train_accuracy.shape == (3,)


def test_a_loss_that_is_no_number_is_told():
    with pytest.raises(ValueError, match=r"learning_rate 0.7 made the loss nan in epoch 1"):
        fit(Recorder([0.5], loss=np.nan), data(), epochs=1, rng=rng(), learning_rate=0.7)


def test_the_order_is_that_of_the_generator():
    first, second, other = (Recorder([0.5]) for _ in range(3))
    for model, seed in ((first, 0), (second, 0), (other, 1)):
        fit(model, data(40), epochs=1, batch_size=10, rng=rng(seed))
    for (X, _), (again, _) in zip(first.batches, second.batches, strict=True):
        np.testing.assert_array_equal(X, again)
    assert not np.array_equal(first.batches[0][0], other.batches[0][0])


@pytest.mark.parametrize("option", ["epochs", "batch_size"])
def test_options_that_leave_nothing_are_refused(option):
    with pytest.raises(ValueError, match=option):
        fit(Recorder(), data(), rng=rng(), **{"epochs": 1, option: 0})


def test_a_network_with_running_averages_goes_back_to_its_best_epoch():
    X = np.random.default_rng(1).standard_normal((60, 1, 6, 6))
    y = (X.mean(axis=(1, 2, 3)) > 0).astype(int)
    images = {"X_train": X[:40], "y_train": y[:40], "X_val": X[40:], "y_val": y[40:]}
    network = Network("conv3-4:bias=no bn relu gap fc-2", (1, 6, 6), seed=0)
    history = fit(network, images, epochs=6, batch_size=10, rng=rng(), learning_rate=3e-2)
    assert accuracy(network, X[40:], y[40:]) == history.val_accuracy[history.best_epoch]
    assert history.val_accuracy.max() == history.val_accuracy[history.best_epoch]
