"""The networks of 2015, against loops, their own slopes, and the years' conventions."""

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, examples
from oracles import numerical_gradient, worst_element
from test_cnn import scores_of_loops

from cs231n import use_release
from cs231n.classifiers import convnet

TWO = {"weight_scale": 0.4, "bias_scale": 0.3, "input_shape": (2, 4, 6), "num_classes": 4}
THREE = {**TWO, "filter_size": 3, "dtype": np.float64, "num_filters": (3, 5)}
FIVE = {
    **TWO,
    "input_shape": (2, 8, 8),
    "num_filters": (3, 2, 3, 5),
    "filter_sizes": (3, 5, 3),
    "dtype": np.float64,
}
NETWORKS = {
    "two": (convnet.init_two_layer_convnet, convnet.two_layer_convnet, {**TWO, "num_filters": 3}),
    "three": (convnet.init_three_layer_convnet, convnet.three_layer_convnet, THREE),
    "five": (convnet.init_five_layer_convnet, convnet.five_layer_convnet, FIVE),
}
every_network = pytest.mark.parametrize("name", NETWORKS)


class Bound:
    """A network as an object; what is random starts from the same seed at every call."""

    def __init__(self, name, **options):
        init, self.function, arguments = NETWORKS[name]
        np.random.seed(0)
        self.params = init(**arguments)
        self.options, self.shape = options, arguments["input_shape"]

    def loss(self, X, y=None):
        np.random.seed(7)
        return self.function(X, self.params, y, **self.options)

    def examples(self, N=3):
        return examples(N, *self.shape, classes=4)


@every_network
@pytest.mark.parametrize("reg", [0.0, 0.7])
@pytest.mark.parametrize("dropout", [None, 1.0, 0.5])
def test_gradients_of_every_parameter(name, reg, dropout):
    network = Bound(name, reg=reg, dropout=dropout)
    assert_gradients_are_right(network, *network.examples())


@pytest.mark.parametrize("reg", [0.0, 0.7])
@pytest.mark.parametrize("dropout", [None, 0.5])
def test_gradient_of_the_images(reg, dropout):
    network = Bound("five", reg=reg, dropout=dropout)
    X, y = network.examples()
    expected = numerical_gradient(lambda X: network.loss(X, y)[0], X, np.ones(()), h=1e-4)
    network.options["compute_dX"] = True
    error, index = worst_element(network.loss(X, y), expected, floor=1e-3)
    assert error <= 1e-6, index


def test_the_two_layers_are_those_of_loops():
    network = Bound("two")
    X, _ = network.examples()
    F = network.params["b1"].size
    hidden = F * 2 * 3
    # The three-layer loops, with a second layer that lets everything through.
    maps = {**network.params, "W3": network.params["W2"], "b3": network.params["b2"]}
    maps |= {"W2": np.eye(hidden), "b2": np.zeros(hidden)}
    np.testing.assert_allclose(network.loss(X), scores_of_loops(maps, X), rtol=1e-11)


def test_the_three_layers_are_those_of_loops():
    network = Bound("three")
    X, _ = network.examples()
    np.testing.assert_allclose(network.loss(X), scores_of_loops(network.params, X), rtol=1e-11)


def test_the_five_layers_are_put_together_from_published_layers():
    network = Bound("five")
    X, _ = network.examples()
    out, pool = X, {"pool_height": 2, "pool_width": 2, "stride": 2}
    for i, pad in ((1, 1), (2, 2), (3, 1)):
        w, b = network.params[f"W{i}"], network.params[f"b{i}"]
        out = np.maximum(convnet.conv_forward_naive(out, w, b, {"stride": 1, "pad": pad})[0], 0)
        out = convnet.max_pool_forward_naive(out, pool)[0]
    features = np.maximum(out.reshape(3, -1) @ network.params["W4"] + network.params["b4"], 0)
    scores = features @ network.params["W5"] + network.params["b5"]
    np.testing.assert_allclose(network.loss(X), scores, rtol=1e-11)
    network.options["extract_features"] = True
    np.testing.assert_allclose(network.loss(X), features, rtol=1e-11)
    network.options = {"return_probs": True, "dropout": 0.5}
    odds = np.exp(scores)
    np.testing.assert_allclose(network.loss(X), odds / odds.sum(axis=1, keepdims=True), rtol=1e-11)


@every_network
def test_the_penalty_is_half_of_the_squares(name):
    """As published the five-layer network reported the sum of W, not of W squared."""
    network = Bound(name)
    X, y = network.examples()
    plain = network.loss(X, y)[0]
    squares = sum(np.sum(w**2) for key, w in network.params.items() if key.startswith("W"))
    network.options["reg"] = 0.3
    assert network.loss(X, y)[0] == pytest.approx(plain + 0.15 * squares, rel=1e-12)


@every_network
@pytest.mark.parametrize("label", [2, np.int64(2), np.array(2), [2], np.array([2])])
def test_one_label_is_that_of_every_image(name, label):
    network = Bound(name)
    X, _ = network.examples()
    expected, grads = network.loss(X, np.full(3, 2))
    loss, actual = network.loss(X, label)
    assert loss == expected
    for key, gradient in grads.items():
        np.testing.assert_array_equal(actual[key], gradient)


@pytest.mark.parametrize("name", ["three", "five"])
@pytest.mark.parametrize("year", [2015, 2016, 2017, 2026])
def test_dropout_is_the_probability_of_keeping_in_every_release(name, year):
    network = Bound(name)
    X, y = network.examples(20)
    losses = {}
    for keep in (None, 1.0, 0.999999, 0.1):
        network.options["dropout"] = keep
        with use_release(year):
            losses[keep] = network.loss(X, y)[0]
    assert losses[None] == losses[1.0]
    assert losses[0.999999] == pytest.approx(losses[1.0], rel=1e-3)
    assert abs(losses[0.1] - losses[1.0]) > 0.1 * losses[1.0]


@pytest.mark.parametrize("name", ["three", "five"])
def test_dropout_rests_without_labels(name):
    network = Bound(name)
    X, _ = network.examples()
    calm = network.loss(X)
    network.options["dropout"] = 0.3
    np.testing.assert_array_equal(network.loss(X), calm)


def test_parameters_start_as_published():
    np.random.seed(0)
    two = convnet.init_two_layer_convnet()
    three, five = convnet.init_three_layer_convnet(), convnet.init_five_layer_convnet()
    assert {k: w.shape for k, w in two.items()} == {
        "W1": (32, 3, 5, 5),
        "b1": (32,),
        "W2": (32 * 16 * 16, 10),
        "b2": (10,),
    }
    shapes = {"W1": (32, 3, 5, 5), "W2": (32 * 256, 128), "W3": (128, 10)}
    assert {k: w.shape for k, w in three.items() if k[0] == "W"} == shapes
    shapes = {"W1": (32, 3, 5, 5), "W2": (32, 32, 5, 5), "W3": (64, 32, 5, 5)}
    shapes |= {"W4": (64 * 64, 128), "W5": (128, 100)}
    assert {k: w.shape for k, w in five.items() if k[0] == "W"} == shapes
    for model, scale, dtype in ((two, 1e-3, "f8"), (three, 1e-2, "f4"), (five, 1e-2, "f4")):
        for key, w in model.items():
            assert w.dtype == dtype
            assert w.std() == pytest.approx(scale if key[0] == "W" else 0, rel=0.1)
    spread = convnet.init_five_layer_convnet(bias_scale=2.0, num_classes=1000)
    assert spread["b5"].std() == pytest.approx(2, rel=0.1)


@every_network
def test_the_first_loss_is_near_ln_of_the_classes(name):
    init, function, arguments = NETWORKS[name]
    model = init(**{**arguments, "weight_scale": 1e-3, "bias_scale": 0})
    X, y = examples(8, *arguments["input_shape"], classes=4)
    assert function(X, model, y)[0] == pytest.approx(np.log(4), abs=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_of_the_parameters_is_kept(dtype):
    network = Bound("five", reg=np.float64(0.1), dropout=0.5)
    network.params = {k: w.astype(dtype) for k, w in network.params.items()}
    X, y = network.examples()
    assert network.loss(X).dtype == dtype
    assert {g.dtype for g in network.loss(X, y)[1].values()} == {np.dtype(dtype)}
    network.options["compute_dX"] = True
    assert network.loss(X, y).dtype == dtype


@every_network
def test_nothing_given_is_changed(name):
    network = Bound(name, reg=0.5, dropout=0.5)
    X, y = network.examples()
    before = X.copy(), {key: w.copy() for key, w in network.params.items()}
    network.loss(X, y)
    np.testing.assert_array_equal(X, before[0])
    for key, w in before[1].items():
        np.testing.assert_array_equal(network.params[key], w)


def test_what_else_a_dict_holds_is_left_alone():
    network = Bound("two")
    network.params["mean_image"] = np.zeros(3)
    assert set(network.loss(*network.examples())[1]) == {"W1", "b1", "W2", "b2"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convnet.init_two_layer_convnet(filter_size=4), "filter sizes must be odd, got 4"),
        (lambda: convnet.init_five_layer_convnet(filter_sizes=(3, 2, 3)), "odd, got 2"),
        (lambda: convnet.init_five_layer_convnet(filter_sizes=(3, 3)), "filter_sizes must hold 3"),
        (lambda: convnet.init_five_layer_convnet(num_filters=8), "num_filters must hold 4"),
        (lambda: convnet.init_three_layer_convnet(num_filters=(2, 3, 4)), "must hold 2 numbers"),
        (lambda: convnet.init_five_layer_convnet((3, 4, 64)), "at least 8 pixels a side"),
        (lambda: convnet.two_layer_convnet(np.zeros((1, 3, 8, 8)), {}), "must have the key 'W1'"),
        (lambda: Bound("five", compute_dX=True).loss(np.zeros((1, 2, 8, 8))), "needs y"),
        (lambda: Bound("five", dropout=0).loss(np.zeros((1, 2, 8, 8))), r"dropout must lie in \(0"),
        (lambda: Bound("five", dropout=1.5).loss(np.zeros((1, 2, 8, 8))), "got 1.5"),
        (lambda: Bound("two").loss(np.zeros((1, 3, 4, 6))), "as many channels as x"),
        (lambda: Bound("two").loss(np.zeros((1, 2, 8, 6))), "numbers an example"),
        (lambda: Bound("two").loss(np.zeros((3, 2, 4, 6)), [0, 1]), r"y must have shape \(3,\)"),
        (lambda: Bound("two").loss(np.zeros((3, 2, 4, 6)), 4), "labels from 0 to 3"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
