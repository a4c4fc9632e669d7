"""CaptioningRNN: the published losses, gradients, captions that can be learnt by heart."""

from itertools import pairwise

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, spread_biases

from cs231n.classifiers.rnn import CaptioningRNN
from cs231n.optim import adam

WORDS = {"<NULL>": 0, "<START>": 1, "<END>": 2, "a": 3, "cat": 4, "dog": 5}
CELLS = ["rnn", "lstm"]
every_cell = pytest.mark.parametrize("cell_type", CELLS)


def small(cell_type="rnn", words=WORDS, dtype=np.float64, D=3, W=4, H=5, seed=0):
    np.random.seed(seed)
    return CaptioningRNN(words, D, W, H, cell_type, dtype)


def captions_and_features(D=3):
    captions = np.array([[1, 3, 4, 2, 0], [1, 5, 2, 0, 0], [1, 3, 5, 5, 2]])
    return np.random.default_rng(1).standard_normal((3, D)), captions


@pytest.mark.parametrize(
    ("cell_type", "low", "high", "published"),
    [("rnn", -1.5, 0.3, 9.83235591003), ("lstm", -0.5, 1.7, 9.82445935443)],
)
def test_the_published_losses(cell_type, low, high, published):
    """Three words, so captions hold 0, 1 and 2, although 'dog' is number 3."""
    N, D, W, H, T = 10, 20, 30, 40, 13
    words = {"<NULL>": 0, "cat": 2, "dog": 3}
    model = small(cell_type, words, np.float64, D, W, H)
    for name, value in model.params.items():
        model.params[name] = np.linspace(-1.4, 1.3, num=value.size).reshape(*value.shape)
    features = np.linspace(low, high, num=N * D).reshape(N, D)
    captions = (np.arange(N * T) % len(words)).reshape(N, T)
    loss, grads = model.loss(features, captions)
    assert loss == pytest.approx(published, abs=1e-11)
    assert {name: g.shape for name, g in grads.items()} == {
        name: w.shape for name, w in model.params.items()
    }
    with pytest.raises(ValueError, match=r"captions must hold words from 0 to 2"):
        model.loss(features, captions + 1)


@every_cell
def test_gradients(cell_type):
    model = small(cell_type)
    model.params["W_embed"] *= 30
    spread_biases(model)
    features, captions = captions_and_features()
    assert_gradients_are_right(model, features, captions, tolerance=1e-7)


def test_the_loss_by_hand():
    model = small()
    features, captions = captions_and_features()
    p, total = model.params, 0.0
    for feature, caption in zip(features, captions, strict=True):
        h = feature @ p["W_proj"] + p["b_proj"]
        for word, following in pairwise(caption):
            h = np.tanh(p["W_embed"][word] @ p["Wx"] + h @ p["Wh"] + p["b"])
            scores = h @ p["W_vocab"] + p["b_vocab"]
            if following != 0:
                total += np.log(np.exp(scores).sum()) - scores[following]
    assert model.loss(features, captions)[0] == pytest.approx(total / 3, rel=1e-12)
    assert model.scores(features, captions).shape == (3, 4, 6)


@pytest.mark.parametrize("null", [0, 3])
def test_null_is_no_word_to_learn(null):
    """NULL is masked by its number, which need not be 0."""
    others = [i for i in range(4) if i != null]
    words = dict(zip(["<START>", "<END>", "cat"], others, strict=True)) | {"<NULL>": null}
    model = small(words=words)
    start, end, cat = others
    short, long = np.array([[start, cat, end]]), np.array([[start, cat, end, null, null]])
    assert model.loss(np.ones((1, 3)), long)[0] == model.loss(np.ones((1, 3)), short)[0]


@every_cell
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shapes_scales_and_dtypes_of_the_parameters(cell_type, dtype):
    D, W, H = 400, 90, 60
    model = small(cell_type, dtype=dtype, D=D, W=W, H=H)
    K = H if cell_type == "rnn" else 4 * H
    shapes = {"W_embed": (6, W), "W_proj": (D, H), "Wx": (W, K), "Wh": (H, K), "W_vocab": (H, 6)}
    biases = {"b_proj": (H,), "b": (K,), "b_vocab": (6,)}
    assert {name: w.shape for name, w in model.params.items()} == shapes | biases
    assert all(w.dtype == dtype for w in model.params.values())
    for name, (fan_in, _) in shapes.items():
        expected = 0.01 if name == "W_embed" else fan_in**-0.5
        assert model.params[name].std() == pytest.approx(expected, rel=0.15), name
    assert all((model.params[name] == 0).all() for name in biases)
    features, captions = captions_and_features(D)
    loss, grads = model.loss(features, captions)
    assert type(loss) is float
    assert all(g.dtype == dtype for g in grads.values())


def test_published_defaults():
    model = CaptioningRNN(WORDS)
    assert model.params["W_proj"].shape == (512, 128)
    assert model.params["W_embed"].shape == (6, 128)
    assert model.params["Wh"].shape == (128, 128)
    assert (model.cell_type, model.dtype) == ("rnn", np.float32)
    assert model.idx_to_word[4] == "cat"


# ---- sampling ----


@every_cell
def test_captions_are_learnt_by_heart_and_sampled(cell_type):
    model = small(cell_type, dtype=np.float32, H=16)
    features, captions = captions_and_features()
    configs = {name: {"learning_rate": 0.02} for name in model.params}
    for _ in range(150):
        loss, grads = model.loss(features, captions)
        for name, w in model.params.items():
            model.params[name], configs[name] = adam(w, grads[name], configs[name])
    assert loss < 0.05
    np.testing.assert_array_equal(model.sample(features, max_length=4), captions[:, 1:])


@every_cell
def test_sampling_takes_the_best_word_of_each_step(cell_type):
    """Every sampled word is the best one after the words before it, and nothing follows END."""
    model = small(cell_type, seed=4)
    features = np.random.default_rng(2).standard_normal((40, 3))
    for name, factor in (("W_embed", 100), ("W_proj", 3), ("Wh", 3), ("W_vocab", 3)):
        model.params[name] *= factor
    sampled = model.sample(features, max_length=7)
    before = np.column_stack([np.full(40, 1), sampled])
    best = model.scores(features, before).argmax(axis=2)
    lengths = set()
    for row, expected in zip(sampled, best, strict=True):
        length = (list(row).index(2) + 1) if 2 in row else 7
        lengths.add(length)
        np.testing.assert_array_equal(row[:length], expected[:length])
        assert (row[length:] == 0).all()
    assert len(lengths) > 1


@every_cell
def test_sampling_is_deterministic_and_has_the_published_form(cell_type):
    model = small(cell_type, dtype=np.float32)
    features = np.random.default_rng(2).standard_normal((4, 3))
    sampled = model.sample(features)
    assert sampled.shape == (4, 30)
    assert sampled.dtype == np.int32
    assert sampled.min() >= 0
    assert sampled.max() < 6
    np.testing.assert_array_equal(sampled, model.sample(features))
    assert model.sample(features[:0], max_length=2).shape == (0, 2)


def test_sampling_without_an_end_goes_on():
    words = {"<NULL>": 0, "<START>": 1, "cat": 2}
    model = small(words=words)
    model.params["b_vocab"][:] = [-100, -100, 100]
    assert (model.sample(np.ones((2, 3)), max_length=5) == 2).all()


# ---- what is refused ----


def test_vocabularies_and_cells_that_are_refused():
    with pytest.raises(ValueError, match=r"^cell_type must be 'rnn' or 'lstm', got 'gru'"):
        small("gru")
    with pytest.raises(ValueError, match=r"'<NULL>'"):
        small(words={"cat": 0})
    model = small(words={"<NULL>": 0, "cat": 1})
    with pytest.raises(ValueError, match=r"'<START>'"):
        model.sample(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"^max_length must lie in"):
        small().sample(np.ones((1, 3)), max_length=0)


@pytest.mark.parametrize(
    ("features", "captions", "error", "message"),
    [
        (np.ones((2, 4)), np.ones((2, 3), int), ValueError, r"^features must have shape \(2, 3\)"),
        (np.ones(3), np.ones((3, 3), int), ValueError, r"^features must have shape \(3, 3\)"),
        (np.float64(1), np.ones((1, 3), int), ValueError, r"^features must have shape \(1, 3\)"),
        (np.ones((2, 3)), np.ones((3, 3), int), ValueError, r"^captions must have shape \(2, T\)"),
        (np.ones((2, 3)), np.ones(2, int), ValueError, r"^captions .*got \(2,\)"),
        (
            np.ones((2, 3)),
            np.ones((2, 1), int),
            ValueError,
            r"^captions .*at least 2, got \(2, 1\)",
        ),
        (np.ones((2, 3)), np.full((2, 3), 6), ValueError, r"^captions must hold words from 0 to 5"),
        (np.ones((2, 3)), np.full((2, 3), -1), ValueError, r"^captions .*from -1 to -1"),
        (np.ones((2, 3)), np.ones((2, 3)), TypeError, r"^captions must hold words as integers"),
    ],
)
def test_features_and_captions_that_are_refused(features, captions, error, message):
    with pytest.raises(error, match=message):
        small().loss(features, captions)


def test_the_star_import_chain():
    names = {}
    exec("from cs231n.classifiers.rnn import *", names)
    for name in ("CaptioningRNN", "affine_forward", "lstm_step_forward", "softmax_loss", "np"):
        assert name in names
