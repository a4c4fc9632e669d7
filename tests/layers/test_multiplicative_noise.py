"""Gaussian and spatial dropout, and dropout's Monte Carlo at test time."""

import math

import numpy as np
import pytest
from oracles import values

from cs231n import layers, use_release

FORWARDS = [
    layers.dropout_forward,
    layers.gaussian_dropout_forward,
    layers.spatial_dropout_forward,
]
every_kind = pytest.mark.parametrize("forward", FORWARDS, ids=lambda f: f.__name__)


@every_kind
@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_the_expectation_is_x_and_the_variance_that_of_dropout(forward, p):
    """160,000 draws of noise with mean 1: within 5 standard errors."""
    draws = 160_000
    out, _ = forward(np.full((400, 400), 3.0), {"p": p, "mode": "train", "seed": 0})
    deviation = 3 * math.sqrt((1 - p) / p)
    assert abs(out.mean() - 3) < 5 * deviation / math.sqrt(draws)
    assert abs(out.var() / deviation**2 - 1) < 0.05


@every_kind
def test_test_time_is_the_identity_or_an_average_of_passes(forward):
    x = values(3, 4)
    scaled, cache = forward(x, {"p": 0.5, "mode": "test"})
    np.testing.assert_array_equal(scaled, x)
    assert cache[1] is None
    np.random.seed(0)
    param = {"p": 0.5, "mode": "test", "inference": "monte_carlo"}
    passes = np.array([forward(x, param)[0] for _ in range(4000)])
    assert not np.array_equal(passes[0], passes[1])
    # The variance of a pass is x^2 (1 - q) / q = x^2.
    assert (np.abs(passes.mean(axis=0) - x) < 5 * np.abs(x) / math.sqrt(4000)).all()


@every_kind
def test_a_seed_repeats_the_noise(forward):
    x, param = np.ones((20, 20)), {"p": 0.5, "mode": "train", "seed": 0}
    np.testing.assert_array_equal(forward(x, param)[0], forward(x, param)[0])


@every_kind
def test_noise_follows_the_release(forward):
    x = np.ones((100, 100))
    with use_release(2016):
        out, _ = forward(x, {"p": 0.1, "mode": "train", "seed": 0})
    kept, _ = forward(x, {"p": 0.9, "mode": "train", "seed": 0})
    np.testing.assert_array_equal(out, kept)


@pytest.mark.parametrize("shape", [(50, 7), (50, 7, 3), (50, 7, 3, 2)])
def test_channels_are_dropped_as_a_whole(shape):
    out, _ = layers.spatial_dropout_forward(np.ones(shape), {"p": 0.5, "mode": "train", "seed": 1})
    maps = out.reshape(50, 7, -1)
    assert (maps == maps[:, :, :1]).all()
    assert set(maps.ravel().tolist()) == {0.0, 2.0}
    assert len(np.unique(maps[:, :, 0], axis=0)) > 20


@every_kind
@pytest.mark.parametrize(
    ("param", "message"),
    [
        ({"p": 0, "mode": "train"}, r"dropout_param\['p'\] must lie in \(0, 1\], got 0"),
        ({"p": -0.1, "mode": "train"}, r"must lie in \(0, 1\]"),
        ({"p": 1.1, "mode": "test"}, r"must lie in \(0, 1\]"),
        ({"p": 1, "p_is_dropped": True, "mode": "train"}, r"must lie in \[0, 1\), got 1"),
        ({"p": float("nan"), "mode": "train"}, r"must lie in \(0, 1\]"),
        ({"mode": "train"}, "must have the key 'p'"),
        ({"p": 0.5, "mode": "test", "inference": "moments"}, r"\['inference'\] must be one of"),
    ],
)
def test_bad_param(forward, param, message):
    with pytest.raises(ValueError, match=message):
        forward(np.ones((2, 3)), param)


@pytest.mark.parametrize("forward", FORWARDS[1:], ids=lambda f: f.__name__)
@pytest.mark.parametrize("mode", ["train", "test"])
@pytest.mark.parametrize(
    ("slip", "meant"),
    [("p_is_droped", "p_is_dropped"), ("infrence", "inference"), ("sed", "seed")],
)
def test_a_misspelt_key_is_refused(forward, mode, slip, meant):
    message = f"dropout_param has no key '{slip}': did you mean '{meant}'"
    with pytest.raises(ValueError, match=message):
        forward(np.ones((2, 3)), {"p": 0.5, "mode": mode, slip: True})


@every_kind
def test_param_must_be_a_dict(forward):
    with pytest.raises(TypeError, match="dropout_param must be a dict, got float"):
        forward(np.ones((2, 3)), 0.5)


def test_dropout_takes_what_old_notebooks_pass_along():
    param = {"p": 0.5, "mode": "test", "dropout": 0.5}
    assert layers.dropout_forward(np.ones(3), param)[0].tolist() == [1, 1, 1]


def test_channels_need_an_axis():
    with pytest.raises(ValueError, match=r"x must have shape \(N, C, ...\), got \(3,\)"):
        layers.spatial_dropout_forward(np.ones(3), {"p": 0.5, "mode": "train"})
