"""The two-layer networks of 2015 and of 2016 to 2020: published constants, slopes, training."""

import re

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, spread_biases

import cs231n
from cs231n.classifiers.fc_net import TwoLayerNet as ModelForSolver
from cs231n.classifiers.neural_net import TwoLayerNet, init_two_layer_model, two_layer_net

D, H, C, N = 4, 10, 3, 5
LABELS = np.array([0, 1, 2, 2, 1])


@pytest.fixture(autouse=True)
def newest_release():
    with cs231n.use_release(2026):
        yield


def toy_2015():
    """The model and the images of 2015's notebook."""
    model = {
        "W1": np.linspace(-0.2, 0.6, D * H).reshape(D, H),
        "b1": np.linspace(-0.3, 0.7, H),
        "W2": np.linspace(-0.4, 0.1, H * C).reshape(H, C),
        "b2": np.linspace(-0.5, 0.9, C),
    }
    return model, np.linspace(-0.2, 0.5, N * D).reshape(N, D)


def toy():
    """The network and the images of the notebooks from 2016 on."""
    np.random.seed(0)
    net = TwoLayerNet(D, H, C, std=1e-1)
    np.random.seed(1)
    return net, 10 * np.random.randn(N, D)


class As2015:
    """2015's function, seen as a model."""

    def __init__(self, model, reg):
        self.params, self.reg = model, reg

    def loss(self, X, y):
        return two_layer_net(X, self.params, y, self.reg)


class WithReg:
    """A TwoLayerNet with a strength of its own."""

    def __init__(self, net, reg):
        self.params, self.net, self.reg = net.params, net, reg

    def loss(self, X, y):
        return self.net.loss(X, y, reg=self.reg)


# ---- published constants ----


@pytest.mark.parametrize("year", [2015, 2020])
def test_the_loss_of_2015_in_any_release(year):
    model, X = toy_2015()
    with cs231n.use_release(year):
        assert two_layer_net(X, model, LABELS, 0.1)[0] == pytest.approx(1.38191946092, abs=1e-11)


@pytest.mark.parametrize(("year", "reg"), [(2016, 0.1), (2017, 0.05), (2020, 0.05), (2026, 0.05)])
def test_the_loss_of_each_year(year, reg):
    net, X = toy()
    with cs231n.use_release(year):
        assert net.loss(X, LABELS, reg=reg)[0] == pytest.approx(1.30378789133, abs=1e-11)


@pytest.mark.parametrize("year", [2016, 2017])
def test_the_toy_network_learns_as_far_as_published(year):
    with cs231n.use_release(year):
        net, X = toy()
        stats = net.train(X, LABELS, X, LABELS, learning_rate=1e-1, reg=5e-6, num_iters=100)
    assert stats["loss_history"][-1] < 0.02
    np.testing.assert_array_equal(net.predict(X), LABELS)


# ---- scores and slopes ----


def test_scores_are_those_of_a_loop():
    net, X = toy()
    spread_biases(net)
    W1, b1, W2, b2 = (net.params[name] for name in ("W1", "b1", "W2", "b2"))
    expected = np.zeros((N, C))
    for n, c in np.ndindex(N, C):
        hidden = [max(0.0, sum(X[n, d] * W1[d, h] for d in range(D)) + b1[h]) for h in range(H)]
        expected[n, c] = sum(hidden[h] * W2[h, c] for h in range(H)) + b2[c]
    np.testing.assert_allclose(net.loss(X), expected, rtol=1e-12)
    np.testing.assert_allclose(two_layer_net(X, net.params), expected, rtol=1e-12)
    np.testing.assert_array_equal(net.predict(X), expected.argmax(axis=1))


@pytest.mark.parametrize("reg", [0.0, 0.7])
@pytest.mark.parametrize("year", [2016, 2026])
def test_gradients_are_the_measured_slopes(reg, year):
    model, X = toy_2015()
    net, X_net = toy()
    spread_biases(net)
    with cs231n.use_release(year):
        assert_gradients_are_right(As2015(model, reg), X, LABELS, tolerance=1e-7)
        assert_gradients_are_right(WithReg(net, reg), X_net, LABELS, tolerance=1e-7)


def test_it_is_the_network_of_the_solver_with_another_penalty():
    net, X = toy()
    model = ModelForSolver(D, H, C, reg=0.3)
    model.params = net.params
    loss, grads = net.loss(X, LABELS, reg=0.15)
    expected, expected_grads = model.loss(X, LABELS)
    assert loss == pytest.approx(expected, rel=1e-13)
    for name in grads:
        np.testing.assert_allclose(grads[name], expected_grads[name], rtol=1e-10, atol=1e-15)


def test_networks_start_as_published():
    np.random.seed(0)
    model = init_two_layer_model(300, 50, 10)
    params = TwoLayerNet(300, 50, 10).params
    for weights, std in ((model, 1e-5), (params, 1e-4)):
        shapes = {"W1": (300, 50), "b1": (50,), "W2": (50, 10), "b2": (10,)}
        assert {name: w.shape for name, w in weights.items()} == shapes
        assert weights["W1"].std() == pytest.approx(std, rel=0.02)
        assert weights["W2"].std() == pytest.approx(std, rel=0.1)
        assert not weights["b1"].any()
        assert not weights["b2"].any()


def test_inputs_stay_as_they_are_and_bytes_do_not_overflow():
    net, X = toy()
    copy = X.copy()
    net.loss(X, LABELS, reg=0.1)
    np.testing.assert_array_equal(X, copy)
    images = np.array([[250, 251, 252, 253], [1, 200, 3, 255]], dtype=np.uint8)
    np.testing.assert_allclose(net.loss(images), net.loss(images.astype(float)), rtol=1e-14)
    assert net.predict(np.zeros((0, D))).shape == (0,)


# ---- training ----


def test_training_is_gradient_descent_on_drawn_batches():
    (net, X), (twin, _) = toy(), toy()
    y = LABELS
    np.random.seed(3)
    stats = net.train(X, y, X[:2], y[:2], 0.1, 0.5, reg=0.01, num_iters=5, batch_size=2)
    np.random.seed(3)
    rate, losses, train_acc, val_acc = 0.1, [], [], []
    for it in range(5):
        batch = np.random.choice(N, 2)
        loss, grads = twin.loss(X[batch], y[batch], reg=0.01)
        for name, grad in grads.items():
            twin.params[name] -= rate * grad
        losses.append(loss)
        if it in (0, 2, 4):  # an epoch is 5 // 2 iterations
            train_acc.append(np.mean(twin.loss(X[batch]).argmax(axis=1) == y[batch]))
            val_acc.append(np.mean(twin.loss(X[:2]).argmax(axis=1) == y[:2]))
            rate *= 0.5
    np.testing.assert_allclose(stats["loss_history"], losses, rtol=1e-12)
    assert stats["train_acc_history"] == train_acc
    assert stats["val_acc_history"] == val_acc


@pytest.mark.parametrize(
    ("images", "batch_size", "num_iters", "records"),
    [(70, 20, 90, 30), (5, 200, 30, 30), (20, 20, 30, 30), (50, 10, 12, 3), (50, 10, 0, 0)],
)
def test_accuracies_are_recorded_once_an_epoch(images, batch_size, num_iters, records):
    """70 images in batches of 20 are 3.5 batches: the published class recorded one in ninety."""
    X, y = np.random.default_rng(0).standard_normal((images, D)), np.arange(images) % C
    stats = TwoLayerNet(D, H, C).train(X, y, X, y, num_iters=num_iters, batch_size=batch_size)
    assert len(stats["loss_history"]) == num_iters
    assert len(stats["train_acc_history"]) == len(stats["val_acc_history"]) == records
    assert set(stats) == {"loss_history", "train_acc_history", "val_acc_history"}


@pytest.mark.parametrize(("year", "penalty"), [(2016, 0.5e-5), (2017, 5e-6), (2026, 5e-6)])
def test_the_default_strength_of_each_year(year, penalty):
    with cs231n.use_release(year):
        net, X = toy()
        net.params = {name: 100 * w for name, w in net.params.items()}
        squares = sum(np.sum(net.params[name] ** 2) for name in ("W1", "W2"))
        losses = []
        for reg in ({}, {"reg": 0.0}):
            np.random.seed(0)
            history = net.train(X, LABELS, X, LABELS, learning_rate=0.0, num_iters=1, **reg)
            losses.append(history["loss_history"][0])
    assert losses[0] - losses[1] == pytest.approx(penalty * squares, rel=1e-6)


def test_the_log_is_the_published_one(capsys):
    net, X = toy()
    net.train(X, LABELS, X, LABELS, num_iters=150, verbose=True)
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"iteration 0 / 150: loss \d+\.\d{6}", first)
    assert re.fullmatch(r"iteration 100 / 150: loss \d+\.\d{6}", second)
    net.train(X, LABELS, X, LABELS, num_iters=150)
    assert capsys.readouterr().out == ""


# ---- what is refused ----


def test_bad_arguments():
    net, X = toy()
    model, _ = toy_2015()
    with pytest.raises(ValueError, match=r"model must have the key 'W2'.*\['W1', 'b1'\]"):
        two_layer_net(X, {"W1": model["W1"], "b1": model["b1"]})
    with pytest.raises(ValueError, match="x must hold 4 numbers"):
        net.loss(np.ones((2, 5)))
    with pytest.raises(ValueError, match="labels from 0 to 2"):
        net.loss(X, LABELS + 1)
    with pytest.raises(ValueError, match="hidden_size must lie in"):
        TwoLayerNet(4, 0, 3)
    with pytest.raises(ValueError, match=r"X must be \(N, D\).*\(5, 4\) and \(4,\)"):
        net.train(X, LABELS[:4], X, LABELS)
    with pytest.raises(ValueError, match=r"X_val must be.*\(0, 4\)"):
        net.train(X, LABELS, X[:0], LABELS[:0])
    with pytest.raises(ValueError, match="batch_size must lie in"):
        net.train(X, LABELS, X, LABELS, batch_size=0)
