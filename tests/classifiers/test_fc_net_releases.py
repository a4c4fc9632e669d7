"""The keywords of FullyConnectedNet, year by year; and TwoLayerNet's files."""

import numpy as np
import pytest
from model_checks import assert_gradients_are_right, examples, spread_biases

from cs231n import use_release
from cs231n.classifiers import saved
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.classifiers.small_convnet import SmallConvNet

D, C = 6, 4


def net(*arguments, **options):
    np.random.seed(0)
    options = {"weight_scale": 0.5, "dtype": np.float64} | options
    return FullyConnectedNet([8, 7], D, C, *arguments, **options)


def kept(model):
    """The share of hidden numbers that dropout lets through, by the scale of what is left."""
    _, (_, cache) = model._hidden_forward(np.ones((4, D)), 1)
    return 1.0 if cache is None else 1 / cache[1].max()


# ---- dropout ----


@pytest.mark.parametrize("year", [2018, 2020])
@pytest.mark.parametrize("keep", [0.25, 0.9])
def test_dropout_is_kept_from_2018_on(year, keep):
    with use_release(year):
        model = net(dropout=keep, seed=3)
        assert model.dropout_param == {"mode": "train", "p": keep, "seed": 3}
        assert model.use_dropout is True
        assert kept(model) == pytest.approx(keep)
        assert net(keep).dropout_param["p"] == keep  # its place


@pytest.mark.parametrize("year", [2016, 2017])
@pytest.mark.parametrize("drop", [0.1, 0.75])
def test_dropout_is_dropped_in_2016_and_2017(year, drop):
    with use_release(year):
        model = net(dropout=drop, seed=3)
        assert model.dropout_param == {"mode": "train", "p": drop, "seed": 3}
        assert kept(model) == pytest.approx(1 - drop)
        assert net(drop).dropout_param["p"] == drop


@pytest.mark.parametrize("year", [2015, 2016, 2017, 2018, 2021, 2026])
def test_dropout_keep_ratio_means_one_thing(year):
    with use_release(year):
        assert kept(net(dropout_keep_ratio=0.2)) == pytest.approx(0.2)
        assert net(dropout_keep_ratio=1).use_dropout is False
        assert net().use_dropout is False


@pytest.mark.parametrize(("year", "off"), [(2016, 0), (2017, 0.0), (2018, 1), (2026, 1)])
def test_off(year, off):
    with use_release(year):
        model = net(dropout=off)
    assert model.use_dropout is False
    assert model.dropout_param == {}
    X, y = examples(5, D, classes=C)
    assert model.loss(X, y)[0] == net().loss(X, y)[0]


def test_an_old_notebooks_off_is_explained():
    with pytest.raises(ValueError, match=r"dropout must lie in \(0, 1\], got 0: .*\(2016\)"):
        net(dropout=0)
    with use_release(2016), pytest.raises(ValueError, match=r"\[0, 1\), got 1: .*\(2018\)"):
        net(dropout=1)


@pytest.mark.parametrize("year", [2016, 2026])
@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_gradients(year, normalization):
    with use_release(year):
        model = net(dropout=0.3, normalization=normalization, reg=0.1, seed=12)
        spread_biases(model)
        assert_gradients_are_right(model, *examples(6, D, classes=C))


@pytest.mark.parametrize(("born", "later"), [(2016, 2026), (2026, 2016)])
def test_a_network_keeps_the_convention_it_was_made_under(born, later):
    X, y = examples(6, D, classes=C)
    with use_release(born):
        model = net(dropout=0.2, seed=1)
        before = model.loss(X, y)[0]
    with use_release(later):
        assert model.loss(X, y)[0] == before


def test_other_networks_do_not_depend_on_the_release():
    np.random.seed(0)
    model = SmallConvNet((2, 4, 6), (3,), 5, 4, dropout_keep_ratio=0.3, dtype=np.float64)
    X, y = examples(3, 2, 4, 6, classes=4)
    losses = []
    for year in (2016, 2026):
        np.random.seed(1)
        with use_release(year):
            losses.append(model.loss(X, y)[0])
    assert losses[0] == losses[1]


@pytest.mark.parametrize(("year", "dropout"), [(2026, 0.3), (2016, 0.7)])
def test_two_keywords_may_agree(year, dropout):
    with use_release(year):
        assert kept(net(dropout=dropout, dropout_keep_ratio=0.3)) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("year", "options", "message"),
    [
        (2026, {"dropout": 0.3, "dropout_keep_ratio": 0.7}, "dropout=0.3 keeps 0.3 .* contradicts"),
        (2016, {"dropout": 0.3, "dropout_keep_ratio": 0.3}, "keeps 0.7 .*2016, which contradicts"),
        (2026, {"dropout": 1, "dropout_keep_ratio": 0.7}, "contradicts dropout_keep_ratio=0.7"),
        (2026, {"dropout": 1.5}, "dropout must lie in"),
        (2026, {"use_batchnorm": False, "normalization": "batchnorm"}, "contradict each other"),
        (2026, {"use_batchnorm": True, "normalization": "layernorm"}, "contradict each other"),
        (2026, {"use_batchnorm": True, "normalization": False}, "contradict each other"),
        (2026, {"normalization": "groupnorm"}, "normalization must be None"),
    ],
)
def test_contradictions_are_refused(year, options, message):
    with use_release(year), pytest.raises(ValueError, match=message):
        net(**options)


# ---- normalisation ----


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        ((), {}, None),
        ((), {"use_batchnorm": True}, "batchnorm"),
        ((), {"use_batchnorm": False}, None),
        ((), {"use_batchnorm": False, "normalization": "layernorm"}, "layernorm"),
        ((), {"use_batchnorm": True, "normalization": "batchnorm"}, "batchnorm"),
        ((None, True), {}, "batchnorm"),
        ((None, False), {}, None),
        ((None, "layernorm"), {}, "layernorm"),
        ((None, None), {}, None),
    ],
)
def test_both_years_name_the_normalisation(arguments, options, expected):
    model = net(*arguments, **options)
    assert model.normalization == expected
    assert model.use_batchnorm is (expected == "batchnorm")
    assert ("gamma1" in model.params) is (expected is not None)
    wanted = {None: [], "batchnorm": [{"mode": "train"}] * 2, "layernorm": [{}, {}]}
    assert model.bn_params == wanted[expected]


def test_each_layer_has_averages_of_its_own():
    model = net(use_batchnorm=True)
    model.loss(*examples(6, D, classes=C))
    assert [p["running_mean"].shape for p in model.bn_params] == [(8,), (7,)]


def test_all_arguments_by_their_places():
    with use_release(2016):
        model = FullyConnectedNet([5], D, C, 0.25, True, 0.5, 1e-3, np.float64, 9)
    assert model.dropout_param == {"mode": "train", "p": 0.25, "seed": 9}
    assert (model.use_batchnorm, model.reg, model.dtype) == (True, 0.5, np.float64)
    assert model.params["W1"].std() < 2e-3


# ---- files ----


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package folder of one's own, and a working directory beside it."""
    monkeypatch.setattr(saved, "PACKAGE", tmp_path / "installed")
    (tmp_path / "installed").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "installed"


def test_a_network_comes_back_from_its_file(package, capsys):
    np.random.seed(0)
    model, other = TwoLayerNet(D, 5, C), TwoLayerNet(D, 3, C)
    assert model.save("best_net.npy") is None
    assert other.load("best_net.npy") is True
    assert list(other.params) == ["W1", "b1", "W2", "b2"]
    for name, value in model.params.items():
        np.testing.assert_array_equal(other.params[name], value)
        assert other.params[name].flags.writeable
    path = package / "saved" / "best_net.npy"
    assert np.load(path)["W2"].tolist() == model.params["W2"].tolist()  # without pickles
    assert str(path.parent) in capsys.readouterr().out
    X, y = examples(5, D, classes=C)
    assert other.loss(X, y)[0] == model.loss(X, y)[0]


def test_a_name_without_its_ending_is_found_again(package):
    model = TwoLayerNet(D, 5, C)
    model.save("net")
    assert (package / "saved" / "net.npy").exists()
    assert model.load("net")


def test_a_missing_file_is_an_error_that_says_where_it_was_looked_for(package):
    with pytest.raises(FileNotFoundError, match=r"no none.npy in .*installed"):
        TwoLayerNet(D, 5, C).load("none.npy")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.eye(3), "got one array"),
        (np.zeros((), [("W1", float, (2, 2)), ("b1", float, (2,))]), "must hold the parameters"),
        (
            np.zeros((), [(n, float, (2,)) for n in ("W1", "b1", "W2", "b2")]),
            "name: dimensions",
        ),
    ],
)
def test_files_of_something_else_change_nothing(package, content, message):
    model = TwoLayerNet(D, 5, C)
    before = dict(model.params)
    (package / "saved").mkdir()
    np.save(package / "saved" / "net.npy", content)
    with pytest.raises(ValueError, match=message):
        model.load("net.npy")
    assert all(model.params[name] is value for name, value in before.items())


def test_pickled_objects_are_not_read(package):
    (package / "saved").mkdir()
    np.save(package / "saved" / "net.npy", {"W1": 1}, allow_pickle=True)
    with pytest.raises(ValueError, match=r"must be an .npy file of numbers"):
        TwoLayerNet(D, 5, C).load("net.npy")


def test_the_weights_of_something_else_are_not_replaced(package):
    (package / "saved").mkdir()
    np.save(package / "saved" / "best.npy", np.eye(2))
    with pytest.raises(FileExistsError):
        TwoLayerNet(D, 5, C).save("best.npy")
    np.testing.assert_array_equal(np.load(package / "saved" / "best.npy"), np.eye(2))


def test_parameters_that_are_no_numbers_are_refused(package):
    model = TwoLayerNet(D, 5, C)
    model.params["W1"] = np.array([None])
    with pytest.raises(TypeError, match="W1 must hold real numbers"):
        model.save("net")
