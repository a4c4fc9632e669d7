"""Training linear classifiers, in the idioms of all years, and keeping their weights."""

import re

import numpy as np
import pytest
from oracles import run_python

import cs231n
from cs231n.classifiers import LinearSVM, Softmax, saved
from cs231n.classifiers.linear_classifier import (
    LinearClassifier,
    softmax_loss_naive,
    svm_loss_naive,
)

BOTH = pytest.mark.parametrize("kind", [LinearSVM, Softmax])
NAIVE = {LinearSVM: svm_loss_naive, Softmax: softmax_loss_naive}
N, D, C = 60, 5, 3


@pytest.fixture(autouse=True)
def newest_release():
    with cs231n.use_release(2026):
        yield


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A package folder and a working directory of one's own."""
    (tmp_path / "package").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(saved, "PACKAGE", tmp_path / "package")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def separable(seed=0):
    """Images whose label is the largest of their first numbers, with a bias dimension."""
    rng = np.random.default_rng(seed)
    y = np.arange(N) % C
    return np.hstack(
        [rng.standard_normal((N, D - 1)) + 4 * np.eye(C, D - 1)[y], np.ones((N, 1))]
    ), y


# ---- training ----


@BOTH
@pytest.mark.parametrize("columns", [False, True])
def test_training_is_gradient_descent_on_drawn_batches(kind, columns):
    X, y = separable()
    given = X.T if columns else X
    np.random.seed(7)
    classifier = kind()
    history = classifier.train(given, y, 0.1, 0.01, num_iters=5, batch_size=8)

    np.random.seed(7)
    W = 0.001 * np.random.randn(*((C, D) if columns else (D, C)))
    expected = []
    for _ in range(5):
        batch = np.random.choice(N, 8)
        loss, dW = NAIVE[kind](W, given[:, batch] if columns else given[batch], y[batch], 0.01)
        W -= 0.1 * dW
        expected.append(loss)
    np.testing.assert_allclose(history, expected, rtol=1e-10)
    np.testing.assert_allclose(classifier.W, W, rtol=1e-10, atol=1e-14)


@BOTH
@pytest.mark.parametrize("year", [2015, 2016, 2026])
@pytest.mark.parametrize("columns", [False, True])
def test_classes_are_learnt_in_either_layout_and_any_year(kind, year, columns):
    X, y = separable()
    given = X.T if columns else X
    with cs231n.use_release(year):
        classifier = kind()
        history = classifier.train(given, y, learning_rate=0.1, num_iters=200, batch_size=20)
        assert classifier.W.shape == ((C, D) if columns else (D, C))
        assert (classifier.predict(given) == y).mean() > 0.95
    assert len(history) == 200
    assert np.mean(history[-20:]) < 0.3 * history[0]


@BOTH
def test_a_second_training_goes_on_from_W(kind):
    X, y = separable()
    classifier = kind()
    classifier.train(X, y, num_iters=30, learning_rate=0.1)
    first = classifier.W
    kept = first.copy()
    history = classifier.train(X, y, num_iters=1, learning_rate=0.0)
    np.testing.assert_array_equal(classifier.W, kept)
    assert history[0] < 0.5 * np.log(C)
    classifier.train(X, y, num_iters=1, learning_rate=0.1)
    np.testing.assert_array_equal(first, kept)  # who kept the old W keeps it


def test_weights_start_small_with_a_class_a_label():
    np.random.seed(0)
    classifier = Softmax()
    assert classifier.W is None
    classifier.train(np.zeros((4, 3000)), np.array([0, 9, 1, 2]), num_iters=0)
    assert classifier.W.shape == (3000, 10)
    assert classifier.W.std() == pytest.approx(1e-3, rel=0.02)


@BOTH
def test_the_log_is_the_published_one(kind, capsys):
    X, y = separable()
    kind().train(X, y, num_iters=250, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for it, line in zip((0, 100, 200), lines, strict=True):
        assert re.fullmatch(rf"iteration {it} / 250: loss \d+\.\d{{6}}", line)
    kind().train(X, y, num_iters=250)
    assert capsys.readouterr().out == ""


def test_a_subclass_brings_its_own_loss():
    class Ruler(LinearClassifier):
        def loss(self, X_batch, y_batch, reg):
            return reg * X_batch.shape[0], np.ones_like(self.W)

    ruler = Ruler()
    ruler.W = np.zeros((D, C))
    X, y = separable()
    assert ruler.train(X, y, learning_rate=0.5, reg=2, num_iters=2, batch_size=7) == [14, 14]
    np.testing.assert_array_equal(ruler.W, -1)
    with pytest.raises(NotImplementedError, match="LinearSVM or Softmax"):
        LinearClassifier().train(X, y)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_bytes_and_float32_train(dtype):
    X, y = separable()
    images = np.clip(20 * X + 100, 0, 255).astype(dtype)
    classifier = Softmax()
    classifier.train(images, y, learning_rate=1e-4, num_iters=500, batch_size=20)
    assert (classifier.predict(images) == y).mean() > 0.9


# ---- layouts that shapes do not tell ----


def test_a_batch_of_as_many_images_as_numbers_is_no_problem():
    X, y = separable()
    for given, shape in ((X, (D, C)), (X.T, (C, D))):
        classifier = Softmax()
        classifier.train(given, y, learning_rate=0.1, num_iters=300, batch_size=D)
        assert classifier.W.shape == shape
        assert (classifier.predict(given) == y).mean() > 0.9


def test_as_many_images_as_classes_are_read_as_trained():
    X, y = separable()
    for given in (X, X.T):
        for year in (2015, 2026):
            classifier = Softmax()
            classifier.train(given, y, learning_rate=0.1, num_iters=300)
            few = given[:C] if given is X else given[:, :C]
            with cs231n.use_release(year):
                np.testing.assert_array_equal(classifier.predict(few), y[:C])


def test_square_images_are_read_as_in_the_release():
    X, y = np.eye(4), np.array([0, 1, 0, 1])
    for year, shape in ((2015, (2, 4)), (2016, (4, 2))):
        with cs231n.use_release(year):
            classifier = LinearSVM()
            classifier.train(X, y, num_iters=1)
            assert classifier.W.shape == shape


def test_a_batch_whose_layout_could_be_misread_is_refused():
    X = np.ones((3, 8))  # 2015's layout: 8 images of 3 numbers, in 3 classes
    y = np.arange(8) % 3
    with pytest.raises(ValueError, match="batch_size must not be 3"):
        Softmax().train(X, y, batch_size=3)
    Softmax().train(X, y, batch_size=4, num_iters=1)
    with cs231n.use_release(2015):
        Softmax().train(X, y, batch_size=3, num_iters=1)


# ---- predictions ----


@pytest.mark.parametrize("columns", [False, True])
def test_predictions_are_the_highest_scores(columns):
    rng = np.random.default_rng(0)
    X, W = rng.standard_normal((7, D)), rng.standard_normal((D, C))
    expected = [max(range(C), key=lambda c, x=x: sum(x * W[:, c])) for x in X]
    classifier = LinearSVM()
    classifier.W = W.T if columns else W
    assert classifier.predict(X.T if columns else X).tolist() == expected
    empty = np.zeros((D, 0)) if columns else np.zeros((0, D))
    assert classifier.predict(empty).shape == (0,)


# ---- weights on disk ----


@BOTH
def test_weights_come_back(kind, notebook, capsys):
    classifier, other = kind(), kind()
    X, y = separable()
    classifier.train(X, y, num_iters=3)
    classifier.save("best.npy")
    assert (notebook / "package/saved/best.npy").exists()
    assert other.load("best")
    np.testing.assert_array_equal(other.W, classifier.W)
    np.testing.assert_array_equal(other.predict(X), classifier.predict(X))
    folder = notebook / "package/saved"
    assert capsys.readouterr().out.splitlines() == [
        f"best.npy saved in {folder}",
        f"best.npy loaded from {folder}",
    ]
    np.testing.assert_array_equal(np.load(folder / "best.npy"), classifier.W)


def test_weights_stay_beside_the_notebook_where_the_course_has_its_folder(notebook):
    (notebook / "work/cs231n").mkdir()
    classifier = Softmax()
    classifier.W = np.ones((2, 3))
    classifier.save("w.npy")
    assert (notebook / "work/cs231n/saved/w.npy").exists()
    assert not (notebook / "package/saved").exists()


def test_a_package_that_cannot_be_written_to(notebook, monkeypatch):
    classifier = Softmax()
    classifier.W = np.ones((2, 3))
    classifier.save("w.npy")  # into the package
    monkeypatch.setattr(saved.os, "access", lambda path, mode: False)
    assert classifier.load("w.npy")  # which can be read
    classifier.W = np.zeros((2, 3))
    classifier.save("w.npy")
    assert (notebook / "work/cs231n/saved/w.npy").exists()
    assert classifier.load("w.npy")
    assert not classifier.W.any()  # the newer one, beside the notebook


def test_an_absolute_path_is_taken_as_it_is(notebook, tmp_path):
    classifier = Softmax()
    classifier.W = np.ones((2, 3))
    classifier.save(tmp_path / "here.npy")
    assert classifier.load(str(tmp_path / "here.npy"))


def test_own_weights_are_replaced_and_said_to_be(notebook, capsys):
    classifier = Softmax()
    for value in (1.0, 2.0):
        classifier.W = np.full((2, 3), value)
        classifier.save("w.npy")
    assert capsys.readouterr().out.splitlines()[1].startswith("w.npy replaced in ")
    classifier.load("w.npy")
    assert classifier.W[0, 0] == 2


@pytest.mark.parametrize("content", ["text", "vector", "integers", "objects", "archive", "empty"])
def test_what_is_not_ours_is_neither_replaced_nor_loaded(notebook, content):
    folder = notebook / "package/saved"
    folder.mkdir()
    path = folder / "notes.npy"
    if content == "text":
        path.write_text("not to be lost")
    elif content == "empty":
        path.touch()
    elif content == "archive":
        with path.open("wb") as file:
            np.savez(file, W=np.ones((2, 2)))
    else:
        arrays = {
            "vector": np.ones(3),
            "integers": np.ones((2, 2), int),
            "objects": np.array({"W": 1}, dtype=object),
        }
        np.save(path, arrays[content], allow_pickle=True)
    before = path.read_bytes()
    classifier = Softmax()
    classifier.W = np.ones((2, 3))
    with pytest.raises(FileExistsError, match=r"notes\.npy holds something else"):
        classifier.save("notes.npy")
    with pytest.raises(ValueError, match=r"notes\.npy must"):
        classifier.load("notes.npy")
    assert path.read_bytes() == before
    assert classifier.W.shape == (2, 3)


def test_names_that_lead_elsewhere_and_files_that_are_missing(notebook):
    classifier = Softmax()
    with pytest.raises(ValueError, match="no W yet"):
        classifier.save("w.npy")
    classifier.W = np.ones((2, 3))
    with pytest.raises(ValueError, match="fname must be a file name or an absolute path"):
        classifier.save("../w.npy")
    with pytest.raises(FileNotFoundError, match=r"no w\.npy in .*package.*saved or .*work"):
        classifier.load("w.npy")


# ---- what is refused, and what is imported ----


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": np.ones((4, 4, 4))}, ValueError, "X must have 2 dimensions"),
        ({"y": np.zeros(7, int)}, ValueError, r"X must be \(N, D\).*\(60, 5\) and 7 labels"),
        ({"y": np.zeros(N)}, TypeError, "y must hold integer labels"),
        ({"y": np.full(N, -1)}, ValueError, "y must hold labels"),
        ({"y": np.zeros((N, 1), int)}, ValueError, r"y must have shape \(N,\)"),
        ({"X": np.ones((0, 5)), "y": np.zeros(0, int)}, ValueError, "at least one label"),
        ({"batch_size": 0}, ValueError, "batch_size must lie in"),
        ({"num_iters": 1.5}, TypeError, "num_iters must be an integer"),
    ],
)
def test_bad_training(change, error, message):
    X, y = separable()
    classifier = Softmax()
    with pytest.raises(error, match=message):
        classifier.train(**({"X": X, "y": y} | change))
    assert classifier.W is None


def test_a_W_that_does_not_match():
    X, y = separable()
    classifier = Softmax()
    classifier.W = np.ones((D, 2))
    with pytest.raises(ValueError, match="y must hold labels from 0 to 1"):
        classifier.train(X, y)
    with pytest.raises(ValueError, match=r"got X \(60, 4\), W \(5, 2\)"):
        classifier.predict(X[:, :4])
    with pytest.raises(ValueError, match="no W yet"):
        Softmax().predict(X)


def test_what_the_notebooks_import():
    names = "KNearestNeighbor, LinearSVM, Softmax, svm_loss_vectorized, softmax_loss_naive, np"
    code = f"import sys; from cs231n.classifiers import {names}; " + (
        "from cs231n.classifiers.linear_classifier import LinearSVM, svm_loss_naive, Softmax; "
        "from cs231n.classifiers.linear_svm import *; svm_loss_vectorized; "
        "from cs231n.classifiers.softmax import *; softmax_loss_vectorized; "
        "print(sorted(set(sys.modules) & {'matplotlib', 'scipy', 'sklearn'}))"
    )
    result = run_python(code)
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr
