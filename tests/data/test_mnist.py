import gzip

import numpy as np
import pytest

from cs231n.data import available, load, load_mnist
from cs231n.data.mnist import find_mnist


@pytest.mark.parametrize("suffix", [".gz", ""])
def test_images_and_labels(tmp_path, write_mnist, suffix):
    data = load_mnist(write_mnist(tmp_path, suffix))
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(data.X_train[:, 0], rng.integers(0, 256, (5, 28, 28)))
    np.testing.assert_array_equal(data.y_train, rng.integers(0, 10, 5))
    assert data.X_test.shape == (3, 1, 28, 28)
    assert data.class_names == tuple("0123456789")


@pytest.mark.parametrize("place", [".", "mnist"])
def test_it_is_found_in_the_folder_or_its_parent(tmp_path, write_mnist, place):
    folder = write_mnist(tmp_path / place)
    assert find_mnist(tmp_path) == folder
    assert len(load("mnist", tmp_path).y_train) == 5
    assert len(load("mnist", str(folder)).y_train) == 5


def test_three_files_of_four_are_not_enough(tmp_path, write_mnist):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    assert find_mnist(tmp_path) is None
    with pytest.raises(FileNotFoundError, match=r"neither t10k-labels-idx1-ubyte.gz nor"):
        load_mnist(tmp_path)


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", r"expected uint8 \(N, 28"),
        ("train-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz", r"\(3,\); expected uint8 \(5,"),
        ("train-labels-idx1-ubyte.gz", "train-images-idx3-ubyte.gz", r"expected uint8 \(5,"),
    ],
)
def test_files_that_do_not_match_are_refused(tmp_path, write_mnist, name, source, words):
    write_mnist(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / source).read_bytes())
    with pytest.raises(ValueError, match=words):
        load_mnist(tmp_path)


def test_a_label_above_nine_is_refused(tmp_path, write_mnist):
    write_mnist(tmp_path)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1] + b"\x0a"))
    with pytest.raises(ValueError, match=r"labels from \d to 10"):
        load_mnist(tmp_path)


def test_the_real_one():
    if not next(entry for entry in available() if entry.name == "mnist").found:
        pytest.skip("MNIST is not in the cache folder")
    data = load("mnist", download=False)
    assert data.X_train.shape == (60000, 1, 28, 28)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert round(float(data.X_train.mean()), 2) == 33.32  # the mean that is quoted everywhere
