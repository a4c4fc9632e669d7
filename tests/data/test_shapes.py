import time

import numpy as np
import pytest

from cs231n.data import load_shapes, make_shapes
from cs231n.data.shapes import CHUNK, CLASS_NAMES


def test_types_shapes_and_balance():
    X, y = make_shapes(105, seed=3)
    assert (X.shape, X.dtype) == ((105, 3, 32, 32), np.uint8)
    assert (y.shape, y.dtype) == ((105,), np.int64)
    assert np.ptp(np.bincount(y, minlength=len(CLASS_NAMES))) <= 1
    assert len(CLASS_NAMES) == 10


@pytest.mark.parametrize("num", [1, CHUNK, CHUNK + 1])
def test_same_seed_same_bits(num):
    first, second, other = make_shapes(num, 5), make_shapes(num, 5), make_shapes(num, 6)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    assert not np.array_equal(first[0], other[0])


def test_the_global_generator_is_left_alone():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    make_shapes(3)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_every_image_is_new():
    X, _ = make_shapes(2 * CHUNK, seed=0)
    assert len(np.unique(X.reshape(len(X), -1), axis=0)) == len(X)


def test_most_shapes_are_brighter_than_their_ground_but_not_all():
    # Brightness alone must not give the shape away, or a linear classifier would see it.
    X, y = make_shapes(1000)
    discs = X[y == CLASS_NAMES.index("disc")].mean(1)  # (N, 3, H, W) -> (N, H, W)
    brighter = discs[:, 11:21, 11:21].mean((1, 2)) > discs[:, [0, 1, -2, -1]].mean((1, 2))
    assert 0.65 < brighter.mean() < 0.9


def test_training_and_test_images_differ():
    data = load_shapes(num_train=40, num_test=40)
    assert not np.array_equal(data.X_train, data.X_test)
    assert data.class_names == CLASS_NAMES


def test_the_usual_size_takes_seconds():
    start = time.process_time()
    make_shapes(2000)
    assert time.process_time() - start < 4  # 0.3 s here; slow machines need more


def test_a_linear_classifier_does_badly_but_better_than_chance():
    data = load_shapes(num_train=1500, num_test=500)
    mean = data.X_train.mean(0, dtype=np.float32)
    X_train = (data.X_train - mean).reshape(1500, -1) / 64  # (N, 3, 32, 32) -> (N, 3072)
    X_test = (data.X_test - mean).reshape(500, -1) / 64
    best = 0.0
    kernel = X_train @ X_train.T
    for ridge in (1e2, 1e3, 1e4):
        weights = np.linalg.solve(
            kernel + ridge * np.eye(1500, dtype=np.float32), np.eye(10)[data.y_train]
        )
        guess = (X_test @ X_train.T @ weights).argmax(1)
        best = max(best, (guess == data.y_test).mean())
    assert 0.12 < best < 0.40


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"num": 0}, ValueError, "num is 0; expected at least 1"),
        ({"num": -3}, ValueError, "num is -3"),
        ({"num": 2.0}, TypeError, "num is 2.0"),
        ({"num": True}, TypeError, "num is True"),
        ({"num": 1, "seed": -1}, ValueError, "seed is -1; expected at least 0"),
        ({"num": 1, "seed": None}, TypeError, "seed is None"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, words):
    with pytest.raises(error, match=words):
        make_shapes(**arguments)


def test_load_shapes_names_its_seed():
    with pytest.raises(ValueError, match="seed is -1"):
        load_shapes(10, 10, seed=-1)
