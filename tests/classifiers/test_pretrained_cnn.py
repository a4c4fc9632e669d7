"""The pretrained network, narrow enough for slopes; its weights from a file."""

import sys
import types

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, examples, spread_biases
from oracles import numerical_gradient, worst_element

from cs231n.classifiers.pretrained_cnn import PretrainedCNN

SIZE, C = 8, 4


class Narrow(PretrainedCNN):
    filters, hidden_dim = (3, 2, 3, 2, 2, 3, 2, 3, 3), 5


def narrow(seed=0, **options):
    np.random.seed(seed)
    model = Narrow(**{"dtype": np.float64, "num_classes": C, "input_size": SIZE} | options)
    spread_biases(model)
    rng = np.random.default_rng(seed)
    for bn_param in model.bn_params:
        bn_param["running_mean"] += 0.2 * rng.standard_normal(bn_param["running_mean"].shape)
        bn_param["running_var"] *= rng.uniform(0.5, 2, bn_param["running_var"].shape)
    return model


def images(N=3, size=SIZE):
    return examples(N, 3, size, size, classes=C)


class InTestMode:
    """A loss by running averages, as a slope of the network in test mode needs it."""

    def __init__(self, model):
        self.model, self.params = model, model.params

    def loss(self, X, y=None):
        scores, cache = self.model.forward(X)
        dout = np.linspace(-1, 1, scores.size).reshape(scores.shape)
        return np.sum(scores * dout), self.model.backward(dout, cache)[1]


# ---- what it is ----


def test_it_is_built_as_published():
    np.random.seed(0)
    model = PretrainedCNN()
    filters = (64, 64, 128, 128, 256, 256, 512, 512, 1024)
    for i, (F, before) in enumerate(zip(filters, (3, *filters), strict=False), start=1):
        size = 5 if i == 1 else 3
        assert model.params[f"W{i}"].shape == (F, before, size, size)
        for name in ("b", "gamma", "beta"):
            assert model.params[f"{name}{i}"].shape == (F,)
        assert model.conv_params[i - 1] == {"stride": 2 if i % 2 else 1, "pad": size // 2}
    assert model.params["W10"].shape == (1024 * 2 * 2, 512)
    assert model.params["gamma10"].shape == model.params["beta10"].shape == (512,)
    assert model.params["W11"].shape == (512, 100)
    assert len(model.params) == 10 * 4 + 2
    assert len(model.conv_params) == 9
    assert len(model.bn_params) == 10
    assert {w.dtype for w in model.params.values()} == {np.dtype(np.float32)}
    assert model.params["W9"].std() == pytest.approx(np.sqrt(2 / (512 * 9)), rel=0.01)
    scores = model.loss(np.random.randn(2, 3, 64, 64))
    assert (scores.shape, scores.dtype) == ((2, 100), np.float32)
    assert 0.01 < scores.std() < 100  # fresh averages neither swell nor crush


@pytest.mark.parametrize(("size", "side"), [(32, 1), (33, 2), (64, 2), (65, 3), (7, 1)])
def test_odd_sides_are_rounded_up(size, side):
    model = narrow(input_size=size)
    assert model.params["W10"].shape == (3 * side * side, 5)
    assert model.loss(images(2, size)[0]).shape == (2, C)


# ---- gradients ----


def test_gradients_in_test_mode():
    assert_gradients_are_right(InTestMode(narrow()), *images(3))


def test_gradients_of_the_loss_in_train_mode():
    assert_gradients_are_right(narrow(), *images(4))


@pytest.mark.parametrize("mode", ["test", "train"])
@pytest.mark.parametrize(("start", "end"), [(0, 10), (0, 3), (2, 9), (9, 10), (10, 10), (4, 4)])
def test_gradients_of_the_input_of_any_layer(mode, start, end):
    model, (X, _) = narrow(), images(4)
    if start:  # numbers of that shape which no ReLU has cut off: their variance is not near 0
        X = np.random.default_rng(2).standard_normal(model.forward(X, end=start - 1)[0].shape)
    out, cache = model.forward(X, start, end, mode)
    dout = np.random.default_rng(1).standard_normal(out.shape)
    dX, grads = model.backward(dout, cache)
    expected = numerical_gradient(lambda X: model.forward(X, start, end, mode)[0], X, dout, h=1e-4)
    error, index = worst_element(dX, expected, floor=1e-3)
    assert error <= 1e-6, index
    layers = range(start + 1, end + 2)
    names = {f"{n}{i}" for i in layers for n in ("W", "b", "gamma", "beta")} & set(model.params)
    assert set(grads) == names


# ---- layers in part, modes ----


def test_layers_in_turn_are_the_whole():
    model, (X, _) = narrow(), images()
    out = X
    for i in range(11):
        out, _ = model.forward(out, start=i, end=i)
    np.testing.assert_array_equal(out, model.forward(X)[0])
    first, _ = model.forward(X, end=8)
    np.testing.assert_array_equal(model.forward(first, start=9)[0], out)
    np.testing.assert_array_equal(model.loss(X), out)


def test_a_block_is_convolution_normalisation_relu():
    model, (X, _) = narrow(), images()
    out, _ = model.forward(X, end=0)
    bn, params = model.bn_params[0], model.params
    padded = np.pad(X, ((0, 0), (0, 0), (2, 2), (2, 2)))
    for n, f, i, j in [(0, 0, 0, 0), (1, 2, 3, 1), (2, 1, 2, 3)]:
        window = padded[n, :, 2 * i : 2 * i + 5, 2 * j : 2 * j + 5]
        value = np.sum(window * params["W1"][f]) + params["b1"][f]
        value = (value - bn["running_mean"][f]) / np.sqrt(bn["running_var"][f] + 1e-5)
        value = max(0.0, value * params["gamma1"][f] + params["beta1"][f])
        assert out[n, f, i, j] == pytest.approx(value, rel=1e-11)


def test_only_training_moves_the_running_averages():
    model, (X, y) = narrow(), images()
    before = [p["running_mean"].copy() for p in model.bn_params]
    alone = model.loss(X[:1])
    np.testing.assert_allclose(model.loss(X)[:1], alone, rtol=1e-12)
    assert all((p["running_mean"] == b).all() for p, b in zip(model.bn_params, before, strict=True))
    model.loss(X, y)
    moved = [(p["running_mean"] != b).any() for p, b in zip(model.bn_params, before, strict=True)]
    assert all(moved)


# ---- files ----


def contents(model):
    """The datasets of a file, as float64 and with one matrix transposed."""
    stored = {name: value.astype(np.float64) for name, value in model.params.items()}
    for i, bn_param in enumerate(model.bn_params, start=1):
        stored[f"running_mean{i}"] = bn_param["running_mean"]
        stored[f"running_var{i}"] = bn_param["running_var"]
    stored["W10"] = stored["W10"].T
    stored["b11"] = stored["b11"][None]  # (C,) -> (1, C)
    return stored


@pytest.fixture
def stored(monkeypatch):
    """What h5py would read, by a module in its place."""
    datasets = contents(narrow(seed=1))

    class File(dict):
        def __init__(self, path, mode):
            assert (path, mode) == ("weights.h5", "r")
            super().__init__(datasets)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.clear()

    monkeypatch.setitem(sys.modules, "h5py", types.SimpleNamespace(File=File))
    return datasets


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_and_averages_come_from_the_file(stored, dtype):
    wanted, (X, _) = narrow(seed=1), images()
    model = narrow(seed=2, dtype=dtype, h5_file="weights.h5")
    assert {w.dtype for w in model.params.values()} == {np.dtype(dtype)}
    assert {p["running_var"].dtype for p in model.bn_params} == {np.dtype(dtype)}
    model = Narrow(dtype, C, SIZE, "weights.h5")
    tolerance = 1e-4 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(model.loss(X), wanted.loss(X), rtol=tolerance, atol=tolerance)


def test_verbose_names_what_was_loaded(stored, capsys):
    narrow().load_weights("weights.h5", verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 42 + 20
    assert "W11 (5, 4)" in lines
    assert "running_mean10 (5,)" in lines
    narrow().load_weights("weights.h5")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["W3", "beta10", "b11", "running_mean4", "running_var10"])
def test_files_that_do_not_fit_change_nothing(stored, name):
    model = narrow()
    before = dict(model.params)
    value = stored.pop(name)
    with pytest.raises(ValueError, match=f"the file must hold '{name}', it holds"):
        model.load_weights("weights.h5")
    stored[name] = np.zeros((7, 7))
    with pytest.raises(ValueError, match=rf"{name} must have shape .* it has \(7, 7\)"):
        model.load_weights("weights.h5")
    assert all(model.params[key] is w for key, w in before.items())
    stored[name], stored["something else"] = value, np.zeros(3)
    model.load_weights("weights.h5")


def test_a_real_file(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        for name, value in contents(narrow(seed=1)).items():
            file[name] = value
    model, (X, _) = narrow(seed=2, h5_file=tmp_path / "weights.h5"), images()
    model.load_weights(tmp_path / "weights.h5")
    np.testing.assert_allclose(model.loss(X), narrow(seed=1).loss(X), rtol=1e-12)


def test_without_h5py_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"reading weights.h5 needs h5py: pip install h5py"):
        narrow().load_weights("weights.h5")


# ---- misuse ----


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.forward(images()[0], start=11), "start must lie in 0 to 10, got 11"),
        (lambda m: m.forward(images()[0], end=-1), "end must lie in 0 to 10, got -1"),
        (lambda m: m.forward(images()[0], 3, 2), "start must not be above end, got 3 and 2"),
        (lambda m: m.forward(images()[0], mode="eval"), "mode must be 'train' or 'test'"),
        (lambda m: m.forward(np.zeros((1, 1, 8, 8))), "as many channels as x"),
        (lambda m: m.loss(np.zeros((1, 3, 64, 64))), "numbers an example"),
        (lambda m: m.loss(images()[0], np.array([0, 1, 4])), "labels from 0 to 3"),
        (lambda m: Narrow(input_size=0), "input_size and num_classes must be at least 1"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call(narrow())
