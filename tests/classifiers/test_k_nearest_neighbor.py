"""Nearest neighbours against SciPy's distances and a vote counted by hand."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import euclidean_distances

from cs231n.classifiers import KNearestNeighbor

WAYS = ["compute_distances_two_loops", "compute_distances_one_loop", "compute_distances_no_loops"]


def trained(X, y=None):
    classifier = KNearestNeighbor()
    classifier.train(X, np.zeros(len(X), int) if y is None else y)
    return classifier


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-3, 3, shape)


def winner(dists, labels, k):
    """Count the votes of one row: sort by distance, then the most votes, then the smallest."""
    nearest = sorted(range(len(dists)), key=lambda j: dists[j])[:k]
    votes = Counter(labels[j] for j in nearest)
    return min(votes, key=lambda label: (-votes[label], label))


# ---- distances ----


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("n_test", "n_train", "D"), [(4, 7, 5), (1, 1, 1), (7, 4, 20), (0, 3, 2)])
def test_distances_are_those_of_scipy(way, n_test, n_train, D):
    X_train, X = numbers(n_train, D), numbers(n_test, D, seed=1)
    dists = getattr(trained(X_train), way)(X)
    assert dists.shape == (n_test, n_train)
    np.testing.assert_allclose(dists, cdist(X, X_train), rtol=1e-12)


def test_distances_of_images_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    X_train, X = rng.uniform(0, 255, (30, 3072)), rng.uniform(0, 255, (11, 3072))
    dists = trained(X_train).compute_distances_no_loops(X)
    np.testing.assert_allclose(dists, euclidean_distances(X, X_train), rtol=1e-10)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_numbers_are_taken_as_float64(way, dtype):
    X_train = np.array([[250, 0, 3], [9, 8, 7]]).astype(dtype)
    X = np.array([[0, 251, 4]]).astype(dtype)
    dists = getattr(trained(X_train), way)(X)
    assert dists.dtype == np.float64
    expected = cdist(X.astype(float), X_train.astype(float))
    np.testing.assert_allclose(dists, expected, rtol=1e-14)


def test_float32_does_not_drown_small_distances():
    X = np.full((1, 3072), 200, dtype=np.float32)
    near = X.copy()
    near[0, 0] += 1
    assert trained(X).compute_distances_no_loops(near)[0, 0] == pytest.approx(1, abs=1e-3)


def test_equal_images_are_at_distance_zero_and_never_nan():
    X = np.random.default_rng(0).uniform(0, 255, (60, 3072)) / 3
    dists = trained(X).compute_distances_no_loops(X)
    assert (dists >= 0).all()
    assert np.diag(dists).max() < 1e-3


def test_no_loops_makes_no_array_of_differences():
    X_train, X = numbers(400, 300), numbers(100, 300)
    classifier = trained(X_train)
    tracemalloc.start()
    classifier.compute_distances_no_loops(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 100 * 400 * 8  # the differences would be 300 times the result


@pytest.mark.parametrize("way", WAYS)
def test_inputs_stay_as_they_are_in_any_memory_order(way):
    X_train, X = np.asfortranarray(numbers(6, 4)), numbers(5, 8, seed=1)[:, ::2]
    copies = X_train.copy(), X.copy()
    dists = getattr(trained(X_train), way)(X)
    np.testing.assert_allclose(dists, cdist(copies[1], copies[0]), rtol=1e-12)
    np.testing.assert_array_equal(X_train, copies[0])
    np.testing.assert_array_equal(X, copies[1])


# ---- labels ----


@pytest.mark.parametrize("k", [1, 2, 3, 5, 20])
def test_labels_are_those_of_a_vote_by_hand(k):
    rng = np.random.default_rng(k)
    dists = rng.integers(0, 6, (40, 20)).astype(float)  # many distances tie
    y = rng.choice([-3, 2, 5, 1000], 20)
    expected = [winner(row, y.tolist(), k) for row in dists.tolist()]
    assert trained(numbers(20, 2), y).predict_labels(dists, k=k).tolist() == expected


def test_the_smallest_label_wins_a_tie():
    classifier = trained(np.zeros((4, 1)), np.array([9, 4, 9, 4]))
    assert classifier.predict_labels(np.array([[1.0, 2.0, 3.0, 4.0]]), k=4).tolist() == [4]
    assert classifier.predict_labels(np.array([[1.0, 2.0, 3.0, 4.0]]), k=3).tolist() == [9]


def test_labels_may_be_words():
    classifier = trained(np.array([[0.0], [9.0]]), np.array(["cat", "ship"]))
    assert classifier.predict(np.array([[8.0]])).tolist() == ["ship"]


@pytest.mark.parametrize("num_loops", [0, 1, 2])
def test_predict_finds_the_neighbours(num_loops):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [5.0, 5.0], [5.0, 6.0], [6.0, 5.0]])
    classifier = trained(X, np.array([3, 3, 1, 1, 1]))
    queries = np.array([[0.2, 0.3], [5.2, 5.1]])
    assert classifier.predict(queries, k=2, num_loops=num_loops).tolist() == [3, 1]
    assert classifier.predict(queries, k=5, num_loops=num_loops).tolist() == [1, 1]
    assert classifier.predict(queries[:0], num_loops=num_loops).shape == (0,)


def test_the_flow_of_the_notebook():
    """Folds, one classifier a fold, k by position and by name; the three ways agree."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    X = rng.standard_normal((60, 12)) + 4 * np.eye(3, 12)[y]
    X_folds, y_folds = np.array_split(X, 5), np.array_split(y, 5)
    accuracies = []
    for i in range(5):
        classifier = KNearestNeighbor()
        classifier.train(
            np.vstack(X_folds[:i] + X_folds[i + 1 :]), np.hstack(y_folds[:i] + y_folds[i + 1 :])
        )
        dists = classifier.compute_distances_two_loops(X_folds[i])
        dists_one = classifier.compute_distances_one_loop(X_folds[i])
        assert np.linalg.norm(dists - dists_one, ord="fro") < 1e-10
        assert np.linalg.norm(dists - classifier.compute_distances_no_loops(X_folds[i])) < 1e-10
        y_pred = classifier.predict_labels(dists, k=3)
        assert (y_pred == classifier.predict(X_folds[i], 3)).all()
        accuracies.append(np.mean(y_pred == y_folds[i]))
    assert np.mean(accuracies) > 0.9


# ---- what is refused ----


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (np.zeros((2, 2, 2)), np.zeros(2), ValueError, r"X must have 2 dimensions.*\(2, 2, 2\)"),
        (np.zeros((0, 2)), np.zeros(0), ValueError, r"X must hold at least one.*\(0, 2\)"),
        (np.zeros((3, 2)), np.zeros(2), ValueError, r"y must have shape \(3,\).*got \(2,\)"),
        (np.array([["a"]]), np.zeros(1), TypeError, "X must hold real numbers"),
    ],
)
def test_bad_training_images(X, y, error, message):
    with pytest.raises(error, match=message):
        KNearestNeighbor().train(X, y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.predict(np.zeros((1, 2)), num_loops=3), "num_loops must be 0, 1 or 2, got 3"),
        (lambda c: c.predict(np.zeros((1, 2)), k=4), r"k must lie in \[1, 3\].*got 4"),
        (lambda c: c.predict(np.zeros((1, 2)), k=0), "k must lie in .*got 0"),
        (lambda c: c.predict(np.zeros((1, 5))), r"X must have 2 columns.*\(3, 2\).*\(1, 5\)"),
        (lambda c: c.predict(np.zeros(2)), "X must have 2 dimensions"),
        (lambda c: c.predict_labels(np.zeros((1, 4))), "dists must have a column.*3 training"),
    ],
)
def test_bad_queries(call, message):
    with pytest.raises(ValueError, match=message):
        call(trained(np.zeros((3, 2))))


def test_a_classifier_without_training_says_so():
    for call in (KNearestNeighbor().predict, KNearestNeighbor().predict_labels):
        with pytest.raises(ValueError, match=r"call train\(X, y\) first"):
            call(np.zeros((1, 2)))
