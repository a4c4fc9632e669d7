"""The Solver on models small enough to know what must come out."""

import pickle
import re

import numpy as np
import pytest

from cs231n import optim
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.solver import Solver

N, D, C = 20, 6, 3


class Ruler:
    """One number that every step raises by the learning rate; right where a score says so."""

    def __init__(self, right_from=0.0, right_to=np.inf):
        self.params = {"w": np.zeros(1)}
        self.right_from, self.right_to = right_from, right_to
        self.batches, self.evaluated = [], []

    def loss(self, X, y=None):
        if y is None:
            self.evaluated.append(X.copy())
            right = self.right_from <= self.params["w"][0] < self.right_to
            return np.tile([1.0, 0.0] if right else [0.0, 1.0], (len(X), 1))
        self.batches.append((X.copy(), y.copy()))
        return float(len(self.batches)), {"w": -np.ones(1)}


def ruler_data(train=N, val=10):
    """Images that are their own number; all labels are 0."""
    X_train, X_val = np.arange(train)[:, None], 1000 + np.arange(val)[:, None]
    y_train, y_val = np.zeros(train, int), np.zeros(val, int)
    return {"X_train": X_train, "y_train": y_train, "X_val": X_val, "y_val": y_val}


def toy_data(seed=0):
    X = np.random.default_rng(seed).standard_normal((2 * N, D))
    y = X[:, :C].argmax(axis=1)
    return {"X_train": X[:N], "y_train": y[:N], "X_val": X[N:], "y_val": y[N:]}


def solve(model, data=None, **options):
    options = {"verbose": False, "batch_size": 5, "num_epochs": 3, **options}
    np.random.seed(3)
    solver = Solver(model, ruler_data() if data is None else data, **options)
    solver.train()
    return solver


# ---- what a training run is ----


def test_histories_have_their_published_lengths():
    solver = solve(Ruler(), num_epochs=4)
    assert solver.loss_history == list(range(1, 17))  # 4 epochs of 20 // 5 iterations
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 5
    assert solver.epoch == 4


def test_an_epoch_is_at_least_one_iteration():
    solver = solve(Ruler(), ruler_data(train=3), batch_size=50, num_epochs=2)
    assert len(solver.loss_history) == 2
    assert solver.model.batches[0][0].shape == (50, 1)


def test_no_epochs_leave_the_model_as_it_is():
    solver = solve(Ruler(), num_epochs=0)
    assert solver.loss_history == solver.val_acc_history == []
    assert solver.model.params["w"] == 0


def test_minibatches_are_drawn_out_of_all_training_images_with_their_labels():
    data = ruler_data()
    data["y_train"] = 7 * np.arange(N)
    batches = solve(Ruler(), data, num_epochs=20).model.batches
    assert all((y == 7 * X[:, 0]).all() for X, y in batches)
    assert {int(x) for X, _ in batches for x in X[:, 0]} == set(range(N))


def test_the_seed_decides_everything():
    runs = [solve(TwoLayerNetOfSeed(0), toy_data(), update_rule="adam") for _ in range(2)]
    assert runs[0].loss_history == runs[1].loss_history
    for name, w in runs[0].model.params.items():
        np.testing.assert_array_equal(w, runs[1].model.params[name])


def TwoLayerNetOfSeed(seed, **options):
    np.random.seed(seed)
    return TwoLayerNet(input_dim=D, hidden_dim=8, num_classes=C, weight_scale=0.1, **options)


def test_the_learning_rate_decays_after_each_epoch():
    # 4 steps an epoch, each as long as the learning rate
    model = solve(Ruler(), optim_config={"learning_rate": 1.0}, lr_decay=0.5, num_epochs=3).model
    assert model.params["w"] == 1.0  # the best validation accuracy was the first one
    solver = solve(
        Ruler(right_from=6.5), optim_config={"learning_rate": 1.0}, lr_decay=0.5, num_epochs=3
    )
    assert solver.model.params["w"] == 4 + 2 + 1
    assert solver.optim_configs["w"]["learning_rate"] == 0.125


def test_every_parameter_has_a_config_of_its_own_and_the_given_one_stays():
    given = {"learning_rate": 1e-2}
    solver = solve(TwoLayerNetOfSeed(0), toy_data(), update_rule="adam", optim_config=given)
    assert given == {"learning_rate": 1e-2}
    assert solver.optim_configs["W1"]["m"].shape == (D, 8)
    assert solver.optim_configs["b2"]["m"].shape == (C,)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "rmsprop", "adam"])
def test_the_rule_is_the_one_of_that_name(rule):
    assert solve(Ruler(), update_rule=rule, num_epochs=1).update_rule is getattr(optim, rule)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "rmsprop", "adam"])
def test_a_toy_set_is_learnt_by_heart(rule):
    rate = {"sgd": 1.0, "sgd_momentum": 0.1, "rmsprop": 0.01, "adam": 0.02}[rule]
    solver = solve(
        TwoLayerNetOfSeed(1),
        toy_data(),
        update_rule=rule,
        optim_config={"learning_rate": rate},
        num_epochs=60,
        batch_size=N,
    )
    assert solver.train_acc_history[-1] == 1.0
    assert solver.loss_history[-1] < 0.1


# ---- accuracies ----


def test_accuracy_is_the_fraction_of_right_predictions():
    class Echo:
        params: dict = {}  # noqa: RUF012

        def loss(self, X, y=None):
            return X

    X = np.eye(4)[[0, 1, 2, 3, 3, 3, 3]]
    solver = Solver(Echo(), ruler_data(), verbose=False)
    assert solver.check_accuracy(X, np.array([0, 1, 2, 3, 0, 0, 0])) == pytest.approx(4 / 7)
    assert solver.check_accuracy(X, np.arange(7) % 4, batch_size=3) == pytest.approx(4 / 7)


def test_accuracy_uses_every_image_once_in_batches():
    model = Ruler()
    solver = Solver(model, ruler_data(), verbose=False)
    solver.check_accuracy(np.arange(7)[:, None], np.zeros(7, int), batch_size=3)
    assert [len(X) for X in model.evaluated] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(model.evaluated)[:, 0], np.arange(7))


@pytest.mark.parametrize(
    ("train", "val", "sizes"), [(None, None, (20, 10)), (7, None, (7, 10)), (50, 4, (20, 4))]
)
def test_accuracies_are_measured_on_so_many_images(train, val, sizes):
    model = solve(Ruler(), num_epochs=1, num_train_samples=train, num_val_samples=val).model
    assert tuple(len(X) for X in model.evaluated[:2]) == sizes
    # a sample of the validation images holds validation images
    assert model.evaluated[0].max() < N <= 1000 <= model.evaluated[1].min()


def test_the_samples_defaults_are_the_published_ones():
    solver = Solver(Ruler(), ruler_data())
    assert (solver.num_train_samples, solver.num_val_samples) == (1000, None)
    assert (solver.batch_size, solver.num_epochs, solver.lr_decay) == (100, 10, 1.0)
    assert (solver.print_every, solver.verbose, solver.checkpoint_name) == (10, True, None)
    assert solver.update_rule is optim.sgd


@pytest.mark.parametrize(("images", "labels"), [(0, 0), (3, 2)])
def test_accuracy_of_nothing_or_of_other_labels_is_refused(images, labels):
    solver = Solver(Ruler(), ruler_data())
    with pytest.raises(ValueError, match="X and y must match and not be empty"):
        solver.check_accuracy(np.zeros((images, 1)), np.zeros(labels, int))


# ---- the best parameters ----


def test_the_best_parameters_are_kept():
    # w is 4, 8, 12 after the epochs; only 8 is right, and 1 after the first iteration is not
    solver = solve(Ruler(right_from=7, right_to=9), optim_config={"learning_rate": 1.0})
    assert solver.val_acc_history == [0, 0, 1, 0]
    assert solver.best_val_acc == 1
    assert solver.model.params["w"] == solver.best_params["w"] == 8


def test_of_equal_accuracies_the_first_is_kept():
    assert solve(Ruler(), optim_config={"learning_rate": 1.0}).model.params["w"] == 1


def test_a_model_that_never_was_right_keeps_its_last_parameters():
    solver = solve(Ruler(right_from=np.inf), optim_config={"learning_rate": 1.0})
    assert solver.best_val_acc == 0
    assert solver.best_params == {}
    assert solver.model.params["w"] == 12


def test_training_on_does_not_change_the_best_parameters():
    solver = solve(Ruler(right_to=9), optim_config={"learning_rate": 1.0})
    solver.model.right_to = 0
    for _ in range(2):
        solver.train()
        assert solver.best_params["w"] == solver.model.params["w"] == 1


def test_on_epoch_end_sees_the_solver_after_each_epoch():
    seen = []
    solve(Ruler(), on_epoch_end=lambda solver: seen.append((solver.epoch, solver.loss_history[-1])))
    assert seen == [(1, 4.0), (2, 8.0), (3, 12.0)]


# ---- what is printed ----


def test_prints_the_published_lines(capsys):
    solve(Ruler(), num_epochs=2, verbose=True, print_every=3)
    assert capsys.readouterr().out.splitlines() == [
        "(Iteration 1 / 8) loss: 1.000000",
        "(Epoch 0 / 2) train acc: 1.000000; val_acc: 1.000000",
        "(Iteration 4 / 8) loss: 4.000000",
        "(Epoch 1 / 2) train acc: 1.000000; val_acc: 1.000000",
        "(Iteration 7 / 8) loss: 7.000000",
        "(Epoch 2 / 2) train acc: 1.000000; val_acc: 1.000000",
    ]


def test_prints_nothing_where_it_is_not_verbose(capsys, tmp_path):
    solve(Ruler(), checkpoint_name=str(tmp_path / "quiet"))
    assert capsys.readouterr().out == ""


# ---- checkpoints ----


def test_every_epoch_leaves_a_checkpoint_that_loads(tmp_path):
    solver = solve(
        FullyConnectedNet([4], input_dim=D, num_classes=C, dtype=np.float64),
        toy_data(),
        checkpoint_name=str(tmp_path / "net"),
        num_epochs=2,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "net_epoch_1.pkl",
        "net_epoch_2.pkl",
    ]
    first, last = (pickle.loads((tmp_path / f"net_epoch_{k}.pkl").read_bytes()) for k in (1, 2))
    assert (first["epoch"], last["epoch"]) == (1, 2)
    assert last["loss_history"] == solver.loss_history
    assert last["val_acc_history"] == solver.val_acc_history
    assert first["loss_history"] == solver.loss_history[:4]
    X = toy_data()["X_val"]
    assert last["model"].loss(X).shape == (N, C)
    assert set(last) == {
        *("model", "update_rule", "lr_decay", "optim_config", "batch_size", "epoch"),
        *("num_train_samples", "num_val_samples"),
        *("loss_history", "train_acc_history", "val_acc_history"),
    }


def test_a_failed_checkpoint_leaves_the_older_file_and_nothing_else(tmp_path):
    older = tmp_path / "net_epoch_1.pkl"
    older.write_bytes(b"older")
    model = Ruler()
    model.weights = np.zeros(100_000)  # enough for a part of it to be on the disk
    model.unpicklable = lambda: None
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        solve(model, checkpoint_name=str(tmp_path / "net"))
    assert list(tmp_path.iterdir()) == [older]
    assert older.read_bytes() == b"older"


def test_a_checkpoint_is_as_readable_as_any_new_file(tmp_path):
    solve(Ruler(), checkpoint_name=str(tmp_path / "net"), num_epochs=1)
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "net_epoch_1.pkl").stat().st_mode == plain.stat().st_mode


# ---- wrong arguments ----


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 3, "batchsize": 1}, "Unrecognized arguments: batchsize, epochs"),
        *(
            ({"update_rule": rule}, "expected one of sgd, sgd_momentum, rmsprop, adam")
            for rule in ("sdg", "", None, 3, "np", "Any", "Array", "Update", "_start", "__doc__")
        ),
        ({"batch_size": 0}, "batch_size and print_every must be at least 1"),
        ({"print_every": 0}, "got 100, 0 and 10"),
        ({"num_epochs": -1}, "num_epochs at least 0"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Solver(Ruler(), ruler_data(), **options)


@pytest.mark.parametrize("key", ["X_train", "y_train", "X_val", "y_val"])
def test_missing_data_is_refused(key):
    data = ruler_data()
    del data[key]
    with pytest.raises(ValueError, match=f"the key '{key}'"):
        Solver(Ruler(), data)


@pytest.mark.parametrize("part", ["train", "val"])
@pytest.mark.parametrize(("images", "labels"), [(0, 0), (3, 2)])
def test_empty_or_unequal_data_is_refused(part, images, labels):
    data = ruler_data()
    data[f"X_{part}"], data[f"y_{part}"] = np.zeros((images, 1)), np.zeros(labels, int)
    with pytest.raises(ValueError, match=f"got {images} images and {labels} labels"):
        Solver(Ruler(), data)


def test_a_missing_gradient_is_named():
    model = Ruler()
    model.params["forgotten"] = np.zeros(1)
    with pytest.raises(ValueError, match="no gradient for 'forgotten'"):
        solve(model)
