import pickle

import numpy as np
import pytest

from cs231n.data import available, load, load_cifar10, read_binary_batch, read_pickled_batch
from cs231n.data.cifar10 import CLASS_NAMES, find_cifar10

ROWS = 4


@pytest.mark.parametrize(("pickled", "protocol"), [(False, 0), (True, 0), (True, 2), (True, 5)])
def test_both_layouts_give_the_same(tmp_path, write_cifar, pickled, protocol):
    pixels, labels = write_cifar(tmp_path, pickled, protocol)
    data = load_cifar10(tmp_path, rows=ROWS)
    assert data.X_train.dtype == np.uint8
    np.testing.assert_array_equal(data.X_train, pixels[:5].reshape(-1, 3, 32, 32))
    np.testing.assert_array_equal(data.X_test, pixels[5].reshape(-1, 3, 32, 32))
    np.testing.assert_array_equal(data.y_train, labels[:5].ravel())
    np.testing.assert_array_equal(data.y_test, labels[5])
    assert data.X_train.flags.c_contiguous
    assert data.X_test.flags.c_contiguous
    assert data.class_names[3] == "cat"


@pytest.mark.parametrize("pickled", [False, True])
def test_it_is_found_in_the_folder_or_its_parent(tmp_path, write_cifar, pickled):
    folder = tmp_path / f"cifar-10-batches-{'py' if pickled else 'bin'}"
    write_cifar(folder, pickled)
    assert find_cifar10(tmp_path) == folder
    assert find_cifar10(folder) == folder
    next(folder.iterdir()).unlink()
    assert find_cifar10(tmp_path) is None
    with pytest.raises(FileNotFoundError, match="does not hold data_batch_1"):
        load_cifar10(folder, rows=ROWS)


@pytest.mark.parametrize("size", [0, 1, 3072, 3074, 3 * 3073, 5 * 3073, 4 * 3073 - 1])
def test_a_binary_batch_of_another_size_is_refused(tmp_path, size):
    path = tmp_path / "data_batch_1.bin"
    path.write_bytes(bytes(size))
    with pytest.raises(ValueError, match=rf"has {size} bytes; expected 12292 \(4 images\)"):
        read_binary_batch(path, ROWS)
    if size % 3073 or not size:
        with pytest.raises(ValueError, match="a multiple of 3073"):
            read_binary_batch(path, None)
    else:
        assert len(read_binary_batch(path, None)[0]) == size // 3073


def test_a_binary_label_above_nine_is_refused(tmp_path):
    path = tmp_path / "data_batch_1.bin"
    path.write_bytes(bytes([10]) + bytes(3072))
    with pytest.raises(ValueError, match="labels from 10 to 10; expected 0 to 9"):
        read_binary_batch(path, 1)


GOOD = {"data": np.zeros((ROWS, 3072), np.uint8), "labels": [0, 1, 2, 9]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": np.zeros((ROWS, 3072))}, r"no 'data' that is a uint8 array \(4, 3072\)"),
        ({"data": None}, "no 'data'"),
        ({"data": np.zeros((ROWS, 3071), np.uint8)}, r"shape \(4, 3071\)"),
        ({"data": np.zeros((3, 3072), np.uint8)}, r"shape \(3, 3072\)"),
        ({"labels": [1, 2]}, "list of 4 integers"),
        ({"labels": ["a"] * 4}, "list of 4 integers"),
        ({"labels": None}, "list of 4 integers"),
        ({"labels": [0, 1, 2, 10]}, "labels from 0 to 10"),
        ({"labels": [0, 1, 2, -1]}, "labels from -1 to 2"),
    ],
)
def test_a_pickled_batch_of_another_content_is_refused(tmp_path, change, words):
    path = tmp_path / "data_batch_1"
    path.write_bytes(pickle.dumps({**GOOD, **change}))
    with pytest.raises(ValueError, match=words):
        read_pickled_batch(path, ROWS)


def test_a_pickle_that_is_no_dict_is_refused(tmp_path):
    path = tmp_path / "data_batch_1"
    path.write_bytes(pickle.dumps([1]))
    with pytest.raises(ValueError, match="is a list; expected a dict"):
        read_pickled_batch(path)


def test_a_batch_with_code_in_it_is_refused(tmp_path):
    path = tmp_path / "data_batch_1"
    path.write_bytes(b"cos\nsystem\n(S'touch " + bytes(tmp_path / "ran") + b"'\ntR.")
    with pytest.raises(pickle.UnpicklingError, match=r"os\.system"):
        read_pickled_batch(path)
    assert not (tmp_path / "ran").exists()


def test_the_real_one():
    entry = next(entry for entry in available() if entry.name == "cifar10")
    if not entry.found:
        pytest.skip("CIFAR-10 is not in the cache folder")
    data = load("cifar10", download=False)
    assert data.X_train.shape == (50000, 3, 32, 32)
    assert np.bincount(data.y_train).tolist() == [5000] * 10
    assert np.bincount(data.y_test).tolist() == [1000] * 10
    means = data.X_train.mean((0, 2, 3), dtype=np.float64)
    np.testing.assert_allclose(means, [125.3, 123.0, 113.9], atol=0.3)
    assert len(CLASS_NAMES) == 10
