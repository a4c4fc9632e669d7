import numpy as np
from sklearn import datasets

from cs231n.data import load_digits


def test_parts_are_those_of_the_source():
    data, source = load_digits(), datasets.load_digits()
    assert data.X_train.shape == (1000, 1, 8, 8)
    assert data.X_test.shape == (797, 1, 8, 8)
    ours = np.concatenate([data.X_train, data.X_test])[:, 0]
    assert (ours.min(), ours.max()) == (0, 255)
    back = np.rint(ours / 255 * 16)  # the 17 grey levels survive the way there and back
    labels = np.concatenate([data.y_train, data.y_test])
    order = np.lexsort(np.c_[labels, back.reshape(-1, 64)].T)
    wanted = np.lexsort(np.c_[source.target, source.images.reshape(-1, 64)].T)
    np.testing.assert_array_equal(back[order], source.images[wanted])
    np.testing.assert_array_equal(labels[order], source.target[wanted])


def test_classes_have_the_same_share_in_both_parts():
    data = load_digits()
    train, test = np.bincount(data.y_train), np.bincount(data.y_test)
    np.testing.assert_allclose(train / (train + test), 1000 / 1797, atol=0.01)


def test_labels_are_not_sorted():
    data = load_digits()
    for y in (data.y_train, data.y_test):
        assert (np.diff(y) < 0).mean() > 0.3


def test_the_split_is_fixed():
    first, second = load_digits(), load_digits()
    np.testing.assert_array_equal(first.X_test, second.X_test)
    assert first.y_train[:12].tolist() == [9, 0, 0, 3, 0, 3, 5, 2, 3, 4, 6, 4]
