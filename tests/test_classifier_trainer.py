"""The trainer of 2015: published constants, both of its conventions, and its book-keeping."""

import functools
import re
from collections import Counter

import numpy as np
import pytest

from cs231n.classifier_trainer import ClassifierTrainer
from cs231n.layers import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss


def two_layers(X, model, y=None, reg=0.0):
    """The two-layer network of 2015, as its second assignment has it."""
    hidden, first = affine_forward(X, model["W1"], model["b1"])
    hidden, relu = relu_forward(hidden)
    scores, second = affine_forward(hidden, model["W2"], model["b2"])
    if y is None:
        return scores
    loss, dscores = softmax_loss(scores, y)
    loss += 0.5 * reg * sum(np.sum(model[name] ** 2) for name in ("W1", "W2"))
    dhidden, dW2, db2 = affine_backward(dscores, second)
    _, dW1, db1 = affine_backward(relu_backward(dhidden, relu), first)
    grads = {"W1": dW1 + reg * model["W1"], "b1": db1, "W2": dW2 + reg * model["W2"], "b2": db2}
    return loss, grads


def toy():
    """The model and data whose losses the notebook prints."""
    model = {
        "W1": np.linspace(-0.2, 0.6, 40).reshape(4, 10),
        "b1": np.linspace(-0.3, 0.7, 10),
        "W2": np.linspace(-0.4, 0.1, 30).reshape(10, 3),
        "b2": np.linspace(-0.5, 0.9, 3),
    }
    return model, np.linspace(-0.2, 0.5, 20).reshape(5, 4), np.array([0, 1, 2, 2, 1])


class Ruler:
    """A loss function of one number w, of slope -1; right for images where a test says so."""

    def __init__(self, right=lambda w: w > 0):
        self.right, self.seen, self.evaluated, self.handed = right, [], [], []

    def __call__(self, X, model, y=None, reg=0.0, dropout=1.0):
        if y is None:
            self.evaluated.append(X.copy())
            winner = [1.0, 0.0] if self.right(model["w"][0]) else [0.0, 1.0]
            return np.tile(winner, (len(X), 1))
        self.seen.append((X.copy(), y.copy()))
        self.handed.append((reg, dropout))
        return float(len(self.seen)), {"w": -np.ones(1)}


def run(loss=None, N=20, val=10, model=None, trainer=None, seed=3, **options):
    """Train a ruler on images that are their own number; label 0 is right."""
    loss = Ruler() if loss is None else loss
    model = {"w": np.zeros(1)} if model is None else model
    options = {"num_epochs": 3, "batch_size": 5, "learning_rate": 1.0, "update": "sgd", **options}
    np.random.seed(seed)
    X, X_val = np.arange(float(N))[:, None], 1000.0 + np.arange(val)[:, None]
    labels = np.zeros(N, int), np.zeros(val, int)
    trainer = trainer or ClassifierTrainer()
    return trainer.train(X, labels[0], X_val, labels[1], model, loss, **options), loss, model


# ---- published constants ----


@pytest.mark.parametrize(
    ("update", "expected"), [("momentum", 0.494394), ("rmsprop", 0.439368), ("sgd", 0.940686)]
)
def test_the_toy_problem_ends_at_its_published_loss(update, expected):
    """The first two are printed in the notebook of 2015; the third is plain gradient descent."""
    model, X, y = toy()
    _, losses, _, _ = ClassifierTrainer().train(
        X, y, X, y, model, two_layers, reg=0.001, learning_rate=1e-1,
        momentum=0.0 if update == "sgd" else 0.9, learning_rate_decay=1, update=update,
        sample_batches=False, num_epochs=100, verbose=False,
    )  # fmt: skip
    assert losses[-1] == pytest.approx(expected, abs=5e-7)
    assert len(losses) == 100


def test_momentum_of_nothing_is_gradient_descent():
    weights = []
    for update in ("sgd", "momentum"):
        weights.append(run(update=update, learning_rate=0.3)[2]["w"][0])
    assert weights[0] == weights[1]


# ---- update rules ----


def test_updates_are_those_of_the_formulas():
    velocity = mean_square = 0.0
    expected = {"sgd": 0.0, "momentum": 0.0, "rmsprop": 0.0}
    for _ in range(6):
        expected["sgd"] += 0.1
        velocity = 0.9 * velocity + 0.1
        expected["momentum"] += velocity
        mean_square = 0.99 * mean_square + 0.01
        expected["rmsprop"] += 0.1 / np.sqrt(mean_square + 1e-8)
    for update, w in expected.items():
        _, _, model = run(
            update=update,
            momentum=0.9,
            learning_rate=0.1,
            learning_rate_decay=1,
            sample_batches=False,
            num_epochs=6,
        )
        assert model["w"][0] == pytest.approx(w, rel=1e-12), update


def test_the_epsilon_of_rmsprop_stands_in_the_root():
    def flat(X, model, y=None, reg=0.0):
        return np.zeros((len(X), 2)) if y is None else (0.0, {"w": np.array([-1e-6])})

    _, _, model = run(flat, update="rmsprop", sample_batches=False, num_epochs=1)
    assert model["w"][0] == pytest.approx(1e-6 / np.sqrt(1e-14 + 1e-8), rel=1e-9)


def test_the_step_cache_is_kept_between_calls():
    trainer = ClassifierTrainer()
    assert trainer.step_cache == {}
    options = {"update": "momentum", "momentum": 0.5, "sample_batches": False}
    run(trainer=trainer, learning_rate_decay=1, num_epochs=1, **options)
    assert trainer.step_cache["w"] == 1
    _, _, model = run(trainer=trainer, learning_rate_decay=1, num_epochs=1, **options)
    assert model["w"] == 1.5
    assert trainer.step_cache["w"] == 1.5


def test_the_step_cache_of_another_rule_or_shape_is_forgotten():
    trainer, options = ClassifierTrainer(), {"sample_batches": False, "num_epochs": 1}
    run(trainer=trainer, update="momentum", momentum=0.9, **options)
    run(trainer=trainer, update="rmsprop", learning_rate=0.1, **options)
    assert trainer.step_cache["w"] == pytest.approx(0.01)
    trainer.step_cache["w"] = np.zeros((2, 2))
    run(trainer=trainer, update="rmsprop", learning_rate=0.1, **options)
    assert trainer.step_cache["w"].shape == (1,)


def test_parameters_change_in_place_and_keep_their_dtype():
    for update in ("sgd", "momentum", "rmsprop"):
        w = np.zeros(1, np.float32)
        trainer = ClassifierTrainer()
        (best, *_), _, model = run(
            model={"w": w}, update=update, trainer=trainer, learning_rate=np.float64(0.1)
        )
        assert model["w"] is w
        assert w[0] > 0
        assert best["w"].dtype == np.float32
        assert best["w"] is not w


# ---- batches and epochs ----


def test_histories_have_their_lengths():
    (_, losses, train_accs, val_accs), _, _ = run(num_epochs=4)
    assert losses == list(range(1, 17))  # 4 epochs of 20 // 5
    assert len(train_accs) == len(val_accs) == 5  # the first iteration, and four ends


def test_without_batches_an_epoch_is_one_step_on_all_images():
    (_, losses, train_accs, _), loss, _ = run(sample_batches=False, num_epochs=3)
    assert len(losses) == len(train_accs) == 3
    for X, _ in loss.seen:
        np.testing.assert_array_equal(X[:, 0], np.arange(20))


def test_batches_are_drawn_from_all_images_with_their_labels():
    def check(X, model, y=None, reg=0.0):
        if y is not None:
            np.testing.assert_array_equal(X[:, 0], y)
            drawn.update(y.tolist())
            assert len(y) == 5
            return 0.0, {"w": np.zeros(1)}
        return np.zeros((len(X), 30))

    drawn, y = set(), np.arange(30)
    np.random.seed(0)
    X = y[:, None].astype(float)
    ClassifierTrainer().train(X, y, X, y, {"w": np.zeros(1)}, check, num_epochs=20, batch_size=5)
    assert drawn == set(range(30))


def test_a_batch_larger_than_the_data_is_an_epoch():
    (_, losses, _, _), loss, _ = run(N=3, batch_size=50, num_epochs=2)
    assert len(losses) == 2
    assert loss.seen[0][0].shape == (50, 1)


def test_the_rate_falls_at_each_epochs_end_but_not_at_the_first_iteration():
    # four steps at 1, four at 0.5
    assert run(num_epochs=2, learning_rate_decay=0.5)[2]["w"] == 4 + 2
    # epochs of one step: the first leaves the rate alone
    options = {"sample_batches": False, "learning_rate_decay": 0.5}
    assert run(num_epochs=4, **options)[2]["w"] == 1 + 1 + 0.5 + 0.25


def test_accuracies_at_a_frequency():
    accs = run(num_epochs=2, acc_frequency=3)[0][2]
    assert len(accs) == len({0, 3, 6} | {0, 3, 7})


def test_accuracies_are_those_of_the_images():
    (_, _, train_accs, val_accs), _, _ = run(Ruler(lambda w: w > 5), num_epochs=3)
    assert train_accs == val_accs == [0, 0, 1, 1]
    X, y = np.zeros((4, 1)), np.array([0, 1, 1, 1])
    ruler = Ruler()
    _, _, train, val = ClassifierTrainer().train(
        X, y, X, 1 - y, {"w": np.zeros(1)}, ruler, update="sgd", num_epochs=1
    )
    assert (train, val) == ([0.25], [0.75])


def test_training_accuracy_takes_a_thousand_images_in_slices_of_a_hundred():
    _, loss, _ = run(N=1250, val=130, batch_size=1250, num_epochs=1)
    assert Counter(len(X) for X in loss.evaluated) == {100: 10 + 1, 30: 1}
    assert len(np.unique(np.concatenate(loss.evaluated))) > 600  # not one slice again and again


def test_the_best_parameters_come_back_and_stay_as_they_were():
    (best, _, _, val_accs), _, model = run(Ruler(lambda w: 3 < w < 9), num_epochs=5)
    assert max(val_accs) == 1
    assert best["w"] == 4  # the end of the first epoch
    assert model["w"] > best["w"]


def test_parameters_come_back_even_if_nothing_was_ever_right():
    (best, _, _, val_accs), _, _ = run(Ruler(lambda w: False))
    assert set(val_accs) == {0}
    assert best["w"] == 1
    (best, losses, _, _), _, _ = run(num_epochs=0)
    assert best["w"] == 0
    assert losses == []


# ---- what is handed over ----


def test_reg_and_dropout_are_handed_over():
    _, loss, _ = run(reg=0.25, dropout=0.5)
    assert set(loss.handed) == {(0.25, 0.5)}


@pytest.mark.parametrize("manner", ["positional", "keyword only", "partial", "wrapper"])
def test_loss_functions_of_either_year(manner):
    ruler = Ruler()
    functions = {
        "positional": lambda X, model, y=None, lam=0.0: ruler(X, model, y, lam),
        "keyword only": lambda X, model, y=None, *, reg=0.0: ruler(X, model, y, reg),
        "partial": functools.partial(lambda s, X, model, y=None, reg=0: ruler(X, model, y, reg), 0),
        "wrapper": lambda *args, **kwargs: two(*args, **kwargs),
    }

    def two(X, model, y=None, reg=0.0):
        return ruler(X, model, y, reg)

    run(functions[manner], reg=0.25)
    assert set(ruler.handed) == {(0.25, 1.0)}


def test_dropout_for_a_function_that_takes_none_is_refused():
    with pytest.raises(ValueError, match=r"dropout=0.5 was asked for, but loss_function takes no"):
        run(lambda X, model, y=None, reg=0.0: None, dropout=0.5)


def test_dropout_goes_through_a_wrapper():
    ruler = Ruler()
    run(lambda *args, **kwargs: ruler(*args, **kwargs), dropout=0.5)
    assert {dropout for _, dropout in ruler.handed} == {0.5}


def test_images_are_augmented_to_train_and_cropped_to_predict():
    _, loss, _ = run(augment_fn=lambda X: X + 5000, predict_fn=lambda X: X - 5000)
    assert all((X >= 5000).all() for X, _ in loss.seen)
    assert all((X < 0).all() for X in loss.evaluated)


# ---- prints ----


def test_what_is_printed(capsys):
    run(num_epochs=3, learning_rate_decay=0.5, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    accs = "train: 1.000000, val 1.000000"
    assert lines == [
        "starting iteration  0",
        f"Finished epoch 0 / 3: cost 1.000000, {accs}, lr 1.000000e+00",
        f"Finished epoch 1 / 3: cost 4.000000, {accs}, lr 5.000000e-01",
        f"Finished epoch 2 / 3: cost 8.000000, {accs}, lr 2.500000e-01",
        "starting iteration  10",
        f"Finished epoch 3 / 3: cost 12.000000, {accs}, lr 1.250000e-01",
        "finished optimization. best validation accuracy: 1.000000",
    ]
    run(verbose=False)
    assert capsys.readouterr().out == ""


# ---- misuse ----


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"update": "adam"}, ValueError, "update must be one of sgd, momentum, rmsprop, got 'adam"),
        ({"num_epochs": -1}, ValueError, "num_epochs must lie in"),
        ({"batch_size": 0}, ValueError, "batch_size must lie in"),
        ({"acc_frequency": 0}, ValueError, "acc_frequency must lie in"),
        ({"N": 0}, ValueError, "X and its labels must match and not be empty"),
        ({"val": 0}, ValueError, "X_val and its labels"),
        ({"model": {"w": np.zeros(1), "v": np.zeros(1)}}, ValueError, "grads must have the key"),
        ({"model": {"w": np.zeros(2)}}, ValueError, re.escape("shape (2,), got (1,)")),
        ({"model": {"w": np.zeros(1, int)}}, TypeError, "'w'.* must be an array of real numbers"),
        ({"model": {"w": 0.0}}, TypeError, "must be an array of real numbers"),
    ],
)
def test_misuse(options, error, message):
    with pytest.raises(error, match=message):
        run(**options)
