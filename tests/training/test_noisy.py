"""A network with its augmentation and its standardisation."""

import numpy as np
import pytest

from cs231n.augmentation import Compose, CutMix, Flip, MixUp
from cs231n.marginalize import LAYERS
from cs231n.nets import Network
from cs231n.training.noisy import NoisyNetwork
from cs231n.training.pipelines import Pipeline


def noisy(network, X_train, pipeline, rng=None):
    return NoisyNetwork(network, X_train, pipeline, rng or np.random.default_rng(0))


class Recorder:
    """Stands in for the network, and keeps what it is given."""

    def __init__(self):
        self.params, self.state, self.seen, self.modes = {"w": np.zeros(1)}, {}, [], []

    def scores(self, X, noise=None):
        self.seen.append(X)
        self.modes.append("test" if noise is None else noise)
        return np.zeros((len(X), 3))

    def step(self, X, y, update, **hyper):
        self.seen.append(X)
        self.modes.append((update, hyper))
        return 1.0


def images(N=6, C=2, seed=0, side=4):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 100 * np.arange(1, C + 1)[:, None, None], (N, C, side, side)).astype(
        np.uint8
    )


def invert(X, rng):
    return 255 - X


def test_channels_are_standardised_by_the_training_images():
    X_train, network = images(), Recorder()
    noisy(network, X_train, Pipeline()).scores(X_train)
    seen = network.seen[0]
    assert seen.dtype == np.float32
    for c in range(2):
        values = X_train[:, c].astype(float)
        np.testing.assert_allclose(
            seen[:, c], (values - values.mean()) / values.std(), rtol=1e-5, atol=1e-6
        )


def test_other_images_do_not_change_the_standardisation():
    model = noisy(Recorder(), images(), Pipeline())
    mean, std = model.mean.copy(), model.std.copy()
    model.scores(images(seed=1))
    model.step(images(seed=1), np.zeros(6, int))
    np.testing.assert_array_equal((model.mean, model.std), (mean, std))


def test_a_channel_without_contrast_is_no_division_by_zero():
    network = Recorder()
    noisy(network, np.full((3, 1, 4, 4), 7, np.uint8), Pipeline()).scores(
        np.full((1, 1, 4, 4), 9, np.uint8)
    )
    np.testing.assert_array_equal(network.seen[0], 2)


def test_training_is_under_noise_and_prediction_is_not():
    X, network = images(), Recorder()
    model = noisy(network, X, Pipeline(Compose(invert)))
    model.scores(X)
    model.step(X, np.zeros(6, int), "adam", learning_rate=3)
    calm, trained = network.seen
    np.testing.assert_allclose(calm, (X - model.mean) / model.std, rtol=1e-6)
    np.testing.assert_allclose(trained, ((255.0 - X) - model.mean) / model.std, rtol=1e-6)
    assert network.modes == ["test", ("adam", {"learning_rate": 3})]


def test_mixing_comes_last_and_mixes_labels():
    """Images are mixed as they are after augmentation, and labels as the images are."""
    X, network, y = images(), Network("fc-3", (2, 4, 4), seed=0), np.array([0, 1, 2, 0, 1, 2])
    model = noisy(network, X, Pipeline(Compose(invert), MixUp(1.0)), np.random.default_rng(3))
    given = {}
    network.step = lambda X, y, update, **hyper: given.update(X=X, y=y)
    model.step(X, y)
    mixed, targets = MixUp(1.0)(invert(X, None), y, 3, np.random.default_rng(3))
    np.testing.assert_array_equal(given["X"], model.standardized(mixed))
    np.testing.assert_array_equal(given["y"], targets)
    assert ((targets > 0).sum(axis=1) > 1).any()


def test_a_network_learns_from_mixed_images():
    X, y = images(), np.array([0, 1, 2, 0, 1, 2])
    model = noisy(Network("fc-3", (2, 4, 4), seed=0), X, Pipeline(mixing=CutMix()))
    losses = [model.step(X, y, "adam", learning_rate=0.01) for _ in range(60)]
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
    assert model.sources() == ()  # mixed images have no class of their own to average over


# ---- noise at test time ----


@pytest.mark.parametrize(
    ("text", "augments", "sources"),
    [
        ("conv3-2 relu fc-3", False, []),
        ("conv3-2 relu fc-3", True, ["images"]),
        ("conv3-2 relu dropout0.5 fc-3", False, [LAYERS]),
        ("conv3-2 relu dropconnect-4 relu fc-3", False, [LAYERS]),
        ("conv3-2 relu dropout0.5 fc-3", True, ["images"]),
        ("conv3-2 relu fmp√2 fc-3", False, [LAYERS]),
        ("conv3-2 relu fmp√2 fc-3", True, [LAYERS, "images"]),
        ("conv3-2 relu fmp√2 dropout0.5 fc-3", True, [LAYERS, "images"]),
    ],
)
def test_what_has_no_average_in_closed_form_is_sampled(text, augments, sources):
    pipeline = Pipeline(Compose(Flip())) if augments else Pipeline()
    model = noisy(Network(text, (2, 4, 4), seed=0), images(), pipeline)
    expected = [pipeline.images if source == "images" else source for source in sources]
    assert list(model.sources()) == expected


def scores(text, noise, seed=0):
    X = images(N=20, side=8)  # of 4 rows, overlapping windows leave no choice
    model = noisy(Network(text, (2, 8, 8), seed=seed), X, Pipeline())
    return model.scores(X, noise=noise)


def test_where_pooling_is_random_nothing_is_dropped():
    pooled, dropped = "conv3-8 relu fmp√2 fc-20 relu", "conv3-8 relu fc-20 relu"
    for noise in (1, 2):
        expected = scores(f"{pooled} fc-3", noise)
        np.testing.assert_array_equal(scores(f"{pooled} dropout0.5 fc-3", noise), expected)
        connect = pooled.replace("fc-20", "dropconnect-20")
        np.testing.assert_allclose(scores(f"{connect} fc-3", noise), expected, rtol=1e-5, atol=1e-6)
    assert not np.allclose(scores(f"{pooled} fc-3", 1), scores(f"{pooled} fc-3", 2))
    text = f"{dropped} dropout0.5 fc-3"
    assert not np.allclose(scores(text, 1), scores(text, None))


def test_weights_that_change_later_are_seen_under_noise_too():
    X = images()
    network = Network("conv3-2 relu fmp√2 dropout0.5 fc-3", (2, 4, 4), seed=0)
    model = noisy(network, X, Pipeline())
    before = model.scores(X, noise=1)
    network.params["W2"] = 2 * network.params["W2"]
    np.testing.assert_allclose(model.scores(X, noise=1), 2 * before, rtol=1e-5)
    other = model.with_network(Network("conv3-2 relu fmp√2 fc-3", (2, 4, 4), seed=1))
    assert not np.allclose(other.scores(X, noise=1), model.scores(X, noise=1))


def test_params_and_state_are_those_of_the_network():
    network = Recorder()
    model = noisy(network, images(), Pipeline())
    assert model.params is network.params
    assert model.state is network.state


@pytest.mark.parametrize(
    "pipeline", [Pipeline(), Pipeline(Compose(invert)), Pipeline(mixing=MixUp())]
)
def test_images_stay_as_they_are(pipeline):
    X = images(C=1)
    before = X.copy()
    model = noisy(Network("conv3-2 relu fc-3", (1, 4, 4), seed=0), X, pipeline)
    model.step(X, np.zeros(6, int))
    model.scores(X)
    np.testing.assert_array_equal(X, before)
