"""Averages of weights, against loops; refreshed statistics, against those taken directly."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from cs231n.nets import BatchNorm, Conv, Network, ReLU, Residual
from cs231n.training.averaging import EMA, SWA, clone

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 2, 6, 6)) * 3 + 1
Y = RNG.integers(4, size=40)
PLAIN, NORMED = "conv3-3 relu fc-4", "conv3-3 bn relu conv3-2 bn relu fc-4"


def trained(layers, average, steps=12, **options):
    """Train, and return the network with the weights after each step."""
    network = Network(layers, (2, 6, 6), dtype=np.float64, seed=1, **options)
    history = []
    for _ in range(steps):
        network.step(X, Y, "adam", learning_rate=0.02)
        average.update(network)
        arrays = network.params | {k: v for k, v in network.state.items() if "running" in k}
        history.append({name: array.copy() for name, array in arrays.items()})
    return network, history


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9, 0.9999])
def test_ema_is_the_weighted_mean_of_the_loop(decay):
    ema = EMA(decay)
    network, history = trained(NORMED, ema)
    averaged = ema.averaged(network)
    shares = np.array([decay ** (len(history) - 1 - k) for k in range(len(history))])
    shares /= shares.sum()
    for name in history[0]:
        expected = sum(share * arrays[name] for share, arrays in zip(shares, history, strict=True))
        got = (averaged.params | averaged.state)[name]
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=name)


def test_ema_is_adams_correction_of_an_average_that_begins_at_zero():
    ema = EMA(0.8)
    network, history = trained(PLAIN, ema, 7)
    moment = 0
    for arrays in history:
        moment = 0.8 * moment + 0.2 * arrays["W1"]
    averaged = ema.averaged(network)
    np.testing.assert_allclose(averaged.params["W1"], moment / (1 - 0.8**7), rtol=1e-12)


@pytest.mark.parametrize(("start", "every"), [(0, 1), (3, 1), (2, 4), (0, 12), (11, 1)])
def test_swa_is_the_mean_of_the_loop(start, every):
    swa = SWA(start, every)
    network, history = trained(PLAIN, swa)
    chosen = history[start:][every - 1 :: every]
    averaged = swa.averaged(network)
    assert swa.count == len(chosen)
    for name in network.params:
        expected = sum(arrays[name] for arrays in chosen) / len(chosen)
        np.testing.assert_allclose(averaged.params[name], expected, rtol=1e-10, atol=1e-14)


def test_the_network_itself_is_left_alone():
    swa = SWA()
    network, history = trained(NORMED, swa)
    averaged = swa.averaged(network, X)
    for name, array in (network.params | network.state).items():
        np.testing.assert_array_equal(array, history[-1][name])
        assert not np.shares_memory(array, (averaged.params | averaged.state)[name])
    assert network.updates is not None
    assert averaged.updates is None
    assert not np.array_equal(averaged.scores(X), network.scores(X))
    averaged.step(X, Y)
    np.testing.assert_array_equal(network.params["W1"], history[-1]["W1"])


def test_averages_are_taken_in_double_precision():
    ema, w = EMA(0.99999), np.float32(1)
    network = Network("fc-2", (3,), seed=0)
    for w in np.linspace(1, 2, 50, dtype=np.float32):
        network.params["W1"][...] = w
        ema.update(network)
    assert abs(ema.mean["W1"][0, 0] - 1.5) < 1e-4
    assert ema.averaged(network).params["W1"].dtype == np.float32


def test_an_average_goes_on_after_it_was_pickled():
    one, other = EMA(0.9), EMA(0.9)
    network, _ = trained(PLAIN, one)
    trained(PLAIN, other)
    one = pickle.loads(pickle.dumps(one))
    one.update(network)
    other.update(network)
    for name, mean in one.mean.items():
        np.testing.assert_array_equal(mean, other.mean[name])


def batch_statistics(network, images):
    """Mean and variance of the first convolution's output, by hand; in the course's layout."""
    w, b = network.params["W1"], network.params["b1"]
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    out = np.einsum("nchwij,fcij->fnhw", windows, w) + b[:, None, None, None]
    return out.mean(axis=(1, 2, 3)), out.var(axis=(1, 2, 3))


@pytest.mark.parametrize("size", [40, 16, 7])
def test_refreshed_statistics_are_those_taken_directly(size):
    swa = SWA(start=4, every=2)
    network, _ = trained(NORMED, swa)
    averaged = swa.averaged(network, X, size)
    parts = [X[first : first + size] for first in range(0, 40, size)]
    found = [batch_statistics(averaged, part) for part in parts]
    shares = [len(part) / 40 for part in parts]
    mean = sum(share * m for share, (m, _) in zip(shares, found, strict=True))
    var = sum(share * v for share, (_, v) in zip(shares, found, strict=True))
    np.testing.assert_allclose(averaged.state["running_mean1"], mean, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(averaged.state["running_var1"], var, rtol=1e-10)


@pytest.mark.parametrize(
    "layers",
    [
        NORMED,
        ["conv3-2", BatchNorm(scale=False), ReLU(), Residual((Conv(2), BatchNorm())), "fc-4"],
        "fc-5 bn relu fc-4",
    ],
)
def test_after_a_refresh_with_one_batch_test_time_is_training_time(layers):
    """In all layers: what was normalised by the batch is now normalised by the same numbers."""
    network, _ = trained(layers, SWA())
    network.refresh(X, 40)
    scores = network.scores(X)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    assert network.loss(X, Y)[0] == pytest.approx(-log_p[np.arange(40), Y].mean(), rel=1e-10)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 1.0])
def test_a_refresh_is_the_same_whatever_was_there(momentum):
    layers = ["conv3-3", BatchNorm(momentum=momentum), "relu dropout0.5 fc-4"]
    network = Network(layers, (2, 6, 6), dtype=np.float64, seed=1)
    before = {name: array.copy() for name, array in network.params.items()}
    noise = network.state["noise"].copy()
    network.refresh(X, 16)
    once = {name: array.copy() for name, array in network.state.items()}
    network.state["running_mean1"][...] = 1e3
    network.refresh(X, 16)
    for name, array in network.state.items():
        np.testing.assert_array_equal(array, once[name])
    assert network.state["noise"] == noise
    for name, array in network.params.items():
        np.testing.assert_array_equal(array, before[name])


def test_a_refresh_that_fails_changes_nothing(monkeypatch):
    network, history = trained(NORMED, SWA())
    calls = []
    prepare = network._prepare

    def fail(*args):
        calls.append(args)
        if len(calls) == 3:
            raise MemoryError
        return prepare(*args)

    monkeypatch.setattr(network, "_prepare", fail)
    with pytest.raises(MemoryError):
        network.refresh(X, 10)
    np.testing.assert_array_equal(network.state["running_mean1"], history[-1]["running_mean1"])


def test_wrong_use():
    network, _ = trained(NORMED, SWA())
    other = Network(PLAIN, (2, 6, 6), seed=0)
    swa = SWA(start=100)
    swa.update(network)
    with pytest.raises(ValueError, match="no weights were taken in yet, in 1 updates"):
        swa.averaged(network, X)
    swa = SWA()
    swa.update(network)
    with pytest.raises(ValueError, match="pass training images as X"):
        swa.averaged(network)
    with pytest.raises(ValueError, match="network must have the arrays of before"):
        swa.update(other)
    with pytest.raises(ValueError, match="network must have the arrays"):
        swa.averaged(other)
    with pytest.raises(TypeError, match=r"or with refresh\(X\), got SimpleNamespace"):
        swa.averaged(SimpleNamespace(params=network.params), X)
    with pytest.raises(ValueError, match="at least one image"):
        network.refresh(X[:0])
    with pytest.raises(ValueError, match="batch_size must lie in"):
        network.refresh(X, 0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: EMA(1.0), ValueError, r"decay must lie in \[0, 1\)"),
        (lambda: EMA(-0.1), ValueError, "decay must lie in"),
        (lambda: EMA("much"), TypeError, "decay must be a number"),
        (lambda: SWA(-1), ValueError, "start must lie in"),
        (lambda: SWA(0, 0), ValueError, "every must lie in"),
    ],
)
def test_wrong_options(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_clone_takes_no_memory_of_the_rule_with_it():
    network, _ = trained(PLAIN, SWA())
    twin = clone(network)
    assert twin.updates is None
    assert network.updates is not None
    np.testing.assert_array_equal(twin.scores(X), network.scores(X))
