import numpy as np
import pytest
from oracles import standardize, values

from cs231n import layers

BATCH = {"mode": "train"}


def numbers(*shape):
    return 3 * values(*shape) + 5


def test_batchnorm_standardizes_columns():
    x, gamma, beta = numbers(5, 3), values(3, seed=1), values(3, seed=2)
    out, _ = layers.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})
    expected = np.stack(standardize(list(x.T), eps=0.1), axis=1) * gamma + beta
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-13)


def test_layernorm_standardizes_rows():
    x, gamma, beta = numbers(4, 6), values(6, seed=1), values(6, seed=2)
    out, _ = layers.layernorm_forward(x, gamma, beta, {"eps": 0.1, "mode": "ignored"})
    expected = np.stack(standardize(list(x), eps=0.1)) * gamma + beta
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-13)


def test_spatial_batchnorm_standardizes_channels():
    x, gamma, beta = numbers(2, 3, 4, 5), values(3, seed=1), values(3, seed=2)
    out, _ = layers.spatial_batchnorm_forward(x, gamma, beta, dict(BATCH))
    channels = standardize([x[:, c] for c in range(3)])
    for c in range(3):
        np.testing.assert_allclose(out[:, c], channels[c] * gamma[c] + beta[c], rtol=1e-11)


@pytest.mark.parametrize("shape", [(6,), (1, 6, 1, 1)])
def test_groupnorm_standardizes_neighbouring_channels(shape):
    x, gamma, beta = numbers(2, 6, 3, 4), values(*shape, seed=1), values(*shape, seed=2)
    out, cache = layers.spatial_groupnorm_forward(x, gamma, beta, 3, {})
    for n, g in np.ndindex(2, 3):
        (group,) = standardize([x[n, 2 * g : 2 * g + 2]])
        scale = gamma.ravel()[2 * g : 2 * g + 2, None, None]
        shift = beta.ravel()[2 * g : 2 * g + 2, None, None]
        np.testing.assert_allclose(out[n, 2 * g : 2 * g + 2], group * scale + shift, rtol=1e-11)
    _, dgamma, dbeta = layers.spatial_groupnorm_backward(np.ones_like(x), cache)
    assert dgamma.shape == dbeta.shape == shape


def test_groupnorm_at_its_ends_is_layer_and_instance_norm():
    x, one, zero = numbers(2, 4, 3, 3), np.ones(4), np.zeros(4)
    layer, _ = layers.spatial_groupnorm_forward(x, one, zero, 1, {})
    flat, _ = layers.layernorm_forward(x.reshape(2, -1), np.ones(36), np.zeros(36), {})
    np.testing.assert_allclose(layer.reshape(2, -1), flat, rtol=1e-11)
    instance, _ = layers.spatial_groupnorm_forward(x, one, zero, 4, {})
    expected = standardize([x[n, c] for n, c in np.ndindex(2, 4)])
    np.testing.assert_allclose(instance.reshape(8, 3, 3), expected, rtol=1e-11)


@pytest.mark.parametrize("spatial", [False, True])
def test_running_averages_move_by_the_momentum(spatial):
    forward = layers.spatial_batchnorm_forward if spatial else layers.batchnorm_forward
    x = numbers(2, 3, 4, 5) if spatial else numbers(6, 3)
    axes = (0, 2, 3) if spatial else (0,)
    mean, var = x.mean(axis=axes), x.var(axis=axes)  # biased
    bn_param = {"mode": "train", "momentum": 0.8}
    forward(x, np.ones(3), np.zeros(3), bn_param)
    np.testing.assert_allclose(bn_param["running_mean"], 0.2 * mean)
    np.testing.assert_allclose(bn_param["running_var"], 0.2 * var)
    forward(x + 1, np.ones(3), np.zeros(3), bn_param)
    np.testing.assert_allclose(bn_param["running_mean"], 0.8 * 0.2 * mean + 0.2 * (mean + 1))
    np.testing.assert_allclose(bn_param["running_var"], 0.8 * 0.2 * var + 0.2 * var)


def test_the_usual_momentum_is_nine_tenths():
    bn_param = {"mode": "train"}
    layers.batchnorm_forward(np.full((2, 1), 7.0), np.ones(1), np.zeros(1), bn_param)
    np.testing.assert_allclose(bn_param["running_mean"], 0.7)


def test_test_mode_uses_the_running_averages_and_leaves_them():
    x, gamma, beta = numbers(4, 2), values(2, seed=1), values(2, seed=2)
    mean, var = np.array([1.0, -2.0]), np.array([4.0, 0.25])
    bn_param = {"mode": "test", "running_mean": mean, "running_var": var, "eps": 0.5}
    out, _ = layers.batchnorm_forward(x, gamma, beta, bn_param)
    np.testing.assert_allclose(out, gamma * (x - mean) / np.sqrt(var + 0.5) + beta, rtol=1e-12)
    np.testing.assert_array_equal(bn_param["running_mean"], [1.0, -2.0])
    np.testing.assert_array_equal(bn_param["running_var"], [4.0, 0.25])


def test_test_mode_without_averages_takes_zeros_and_stores_them():
    bn_param = {"mode": "test", "eps": 1.0}
    out, _ = layers.batchnorm_forward(np.full((2, 1), 3.0), np.ones(1), np.zeros(1), bn_param)
    np.testing.assert_allclose(out, 3.0)
    np.testing.assert_array_equal(bn_param["running_mean"], [0.0])


def test_an_empty_batch_leaves_the_averages_alone():
    bn_param = {"mode": "train", "running_mean": np.ones(2), "running_var": np.full(2, 3.0)}
    layers.batchnorm_forward(np.zeros((0, 2)), np.ones(2), np.zeros(2), bn_param)
    np.testing.assert_array_equal(bn_param["running_mean"], np.ones(2))
    np.testing.assert_array_equal(bn_param["running_var"], np.full(2, 3.0))


def test_the_callers_arrays_of_averages_are_not_written_to():
    mean = np.zeros(2)
    bn_param = {"mode": "train", "running_mean": mean, "running_var": np.ones(2)}
    layers.batchnorm_forward(numbers(3, 2), np.ones(2), np.zeros(2), bn_param)
    np.testing.assert_array_equal(mean, np.zeros(2))
    assert bn_param["running_mean"].all()


@pytest.mark.parametrize("mode", ["train", "test"])
def test_float64_parameters_do_not_widen_float32_batches(mode):
    x = numbers(4, 3).astype(np.float32)
    backwards = (layers.batchnorm_backward, layers.batchnorm_backward_alt)
    out, cache = layers.batchnorm_forward(x, np.ones(3), np.zeros(3), {"mode": mode})
    assert out.dtype == np.float32
    assert [b(out, cache)[0].dtype for b in backwards] == [np.float32, np.float32]
    out, cache = layers.layernorm_forward(x, np.ones(3), np.zeros(3), {})
    assert out.dtype == layers.layernorm_backward(out, cache)[0].dtype == np.float32


def test_both_batchnorm_backwards_agree_on_a_large_batch():
    x, gamma, dout = numbers(200, 30), values(30, seed=1), values(200, 30, seed=2)
    _, cache = layers.batchnorm_forward(x, gamma, gamma, dict(BATCH))
    for a, b in zip(
        layers.batchnorm_backward(dout, cache),
        layers.batchnorm_backward_alt(dout, cache),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


ONE, ZERO = np.ones(3), np.zeros(3)
ROWS, MAPS = np.ones((4, 3)), np.ones((2, 3, 4, 5))


def bn(**options):
    return {"mode": "train", **options}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.batchnorm_forward(MAPS, ONE, ZERO, bn()), ValueError, "x must have 2 dim"),
        (lambda: layers.layernorm_forward(ONE, ONE, ZERO, {}), ValueError, "x must have 2 dim"),
        (
            lambda: layers.spatial_batchnorm_forward(ROWS, ONE, ZERO, bn()),
            ValueError,
            r"x must have 4 dimensions, got shape \(4, 3\)",
        ),
        (
            lambda: layers.spatial_groupnorm_forward(ROWS, ONE, ZERO, 1, {}),
            ValueError,
            r"x must have 4 dimensions, got shape \(4, 3\)",
        ),
        (
            lambda: layers.batchnorm_forward(ROWS, np.ones(4), ZERO, bn()),
            ValueError,
            r"gamma must have shape \(3,\) to match x \(4, 3\), got \(4,\)",
        ),
        (
            lambda: layers.layernorm_forward(ROWS, ONE, np.ones((1, 3)), {}),
            ValueError,
            r"beta must have shape \(3,\) to match x \(4, 3\), got \(1, 3\)",
        ),
        (
            lambda: layers.spatial_batchnorm_forward(MAPS, np.ones(5), ZERO, bn()),
            ValueError,
            r"gamma must have shape \(3,\) to match x \(2, 3, 4, 5\), got \(5,\)",
        ),
        (
            lambda: layers.spatial_groupnorm_forward(MAPS, ONE, np.ones(4), 3, {}),
            ValueError,
            r"beta must have shape \(1, 3, 1, 1\) or \(3,\), got \(4,\)",
        ),
        (
            lambda: layers.spatial_groupnorm_forward(MAPS, ONE, ZERO, 2, {}),
            ValueError,
            r"G must divide the 3 channels of x \(2, 3, 4, 5\), got 2",
        ),
        (
            lambda: layers.spatial_groupnorm_forward(MAPS, ONE, ZERO, 0, {}),
            ValueError,
            r"G must lie in \[1, .*got 0",
        ),
        (
            lambda: layers.spatial_groupnorm_forward(MAPS, ONE, ZERO, 1.5, {}),
            TypeError,
            "G must be an integer, got 1.5",
        ),
        (
            lambda: layers.batchnorm_forward(ROWS, ONE, ZERO, {}),
            ValueError,
            "bn_param must have the key 'mode'",
        ),
        (
            lambda: layers.spatial_batchnorm_forward(MAPS, ONE, ZERO, {"mode": "eval"}),
            ValueError,
            r"bn_param\['mode'\] must be 'train' or 'test', got 'eval'",
        ),
        (
            lambda: layers.batchnorm_forward(ROWS, ONE, ZERO, None),
            TypeError,
            "bn_param must be a dict, got NoneType",
        ),
        (
            lambda: layers.layernorm_forward(ROWS, ONE, ZERO, None),
            TypeError,
            "ln_param must be a dict, got NoneType",
        ),
        (
            lambda: layers.spatial_groupnorm_forward(MAPS, ONE, ZERO, 1, 1e-5),
            TypeError,
            "gn_param must be a dict, got float",
        ),
        (
            lambda: layers.batchnorm_forward(ROWS, ONE, ZERO, bn(momentum=2)),
            ValueError,
            r"bn_param\['momentum'\] must lie in \[0, 1\], got 2",
        ),
        (
            lambda: layers.batchnorm_forward(ROWS, ONE, ZERO, bn(running_var=np.ones(4))),
            ValueError,
            r"bn_param\['running_var'\] must have shape \(3,\) to match x, got \(4,\)",
        ),
        (
            lambda: layers.batchnorm_forward(ROWS, ONE, ZERO, bn(eps=-1)),
            ValueError,
            r"bn_param\['eps'\] must be at least 0, got -1",
        ),
        (
            lambda: layers.layernorm_forward(ROWS, ONE, ZERO, {"eps": "small"}),
            TypeError,
            r"ln_param\['eps'\] must be a number, got 'small'",
        ),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_refused_call_leaves_bn_param_alone():
    bn_param = {"mode": "train", "eps": -1}
    with pytest.raises(ValueError, match="eps"):
        layers.batchnorm_forward(ROWS, ONE, ZERO, bn_param)
    assert bn_param == {"mode": "train", "eps": -1}


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (4, 3, 2, 5), (40, 3)])
def test_dout_of_equal_size_but_another_shape_is_refused(shape):
    """The maps are flattened on the way, so only a check can tell."""
    caches = {
        layers.spatial_batchnorm_backward: layers.spatial_batchnorm_forward(MAPS, ONE, ZERO, bn()),
        layers.spatial_groupnorm_backward: layers.spatial_groupnorm_forward(MAPS, ONE, ZERO, 3, {}),
    }
    for backward, (_, cache) in caches.items():
        with pytest.raises(ValueError, match=r"dout must have shape \(2, 3, 4, 5\)"):
            backward(np.ones(shape), cache)
