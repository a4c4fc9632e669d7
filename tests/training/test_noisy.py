"""A network with its augmentation and its standardisation."""

import numpy as np
import pytest

from cs231n.classifiers.small_convnet import SmallConvNet
from cs231n.training.noisy import NoisyClassifier


class Recorder:
    """Stands in for the network, and keeps what it is given."""

    def __init__(self):
        self.params, self.seen, self.modes = {"w": np.zeros(1)}, [], []

    def scores(self, X, mode="test"):
        self.seen.append(X)
        self.modes.append(mode)
        return np.zeros((len(X), 3))

    def loss(self, X, y):
        self.seen.append(X)
        self.modes.append("loss")
        return 1.0, {"w": np.zeros(1)}


def images(N=6, C=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 100 * np.arange(1, C + 1)[:, None, None], (N, C, 4, 4)).astype(np.uint8)


def invert(X, rng):
    return 255 - X


def test_channels_are_standardised_by_the_training_images():
    X_train, network = images(), Recorder()
    NoisyClassifier(network, X_train, None, None).loss(X_train)
    seen = network.seen[0]
    assert seen.dtype == np.float32
    for c in range(2):
        values = X_train[:, c].astype(float)
        np.testing.assert_allclose(
            seen[:, c], (values - values.mean()) / values.std(), rtol=1e-5, atol=1e-6
        )


def test_other_images_do_not_change_the_standardisation():
    model = NoisyClassifier(Recorder(), images(), None, None)
    mean, std = model.mean.copy(), model.std.copy()
    model.loss(images(seed=1))
    model.loss(images(seed=1), np.zeros(6, int))
    np.testing.assert_array_equal((model.mean, model.std), (mean, std))


def test_a_channel_without_contrast_is_no_division_by_zero():
    network = Recorder()
    NoisyClassifier(network, np.full((3, 1, 4, 4), 7, np.uint8), None, None).loss(
        np.full((1, 1, 4, 4), 9, np.uint8)
    )
    np.testing.assert_array_equal(network.seen[0], 2)


def test_training_is_under_noise_and_prediction_is_not():
    X, network = images(), Recorder()
    model = NoisyClassifier(network, X, invert, None)
    model.loss(X)
    model.loss(X, np.zeros(6, int))
    model.noisy_scores(X)
    calm, trained, noisy = network.seen
    expected = ((255.0 - X) - model.mean) / model.std
    np.testing.assert_allclose(calm, (X - model.mean) / model.std, rtol=1e-6)
    np.testing.assert_allclose(trained, expected, rtol=1e-6)
    np.testing.assert_allclose(noisy, expected, rtol=1e-6)
    # Dropout is sampled only where there is no augmentation.
    assert network.modes == ["test", "loss", "test"]


def test_without_augmentation_the_noise_is_that_of_dropout():
    X, network = images(), Recorder()
    NoisyClassifier(network, X, None, None).noisy_scores(X)
    assert network.modes == ["train"]


def test_params_are_those_of_the_network():
    network = Recorder()
    model = NoisyClassifier(network, images(), None, None)
    assert model.params is network.params
    model.params = {"w": np.ones(1)}
    assert network.params["w"] == 1


@pytest.mark.parametrize("augmentation", [None, invert])
def test_images_stay_as_they_are(augmentation):
    X = images(C=1)
    before = X.copy()
    model = NoisyClassifier(SmallConvNet((1, 4, 4), filters=(2,)), X, augmentation, None)
    model.loss(X, np.zeros(6, int))
    model.noisy_scores(X)
    np.testing.assert_array_equal(X, before)
