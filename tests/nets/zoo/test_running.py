"""Every net runs: scaled down, its gradients are those of its loss, and it learns a few images."""

import copy

import numpy as np
import pytest

from cs231n.nets import He, Network, Residual, whiten, zoo
from cs231n.nets.zoo import fmp_sizes

# What makes a net small; the first that its name begins with.
SMALL = {
    "vgg": {"input_shape": (3, 32, 32), "width": 1 / 16},
    # Numbers as small as the layer files' die out in so narrow a net.
    "nin": {"input_shape": (3, 11, 10), "width": 1 / 8, "initial": He()},
    "fmp": {"filters": 4, "levels": 3},
    "alexnet": {"input_shape": (3, 67, 70), "width": 1 / 32},
    "resnet-9": {"width": 1 / 16},
    "resnet-18": {"input_shape": (3, 9, 8), "width": 1 / 16, "blocks": (1, 1, 1, 1)},
    "resnet-34": {"input_shape": (3, 9, 8), "width": 1 / 16, "blocks": (1, 1, 1, 1)},
    "resnet": {"input_shape": (3, 9, 8), "width": 1 / 4, "blocks": (1, 2, 1)},
    "airbench": {"width": 1 / 16},
    "five-layer": {"input_shape": (3, 16, 16), "width": 1 / 8},
    "pretrained": {"input_shape": (3, 32, 32), "width": 1 / 16},
    "": {"input_shape": (3, 8, 8), "width": 1 / 8},
}
MODES = {
    f"fmp {mode} {overlapping}": ("fmp-mnist", {"mode": mode, "overlapping": overlapping})
    for mode in ("random", "pseudorandom")
    for overlapping in (True, False)
}
VARIANTS = {
    **{name: (name, {}) for name in zoo.names()},
    **MODES,
    "vgg-d batchnorm": ("vgg-d", {"batchnorm": True}),
    "vgg-a-lrn batchnorm": ("vgg-a-lrn", {"batchnorm": True}),
    "alexnet on one GPU": ("alexnet", {"groups": 1}),
    "resnet-20 projection": ("resnet-20", {"shortcut": "projection"}),
    "fmp dropout": ("fmp-mnist", {"dropout": 0.3}),
}


def built(variant, dtype):
    """Return a small network, and images with labels."""
    name, options = VARIANTS[variant]
    small = next(settings for prefix, settings in SMALL.items() if name.startswith(prefix))
    settings = {"classes": 4, **small, **options}
    if name.startswith("fmp"):
        ratio = 2 ** (1 / 2 if name == "fmp-mnist" else 1 / 3)
        side = fmp_sizes(settings["levels"], ratio)[0]
        settings["input_shape"] = (3, side, side)
    net = zoo(name, **settings)
    network = Network(net, net.input_shape, dtype=dtype, seed=0)
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((6, *net.input_shape)), np.array([0, 1, 2, 3, 0, 1])
    if name.startswith("airbench"):
        whiten(network, X)
    skip_what_cannot_run(network, X)
    return network, X, y


def skip_what_cannot_run(network, X):
    try:
        network.scores(X)
    except TypeError as error:
        if "cannot be run yet" not in str(error):
            raise
        pytest.skip(str(error))


def loss_at(network, moving, X, y):
    """The loss with the noise of the first pass."""
    for name, array in moving.items():
        network.state[name][...] = array
    return network.loss(X, y)[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_are_the_losses_slopes(variant):
    """Along random directions, by central differences, at three places: few have a kink near."""
    network, X, y = built(variant, np.float64)
    rng = np.random.default_rng(2)
    sizes = {key: abs(w).mean() + 0.01 for key, w in network.params.items()}
    errors = []
    for _ in range(3):
        for key, w in network.params.items():  # no bias is at a round value
            w += 0.1 * sizes[key] * rng.standard_normal(w.shape)
        moving, origin = copy.deepcopy(network.state), copy.deepcopy(network.params)
        _, grads = network.loss(X, y)
        assert list(grads) == list(network.params)
        direction = {key: sizes[key] * rng.standard_normal(w.shape) for key, w in origin.items()}
        sides = []
        for h in (1e-7, -1e-7):
            for key, w in network.params.items():
                w[...] = origin[key] + h * direction[key]
            sides.append(loss_at(network, moving, X, y))
        slope = (sides[0] - sides[1]) / 2e-7
        expected = sum((grads[key] * direction[key]).sum() for key in grads)
        assert expected != 0
        errors.append(abs(slope - expected) / max(abs(slope), abs(expected), 1e-2))
    assert np.median(errors) <= 1e-5, errors


@pytest.mark.parametrize("variant", VARIANTS)
def test_steps(variant):
    network, X, y = built(variant, np.float32)
    frozen = {k: w.copy() for k, w in network.state.items() if k.startswith("W")}
    before = {k: w.copy() for k, w in network.params.items()}
    losses = [network.step(X, y, "adam", learning_rate=1e-3) for _ in range(4)]
    assert np.isfinite(losses).all()
    assert network.scores(X).shape == (6, 4)
    assert np.isfinite(network.scores(X)).all()
    assert any((before[k] != w).any() for k, w in network.params.items())
    assert all(np.array_equal(network.state[k], w) for k, w in frozen.items())
    if any(isinstance(layer, Residual) for layer in network.layers):
        assert len(network.params) > 10
