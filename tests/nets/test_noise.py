"""Noise: drawn anew in training, at rest or on demand at test time, and saved with the state."""

import copy
import pickle

import numpy as np
import pytest

from cs231n.nets import (
    Affine,
    BatchNorm,
    Conv,
    DropConnect,
    Dropout,
    FractionalMaxPool,
    GlobalAvgPool,
    Network,
    ReLU,
    Residual,
)
from nets.samples import sample

NOISY = {
    "dropout": [Dropout(0.5), Affine(4)],
    "by channel": [Conv(8), Dropout(0.5, by_channel=True), Affine(4)],
    "dropconnect": [DropConnect(4, keep=0.5)],
    "fractional": [Conv(4), FractionalMaxPool(1.5), Affine(4)],
    "in a block": [Residual((Conv(2), Dropout(0.5))), Affine(4)],
}


def network_of(name):
    X = np.random.default_rng(0).standard_normal((150, 2, 9, 8))
    return Network(NOISY[name], (2, 9, 8), dtype=np.float64, seed=0), X, np.arange(150) % 4


@pytest.mark.parametrize("name", NOISY)
def test_each_pass_in_training_has_noise_of_its_own_which_the_state_decides(name):
    network, X, y = network_of(name)
    before = network.state["noise"].copy()
    first, second = network.loss(X, y)[0], network.loss(X, y)[0]
    assert first != second
    network.state["noise"][...] = before
    assert (network.loss(X, y)[0], network.loss(X, y)[0]) == (first, second)


@pytest.mark.parametrize("name", NOISY)
def test_nothing_is_random_at_test_time_by_default(name):
    network, X, y = network_of(name)
    expected, noise = network.scores(X), network.state["noise"].copy()
    assert np.array_equal(network.scores(X), expected)
    assert network.state["noise"] == noise
    network.loss(X, y)
    assert np.array_equal(network.loss(X), expected)
    one_by_one = np.concatenate([network.scores(x[None]) for x in X[120:]])
    np.testing.assert_allclose(one_by_one, expected[120:], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NOISY)
def test_noise_on_demand(name):
    network, X, _ = network_of(name)
    quiet, noise = network.scores(X), network.state["noise"].copy()
    seeded = network.scores(X, noise=3)
    assert np.array_equal(network.scores(X, noise=np.int64(3)), seeded)
    assert not np.array_equal(seeded, quiet)
    assert not np.array_equal(network.scores(X, noise=4), seeded)
    rng = np.random.default_rng(7)
    first, second = network.scores(X, noise=rng), network.scores(X, noise=rng)
    assert not np.array_equal(first, second)
    assert np.array_equal(network.scores(X, np.random.default_rng(7)), first)
    assert np.array_equal(network.predict(X, 3), seeded.argmax(axis=1))
    assert np.array_equal(network.scores(X), quiet)
    assert network.state["noise"] == noise


def test_images_far_apart_do_not_share_their_noise():
    network, X, _ = network_of("dropout")
    scores = network.scores(np.repeat(X[:1], 300, axis=0), noise=0)
    assert len(np.unique(scores, axis=0)) == 300


@pytest.mark.parametrize("name", ["dropout", "dropconnect"])
def test_the_mean_over_many_passes_is_the_quiet_one(name):
    network, X, _ = network_of(name)
    rng = np.random.default_rng(0)
    mean = np.mean([network.scores(X[:5], rng) for _ in range(2000)], axis=0)
    spread = np.std([network.scores(X[:5], rng) for _ in range(200)], axis=0)
    np.testing.assert_array_less(np.abs(mean - network.scores(X[:5])), 5 * spread / 2000**0.5)


def test_noise_leaves_running_averages_alone():
    layers = [Conv(3), BatchNorm(), ReLU(), Dropout(0.5), Affine(4)]
    network, X = Network(layers, (2, 9, 8), seed=0), np.ones((3, 2, 9, 8))
    before = {name: array.copy() for name, array in network.state.items()}
    network.scores(X, noise=1)
    assert all(np.array_equal(network.state[name], array) for name, array in before.items())


@pytest.mark.parametrize("noise", [True, 1.5, "seed", np.zeros(1)])
def test_what_is_no_noise(noise):
    network, X, _ = network_of("dropout")
    with pytest.raises(TypeError, match="noise must be a seed, a Generator or None"):
        network.scores(X, noise=noise)


NETWORKS = ["fractional", "dropconnect", "frozen behind", "residual: basic", "groupnorm"]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("make", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_copies_of_every_kind_go_on_alike(make, name):
    network, X, y = sample(name, np.float32)
    network.step(X, y, "adam")
    network.scores(X, noise=1)
    twin = make(network)
    steps = [[n.step(X, y, "adam") for _ in range(3)] for n in (network, twin)]
    assert steps[0] == steps[1]
    assert np.array_equal(network.scores(X, noise=5), twin.scores(X, noise=5))
    assert all(w.ctypes.data % 64 == 0 for w in (*twin.params.values(), *twin.state.values()))


@pytest.mark.parametrize("name", NETWORKS)
def test_params_and_state_are_all_that_a_checkpoint_needs(name):
    network, X, y = sample(name, np.float32)
    network.step(X, y)
    other = sample(name, np.float32, seed=9)[0]
    for mine, theirs in ((other.params, network.params), (other.state, network.state)):
        assert list(mine) == list(theirs)
        mine.update({key: array.copy() for key, array in theirs.items()})
    assert [other.step(X, y) for _ in range(3)] == [network.step(X, y) for _ in range(3)]
    assert np.array_equal(other.scores(X), network.scores(X))


def test_frozen_filters_stay_and_are_no_parameters():
    network, X, y = sample("frozen behind", np.float32)
    assert "W2" in network.state
    assert "W2" not in network.params
    before = network.state["W2"].copy()
    network.step(X, y)
    assert np.array_equal(network.state["W2"], before)
    with_others = network.loss(X)
    network.state["W2"] = 2 * before
    assert not np.array_equal(network.loss(X), with_others)


def test_fractional_and_global_pooling_train():
    layers = [Conv(8), ReLU(), FractionalMaxPool(1.5), Conv(4, 1), GlobalAvgPool()]
    network = Network(layers, (1, 8, 8), seed=0)
    rng = np.random.default_rng(0)
    y = np.arange(64) % 4
    X = rng.standard_normal((64, 1, 8, 8)) + y[:, None, None, None]
    losses = [network.step(X, y, "adam", learning_rate=1e-2) for _ in range(60)]
    assert losses[-1] < 0.6 * losses[0]
