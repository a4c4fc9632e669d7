"""Averages of the weights of the course's models, whose running averages lie in ``bn_params``."""

import copy

import numpy as np
import pytest

from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.classifiers.pretrained_cnn import PretrainedCNN
from cs231n.training.averaging import EMA, SWA

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 3, 8, 8)) * 2 + 1
Y = RNG.integers(4, size=50)


def net(normalization="batchnorm", hidden=(20, 10), **options):
    return FullyConnectedNet(
        list(hidden),
        input_dim=192,
        num_classes=4,
        normalization=normalization,
        weight_scale=0.1,
        dtype=np.float64,
        **options,
    )


def all_arrays(model):
    """Parameters and running averages, by the names that a Network's state has."""
    return model.params | {
        f"{name}{i}": bn_param[name]
        for i, bn_param in enumerate(model.bn_params, start=1)
        for name in bn_param
        if name.startswith("running_")
    }


def trained(average, steps=8, **options):
    """Train by gradient descent, and return the model with its arrays after each step."""
    model, history = net(**options), []
    for k in range(steps):
        rows = np.arange(k, k + 25)
        _, grads = model.loss(X[rows], Y[rows])
        for name, gradient in grads.items():
            model.params[name] -= 0.1 * gradient
        average.update(model)
        history.append(copy.deepcopy(all_arrays(model)))
    return model, history


def statistics_by_hand(params, images, size):
    """Mean and variance in front of both batch normalisations, averaged over batches."""
    sums = {}
    for first in range(0, len(images), size):
        h = images[first : first + size].reshape(-1, 192)
        share = len(h) / len(images)
        for i in (1, 2):
            a = h @ params[f"W{i}"] + params[f"b{i}"]
            mean = a.sum(axis=0) / len(a)
            var = ((a - mean) ** 2).sum(axis=0) / len(a)
            for name, value in ((f"running_mean{i}", mean), (f"running_var{i}", var)):
                sums[name] = sums.get(name, 0) + share * value
            normed = (a - mean) / np.sqrt(var + 1e-5)
            h = np.maximum(0, params[f"gamma{i}"] * normed + params[f"beta{i}"])
    return sums


@pytest.mark.parametrize("average", [SWA(start=2, every=3), EMA(0.7)], ids=["swa", "ema"])
@pytest.mark.parametrize("size", [50, 25, 16])
def test_running_averages_of_the_courses_models_are_estimated_anew(average, size):
    average = copy.deepcopy(average)
    model, history = trained(average)
    before = copy.deepcopy(model.__dict__)
    averaged = average.averaged(model, X, size)
    expected = statistics_by_hand(averaged.params, X, size)
    found = all_arrays(averaged)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-10, atol=1e-12, err_msg=name)
        assert not np.allclose(found[name], history[-1][name])
    np.testing.assert_equal(model.__dict__, before)  # the model itself is left alone
    for name, array in all_arrays(model).items():
        assert not np.shares_memory(array, found[name])
    if isinstance(average, SWA):
        mean = (history[4]["W2"] + history[7]["W2"]) / 2
        np.testing.assert_allclose(averaged.params["W2"], mean, rtol=1e-10)


def test_after_one_batch_the_courses_models_predict_as_they_are_trained():
    swa = SWA()
    model, _ = trained(swa)
    averaged = swa.averaged(model, X, 50)
    scores = averaged.loss(X)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    loss, _ = averaged.loss(X, Y)
    assert loss == pytest.approx(-log_p[np.arange(50), Y].mean(), rel=1e-10)


def test_ema_averages_the_running_averages_of_the_courses_models():
    ema = EMA(0.7)
    model, history = trained(ema)
    shares = 0.7 ** np.arange(len(history))[::-1]
    shares /= shares.sum()
    found = all_arrays(ema.averaged(model))
    assert {"running_mean1", "running_var2"} < found.keys()
    for name, array in found.items():
        expected = sum(share * arrays[name] for share, arrays in zip(shares, history, strict=True))
        np.testing.assert_allclose(array, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_array_equal(all_arrays(model)[name], history[-1][name])


@pytest.mark.parametrize("ruin", ["momentum", "nan"])
def test_new_running_averages_do_not_depend_on_those_before(ruin):
    swa = SWA()
    model, _ = trained(swa)
    expected = all_arrays(swa.averaged(model, X, 20))
    for bn_param in model.bn_params:
        if ruin == "momentum":
            bn_param["momentum"] = 0.5
        else:
            bn_param["running_mean"] = np.full_like(bn_param["running_var"], np.nan)
    averaged = swa.averaged(model, X, 20)
    for name, array in all_arrays(averaged).items():
        np.testing.assert_array_equal(array, expected[name])
    kept = [bn_param.get("momentum") for bn_param in averaged.bn_params]
    assert kept == [bn_param.get("momentum") for bn_param in model.bn_params]


def test_a_model_that_keeps_float32_keeps_it():
    swa, model = SWA(), FullyConnectedNet([5], 192, 4, normalization="batchnorm")
    model.loss(X, Y)
    swa.update(model)
    for array in all_arrays(swa.averaged(model, X)).values():
        assert array.dtype == np.float32


@pytest.mark.parametrize("seed", [None, 5])
def test_new_running_averages_leave_the_global_generator_where_it_was(seed):
    swa = SWA()
    model, _ = trained(swa, dropout=0.5, seed=seed)
    np.random.seed(3)
    expected = np.random.rand()
    np.random.seed(3)
    swa.averaged(model, X)
    assert np.random.rand() == expected


def test_convolutions_of_the_course_are_estimated_anew_too():
    swa, model = SWA(), PretrainedCNN(dtype=np.float64, num_classes=4, input_size=16)
    images = RNG.standard_normal((6, 3, 16, 16)) + 1
    swa.update(model)
    with pytest.raises(ValueError, match="pass training images as X"):
        swa.averaged(model)
    averaged = swa.averaged(model, images, 6)
    expected, _ = model.forward(images, mode="train")
    np.testing.assert_allclose(averaged.loss(images), expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("normalization", [None, "layernorm"])
def test_the_courses_models_without_batch_normalisation(normalization):
    swa, ema = SWA(), EMA(0.7)
    model, history = trained(swa, normalization=normalization)
    mean = sum(arrays["W1"] for arrays in history) / len(history)
    np.testing.assert_allclose(swa.averaged(model).params["W1"], mean, rtol=1e-10, atol=1e-14)
    ema.update(model)
    assert set(ema.mean) == set(model.params)
    with pytest.raises(TypeError, match=r"refresh\(X\), got FullyConnectedNet"):
        swa.averaged(model, X)


def test_wrong_use_with_the_courses_models():
    swa = SWA()
    model, _ = trained(swa)
    with pytest.raises(ValueError, match="pass training images as X"):
        swa.averaged(model)
    with pytest.raises(ValueError, match="X must hold at least one image"):
        swa.averaged(model, X[:0])
    with pytest.raises(ValueError, match="batch_size must lie in"):
        swa.averaged(model, X, 0)
    with pytest.raises(ValueError, match="no running averages of batch normalisation yet"):
        EMA(0.9).update(net())
    untrained = SWA()
    untrained.update(net())
    with pytest.raises(ValueError, match="pass training images as X"):
        untrained.averaged(net())
