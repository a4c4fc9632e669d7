"""Stochastic pooling: its probabilities, its mean, and the windows that have none."""

import math

import numpy as np
import pytest
from oracles import values

from cs231n import layers

WINDOW = {"pool_height": 2, "pool_width": 2, "stride": 2}
TRAIN, TEST = {**WINDOW, "mode": "train"}, {**WINDOW, "mode": "test"}


def images(*shape):
    return np.abs(values(*shape))


def test_pixels_are_drawn_by_their_share():
    """80,000 draws from one window: each share within 5 standard errors."""
    draws, window = 80_000, np.array([[1.0, 2.0], [0.0, 5.0]])
    x = np.broadcast_to(window, (draws, 1, 2, 2))
    out, _ = layers.stochastic_pool_forward(x, {**TRAIN, "seed": 0})
    for value in window.ravel():
        share = value / window.sum()
        error = math.sqrt(share * (1 - share) / draws)
        assert abs((out == value).mean() - share) <= 5 * error


@pytest.mark.parametrize("window", [(2, 2, 2), (3, 3, 2), (3, 2, 1)])
def test_at_test_time_it_is_the_weighted_mean(window):
    HH, WW, stride = window
    x = images(2, 3, 7, 8)
    param = {"pool_height": HH, "pool_width": WW, "stride": stride, "mode": "test"}
    out, _ = layers.stochastic_pool_forward(x, param)
    for n, c, i, j in np.ndindex(out.shape):
        a = x[n, c, i * stride : i * stride + HH, j * stride : j * stride + WW]
        assert math.isclose(out[n, c, i, j], sum(v * v for v in a.flat) / a.sum(), rel_tol=1e-12)


def test_training_has_the_mean_of_test_time():
    draws, x = 20_000, images(1, 2, 4, 4)
    many = np.broadcast_to(x, (draws, 2, 4, 4))
    out, _ = layers.stochastic_pool_forward(many, {**TRAIN, "seed": 1})
    mean, _ = layers.stochastic_pool_forward(x, TEST)
    error = out.std(axis=0) / math.sqrt(draws)
    assert (np.abs(out.mean(axis=0) - mean[0]) < 5 * error).all()


def test_overlapping_windows_add_their_gradients():
    x = np.array([[[[0.0, 4.0, 0.0]]]])
    param = {"pool_height": 1, "pool_width": 2, "stride": 1, "mode": "train"}
    _, cache = layers.stochastic_pool_forward(x, param)
    dx = layers.stochastic_pool_backward(np.array([[[[2.0, 3.0]]]]), cache)
    assert dx.tolist() == [[[[0.0, 5.0, 0.0]]]]


@pytest.mark.parametrize("param", [TRAIN, TEST])
def test_windows_of_zeros(param):
    out, cache = layers.stochastic_pool_forward(np.zeros((1, 1, 4, 4)), {**param, "seed": 0})
    assert (out == 0).all()
    dx = layers.stochastic_pool_backward(np.ones_like(out), cache)
    assert np.isfinite(dx).all()
    assert dx.sum() == (4 if param is TRAIN else 0)


def test_a_pixel_of_weight_zero_is_never_drawn():
    x = np.zeros((5000, 1, 2, 2))
    x[:, 0, 0, 1] = 1e-300
    out, _ = layers.stochastic_pool_forward(x, {**TRAIN, "seed": 0})
    assert (out == 1e-300).all()


def test_seeds():
    x = images(2, 3, 8, 8)
    same = [layers.stochastic_pool_forward(x, {**TRAIN, "seed": 1})[0] for _ in range(2)]
    other = [layers.stochastic_pool_forward(x, TRAIN)[0] for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert not np.array_equal(*other)


def test_monte_carlo_goes_on_drawing():
    draws, x = 20_000, images(1, 2, 4, 4)
    param = {**TEST, "inference": "monte_carlo"}
    many = np.broadcast_to(x, (draws, 2, 4, 4))
    out, _ = layers.stochastic_pool_forward(many, {**param, "seed": 1})
    mean, _ = layers.stochastic_pool_forward(x, TEST)
    error = out.std(axis=0) / math.sqrt(draws)
    assert (error > 0).all()
    assert (np.abs(out.mean(axis=0) - mean[0]) < 5 * error).all()
    passes = [layers.stochastic_pool_forward(x, param)[0] for _ in range(9)]
    assert any((a != passes[0]).any() for a in passes)


def test_monte_carlo_is_training_at_test_time():
    x, dout = images(2, 3, 8, 8), values(2, 3, 4, 4, seed=9)
    train = {**TRAIN, "seed": 1}
    sampled = {**train, "mode": "test", "inference": "monte_carlo"}
    (a, a_cache), (b, b_cache) = (layers.stochastic_pool_forward(x, p) for p in (train, sampled))
    np.testing.assert_array_equal(a, b)
    da, db = (layers.stochastic_pool_backward(dout, cache) for cache in (a_cache, b_cache))
    np.testing.assert_array_equal(da, db)


def test_the_mean_is_the_default_at_test_time():
    x = images(2, 3, 8, 8)
    default, _ = layers.stochastic_pool_forward(x, TEST)
    mean, _ = layers.stochastic_pool_forward(x, {**TEST, "inference": "mean"})
    np.testing.assert_array_equal(default, mean)


@pytest.mark.parametrize(
    ("x", "param", "message"),
    [
        (-images(1, 1, 4, 4), TRAIN, "x must not be negative"),
        (-images(1, 1, 4, 4), TEST, "x must not be negative"),
        (images(1, 1, 4, 4), WINDOW, "must have the key 'mode'"),
        (images(1, 1, 4, 4), {**TRAIN, "pool_heigth": 2}, "did you mean 'pool_height'"),
        (images(1, 1, 4, 4), {**TEST, "infrence": "mean"}, "did you mean 'inference'"),
        (
            images(1, 1, 4, 4),
            {**TEST, "inference": "moments"},
            r"pool_param\['inference'\] must be one of \('mean', 'monte_carlo'\), got 'moments'",
        ),
        (
            images(1, 1, 4, 4),
            {**TEST, "inference": np.array(["mean", "mean"])},
            "must be one of",
        ),
        (images(1, 1, 1, 4), TRAIN, "height 2 is larger than"),
        (images(1, 4, 4), TRAIN, "x must have 4 dimensions"),
        (1e200 * images(1, 1, 4, 4), TRAIN, r"x must be at most 1e\+150"),
        (np.full((1, 1, 4, 4), np.inf), TEST, r"x must be at most 1e\+150.* got inf"),
    ],
)
def test_bad_input(x, param, message):
    with pytest.raises(ValueError, match=message):
        layers.stochastic_pool_forward(x, param)
