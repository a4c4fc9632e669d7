"""DropConnect against masks written out, its moments, and its mean network."""

import math

import numpy as np
import pytest
from oracles import values

from cs231n import kernels, layers

TRAIN = {"p": 0.5, "mode": "train"}


def problem(N=3, D=70, M=130):
    return values(N, D), values(D, M, seed=1), values(M, seed=2)


def masks_of(N, D, M, keep, key, mask_bias):
    """All masks, written out: what the layer must never do."""
    mask = kernels.dropconnect_mask(0, N * D, M, keep, key).reshape(N, D, M) / keep
    bias = kernels.dropconnect_mask(N * D, N, M, keep, key) / keep
    return mask, bias if mask_bias else np.ones((N, M))


@pytest.mark.parametrize("p", [0.5, 0.25, 0.9, 0.3])
@pytest.mark.parametrize("mask_bias", [False, True])
def test_the_masks_written_out(p, mask_bias):
    x, w, b = problem()
    param = {"p": p, "mode": "train", "seed": 5, "mask_bias": mask_bias}
    keep = kernels.rounded_keep(p)
    mask, bias = masks_of(*x.shape, len(b), keep, 5, mask_bias)
    out, cache = layers.dropconnect_forward(x, w, b, param)
    expected = np.einsum("nd,dm,ndm->nm", x, w, mask) + b * bias
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)
    dout = values(*out.shape, seed=9)
    dx, dw, db = layers.dropconnect_backward(dout, cache)
    np.testing.assert_allclose(dx, np.einsum("nm,dm,ndm->nd", dout, w, mask), atol=1e-11)
    np.testing.assert_allclose(dw, np.einsum("nd,nm,ndm->dm", x, dout, mask), atol=1e-11)
    np.testing.assert_allclose(db, (dout * bias).sum(axis=0), atol=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.2, 0.9])
@pytest.mark.parametrize("mask_bias", [False, True])
def test_the_expectation_is_the_mean_network(p, mask_bias):
    """20,000 draws: each mean within 5 standard errors (one in 1.7 million beyond, of 12)."""
    draws, (x, w, b) = 20_000, problem(1, 9, 12)
    many = np.broadcast_to(x, (draws, 9))
    param = {"p": p, "mode": "train", "seed": 3, "mask_bias": mask_bias}
    out, _ = layers.dropconnect_forward(many, w, b, param)
    mean, variance = layers.dropconnect_moments(x, w, b, param)
    error = np.sqrt(variance / draws)
    assert (np.abs(out.mean(axis=0) - mean) < 5 * error).all()
    np.testing.assert_allclose(mean, x @ w + b, rtol=1e-12)
    np.testing.assert_allclose(out.var(axis=0), variance[0], rtol=0.1)


def test_masks_differ_between_examples_and_rows_and_keys():
    a = kernels.dropconnect_mask(0, 200, 640, 0.5, 1)
    b = kernels.dropconnect_mask(0, 200, 640, 0.5, 2)
    bound = 5 * 0.5 / math.sqrt(a.size)
    for one, other in ((a, b), (a[1:], a[:-1]), (a[:, 64:], a[:, :-64]), (a[:, 1:], a[:, :-1])):
        assert abs((one == other).mean() - 0.5) < 1.1 * bound


@pytest.mark.parametrize("keep", [0.5, 0.25, 0.75, 0.3, 0.9, 1 / 65536, 65535 / 65536])
def test_the_share_of_kept_weights(keep):
    mask = kernels.dropconnect_mask(0, 1000, 1000, keep, 0)
    keep = kernels.rounded_keep(keep)
    assert abs(mask.mean() - keep) < 5 * math.sqrt(keep * (1 - keep) / mask.size)


def test_p_follows_the_convention_of_dropout():
    x, w, b = problem()
    kept, _ = layers.dropconnect_forward(x, w, b, {"p": 0.25, "mode": "train", "seed": 1})
    dropped, _ = layers.dropconnect_forward(
        x, w, b, {"p": 0.75, "p_is_dropped": True, "mode": "train", "seed": 1}
    )
    np.testing.assert_array_equal(kept, dropped)


@pytest.mark.parametrize("param", [{"p": 1, "mode": "train"}, {"p": 0.5, "mode": "test"}])
def test_without_noise_it_is_an_affine_layer(param):
    x, w, b = problem()
    out, cache = layers.dropconnect_forward(x, w, b, param)
    expected, affine_cache = layers.affine_forward(x, w, b)
    np.testing.assert_allclose(out, expected, rtol=1e-12)
    dout = values(*out.shape, seed=9)
    for mine, theirs in zip(
        layers.dropconnect_backward(dout, cache),
        layers.affine_backward(dout, affine_cache),
        strict=True,
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


def test_new_masks_at_each_call_unless_the_seed_is_a_number():
    x, w, b = problem()

    def equal(**more):
        outs = [layers.dropconnect_forward(x, w, b, {**TRAIN, **more})[0] for _ in range(2)]
        return np.array_equal(*outs)

    assert not equal()
    assert not equal(seed=np.random.default_rng(0))
    assert not equal(mode="test", inference="monte_carlo")
    assert equal(seed=0)
    assert equal(mode="test", inference="mean")


def test_moments_are_not_this_functions():
    """They need the activation: the mean network in their place would be told by nothing."""
    param = {"p": 0.5, "mode": "test", "inference": "moments"}
    message = r"\['inference'\] 'moments' is what dropconnect_inference computes"
    with pytest.raises(ValueError, match=message):
        layers.dropconnect_forward(*problem(), param)
    layers.dropconnect_forward(*problem(), {**param, "mode": "train"})  # for both, one dict will do
    layers.dropconnect_inference(*problem(), param)


def test_moment_matching_is_what_many_masks_give():
    """The ReLU's mean over masks, by the closed form, by samples, and by the mean network."""
    draws, (x, w, b) = 20_000, problem(1, 200, 10)
    w /= 10
    out, _ = layers.dropconnect_forward(
        np.broadcast_to(x, (draws, 200)), w, b, {**TRAIN, "seed": 1}
    )
    activations = np.maximum(out, 0)
    truth, error = activations.mean(axis=0), activations.std(axis=0) / math.sqrt(draws)
    exact = layers.dropconnect_inference(x, w, b, {"p": 0.5})[0]
    # 5 standard errors, and what a sum of 200 terms lacks to a normal variable
    assert (np.abs(exact - truth) < 5 * error + 0.005).all()
    sampled = layers.dropconnect_inference(x, w, b, {"p": 0.5, "samples": draws, "seed": 2})[0]
    assert (np.abs(sampled - exact) < 5 * error).all()
    mean = layers.dropconnect_inference(x, w, b, {"p": 0.5, "inference": "mean"})[0]
    np.testing.assert_allclose(mean, np.maximum(x @ w + b, 0)[0], rtol=1e-12)
    # A ReLU's expectation is above the ReLU of the expectation: the mean network is biased.
    assert (exact > mean).all()
    assert np.abs(mean - truth).max() > 10 * np.abs(exact - truth).max()


def test_other_activations_are_sampled():
    x, w, b = problem(2, 30, 4)
    param = {"p": 0.5, "activation": np.tanh, "samples": 400, "seed": 0}
    mean, variance = layers.dropconnect_moments(x, w, b, param)
    noise = np.random.default_rng(1).standard_normal((20_000, *mean.shape))
    expected = np.tanh(mean + np.sqrt(variance) * noise).mean(axis=0)
    sampled = layers.dropconnect_inference(x, w, b, param)
    assert (np.abs(sampled - expected) < 5 * (1 / math.sqrt(400) + 1 / math.sqrt(20_000))).all()
    linear = layers.dropconnect_inference(x, w, b, {**param, "inference": "mean"})
    np.testing.assert_allclose(linear, np.tanh(mean))


def test_without_variance_the_expectation_is_the_mean():
    x, w, b = np.zeros((1, 2)), np.ones((2, 2)), np.array([3.0, -3.0])
    assert layers.dropconnect_inference(x, w, b, {"p": 0.5}).tolist() == [[3.0, 0.0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_inference_keeps_the_dtype(dtype):
    x, w, b = (array.astype(dtype) for array in problem(2, 5, 4))
    for more in ({}, {"samples": 3}, {"inference": "mean"}):
        assert layers.dropconnect_inference(x, w, b, {"p": 0.5, **more}).dtype == dtype


@pytest.mark.parametrize(
    ("param", "error", "message"),
    [
        ({"p": 0, "mode": "train"}, ValueError, r"dropconnect_param\['p'\] must lie in \(0, 1\]"),
        ({"p": 1.5, "mode": "train"}, ValueError, r"\['p'\] must lie in \(0, 1\]"),
        ({"p": 1, "p_is_dropped": True, "mode": "train"}, ValueError, r"must lie in \[0, 1\)"),
        ({"mode": "train"}, ValueError, "must have the key 'p'"),
        ({"p": 0.5}, ValueError, "must have the key 'mode'"),
        ({"p": 0.5, "mode": "eval"}, ValueError, "'mode'] must be 'train' or 'test'"),
        ({**TRAIN, "maskbias": True}, ValueError, "did you mean 'mask_bias'"),
        ({**TRAIN, "mask_bias": 1}, TypeError, r"\['mask_bias'\] must be True or False"),
        ({**TRAIN, "inference": "samples"}, ValueError, r"\['inference'\] must be one of"),
        ({**TRAIN, "seed": "a"}, TypeError, r"\['seed'\] must be an integer"),
        (0.5, TypeError, "dropconnect_param must be a dict, got float"),
    ],
)
def test_bad_param(param, error, message):
    with pytest.raises(error, match=message):
        layers.dropconnect_forward(*problem(), param)


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ({"p": 0.5, "inference": "monte_carlo"}, "must be 'moments' or 'mean' here"),
        ({"p": 0.5, "activation": "tanh"}, "must be 'relu' or a function, got 'tanh'"),
        ({"p": 0.5, "activation": np.tanh}, "must have the key 'samples'"),
        ({"p": 0.5, "samples": 0}, r"\['samples'\] must lie in \[1"),
        ({"p": 0}, r"\['p'\] must lie in"),
        ({"p": 0.5, "sample": 3}, "did you mean 'samples'"),
        (None, "dropconnect_param must be a dict, got NoneType"),
    ],
)
def test_bad_inference(param, message):
    with pytest.raises((ValueError, TypeError), match=message):
        layers.dropconnect_inference(*problem(), param)


def test_shapes_that_do_not_match():
    x, w, b = problem()
    with pytest.raises(ValueError, match="x must hold 70 numbers an example"):
        layers.dropconnect_forward(x[:, 1:], w, b, TRAIN)
    with pytest.raises(ValueError, match=r"b must have shape \(130,\)"):
        layers.dropconnect_forward(x, w, b[1:], TRAIN)
