"""Where the years contradict each other: one test a conflict, both sides of it."""

import numpy as np
import pytest

from cs231n import optim
from cs231n.classifier_trainer import ClassifierTrainer
from cs231n.classifiers import convnet, fc_net, linear_svm, neural_net, softmax
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.linear_classifier import Softmax
from cs231n.data_utils import load_tiny_imagenet
from cs231n.features import extract_features
from cs231n.gradient_check import eval_numerical_gradient, grad_check_sparse
from cs231n.image_utils import deprocess_image, preprocess_image
from cs231n.layers import (
    dropout_backward,
    dropout_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from cs231n.release import use_release

LOSSES = [
    linear_svm.svm_loss_naive,
    linear_svm.svm_loss_vectorized,
    softmax.softmax_loss_naive,
    softmax.softmax_loss_vectorized,
]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("loss", LOSSES)
def test_1_examples_are_rows_or_columns(rng, loss):
    W, X, y = rng.standard_normal((4, 3)), rng.standard_normal((5, 4)), rng.integers(0, 3, 5)
    with use_release(2016):  # which halves the penalty, as 2015 did
        rows, d_rows = loss(W, X, y, 0.1)
    columns, d_columns = loss(W.T, X.T, y, 0.1)
    assert rows == pytest.approx(columns, rel=1e-12)
    np.testing.assert_allclose(d_rows, d_columns.T, rtol=1e-12)


def test_1_a_classifier_trains_on_rows_and_on_columns(rng):
    X = rng.standard_normal((60, 4))
    y = X[:, :3].argmax(axis=1)
    for images in (X, X.T):
        model = Softmax()
        np.random.seed(0)
        model.train(images, y, learning_rate=0.5, num_iters=200)
        assert np.mean(model.predict(images) == y) > 0.9
        assert model.W.shape == ((4, 3) if images is X else (3, 4))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("year", "factor"), [(2016, 0.5), (2017, 1.0), (2026, 1.0)])
def test_2_the_penalty_of_linear_classifiers(rng, loss, year, factor):
    W, X, y = rng.standard_normal((4, 3)), rng.standard_normal((5, 4)), rng.integers(0, 3, 5)
    with use_release(year):
        (plain, d_plain), (penalised, d_penalised) = loss(W, X, y, 0.0), loss(W, X, y, 0.3)
    assert penalised - plain == pytest.approx(factor * 0.3 * np.sum(W**2))
    np.testing.assert_allclose(d_penalised - d_plain, 2 * factor * 0.3 * W, atol=1e-12)


@pytest.mark.parametrize(("year", "reg"), [(2016, 0.1), (2017, 0.05), (2020, 0.05)])
def test_3_the_constant_of_the_two_layer_net(year, reg):
    np.random.seed(0)
    net = neural_net.TwoLayerNet(4, 10, 3, std=1e-1)
    np.random.seed(1)
    X, y = 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])
    with use_release(year):
        assert net.loss(X, y, reg=reg)[0] == pytest.approx(1.30378789133, abs=1e-10)


@pytest.mark.parametrize("year", [2015, 2017, 2026])
def test_4_the_penalty_of_all_other_models_is_halved(rng, year):
    X, y = rng.standard_normal((2, 3, 4, 4)), np.array([0, 1])
    with use_release(year):
        models = [
            fc_net.TwoLayerNet(48, 5, 3, weight_scale=0.1),
            fc_net.FullyConnectedNet([5], 48, 3, weight_scale=0.1, dtype=np.float64),
            ThreeLayerConvNet((3, 4, 4), 2, 3, 5, 3, weight_scale=0.1, dtype=np.float64),
        ]
        for model in models:
            plain = model.loss(X, y)[0]
            model.reg = 0.3
            weights = sum(np.sum(w**2) for name, w in model.params.items() if name[0] == "W")
            assert model.loss(X, y)[0] - plain == pytest.approx(0.5 * 0.3 * weights)
        params = convnet.init_two_layer_convnet(0.1, 0, (3, 4, 4), 3, 2, 3)
        weights = sum(np.sum(w**2) for name, w in params.items() if name[0] == "W")
        difference = np.subtract(
            convnet.two_layer_convnet(X, params, y, 0.3)[0],
            convnet.two_layer_convnet(X, params, y, 0.0)[0],
        )
        assert difference == pytest.approx(0.5 * 0.3 * weights)


@pytest.mark.parametrize(
    ("year", "kept"), [(2015, 0.2), (2016, 0.8), (2017, 0.8), (2018, 0.2), (2026, 0.2)]
)
def test_5_the_meaning_of_p(year, kept):
    x = np.ones(100_000)
    with use_release(year):
        out, cache = dropout_forward(x, {"p": 0.2, "mode": "train", "seed": 1})
    assert np.mean(out != 0) == pytest.approx(kept, abs=0.01)
    assert out.max() == pytest.approx(1 / kept)
    np.testing.assert_array_equal(dropout_backward(x, cache), out)


@pytest.mark.parametrize(("year", "off"), [(2016, 0), (2017, 0), (2018, 1), (2026, 1)])
def test_5_the_keyword_of_the_network(year, off):
    with use_release(year):
        assert not fc_net.FullyConnectedNet([5], 4, 3, dropout=off).use_dropout
        assert fc_net.FullyConnectedNet([5], 4, 3, dropout=0.3).use_dropout
        assert fc_net.FullyConnectedNet([5], 4, 3, dropout_keep_ratio=0.3).use_dropout


def test_6_the_normalisation_keyword():
    old = fc_net.FullyConnectedNet([5], 4, 3, use_batchnorm=True)
    new = fc_net.FullyConnectedNet([5], 4, 3, normalization="batchnorm")
    assert old.params.keys() == new.params.keys() >= {"gamma1", "beta1"}
    assert fc_net.FullyConnectedNet([5], 4, 3, normalization="layernorm").bn_params == [{}]


def test_7_two_classes_of_one_name():
    assert (
        neural_net.TwoLayerNet(4, 5, 3).params.keys() == fc_net.TwoLayerNet(4, 5, 3).params.keys()
    )
    assert hasattr(neural_net.TwoLayerNet, "train")
    assert not hasattr(fc_net.TwoLayerNet, "train")


def test_8_features_or_images_first():
    images = np.arange(2 * 4 * 4 * 3).reshape(2, 4, 4, 3)
    functions = [lambda image: image[0].ravel()]
    rows = extract_features(images, functions)
    with use_release(2015):
        columns = extract_features(images, functions)
    assert rows.shape == (2, 12)
    np.testing.assert_array_equal(rows, columns.T)


@pytest.mark.parametrize(("year", "mean_is_left"), [(2015, True), (2016, False), (2026, False)])
def test_9_tiny_imagenet_is_a_dict_and_a_tuple(tmp_path, year, mean_is_left):
    image = pytest.importorskip("PIL.Image")
    boxes = tmp_path / "train" / "n01"
    for folder in (boxes / "images", tmp_path / "val" / "images", tmp_path / "test" / "images"):
        folder.mkdir(parents=True)
        image.new("RGB", (64, 64), (40, 80, 120)).save(folder / "a.JPEG")
    (tmp_path / "wnids.txt").write_text("n01\n")
    (tmp_path / "words.txt").write_text("n01\tcat, kitten\n")
    (boxes / "n01_boxes.txt").write_text("a.JPEG\t0\t0\t9\t9\n")
    (tmp_path / "val" / "val_annotations.txt").write_text("a.JPEG\tn01\t0\t0\t9\t9\n")
    with use_release(year):
        data = load_tiny_imagenet(tmp_path)
    class_names, X_train, y_train, _X_val, _y_val, _X_test, y_test = data
    assert X_train is data["X_train"]
    assert (X_train.shape, y_train.tolist(), y_test) == ((1, 3, 64, 64), [0], None)
    assert len(class_names) == 1
    assert bool(X_train.any()) is mean_is_left


def test_10_the_number_of_checks_may_be_left_out(capsys):
    x = np.array([3.0])
    grad_check_sparse(lambda w: float(w[0] ** 2), x, np.array([6.0]), 2)
    grad_check_sparse(lambda w: float(w[0] ** 2), x, np.array([6.0]))
    assert capsys.readouterr().out.count("relative error") == 12


def test_11_the_numerical_gradient_may_be_silent(capsys):
    x = np.array([3.0])
    loud = eval_numerical_gradient(lambda w: float(w[0] ** 2), x)
    assert capsys.readouterr().out
    silent = eval_numerical_gradient(lambda w: float(w[0] ** 2), x, verbose=False, h=1e-5)
    assert not capsys.readouterr().out
    np.testing.assert_allclose([loud, silent], 6, rtol=1e-7)


@pytest.mark.parametrize("rule", [optim.rmsprop, optim.adam])
def test_12_update_rules_are_called_by_position(rule):
    w, config = rule(np.ones(2), np.ones(2), {"learning_rate": 1e-2})
    assert (w < 1).all()
    assert config["learning_rate"] == 1e-2


@pytest.mark.parametrize("takes_dropout", [False, True])
def test_13_the_trainer_passes_dropout_to_losses_that_take_it(rng, takes_dropout):
    seen = []

    def with_dropout(X, model, y=None, reg=0.0, dropout=None):
        seen.append(dropout)
        return neural_net.two_layer_net(X, model, y, reg)

    X, y = rng.standard_normal((6, 4)), np.array([0, 1, 2, 0, 1, 2])
    loss = with_dropout if takes_dropout else neural_net.two_layer_net
    model = neural_net.init_two_layer_model(4, 5, 3)
    options = {"dropout": 0.5} if takes_dropout else {}
    ClassifierTrainer().train(
        X, y, X, y, model, loss, reg=0.1, num_epochs=1, batch_size=3, **options
    )
    assert 0.5 in seen if takes_dropout else not seen


def test_14_the_two_layer_convnet_takes_dropout_and_ignores_it(rng):
    X, y = rng.standard_normal((2, 3, 4, 4)), np.array([0, 1])
    params = convnet.init_two_layer_convnet(0.1, 0, (3, 4, 4), 3, 2, 3)
    plain = convnet.two_layer_convnet(X, params, y, 0.1)[0]
    assert convnet.two_layer_convnet(X, params, y, reg=0.1, dropout=0.5)[0] == plain


@pytest.mark.parametrize("shape", [(4,), (1, 4, 1, 1)])
def test_15_group_normalisation_takes_both_shapes(rng, shape):
    x, gamma, beta = rng.standard_normal((2, 4, 3, 3)), np.full(shape, 2.0), np.ones(shape)
    out, cache = spatial_groupnorm_forward(x, gamma, beta, 2, {})
    _, dgamma, dbeta = spatial_groupnorm_backward(out, cache)
    assert dgamma.shape == dbeta.shape == shape
    flat = spatial_groupnorm_forward(x, np.full(4, 2.0), np.ones(4), 2, {})[0]
    np.testing.assert_array_equal(out, flat)


def test_16_images_are_prepared_with_a_mean_image_or_without(rng):
    img = rng.integers(0, 256, (4, 4, 3)).astype(float)
    mean_img = rng.integers(0, 256, (3, 4, 4)).astype(float)
    old = preprocess_image(img, mean_img)
    assert old.shape == (1, 3, 4, 4)
    np.testing.assert_allclose(deprocess_image(old, mean_img), img, atol=1)
    new = preprocess_image(img)
    assert new.shape == img.shape
    np.testing.assert_allclose(deprocess_image(new), img, atol=1)
    assert deprocess_image(new, rescale=True).shape == img.shape
