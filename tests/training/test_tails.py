"""The noisy end of a network: the same network, and DropConnect's expected activations."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import ks_2samp, norm

from cs231n.marginalize import softmax
from cs231n.nets import Affine, Conv, Dropout, Network, ReLU, Residual
from cs231n.training.tails import Tail, match_moments, split_at_noise

SHAPE = (2, 8, 8)
# What the tail is, for each network.
NETWORKS = {
    "conv3-3 bn relu pool2 dropout0.5 fc-6 relu fc-4": "dropout0.5 fc-6 relu fc-4",
    "conv3-3:bias=no bn relu dropout0.5 conv3-2:bias=no bn relu fc-4": (
        "dropout0.5 conv3-2:bias=no bn relu fc-4"
    ),
    "conv3-3 relu pool2 dropconnect-6 relu dropout0.5 fc-4": ("dropconnect-6 relu dropout0.5 fc-4"),
    "fc-7 relu fc-6 relu dropout0.5 fc-4": "dropout0.5 fc-4",
    "dropout0.5 fc-4": "dropout0.5 fc-4",
    "dropconnect-5 relu fc-4": "dropconnect-5 relu fc-4",
}


def images(N=9, seed=0):
    return np.random.default_rng(seed).standard_normal((N, *SHAPE)).astype(np.float32)


def trained(layers, dtype=np.float64):
    """Return a network all of whose arrays are unlike those it began with."""
    network = Network(layers, SHAPE, seed=1, dtype=dtype)
    for step in range(5):
        network.step(images(20, step), np.arange(20) % 4, "adam", learning_rate=0.05)
    return network


@pytest.mark.parametrize("layers", NETWORKS)
def test_nothing_changes_where_nothing_is_drawn(layers):
    network = trained(layers)
    network.params = dict(reversed(network.params.items()))  # names count, and not their order
    tail = split_at_noise(network, images())
    assert str(tail.network) == NETWORKS[layers]
    assert tail.network.dtype == network.dtype
    expected = network.scores(images())
    np.testing.assert_allclose(tail.network.scores(tail.features), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("layers", NETWORKS)
def test_passes_are_distributed_as_the_whole_networks(layers):
    network, X, R = trained(layers), images(3), 600
    tail = split_at_noise(network, X)
    whole = np.array([network.scores(X, noise=r) for r in range(R)])
    end = np.array([tail.network.scores(tail.features, noise=R + r) for r in range(R)])
    assert end.std(axis=0).min() > 0
    largest = 2.2 * (2 / R) ** 0.5  # Kolmogorov and Smirnov's, one time in ten thousand
    assert ks_2samp(whole, end, axis=0).statistic.max() < largest


def test_noise_inside_a_residual_block_is_noise():
    block = Residual((Conv(3), ReLU(), Dropout(0.5), Conv(3)))
    network = trained([Conv(3), block, ReLU(), Dropout(0.5), Affine(4)])
    tail = split_at_noise(network, images())
    assert tail.network.layers[0] == block
    np.testing.assert_allclose(
        tail.network.scores(tail.features), network.scores(images()), rtol=1e-9, atol=1e-12
    )


def test_without_noise_there_is_no_tail():
    with pytest.raises(ValueError, match="network must have a layer that is random, got fc-4"):
        split_at_noise(Network("fc-4", SHAPE, seed=0), images())


# ---- DropConnect's moments ----


def by_integration(network, X, keep):
    """Return the probabilities, unit by unit, from the integral of the ReLU over a normal law."""
    w, b, *_ = network.params.values()
    hidden = np.empty((len(X), w.shape[1]))
    for n, x in enumerate(X.reshape(len(X), -1).astype(float)):
        for m in range(w.shape[1]):
            mean = sum(x[d] * w[d, m] for d in range(len(x))) + b[m]
            variance = sum((1 - keep) / keep * (x[d] * w[d, m]) ** 2 for d in range(len(x)))
            law = norm(mean, np.sqrt(variance))
            hidden[n, m], _ = quad(lambda u, law=law: u * law.pdf(u), 0, mean + 12 * law.std())
    _, _, w2, b2 = network.params.values()
    return softmax(hidden @ w2 + b2)


@pytest.mark.parametrize("keep", [0.3, 0.8])
def test_moments_are_those_of_the_normal_law(keep):
    network, X = trained(f"dropconnect-5:keep={keep} relu fc-4"), images(3)
    expected = by_integration(network, X, keep)
    tail = split_at_noise(network, X)
    np.testing.assert_allclose(match_moments(tail), expected, rtol=2e-4)  # keep is a 65536th
    np.testing.assert_allclose(match_moments(tail, 20_000, seed=0), expected, atol=0.01)
    assert np.abs(softmax(network.scores(X)) - expected).max() > 0.02  # the mean network's


def test_moments_come_near_the_average_hidden_layer_of_many_passes():
    """Where many terms are summed, and behind the layer everything is linear but the softmax."""
    network = trained("conv3-3 relu dropconnect-6 relu fc-4")
    X, R = images(3), 3000
    mean = np.mean([network.scores(X, noise=r) for r in range(R)], axis=0)
    found = np.log(match_moments(split_at_noise(network, X)))
    centred = [a - a.mean(axis=1, keepdims=True) for a in (found, mean)]
    np.testing.assert_allclose(*centred, atol=0.05 * np.abs(centred[1]).max())


def test_samples_are_drawn_from_the_seed():
    tail = split_at_noise(trained("dropconnect-5 relu fc-4"), images())
    first = match_moments(tail, 3, seed=1)
    np.testing.assert_array_equal(match_moments(tail, 3, seed=1), first)
    assert not np.array_equal(match_moments(tail, 3, seed=2), first)


def test_moments_reach_through_what_is_behind():
    network = trained("conv3-3 bn relu dropconnect-6:bias=no relu fc-5 bn relu fc-4")
    tail = split_at_noise(network, images())
    found = match_moments(tail)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    almost = Network("dropconnect-6:bias=no,keep=1 relu fc-5 bn relu fc-4", (192,), seed=0)
    for part in ("params", "state"):
        arrays = getattr(tail.network, part)
        getattr(almost, part).update({k: v for k, v in arrays.items() if k != "noise"})
    kept = match_moments(Tail(almost, tail.features))  # nothing is dropped: the network itself
    np.testing.assert_allclose(kept, softmax(network.scores(images())), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "layers",
    [
        "dropout0.5 fc-4",
        "dropconnect-4",
        "dropconnect-4 relu",
        "dropconnect-5 leaky0.01 fc-4",
        "dropconnect-5 relu dropout0.5 fc-4",
        "dropconnect-5 relu dropconnect-5 relu fc-4",
    ],
)
def test_other_tails_have_no_moments(layers):
    network = Network(layers, SHAPE, seed=0)
    with pytest.raises(ValueError, match="moments are matched where"):
        match_moments(split_at_noise(network, images()))
