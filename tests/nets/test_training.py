"""Networks learn: by their own steps and by the Solver; they are saved, copied, and refuse."""

import copy
import pickle
import threading

import numpy as np
import pytest

from cs231n import optim
from cs231n.data import load
from cs231n.nets import Affine, BatchNorm, Conv, Dropout, MaxPool, Network, ReLU
from cs231n.solver import Solver
from nets.samples import distance, sample

HYPER = {
    "sgd": {"learning_rate": 0.05},
    "sgd_momentum": {"learning_rate": 0.05, "momentum": 0.8},
    "nesterov_momentum": {"learning_rate": 0.05, "momentum": 0.8},
    "rmsprop": {"learning_rate": 0.01, "decay_rate": 0.9, "epsilon": 1e-6},
    "adam": {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6},
}


@pytest.fixture(scope="module")
def digits():
    data = load("digits")
    X, y = (data.X_train / 255 - 0.5).astype(np.float32), data.y_train
    return {"X_train": X[:600], "y_train": y[:600], "X_val": X[600:900], "y_val": y[600:900]}


def small(seed=0, **keywords):
    layers = [Conv(8), BatchNorm(), ReLU(), MaxPool(), Conv(16), ReLU(), Dropout(0.9)]
    return Network([*layers, Affine(10)], (1, 8, 8), seed=seed, **keywords)


@pytest.mark.parametrize("rule", HYPER)
def test_step_is_loss_and_the_published_rule(rule):
    stepping, X, y = sample("bn dropout")
    by_hand = sample("bn dropout")[0]
    configs = {name: dict(HYPER[rule]) for name in by_hand.params}
    for _ in range(4):
        loss, grads = by_hand.loss(X, y)
        assert stepping.step(X, y, rule, **HYPER[rule]) == pytest.approx(loss, rel=1e-10)
        for name, w in by_hand.params.items():
            new = getattr(optim, rule)(w, grads[name], configs[name])
            by_hand.params[name], configs[name] = new
    for name, w in by_hand.params.items():
        assert distance(stepping.params[name], w) <= 1e-9, name


def test_targets_are_a_mixture_of_labels():
    """The loss of shares is the shares' mean of the losses of labels, and so are its gradients."""
    network, X, y = sample("conv bn relu")
    classes = network.scores(X).shape[1]
    others = (y + 1) % classes
    shares = 0.75 * np.eye(classes)[y] + 0.25 * np.eye(classes)[others]
    loss, grads = network.loss(X, shares)
    (one, first), (other, second) = network.loss(X, y), network.loss(X, others)
    assert loss == pytest.approx(0.75 * one + 0.25 * other, rel=1e-12)
    for name, dw in grads.items():
        np.testing.assert_allclose(dw, 0.75 * first[name] + 0.25 * second[name], atol=1e-12)
    assert network.step(X, shares) == pytest.approx(loss)
    with pytest.raises(ValueError, match=r"y must have shape \(\d+, \d+\), got"):
        network.step(X, shares[:, 1:])


def test_step_updates_in_place():
    network, X, y = sample("conv bn relu", np.float32)
    before = dict(network.params)
    old = {name: w.copy() for name, w in before.items()}
    network.step(X, y, "adam")
    assert all(network.params[name] is before[name] for name in before)
    assert not np.array_equal(old["W1"], before["W1"])


def test_the_solver_trains_it(digits):
    accuracies = []
    for _ in range(2):
        np.random.seed(0)
        solver = Solver(
            small(reg=1e-4),
            digits,
            update_rule="adam",
            optim_config={"learning_rate": 3e-3},
            batch_size=50,
            num_epochs=12,
            verbose=False,
        )
        solver.train()
        accuracies.append((solver.best_val_acc, *solver.loss_history))
    assert accuracies[0][0] > 0.9
    assert accuracies[0] == accuracies[1]
    # The best parameters, which the Solver put into `params`, are those that are used now.
    assert solver.check_accuracy(digits["X_val"], digits["y_val"]) > 0.88


def test_its_own_steps_train_it(digits):
    network, rng = small(), np.random.default_rng(0)
    for _ in range(150):
        batch = rng.integers(600, size=50)
        network.step(digits["X_train"][batch], digits["y_train"][batch], "adam", learning_rate=3e-3)
    assert np.mean(network.predict(digits["X_val"]) == digits["y_val"]) > 0.9


def test_replaced_parameters_are_used():
    network, X, y = sample("conv bn relu")
    other = sample("conv bn relu", seed=7)[0]
    network.loss(X, y)
    state = {name: a.copy() for name, a in network.state.items()}
    network.params = dict(other.params)
    other.state = {name: a.copy() for name, a in state.items()}
    assert network.loss(X, y)[0] == other.loss(X, y)[0]
    network.params["W1"] = np.zeros_like(network.params["W1"])
    other.params["W1"][...] = 0
    assert np.array_equal(network.loss(X), other.loss(X))
    network.state["running_mean1"] = np.full(3, 5.0)
    assert not np.array_equal(network.loss(X), other.loss(X))


@pytest.mark.parametrize(
    "replacement",
    [
        lambda w: w.astype(np.float64),
        lambda w: w.tolist(),
        np.asfortranarray,
        lambda w: np.lib.stride_tricks.as_strided(w.copy(), w.shape, w.strides, writeable=False),
        lambda w: np.repeat(w, 2, axis=0)[::2],
    ],
)
def test_parameters_of_any_layout_are_taken_up(replacement):
    network, X, y = sample("two hidden", np.float32)
    expected, expected_grads = network.loss(X, y)
    network.params["W2"] = replacement(network.params["W2"])
    loss, grads = network.loss(X, y)
    assert loss == expected
    assert np.array_equal(grads["W2"], expected_grads["W2"])
    network.params["W2"] *= 2  # the entry is what is used, whatever came
    assert network.loss(X, y)[0] != expected
    network.step(X, y)


@pytest.mark.parametrize("make", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_copies_go_on_alike_and_apart(make):
    network, X, y = sample("bn dropout", np.float32)
    network.step(X, y, "adam")
    twin = make(network)
    assert [network.step(X, y, "adam") for _ in range(3)] == [
        twin.step(X, y, "adam") for _ in range(3)
    ]
    before = twin.params["W1"].copy()
    network.step(X, y, "adam")
    assert np.array_equal(twin.params["W1"], before)
    assert all(w.ctypes.data % 64 == 0 for w in twin.params.values())


def test_a_pickle_holds_no_plans():
    network, X, y = sample("conv bn relu", np.float32)
    before = len(pickle.dumps(network))
    network.loss(np.concatenate([X] * 100), np.concatenate([y] * 100))
    assert len(pickle.dumps(network)) == before


def test_another_rule_begins_anew():
    network, X, y = sample("two hidden")
    network.step(X, y, "adam")
    network.step(X, y, "sgd")
    network.step(X, y, "adam")
    assert network.updates.t == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float64, np.float16, bool])
def test_images_of_other_dtypes_are_converted(dtype):
    network, _, y = sample("conv bn relu", np.float32)
    X = np.random.default_rng(0).integers(2, size=(4, 2, 8, 8)).astype(dtype)
    expected = network.scores(X.astype(np.float32))
    assert np.array_equal(network.scores(X), expected)
    assert np.array_equal(network.scores(np.asfortranarray(X)), expected)


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (
            np.zeros((3, 2, 8, 9)),
            [0, 1, 2, 3],
            ValueError,
            r"X must have shape \(N, 2, 8, 8\), got",
        ),
        (np.zeros((2, 8, 8)), [0, 1], ValueError, r"X must have shape \(N, 2, 8, 8\), got"),
        (np.zeros((3, 128)), [0, 1, 2], ValueError, r"X must have shape \(N, 2, 8, 8\), got"),
        (np.float32(0), [0], ValueError, r"X must have shape \(N, 2, 8, 8\), got \(\)"),
        (np.zeros((0, 2, 8, 8)), [], ValueError, "at least one image"),
        (np.zeros((2, 2, 8, 8), complex), [0, 1], TypeError, "real numbers, got dtype complex128"),
        (np.full((2, 2, 8, 8), "a"), [0, 1], TypeError, "real numbers"),
        (np.zeros((2, 2, 8, 8)), [0, 1, 2], ValueError, r"y must have shape \(2,\)"),
        (np.zeros((2, 2, 8, 8)), [[0], [1]], ValueError, r"y must have shape \(2,\)"),
        (np.zeros((2, 2, 8, 8)), [0, 4], ValueError, "labels from 0 to 3, got values from 0 to 4"),
        (np.zeros((2, 2, 8, 8)), [-1, 0], ValueError, "labels from 0 to 3"),
        (np.zeros((2, 2, 8, 8)), [0.0, 1.0], TypeError, "integer labels"),
    ],
)
def test_wrong_batches(X, y, error, message):
    network, good_X, good_y = sample("conv bn relu")
    before = network.loss(good_X)
    for call in (network.loss, network.step, network.profile):
        with pytest.raises(error, match=message):
            call(X, y)
    assert np.array_equal(network.loss(good_X), before)


def test_wrong_parameters_updates_and_hyper_parameters():
    network, X, y = sample("two hidden")
    with pytest.raises(ValueError, match=r"update must be one of sgd, .*, got 'adagrad'"):
        network.step(X, y, "adagrad")
    with pytest.raises(TypeError, match=r"adam takes learning_rate, .*, got momentum"):
        network.step(X, y, "adam", momentum=0.9)
    network.params["W2"] = np.zeros((2, 3))
    with pytest.raises(ValueError, match=r"params\['W2'\] must have shape \(7, 6\), got \(2, 3\)"):
        network.loss(X, y)
    del network.params["W2"]
    with pytest.raises(ValueError, match="params must have the key 'W2'"):
        network.scores(X)
    network.params["W2"] = np.full((7, 6), 1j)
    with pytest.raises(TypeError, match="real numbers"):
        network.scores(X)


def test_nan_in_gives_nan_out():
    network, X, y = sample("three layers", np.float32)
    X[0, 0, 0, 0] = np.nan
    loss, grads = network.loss(X, y)
    assert np.isnan(loss)
    assert np.isnan(grads["W3"]).any()
    assert np.isnan(network.loss(X)[0]).all()
    assert np.isfinite(network.loss(X)[1:]).all()


def test_two_networks_in_two_threads():
    def losses(seed, into):
        network, X, y = sample("conv bn relu", np.float32, seed=seed)
        into[seed] = [network.step(X, y, "adam") for _ in range(30)]

    alone, together = {}, {}
    for seed in (1, 2):
        losses(seed, alone)
    threads = [threading.Thread(target=losses, args=(seed, together)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alone == together
