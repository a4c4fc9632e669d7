"""A planned network computes what the functional layers compute."""

import numpy as np
import pytest
from oracles import numerical_gradient

from cs231n.nets import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Network,
    ReLU,
    Residual,
)
from nets import composition
from nets.samples import NETWORKS, distance, sample


@pytest.mark.parametrize("name", NETWORKS)
def test_float64_agrees_with_the_functional_layers(name):
    network, X, y = sample(name)
    expected, expected_grads, moved = composition.loss(network, X, y)
    loss, grads = network.loss(X, y)
    assert loss == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert list(grads) == list(network.params)
    for key, gradient in grads.items():
        assert distance(gradient, expected_grads[key]) <= 1e-10, key
    for key, average in moved.items():
        assert distance(network.state[key], average) <= 1e-10, key
    assert distance(network.loss(X), composition.scores(network, X)[0]) <= 1e-10


# One layer under test, and behind it what makes scores of it without a kink.
SINGLE = {
    "conv": [Conv(9), Affine(4)],
    "conv winograd": [Conv(16), Affine(4)],
    "conv 5x5": [Conv(9, 5, 2), Affine(4)],
    "affine": [Affine(30), Affine(4)],
    "batchnorm": [BatchNorm(), Affine(4)],
    "conv batchnorm": [Conv(16, bias=False), BatchNorm(), Affine(4)],
    "layernorm": [Flatten(), LayerNorm(), Affine(4)],
    "average": [Conv(9), AvgPool(), Affine(4)],
    "groupnorm": [Conv(16), GroupNorm(4), Affine(4)],
    "gelu": [Conv(16), GELU(), Affine(4)],
    "response": [Conv(16), LocalResponseNorm(5, 0.1), Affine(4)],
    "leaky": [Conv(16), LeakyReLU(0.3), Affine(4)],
    "residual": [Residual((Conv(8), BatchNorm(), GELU(), Conv(8))), Affine(4)],
    "pool": [Conv(16), AvgPool(3, 2, 1, ceil=True), Affine(4)],
    "global": [Conv(16), GlobalAvgPool(), Affine(4)],
    "dropout": [Conv(9), Dropout(0.7), Affine(4)],
}


@pytest.mark.parametrize("name", SINGLE)
def test_float32_agrees_layer_by_layer(name):
    exact = Network(SINGLE[name], (8, 12, 10), dtype=np.float64, reg=0.01, seed=1)
    network = Network(SINGLE[name], (8, 12, 10), reg=0.01, seed=1)
    X = np.random.default_rng(0).standard_normal((16, 8, 12, 10)).astype(np.float32)
    y = np.arange(16) % 4
    exact.params.update({key: w.astype(np.float64) for key, w in network.params.items()})
    if name == "dropout":  # float64 and float32 draw the same mask
        assert exact.state["noise"] == network.state["noise"]
    assert distance(network.scores(X), composition.scores(exact, X)[0]) <= 1e-5
    expected, expected_grads, _ = composition.loss(exact, X, y)
    loss, grads = network.loss(X, y)
    assert loss == pytest.approx(expected, rel=1e-5)
    for key, gradient in grads.items():
        assert gradient.dtype == np.float32
        assert distance(gradient, expected_grads[key]) <= 1e-5, key


EVERY_SPEC = [
    Conv(2),
    BatchNorm(),
    ReLU(),
    MaxPool(2, 1),
    Dropout(0.8),
    Conv(3, 2, bias=False),
    ReLU(),
    AvgPool(2, 1),
    Conv(3),
    GlobalAvgPool(),
    Flatten(),
    LayerNorm(),
    Affine(3),
]


def test_numerical_gradient_of_every_spec():
    network = Network(EVERY_SPEC, (2, 5, 6), dtype=np.float64, reg=0.1, seed=3)
    X, y = np.random.default_rng(5).standard_normal((3, 2, 5, 6)), np.array([0, 2, 1])
    noise = network.state["noise"].copy()

    def loss_at(name):
        def loss(w):
            network.params[name] = w
            network.state["noise"][...] = noise  # the same mask again
            return network.loss(X, y)[0]

        return loss

    network.state["noise"][...] = noise
    _, grads = network.loss(X, y)
    for name, w in list(network.params.items()):
        expected = numerical_gradient(loss_at(name), w, 1.0, h=1e-4)
        network.params[name] = w
        assert distance(grads[name], expected) <= 1e-7, name


@pytest.mark.parametrize("name", ["conv bn relu", "affine bn", "bn of a vector of maps"])
def test_the_bias_in_front_of_batch_normalisation_has_no_gradient(name):
    network, X, y = sample(name, np.float32)
    _, grads = network.loss(X, y)
    assert not grads["b1"].any()


@pytest.mark.parametrize("name", NETWORKS)
def test_smaller_and_larger_batches(name):
    """A plan for 7 images runs 1, 4 and 7; one for 9 takes its place."""
    network, X, y = sample(name, seed=2)
    rng = np.random.default_rng(2)
    for N in (7, 1, 4, 7, 9, 2):
        X, y = rng.standard_normal((N, *network.input_shape)), rng.integers(4, size=N)
        expected, expected_grads, _ = composition.loss(network, X, y)
        loss, grads = network.loss(X, y)
        assert loss == pytest.approx(expected, rel=1e-10, abs=1e-12)
        for key, gradient in grads.items():
            assert distance(gradient, expected_grads[key]) <= 1e-10, (N, key)


def test_scores_of_many_images_and_of_none():
    network, X, _ = sample("conv bn relu")
    many = np.concatenate([X + i for i in range(80)])
    assert distance(network.scores(many), composition.scores(network, many)[0]) <= 1e-10
    assert network.scores(X[:0]).shape == (0, 4)
    assert np.array_equal(network.predict(many), network.scores(many).argmax(axis=1))


def test_evaluation_between_steps_disturbs_nothing():
    alone, X, y = sample("bn dropout")
    watched = sample("bn dropout")[0]
    for _ in range(3):
        alone_loss = alone.step(X, y)
        watched.scores(np.concatenate([X] * 5))
        assert watched.step(X, y) == alone_loss
        watched.predict(X)
    assert all(np.array_equal(alone.params[k], watched.params[k]) for k in alone.params)
    assert all(np.array_equal(alone.state[k], watched.state[k]) for k in alone.state)


def test_gradients_are_the_callers_own():
    network, X, y = sample("conv bn relu")
    _, grads = network.loss(X, y)
    before = {key: gradient.copy() for key, gradient in grads.items()}
    scores = network.loss(X)
    kept = scores.copy()
    network.loss(X + 1, y)
    network.loss(X + 1)
    assert all(np.array_equal(grads[key], before[key]) for key in grads)
    assert np.array_equal(scores, kept)


def test_inputs_are_not_modified():
    network, X, y = sample("relu first")
    X.flags.writeable = y.flags.writeable = False
    network.step(X, y)
    network.scores(X)


@pytest.mark.parametrize("name", ["bn dropout", "pools", "affine everything"])
def test_the_same_seed_gives_the_same_numbers(name):
    losses = []
    for _ in range(2):
        network, X, y = sample(name, np.float32, seed=4)
        losses.append([network.step(X, y, "adam") for _ in range(4)])
    assert losses[0] == losses[1]
    other = Network(network.layers, network.input_shape, seed=5)
    assert not np.array_equal(other.params["W1"], sample(name, np.float32, seed=4)[0].params["W1"])


def test_dropout_draws_anew_in_every_pass():
    network, X, y = sample("dropout")
    assert network.loss(X, y)[0] != network.loss(X, y)[0]
    assert np.array_equal(network.loss(X), network.loss(X))


def test_the_global_generator_draws_the_seed_by_default():
    drawn = []
    for _ in range(2):
        np.random.seed(3)
        drawn.append(Network([Affine(4)], (5,)).params["W1"])
    assert np.array_equal(*drawn)
