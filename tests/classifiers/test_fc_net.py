"""Fully connected networks: published constants, and every gradient against its definition."""

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, examples, spread_biases

from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet

D, H, C = 6, 5, 4


def published_net(reg=0.0):
    """The network whose losses the course prints, with its images and labels."""
    N, D, H, C = 3, 5, 50, 7
    model = TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C)
    model.params["W1"] = np.linspace(-0.7, 0.3, D * H).reshape(D, H)
    model.params["b1"] = np.linspace(-0.1, 0.9, H)
    model.params["W2"] = np.linspace(-0.3, 0.4, H * C).reshape(H, C)
    model.params["b2"] = np.linspace(-0.9, 0.1, C)
    model.reg = reg
    return model, np.linspace(-5.5, 4.5, N * D).reshape(D, N).T, np.array([0, 5, 1])


def net(*hidden_dims, **options):
    np.random.seed(0)
    options = {"input_dim": D, "num_classes": C, "weight_scale": 0.5, "dtype": np.float64} | options
    return FullyConnectedNet(list(hidden_dims), **options)


# ---- TwoLayerNet ----


@pytest.mark.parametrize(("reg", "expected"), [(0.0, 3.4702243556), (1.0, 26.5948426952)])
def test_two_layer_net_has_the_published_losses(reg, expected):
    model, X, y = published_net(reg)
    assert model.loss(X, y)[0] == pytest.approx(expected, abs=1e-10)


def test_two_layer_net_scores_are_those_of_a_loop():
    model, X, _ = published_net()
    W1, b1, W2, b2 = (model.params[name] for name in ("W1", "b1", "W2", "b2"))
    expected = np.zeros((3, 7))
    for n, c in np.ndindex(3, 7):
        hidden = [max(0.0, sum(X[n, d] * W1[d, h] for d in range(5)) + b1[h]) for h in range(50)]
        expected[n, c] = sum(hidden[h] * W2[h, c] for h in range(50)) + b2[c]
    np.testing.assert_allclose(model.loss(X), expected, rtol=1e-12)


@pytest.mark.parametrize("reg", [0.0, 0.7])
@pytest.mark.parametrize("shape", [(3, D), (3, 1, 2, 3)])
def test_two_layer_net_gradients(reg, shape):
    np.random.seed(0)
    model = TwoLayerNet(D, H, C, weight_scale=0.5, reg=reg)
    spread_biases(model)
    assert_gradients_are_right(model, *examples(*shape, classes=C))


def test_two_layer_net_starts_as_published():
    np.random.seed(0)
    model = TwoLayerNet()
    assert {name: w.shape for name, w in model.params.items()} == {
        "W1": (3072, 100),
        "b1": (100,),
        "W2": (100, 10),
        "b2": (10,),
    }
    assert model.reg == 0
    assert not model.params["b1"].any()
    assert not model.params["b2"].any()
    assert model.params["W1"].std() == pytest.approx(1e-3, rel=0.01)
    assert abs(model.params["W1"].mean()) < 1e-5
    assert model.params["W2"].std() == pytest.approx(1e-3, rel=0.1)


# ---- FullyConnectedNet ----

NORMS = [None, "batchnorm", "layernorm"]


@pytest.mark.parametrize("normalization", NORMS)
@pytest.mark.parametrize("reg", [0.0, 3.14])
@pytest.mark.parametrize("hidden_dims", [(), (5,), (5, 4), (4, 3, 5)])
def test_gradients(normalization, reg, hidden_dims):
    model = net(*hidden_dims, normalization=normalization, reg=reg)
    spread_biases(model)
    # A bias before a batch normalisation has no effect: its gradient is 0, and so is 1e-3 * 1e-6.
    assert_gradients_are_right(model, *examples(6, D, classes=C))


@pytest.mark.parametrize("normalization", NORMS)
def test_gradients_through_seeded_dropout(normalization):
    model = net(8, 7, normalization=normalization, dropout_keep_ratio=0.6, reg=0.1, seed=123)
    calm = net(8, 7, normalization=normalization, reg=0.1)
    spread_biases(model)
    spread_biases(calm)
    X, y = examples(6, 2, 3, classes=C)
    assert_gradients_are_right(model, X, y)
    assert model.loss(X, y)[0] != calm.loss(X, y)[0]  # dropout was at work


def test_a_published_network_is_a_two_layer_net():
    model, X, y = published_net()
    deep = FullyConnectedNet([50], input_dim=5, num_classes=7, dtype=np.float64)
    deep.params, deep.reg = model.params, 1.0
    assert deep.loss(X, y)[0] == pytest.approx(26.5948426952, abs=1e-10)


@pytest.mark.parametrize("normalization", NORMS)
@pytest.mark.parametrize("keep", [1, 0.5])
def test_the_first_loss_is_near_ln_of_the_classes(normalization, keep):
    model = FullyConnectedNet(
        [30, 20], 15, 10, normalization=normalization, dropout_keep_ratio=keep, weight_scale=1e-3
    )
    X, y = examples(20, 15, classes=10)
    assert model.loss(X, y)[0] == pytest.approx(np.log(10), abs=0.02)


@pytest.mark.parametrize("normalization", NORMS)
def test_parameters_have_the_published_names_and_shapes(normalization):
    model = net(5, 3, normalization=normalization)
    expected = {"W1": (D, 5), "b1": (5,), "W2": (5, 3), "b2": (3,), "W3": (3, C), "b3": (C,)}
    if normalization:
        expected |= {"gamma1": (5,), "beta1": (5,), "gamma2": (3,), "beta2": (3,)}
    assert {name: w.shape for name, w in model.params.items()} == expected
    for name, w in model.params.items():
        if w.ndim == 1:
            np.testing.assert_array_equal(w, float(name.startswith("gamma")))


def test_weights_start_at_their_scale():
    for scale in (1e-2, 5.0):
        W1 = net(400, input_dim=300, weight_scale=scale).params["W1"]
        assert W1.std() == pytest.approx(scale, rel=0.01)
        assert abs(W1.mean()) < 0.02 * scale


def test_attributes_are_the_published_ones():
    model = FullyConnectedNet([5, 4], dropout_keep_ratio=0.5, normalization="batchnorm", seed=7)
    assert (model.num_layers, model.reg, model.dtype) == (3, 0.0, np.float32)
    assert (model.use_dropout, model.normalization) == (True, "batchnorm")
    assert model.dropout_param == {"mode": "train", "p": 0.5, "seed": 7}
    assert model.bn_params == [{"mode": "train"}, {"mode": "train"}]
    assert model.params["W1"].shape == (3072, 5)
    assert FullyConnectedNet([5]).use_dropout is False


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("normalization", NORMS)
def test_the_dtype_is_kept(dtype, normalization):
    model = net(5, normalization=normalization, dropout_keep_ratio=0.5, dtype=dtype, reg=0.1)
    X, y = examples(6, D, classes=C)
    assert model.loss(X).dtype == dtype
    assert {grad.dtype for grad in model.loss(X, y)[1].values()} == {np.dtype(dtype)}


# ---- what both promise ----

MODELS = [
    pytest.param(lambda: published_net()[0], id="TwoLayerNet"),
    pytest.param(lambda: net(5, 4, normalization="layernorm"), id="FullyConnectedNet"),
]


@pytest.mark.parametrize("make", MODELS)
def test_reg_and_params_are_read_when_the_loss_is_computed(make):
    model = make()
    d, c = model.params["W1"].shape[0], 4
    X, y = examples(5, d, classes=c)
    plain = model.loss(X, y)[0]
    squares = sum(np.sum(w**2) for name, w in model.params.items() if name.startswith("W"))
    model.reg = 0.3
    assert model.loss(X, y)[0] == pytest.approx(plain + 0.5 * 0.3 * squares, rel=1e-12)
    model.params = {name: np.zeros_like(w) for name, w in model.params.items()}
    assert not model.loss(X).any()


@pytest.mark.parametrize("make", MODELS)
def test_the_input_is_not_modified(make):
    model = make()
    X, y = examples(5, model.params["W1"].shape[0], classes=4)
    before = X.copy(), {name: w.copy() for name, w in model.params.items()}
    model.loss(X, y)
    model.loss(X)
    np.testing.assert_array_equal(X, before[0])
    for name, w in before[1].items():
        np.testing.assert_array_equal(model.params[name], w)


def test_scores_without_labels_are_free_of_noise():
    model = net(50, dropout_keep_ratio=0.5)
    X, y = examples(6, D, classes=C)
    np.testing.assert_array_equal(model.loss(X), model.loss(X))
    assert model.loss(X, y)[0] != model.loss(X, y)[0]
    np.testing.assert_array_equal(model.loss(X), net(50).loss(X))


def test_scores_without_labels_use_the_running_statistics():
    model = net(5, normalization="batchnorm")
    X, y = examples(6, D, classes=C)
    for _ in range(200):
        model.loss(X, y)
    together, alone = model.loss(X), model.loss(X[:1])
    np.testing.assert_allclose(alone, together[:1], rtol=1e-12)
    assert model.bn_params[0]["running_mean"].shape == (5,)


def test_the_seed_of_a_network_is_handed_to_its_dropout():
    X, y = examples(6, D, classes=C)
    models = [net(50, dropout_keep_ratio=0.5, seed=seed) for seed in (0, 0, 1)]
    losses = [model.loss(X, y)[0] for model in models]
    assert losses[0] == losses[1] == models[0].loss(X, y)[0]
    assert losses[0] != losses[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalization": "groupnorm"}, "normalization must be None, 'batchnorm' or 'layernorm'"),
        ({"normalization": ""}, "got ''"),
        *(
            ({"dropout_keep_ratio": ratio}, "dropout_keep_ratio must lie in \\(0, 1\\]")
            for ratio in (0, -0.5, 1.5, float("nan"))
        ),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        FullyConnectedNet([5], **options)


@pytest.mark.parametrize("make", MODELS)
def test_images_and_labels_that_do_not_fit_are_refused(make):
    model = make()
    d, c = model.params["W1"].shape[0], model.loss(np.zeros((1, model.params["W1"].shape[0]))).size
    with pytest.raises(ValueError, match="shape"):
        model.loss(np.zeros((2, d + 1)))
    with pytest.raises(ValueError, match="y must hold labels"):
        model.loss(np.zeros((2, d)), np.array([0, c]))
    with pytest.raises(ValueError, match="y must have shape"):
        model.loss(np.zeros((2, d)), np.array([0]))


@pytest.mark.parametrize("module", ["fc_net", "cnn"])
def test_a_star_import_gives_what_notebooks_take_from_it(module):
    names = {}
    exec(f"from cs231n.classifiers.{module} import *", names)
    wanted = "np conv_forward_naive batchnorm_forward layernorm_forward dropout_backward"
    wanted += " affine_relu_forward conv_relu_pool_backward conv_forward_fast softmax_loss"
    assert [name for name in wanted.split() if name not in names] == []
    assert {"fc_net": "TwoLayerNet", "cnn": "ThreeLayerConvNet"}[module] in names
