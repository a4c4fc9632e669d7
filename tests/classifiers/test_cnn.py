"""The three-layer convolutional network, against a network of loops and its own slopes."""

import itertools

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, examples, spread_biases

from cs231n.classifiers.cnn import ThreeLayerConvNet


def small(seed=0, **options):
    np.random.seed(seed)
    options = {
        "input_dim": (2, 4, 6),
        "num_filters": 3,
        "filter_size": 3,
        "hidden_dim": 5,
        "num_classes": 4,
        "weight_scale": 0.4,
        "dtype": np.float64,
    } | options
    return ThreeLayerConvNet(**options)


def scores_of_loops(params, X):
    """The whole network, one image and one output at a time."""
    W1, b1, W2, b2, W3, b3 = (params[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3"))
    F, C, S, _ = W1.shape
    N, _, H, W = X.shape
    reach = S // 2
    maps = np.zeros((N, F, H, W))
    for n, f, i, j in np.ndindex(maps.shape):
        total = b1[f]
        for c, di, dj in itertools.product(range(C), range(S), range(S)):
            row, column = i + di - reach, j + dj - reach
            if 0 <= row < H and 0 <= column < W:
                total += X[n, c, row, column] * W1[f, c, di, dj]
        maps[n, f, i, j] = max(total, 0)
    pooled = np.zeros((N, F, H // 2, W // 2))
    for n, f, i, j in np.ndindex(pooled.shape):
        pooled[n, f, i, j] = maps[n, f, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    hidden = np.maximum(pooled.reshape(N, -1) @ W2 + b2, 0)
    return hidden @ W3 + b3


@pytest.mark.parametrize("filter_size", [1, 3, 5])
def test_scores_are_those_of_the_loops(filter_size):
    model = small(filter_size=filter_size)
    spread_biases(model)
    X, _ = examples(3, 2, 4, 6, classes=4)
    np.testing.assert_allclose(model.loss(X), scores_of_loops(model.params, X), rtol=1e-11)


@pytest.mark.parametrize("filter_size", [1, 3, 5])
@pytest.mark.parametrize("reg", [0.0, 0.8])
def test_gradients(filter_size, reg):
    model = small(filter_size=filter_size, reg=reg)
    spread_biases(model)
    assert_gradients_are_right(model, *examples(3, 2, 4, 6, classes=4))


def test_it_starts_as_published():
    np.random.seed(0)
    model = ThreeLayerConvNet()
    assert {name: w.shape for name, w in model.params.items()} == {
        "W1": (32, 3, 7, 7),
        "b1": (32,),
        "W2": (32 * 16 * 16, 100),
        "b2": (100,),
        "W3": (100, 10),
        "b3": (10,),
    }
    assert (model.reg, model.dtype) == (0.0, np.float32)
    assert {w.dtype for w in model.params.values()} == {np.dtype(np.float32)}
    for name, w in model.params.items():
        expected = 1e-3 if name.startswith("W") else 0
        assert w.std() == pytest.approx(expected, rel=0.1)
    X, y = examples(10, 3, 32, 32, classes=10)
    assert model.loss(X, y)[0] == pytest.approx(np.log(10), abs=0.01)


def test_reg_is_read_when_the_loss_is_computed():
    model = small()
    X, y = examples(3, 2, 4, 6, classes=4)
    plain = model.loss(X, y)[0]
    squares = sum(np.sum(model.params[name] ** 2) for name in ("W1", "W2", "W3"))
    model.reg = 0.3
    assert model.loss(X, y)[0] == pytest.approx(plain + 0.15 * squares, rel=1e-12)


def test_params_are_read_when_the_loss_is_computed():
    model = small()
    model.params = {name: np.zeros_like(w) for name, w in model.params.items()}
    model.params["b3"] += np.arange(4.0)
    assert model.loss(np.ones((1, 2, 4, 6))).tolist() == [[0, 1, 2, 3]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32"])
def test_the_dtype_is_kept(dtype):
    model = small(dtype=dtype, reg=np.float64(0.1))
    X, y = examples(3, 2, 4, 6, classes=4)
    assert model.loss(X).dtype == dtype
    assert {grad.dtype for grad in model.loss(X, y)[1].values()} == {np.dtype(dtype)}


def test_images_of_bytes_are_taken_as_numbers():
    X = np.random.default_rng(0).integers(0, 256, (3, 2, 4, 6)).astype(np.uint8)
    np.testing.assert_array_equal(small().loss(X), small().loss(X.astype(float)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_dim": (2, 5, 6)}, r"even height and width, got \(2, 5, 6\)"),
        ({"input_dim": (2, 4, 7)}, "even height and width"),
        ({"filter_size": 4}, "filter_size must be odd, got 4"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        small(**options)


@pytest.mark.parametrize("shape", [(3, 1, 4, 6), (3, 2, 6, 6), (2, 4, 6)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"shape|dimensions|channels"):
        small().loss(np.zeros(shape))
