"""CaptioningSolver on a toy vocabulary, and what it shares with Solver."""

import re

import numpy as np
import pytest

from cs231n.captioning_solver import CaptioningSolver
from cs231n.classifiers.rnn import CaptioningRNN
from cs231n.solver import Solver

WORDS = {"<NULL>": 0, "<START>": 1, "<END>": 2, "cat": 3, "dog": 4}
CAPTIONS = np.array([[1, 3, 2, 0], [1, 4, 3, 2], [1, 3, 3, 2], [1, 4, 2, 0]])
IMAGES = np.array([2, 0, 3, 2])  # the first and the last caption are of the same image


def toy_data(images=4, D=6):
    features = np.random.default_rng(0).standard_normal((images, D))
    part = {"captions": CAPTIONS, "image_idxs": IMAGES, "features": features}
    data = {f"{split}_{key}": a.copy() for split in ("train", "val") for key, a in part.items()}
    urls = np.array([f"{i}.jpg" for i in range(images)])
    return {**data, "train_urls": urls, "val_urls": urls, "word_to_idx": WORDS}


def distinct_data():
    """An image for each caption, so that all can be learnt."""
    return {**toy_data(), "train_image_idxs": np.arange(4), "val_image_idxs": np.arange(4)}


class Parrot:
    """Says the same word always; every step adds the learning rate to its number."""

    def __init__(self, word=3):
        self.params = {"w": np.zeros(1)}
        self.word, self.batches = word, []

    def loss(self, features, captions):
        self.batches.append((features, captions))
        return float(len(self.batches)), {"w": -np.ones(1)}

    def scores(self, features, captions):
        assert len(features) == len(captions)
        scores = np.zeros((*captions[:, 1:].shape, 5))
        scores[:, :, self.word] = 1
        return scores


def solve(model, data=None, **options):
    options = {"verbose": False, "batch_size": 2, "num_epochs": 3, **options}
    np.random.seed(1)
    solver = CaptioningSolver(model, toy_data() if data is None else data, **options)
    solver.train()
    return solver


def captioner(cell_type="rnn"):
    np.random.seed(0)
    return CaptioningRNN(WORDS, input_dim=6, wordvec_dim=8, hidden_dim=16, cell_type=cell_type)


# ---- training ----


@pytest.mark.parametrize("cell_type", ["rnn", "lstm"])
def test_captions_are_learnt_by_heart(cell_type):
    data = distinct_data()
    solver = solve(
        captioner(cell_type),
        data,
        update_rule="adam",
        optim_config={"learning_rate": 0.01},
        lr_decay=0.995,
        batch_size=4,
        num_epochs=120,
    )
    assert len(solver.loss_history) == 120
    assert solver.loss_history[0] > 3
    assert np.mean(solver.loss_history[-5:]) < 0.2
    assert solver.check_accuracy(data["train_features"], CAPTIONS) == 1.0
    sampled = solver.model.sample(data["train_features"], max_length=3)
    np.testing.assert_array_equal(sampled, CAPTIONS[:, 1:])


def test_minibatches_are_captions_with_their_own_image():
    data = toy_data()
    data["train_features"] = np.arange(4.0)[:, None]
    batches = solve(Parrot(), data, num_epochs=20).model.batches
    image_of = dict(zip(map(tuple, CAPTIONS), IMAGES, strict=True))
    seen = set()
    for features, captions in batches:
        assert features.shape == (2, 1)
        assert captions.shape == (2, 4)
        for feature, caption in zip(features, captions, strict=True):
            assert feature[0] == image_of[tuple(caption)]
            seen.add(tuple(caption))
    assert len(seen) == 4


def test_an_epoch_is_all_captions_once():
    solver = solve(Parrot(), num_epochs=3)
    assert len(solver.loss_history) == 6  # 4 captions in batches of 2
    assert solver.epoch == 3
    assert len(solve(Parrot(), batch_size=100).loss_history) == 3


def test_what_is_printed(capsys):
    solve(Parrot(), verbose=True, print_every=4)
    assert capsys.readouterr().out.splitlines() == [
        "(Iteration 1 / 6) loss: 1.000000",
        "(Iteration 5 / 6) loss: 5.000000",
    ]


def test_the_learning_rate_decays_each_epoch():
    solver = solve(Parrot(), optim_config={"learning_rate": 1.0}, lr_decay=0.5, num_epochs=3)
    assert solver.model.params["w"][0] == pytest.approx(2 * (1 + 0.5 + 0.25))
    assert solver.optim_configs["w"]["learning_rate"] == 0.125


def test_the_model_keeps_its_last_parameters_and_nothing_is_measured():
    solver = solve(Parrot(), optim_config={"learning_rate": 1.0})
    assert solver.model.params["w"][0] == 6
    assert solver.train_acc_history == solver.val_acc_history == []
    assert (solver.best_val_acc, solver.best_params) == (0.0, {})


def test_accuracies_are_measured_on_request(capsys):
    solver = solve(Parrot(), verbose=True, num_train_samples=None, num_val_samples=3)
    assert solver.train_acc_history == [4 / 10] * 4  # of ten words, "cat" is four
    assert len(solver.val_acc_history) == 4
    assert "w" in solver.best_params
    lines = re.findall(r"\(Epoch \d / 3\) train acc: 0.400000; val_acc:", capsys.readouterr().out)
    assert len(lines) == 4


# ---- accuracy ----


@pytest.mark.parametrize(("word", "share"), [(3, 4 / 10), (4, 2 / 10), (2, 4 / 10), (0, 0.0)])
def test_accuracy_counts_words_but_no_null(word, share):
    solver = CaptioningSolver(Parrot(word), toy_data())
    assert solver.check_accuracy(np.zeros((4, 6)), CAPTIONS) == share
    for batch_size in (1, 3):
        assert solver.check_accuracy(np.zeros((4, 6)), CAPTIONS, batch_size=batch_size) == share


def test_accuracy_of_data_as_it_is_loaded():
    """There are other numbers of images and captions; image_idxs says which belong together."""
    data = toy_data(images=9)
    model = captioner()
    solver = CaptioningSolver(model, data)
    given = solver.check_accuracy(data["val_features"], CAPTIONS, image_idxs=IMAGES)
    assert given == solver.check_accuracy(data["val_features"][IMAGES], CAPTIONS)
    best = model.scores(data["val_features"][IMAGES], CAPTIONS).argmax(axis=2)
    right = sum(
        best[n, t] == CAPTIONS[n, t + 1]
        for n, t in np.ndindex(4, 3)
        if CAPTIONS[n, t + 1] != WORDS["<NULL>"]
    )
    assert given == right / 10


def test_accuracy_of_a_sample():
    solver = CaptioningSolver(Parrot(), toy_data())
    counted = []
    solver.model.scores = lambda f, c: counted.append(len(c)) or Parrot().scores(f, c)
    solver.check_accuracy(np.zeros((4, 6)), CAPTIONS, num_samples=3)
    assert sum(counted) == 3
    solver.check_accuracy(np.zeros((4, 6)), CAPTIONS, num_samples=30)
    assert sum(counted) == 7


def test_accuracy_refuses_what_does_not_match():
    solver = CaptioningSolver(Parrot(), toy_data())
    with pytest.raises(ValueError, match=r"^y must have a caption for each of the 9 rows of X"):
        solver.check_accuracy(np.zeros((9, 6)), CAPTIONS)
    with pytest.raises(ValueError, match=r"^y must hold words to predict"):
        solver.check_accuracy(np.zeros((1, 6)), np.zeros((1, 4), int))


# ---- the interface ----


def test_it_is_a_solver_with_the_published_defaults():
    solver = CaptioningSolver(Parrot(), toy_data())
    assert isinstance(solver, Solver)
    assert (solver.batch_size, solver.num_epochs, solver.print_every) == (100, 10, 10)
    assert (solver.lr_decay, solver.verbose, solver.update_rule.__name__) == (1.0, True, "sgd")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 1}, "Unrecognized arguments: learning_rate"),
        ({"update_rule": "sdg"}, "Invalid update_rule 'sdg'"),
        ({"batch_size": 0}, "batch_size and print_every must be at least 1"),
        ({"num_val_samples": 10}, "must be both 0 or both not, got 0 and 10"),
    ],
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        CaptioningSolver(Parrot(), toy_data(), **options)


def test_data_that_are_refused():
    with pytest.raises(ValueError, match=r"data must have 'train_captions', got the keys \[\]"):
        CaptioningSolver(Parrot(), {})
    data = toy_data()
    del data["train_urls"]
    with pytest.raises(ValueError, match=r"data must have the keys \['train_urls'\]"):
        CaptioningSolver(Parrot(), data, verbose=False).train()
