"""The network of the main job."""

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, examples, spread_biases
from test_cnn import scores_of_loops

from cs231n.classifiers.small_convnet import SmallConvNet


def small(seed=0, **options):
    np.random.seed(seed)
    options = {
        "input_dim": (2, 4, 6),
        "filters": (3, 2),
        "hidden_dim": 5,
        "num_classes": 4,
        "dtype": np.float64,
    } | options
    return SmallConvNet(**options)


class Reseeded:
    """A network whose dropout draws the same mask every time, as a slope needs it."""

    def __init__(self, network):
        self.network = network

    @property
    def params(self):
        return self.network.params

    def loss(self, X, y=None):
        np.random.seed(4)
        return self.network.loss(X, y)


@pytest.mark.parametrize("filters", [(3,), (3, 2)])
@pytest.mark.parametrize("reg", [0.0, 0.8])
@pytest.mark.parametrize("keep", [1.0, 0.5])
def test_gradients(filters, reg, keep):
    model = small(filters=filters, reg=reg, dropout_keep_ratio=keep)
    spread_biases(model)
    assert_gradients_are_right(Reseeded(model), *examples(3, 2, 4, 6, classes=4))


def test_scores_of_one_convolution_are_those_of_the_loops():
    model = small(filters=(3,))
    spread_biases(model)
    X, _ = examples(3, 2, 4, 6, classes=4)
    np.testing.assert_allclose(model.loss(X), scores_of_loops(model.params, X), rtol=1e-11)


def test_sides_that_are_not_even_lose_their_last_row():
    model = small(input_dim=(2, 5, 7), filters=(3,))
    assert model.params["W2"].shape == (3 * 2 * 3, 5)
    assert model.loss(np.zeros((1, 2, 5, 7))).shape == (1, 4)


def test_weights_start_as_in_he_et_al():
    np.random.seed(0)
    model = SmallConvNet((3, 32, 32), filters=(32, 64), hidden_dim=128)
    fan_in = {"W1": 27, "W2": 32 * 9, "W3": 64 * 8 * 8, "W4": 128}
    for name, fan in fan_in.items():
        assert model.params[name].std() == pytest.approx(np.sqrt(2 / fan), rel=0.06)
        assert not model.params[name.replace("W", "b")].any()
    assert {w.dtype for w in model.params.values()} == {np.dtype(np.float32)}


def test_dropout_does_not_change_the_first_weights():
    plain, noisy = small(), small(dropout_keep_ratio=0.5)
    for name, w in plain.params.items():
        np.testing.assert_array_equal(noisy.params[name], w)


def test_noise_is_on_where_it_is_asked_for_and_averages_out():
    model = small(hidden_dim=40, dropout_keep_ratio=0.5)
    X, _ = examples(3, 2, 4, 6, classes=4)
    calm = model.scores(X)
    np.testing.assert_array_equal(model.loss(X), calm)
    passes = [model.scores(X, mode="train") for _ in range(4000)]
    assert not np.array_equal(passes[0], passes[1])
    # The scores are linear in what dropout drops, so their mean is the score without it.
    spread = np.std(passes, axis=0) / np.sqrt(len(passes))
    assert (np.abs(np.mean(passes, axis=0) - calm) < 4.5 * spread).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32", np.dtype(np.float32)])
def test_the_dtype_is_kept(dtype):
    model = small(dtype=dtype, reg=np.float64(0.1), dropout_keep_ratio=0.5)
    X, y = examples(3, 2, 4, 6, classes=4)
    assert model.loss(X).dtype == dtype
    assert {grad.dtype for grad in model.loss(X, y)[1].values()} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout_keep_ratio": 0}, r"dropout_keep_ratio must lie in \(0, 1\]"),
        ({"dropout_keep_ratio": 1.1}, "got 1.1"),
        ({"input_dim": (2, 3, 8)}, "at least 4 pixels a side for 2 poolings"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        small(**options)
