"""Ensembles: means taken by hand, snapshots, and files that come back bit for bit."""

import json
import math

import numpy as np
import pytest
from safetensors.numpy import load, save

from cs231n import marginalize
from cs231n.marginalize import softmax
from cs231n.nets import Network
from cs231n.training.ensembles import Ensemble
from cs231n.training.snapshots import Snapshots

RNG = np.random.default_rng(0)
X = RNG.standard_normal((9, 2, 6, 6))
LAYERS = "conv3-3 bn relu dropout0.5 fc-4"


def net(seed=0, layers=LAYERS, dtype=np.float64, **options):
    network = Network(layers, (2, 6, 6), dtype=dtype, seed=seed, **options)
    network.step(X, np.arange(9) % 4, learning_rate=0.1)
    return network


@pytest.mark.parametrize("weights", [None, [1, 2, 5], [0.0, 1.0, 0.0], [0, 0, 1e-300]])
def test_the_mean_is_that_of_the_loop(weights):
    models = [net(seed) for seed in range(3)]
    ensemble = Ensemble(models, weights)
    shares = np.ones(3) if weights is None else np.array(weights, float)
    shares = shares / shares.sum()
    each = [softmax(model.scores(X)) for model in models]
    expected = sum(share * p for share, p in zip(shares, each, strict=True))
    np.testing.assert_allclose(np.exp(ensemble.scores(X)), expected, rtol=1e-12)
    np.testing.assert_allclose(softmax(ensemble.loss(X)), expected, rtol=1e-12)
    np.testing.assert_array_equal(ensemble.predict(X), expected.argmax(axis=1))


def test_no_probability_is_too_small():
    """``log((e^-2000 + e^-3000) / 2)``, where both underflow in any float."""
    models = [lambda X: np.array([[0.0, -2000.0]]), lambda X: np.array([[0.0, -3000.0]])]
    scores = Ensemble(models).scores(np.zeros((1, 1)))
    np.testing.assert_allclose(scores, [[0, -2000 - math.log(2)]], rtol=1e-15)
    large = Ensemble([lambda X: 1e6 * X, lambda X: -1e6 * X]).scores(np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(large, [[-math.log(2), -math.log(2)]])


def test_float32_members_are_summed_in_double_precision():
    models = [net(seed, dtype=np.float32) for seed in range(3)]
    expected = np.mean([softmax(m.scores(X).astype(np.float64)) for m in models], axis=0)
    np.testing.assert_allclose(np.exp(Ensemble(models).scores(X)), expected, rtol=1e-12)


def test_an_ensemble_is_a_model_for_marginalize():
    models = [net(seed) for seed in range(3)]
    expected = marginalize.predict(models, X)
    np.testing.assert_allclose(marginalize.predict(Ensemble(models), X), expected, rtol=1e-12)
    nested = Ensemble([Ensemble(models[:2]), models[2]], [2, 1])
    np.testing.assert_allclose(np.exp(nested.scores(X)), expected, rtol=1e-12)
    noisy = marginalize.predict(Ensemble(models), X, 5, over="layers", seed=1)
    again = marginalize.predict(Ensemble(models), X, 5, over="layers", seed=1)
    np.testing.assert_array_equal(noisy, again)
    assert not np.allclose(noisy, expected)


def test_members_have_noise_of_their_own():
    one = net(0)
    seen = []

    class Spy:
        def scores(self, X, noise=None):
            seen.append(noise)
            return one.scores(X, noise)

    Ensemble([Spy(), Spy()]).scores(X, noise=3)
    Ensemble([Spy(), Spy()]).scores(X, noise=3)
    assert len(set(seen)) == 2
    assert seen[:2] == seen[2:]
    Ensemble([Spy()]).scores(X)
    assert seen[-1] is None


def test_seeds_and_searches():
    assert Ensemble.of_seeds(lambda seed: lambda X: X + seed, [5, 7]).models[1](0) == 7
    with pytest.raises(ValueError, match="seeds must lie in"):
        Ensemble.of_seeds(net, 0)
    models = [net(seed) for seed in range(4)]
    best = Ensemble.best(models, [0.1, 0.4, 0.3, 0.4], count=3)
    assert [models.index(model) for model in best.models] == [1, 3, 2]
    assert len(Ensemble.best(models, [0.1, 0.4, 0.3, 0.4])) == 4
    for wrong in ([0.1], [0.1, 0.2, 0.3, math.nan]):
        with pytest.raises(ValueError, match="accuracies must hold 4 finite numbers"):
            Ensemble.best(models, wrong)


def test_no_more_models_than_there_are():
    models = [net(seed) for seed in range(3)]
    with pytest.raises(ValueError, match="count must be at most 3, the number of models, got 10"):
        Ensemble.best(models, [0.1, 0.4, 0.3], count=10)
    assert len(Ensemble.best(models * 4, [0.5] * 12)) == 10
    assert len(Ensemble.best(iter(models), [0.1, 0.4, 0.3], 3)) == 3
    with pytest.raises(
        TypeError, match="models must be a sequence of models, got a single Network"
    ):
        Ensemble.best(models[0], [0.1])


def test_weights_whose_sum_is_too_large_for_a_float():
    models = [net(seed) for seed in range(3)]
    huge = Ensemble(models, [1e308, 1e308, 1.7e308])
    np.testing.assert_allclose(huge.weights, Ensemble(models, [1, 1, 1.7]).weights, rtol=1e-15)
    assert np.isfinite(huge.scores(X)).all()
    tiny = Ensemble(models, [5e-324, 5e-324, 0])
    np.testing.assert_array_equal(tiny.weights, [0.5, 0.5, 0])


@pytest.mark.parametrize(
    ("models", "weights", "error", "message"),
    [
        (net(), None, TypeError, "models must be a sequence of models, got a single Network"),
        (len, None, TypeError, "models must be a sequence of models, got a single builtin"),
        (
            Ensemble([len]),
            None,
            TypeError,
            "models must be a sequence of models, got a single Ensemble",
        ),
        ([], None, ValueError, "at least one model, got none"),
        ([3], None, TypeError, "model must have scores"),
        ([len, len], [1], ValueError, "weights must hold 2 finite numbers"),
        ([len, len], [1, -1], ValueError, "of at least 0"),
        ([len, len], [0, 0], ValueError, "not all of them 0"),
        ([len, len], [1, math.nan], ValueError, "finite"),
    ],
)
def test_wrong_ensembles(models, weights, error, message):
    with pytest.raises(error, match=message):
        Ensemble(models, weights)


def test_wrong_calls():
    with pytest.raises(ValueError, match=r"got \(9, 4\) before and \(9, 5\) from model 1"):
        Ensemble([net(0), net(0, "fc-5")]).scores(X)
    with pytest.raises(ValueError, match="function has no scores"):
        Ensemble([lambda X: X]).scores(np.ones((2, 2)), noise=1)
    with pytest.raises(ValueError, match="not trained"):
        Ensemble([net()]).loss(X, np.zeros(9, int))


def test_snapshots_are_copies_of_the_steps_that_end_a_cycle():
    network, snapshots, history, factors = net(), Snapshots(every=3), [], []
    for _ in range(10):
        factors.append(snapshots.factor())
        network.step(X, np.arange(9) % 4, "adam", learning_rate=0.01)
        snapshots.update(network)
        history.append(network.params["W1"].copy())
    assert len(snapshots.models) == 3
    for model, k in zip(snapshots.models, (2, 5, 8), strict=True):
        np.testing.assert_array_equal(model.params["W1"], history[k])
        assert model.updates is None
    np.testing.assert_allclose(factors[:4], [1, 0.75, 0.25, 1])
    expected = np.mean([softmax(model.scores(X)) for model in snapshots.models], axis=0)
    np.testing.assert_allclose(softmax(snapshots.ensemble().scores(X)), expected, rtol=1e-12)


def test_snapshots_keep_the_latest():
    snapshots = Snapshots(every=1, keep=2)
    models = [net(seed) for seed in range(4)]
    for model in models:
        snapshots.update(model)
    kept = [model.params["W1"] for model in snapshots.models]
    np.testing.assert_array_equal(kept, [models[2].params["W1"], models[3].params["W1"]])
    with pytest.raises(ValueError, match="at least one model"):
        Snapshots(5).ensemble()
    for options in ((0,), (1, 0)):
        with pytest.raises(ValueError, match="must lie in"):
            Snapshots(*options)


def test_a_file_comes_back_bit_for_bit(tmp_path):
    path = tmp_path / "ensemble.safetensors"
    models = [
        net(0, reg=0.1),
        net(1, "[conv3-4 relu]*2 pool2 fc-4", np.float32),
        net(2, "conv3-4 fmp1.5 dropconnect-4"),
    ]
    ensemble = Ensemble(models, [1, 1, 5])
    ensemble.save(path)
    loaded = Ensemble.load(path)
    np.testing.assert_array_equal(loaded.weights, ensemble.weights)
    np.testing.assert_array_equal(loaded.scores(X), ensemble.scores(X))
    np.testing.assert_array_equal(loaded.scores(X, noise=1), ensemble.scores(X, noise=1))
    for mine, other in zip(models, loaded.models, strict=True):
        assert (mine.layers, mine.dtype, mine.reg) == (other.layers, other.dtype, other.reg)
        for group in ("params", "state"):
            for name, array in getattr(mine, group).items():
                assert array.tobytes() == getattr(other, group)[name].tobytes()
        y = np.arange(9) % 4  # it learns on as the one before
        assert mine.loss(X, y)[0] == other.loss(X, y)[0]
    again = tmp_path / "again.safetensors"
    Ensemble([net()]).save(path, overwrite=True)
    Ensemble.load(path).save(again)
    assert path.read_bytes() == again.read_bytes()


def test_weights_are_scaled_once_and_not_again_when_they_are_read(tmp_path):
    candidates = np.random.default_rng(0).random((100, 3))
    once = candidates / candidates.sum(axis=1, keepdims=True)
    twice = once / once.sum(axis=1, keepdims=True)
    weights = candidates[np.flatnonzero((once != twice).any(axis=1))[0]]
    ensemble = Ensemble([net(seed) for seed in range(3)], weights)
    ensemble.save(tmp_path / "ensemble")
    np.testing.assert_array_equal(Ensemble.load(tmp_path / "ensemble").weights, ensemble.weights)


def test_a_file_is_not_replaced_silently(tmp_path):
    path = tmp_path / "ensemble.safetensors"
    Ensemble([net()]).save(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        Ensemble([net(1)]).save(path)
    assert path.read_bytes() == before
    Ensemble([net(1)]).save(path, overwrite=True)
    assert path.read_bytes() != before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_folder_that_is_not_there(tmp_path):
    folder = tmp_path / "none"
    with pytest.raises(FileNotFoundError) as caught:
        Ensemble([net()]).save(folder / "ensemble.safetensors")
    assert str(caught.value) == f"there is no folder {folder}"
    assert not folder.exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*file$"):
        Ensemble([net()]).save(tmp_path / "file" / "ensemble.safetensors")


def test_what_cannot_be_saved(tmp_path):
    path = tmp_path / "ensemble.safetensors"
    with pytest.raises(TypeError, match="must be Networks to be saved, got function at 1"):
        Ensemble([net(), lambda X: X]).save(path)
    with pytest.raises(ValueError, match="model 0 must have a dtype"):
        Ensemble([net(dtype=np.longdouble)]).save(path)
    network = net()
    network.params["extra"] = np.ones(1)
    with pytest.raises(ValueError, match="model 0 must have the arrays"):
        Ensemble([network]).save(path)
    assert not path.exists()


def changed(data, change):
    """Return a file with other contents: `change` gets the arrays and what the text says."""
    arrays = load(data)
    length = int.from_bytes(data[:8], "little")
    told = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["cs231n.ensemble"])
    change(arrays, told)
    return save(arrays, metadata={"cs231n.ensemble": json.dumps(told)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays, told: arrays.pop("0/params/W1"), "0/params/W1"),
        (lambda arrays, told: arrays.update(more=np.ones(1)), r"no network knows: \['more'\]"),
        (lambda arrays, told: arrays.update({"0/params/b1": np.ones(7)}), "network 0 needs"),
        (
            lambda arrays, told: arrays.update({"0/params/b1": np.ones(3, np.float32)}),
            "network 0 needs b1 as float64, got float32",
        ),
        (lambda arrays, told: told.update(version=2), "its version is 2"),
        (lambda arrays, told: told.update(weights=[1, 1]), "1 networks and weights"),
        (lambda arrays, told: told.update(weights=[-1]), r"safetensors must .* weights \[-1\.\]"),
        (lambda arrays, told: told.update(weights=[math.nan]), r"safetensors must .* \[nan\]"),
        (lambda arrays, told: told.update(weights=[math.inf]), r"safetensors must .* \[inf\]"),
        (lambda arrays, told: told.update(weights=[10**400]), "safetensors must .* too large"),
        (lambda arrays, told: told.update(weights=[0]), r"safetensors must .* weights \[0\.\]"),
        (lambda arrays, told: told.pop("members"), "members"),
        (lambda arrays, told: told.update(members=3), "must be the file of an ensemble"),
        (lambda arrays, told: told["members"][0].update(layers="fc-1000000000"), "network 0"),
        (lambda arrays, told: told["members"][0].update(layers="what"), "what"),
        (lambda arrays, told: told["members"][0].update(dtype="object"), "dtype 'object'"),
        (lambda arrays, told: told["members"][0].update(reg=-1), "reg must be"),
    ],
)
def test_files_that_hold_something_else(tmp_path, change, message):
    path = tmp_path / "ensemble.safetensors"
    Ensemble([net()]).save(path)
    path.write_bytes(changed(path.read_bytes(), change))
    with pytest.raises(ValueError, match=message):
        Ensemble.load(path)


def test_damaged_and_missing_files(tmp_path):
    path = tmp_path / "ensemble.safetensors"
    with pytest.raises(FileNotFoundError, match="there is no file"):
        Ensemble.load(path)
    Ensemble([net()]).save(path)
    whole = path.read_bytes()
    for data in (b"", whole[:50], whole[:-1], b"PK" + whole, save({"a": np.ones(2)})):
        path.write_bytes(data)
        with pytest.raises(ValueError, match="must be the file of an ensemble"):
            Ensemble.load(path)
