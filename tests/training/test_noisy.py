"""A network with its augmentation and its standardisation."""

import numpy as np
import pytest

from cs231n.nets import Network
from cs231n.training.noisy import NoisyNetwork


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


def images(N=6, C=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 100 * np.arange(1, C + 1)[:, None, None], (N, C, 4, 4)).astype(np.uint8)


def invert(X, rng):
    return 255 - X


def test_channels_are_standardised_by_the_training_images():
    X_train, network = images(), Recorder()
    NoisyNetwork(network, X_train, None, None).scores(X_train)
    seen = network.seen[0]
    assert seen.dtype == np.float32
    for c in range(2):
        values = X_train[:, c].astype(float)
        np.testing.assert_allclose(
            seen[:, c], (values - values.mean()) / values.std(), rtol=1e-5, atol=1e-6
        )


def test_other_images_do_not_change_the_standardisation():
    model = NoisyNetwork(Recorder(), images(), None, None)
    mean, std = model.mean.copy(), model.std.copy()
    model.scores(images(seed=1))
    model.step(images(seed=1), np.zeros(6, int))
    np.testing.assert_array_equal((model.mean, model.std), (mean, std))


def test_a_channel_without_contrast_is_no_division_by_zero():
    network = Recorder()
    NoisyNetwork(network, np.full((3, 1, 4, 4), 7, np.uint8), None, None).scores(
        np.full((1, 1, 4, 4), 9, np.uint8)
    )
    np.testing.assert_array_equal(network.seen[0], 2)


def test_training_is_under_noise_and_prediction_is_not():
    X, network = images(), Recorder()
    model = NoisyNetwork(network, X, invert, None)
    model.scores(X)
    model.step(X, np.zeros(6, int), "adam", learning_rate=3)
    model.noisy_scores(X)
    calm, trained, noisy = network.seen
    expected = ((255.0 - X) - model.mean) / model.std
    np.testing.assert_allclose(calm, (X - model.mean) / model.std, rtol=1e-6)
    np.testing.assert_allclose(trained, expected, rtol=1e-6)
    np.testing.assert_allclose(noisy, expected, rtol=1e-6)
    # Dropout is sampled only where there is no augmentation.
    assert network.modes == ["test", ("adam", {"learning_rate": 3}), "test"]


def test_without_augmentation_the_noise_is_that_of_dropout():
    X, network, rng = images(), Recorder(), np.random.default_rng(0)
    NoisyNetwork(network, X, None, rng).noisy_scores(X)
    assert network.modes == [rng]


def test_params_and_state_are_those_of_the_network():
    network = Recorder()
    model = NoisyNetwork(network, images(), None, None)
    assert model.params is network.params
    assert model.state is network.state


@pytest.mark.parametrize("augmentation", [None, invert])
def test_images_stay_as_they_are(augmentation):
    X = images(C=1)
    before = X.copy()
    network = Network("conv3-2 relu fc-3", (1, 4, 4), seed=0)
    model = NoisyNetwork(network, X, augmentation, None)
    model.step(X, np.zeros(6, int))
    model.noisy_scores(X)
    np.testing.assert_array_equal(X, before)
