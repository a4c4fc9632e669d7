"""The course's nets have the parameters, and compute the scores, of the course's models."""

import numpy as np
import pytest

from cs231n.classifiers import convnet
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.pretrained_cnn import PretrainedCNN
from cs231n.classifiers.small_convnet import SmallConvNet
from cs231n.nets import Affine, Conv, Dropout, He, MaxPool, Network, Normal, ReLU, zoo


class Narrow(PretrainedCNN):
    filters, hidden_dim = (4, 4, 5, 5, 6, 6, 7, 7, 8), 9


def five_layers():
    params = convnet.init_five_layer_convnet(
        filter_sizes=(3, 3, 3), num_filters=(32, 32, 64, 512), dtype=np.float64
    )
    return params, lambda X: convnet.five_layer_convnet(X, params)


def two_layers():
    params = convnet.init_two_layer_convnet()
    return params, lambda X: convnet.two_layer_convnet(X, params)


def of(model):
    return model.params, model.loss


MODELS = {
    "two-layer-convnet": two_layers,
    "five-layer-convnet": five_layers,
    "three-layer-convnet": lambda: of(ThreeLayerConvNet(dtype=np.float64)),
    "small-convnet": lambda: of(SmallConvNet(dtype=np.float64)),
}


@pytest.mark.parametrize("name", MODELS)
def test_agrees_with_the_models(name):
    np.random.seed(0)
    params, scores = MODELS[name]()
    network = Network(zoo(name), zoo(name).input_shape, dtype=np.float64, seed=0)
    assert {k: w.shape for k, w in network.params.items()} == {
        k: w.shape for k, w in params.items()
    }
    for key, w in params.items():  # begun alike
        assert network.params[key].std() == pytest.approx(w.std(), rel=0.1, abs=1e-12)
    network.params.update(params)
    X = np.random.default_rng(0).standard_normal((2, *network.input_shape))
    np.testing.assert_allclose(network.scores(X), scores(X), rtol=1e-9, atol=1e-12)


def test_agrees_with_the_pretrained_net():
    np.random.seed(0)
    model = Narrow(dtype=np.float64, input_size=40, num_classes=3)
    net = zoo("pretrained-cnn", (3, 40, 40), 3, filters=Narrow.filters, hidden=9)
    network = Network(net, net.input_shape, dtype=np.float64, seed=0)
    assert {k: w.shape for k, w in network.params.items()} == {
        k: w.shape for k, w in model.params.items()
    }
    network.params.update(model.params)
    X = np.random.default_rng(0).standard_normal((2, 3, 40, 40))
    np.testing.assert_allclose(network.scores(X), model.loss(X), rtol=1e-8, atol=1e-10)


def test_counts_of_the_pretrained_net():
    net = zoo("pretrained-cnn")
    C, side, parameters, products = 3, 64, 0, 0
    for i, F in enumerate(PretrainedCNN.filters):
        side = side if i % 2 else side // 2
        weights = (9 if i else 25) * C * F
        parameters, products, C = parameters + weights + 3 * F, products + side**2 * weights, F
    weights = 4 * 1024 * 512 + 512 * 100
    parameters += weights + 3 * 512 + 100
    assert (net.counts.parameters, net.counts.multiply_adds) == (parameters, products + weights)
    assert parameters == sum(w.size for w in PretrainedCNN().params.values()) == 11_563_940


def test_counts_of_the_five_layers():
    parameters = 28 * 32 + 289 * 32 + 289 * 64 + 4097 * 512 + 513 * 100
    products = 64**2 * 27 * 32 + 32**2 * 288 * 32 + 16**2 * 288 * 64 + 4096 * 512 + 512 * 100
    counts = zoo("five-layer-convnet").counts
    assert (counts.parameters, counts.multiply_adds) == (parameters, products)


def test_how_the_weights_begin():
    expected = {"two": Normal(1e-3), "three": Normal(1e-3), "five": Normal(1e-2), "small": He()}
    for name in MODELS:
        weighted = [spec for spec in zoo(name) if isinstance(spec, Conv | Affine)]
        assert {spec.initial for spec in weighted} == {expected[name.split("-")[0]]}


def test_patterns():
    c, p, f, r = Conv(32), MaxPool(), Affine(128), ReLU()
    assert list(zoo("pattern-linear")) == [Affine(10)]
    assert list(zoo("pattern-conv")) == [c, r, Affine(10)]
    assert list(zoo("pattern-conv-pool")) == [c, r, p, Conv(64), r, p, f, r, Affine(10)]
    assert list(zoo("pattern-conv-conv-pool")) == [
        *[c, r] * 2 + [p],
        *[Conv(64), r] * 2 + [p],
        *[Conv(128), r] * 2 + [p],
        *[f, r] * 2,
        Affine(10),
    ]


def test_options():
    net = zoo("five-layer-convnet", (3, 16, 16), 7, dropout=0.4, width=0.25)
    assert [spec.filters for spec in net if isinstance(spec, Conv)] == [8, 8, 16]
    assert [spec.units for spec in net if isinstance(spec, Affine)] == [128, 7]
    assert [spec.keep for spec in net if isinstance(spec, Dropout)] == [0.6]
    assert zoo("pattern-conv-pool", blocks=1, filters=5, hidden=[3])[0] == Conv(5)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("small-convnet", {"filters": (8,)}, "sizes must hold 1 integers"),
        ("small-convnet", {"input_shape": (3, 3, 8)}, r"small-convnet cannot take .* layer 5"),
        ("pattern-conv", {"blocks": -1}, "blocks must lie in"),
        ("pattern-conv", {"convs": -1}, "convs must lie in"),
        ("pretrained-cnn", {"hidden": 0}, "hidden must lie in"),
        ("pattern-conv-conv-pool", {"blocks": 6}, "cannot take input_shape"),
    ],
)
def test_what_does_not_fit(name, options, message):
    with pytest.raises(ValueError, match=message):
        zoo(name, **options)
