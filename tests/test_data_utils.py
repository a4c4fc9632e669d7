"""The published loaders on tiny files in the published layouts."""

import io
import os
import pickle
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest

from cs231n import data_utils
from cs231n.data import places as places_module
from cs231n.data.places import find, places
from cs231n.data_utils import (
    get_CIFAR10_data,
    load_CIFAR10,
    load_CIFAR_batch,
    load_imagenet_val,
    load_models,
    load_pickle,
    load_tiny_imagenet,
)

ROWS = 6  # images a batch, instead of 10,000
CIFAR = "cs231n/datasets/cifar-10-batches-py"
# {'W': 'a\xe9', 3: [1.5]} and a uint8 array [1, 255], as Python 2's cPickle writes them.
PYTHON_2 = b"(dp1\nS'W'\np2\nS'a\\xe9'\np3\nsI3\n(lp4\nF1.5\nas."
PYTHON_2_ARRAY = (
    b"cnumpy.core.multiarray\n_reconstruct\np1\n(cnumpy\nndarray\np2\n(I0\ntp3\nS'b'\np4\ntp5\n"
    b"Rp6\n(I1\n(I2\ntp7\ncnumpy\ndtype\np8\n(S'u1'\np9\nI0\nI1\ntp10\nRp11\n(I3\nS'|'\np12\n"
    b"NNNI-1\nI-1\nI0\ntp13\nbI00\nS'\\x01\\xff'\np14\ntp15\nb."
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory, an empty cache, and a package folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CS231N_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(places_module, "PACKAGE", tmp_path / "site" / "cs231n")
    return tmp_path


def write_cifar(folder, rows=ROWS, binary=False, seed=0):
    """Write the six batches; return pixels (6, rows, 3, 32, 32) and labels (6, rows)."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (6, rows, 3, 32, 32)).astype(np.uint8)
    labels = rng.integers(0, 10, (6, rows))
    names = [*[f"data_batch_{i}" for i in range(1, 6)], "test_batch"]
    for name, X, y in zip(names, pixels, labels, strict=True):
        flat = X.reshape(rows, 3072)
        if binary:
            content = np.column_stack([y.astype(np.uint8), flat]).tobytes()
        else:
            content = pickle.dumps({b"data": flat, b"labels": y.tolist()}, 2)
        (folder / f"{name}{'.bin' if binary else ''}").write_bytes(content)
    return pixels, labels


def test_load_pickle_reads_both_pythons():
    assert load_pickle(io.BytesIO(PYTHON_2)) == {"W": "aé", 3: [1.5]}
    np.testing.assert_array_equal(load_pickle(io.BytesIO(PYTHON_2_ARRAY)), np.uint8([1, 255]))
    value = {"W1": np.eye(3), "name": "ü", "n": [1, None]}
    for protocol in range(6):
        found = load_pickle(io.BytesIO(pickle.dumps(value, protocol)))
        np.testing.assert_array_equal(found["W1"], np.eye(3))
        assert (found["name"], found["n"]) == ("ü", [1, None])


class Hostile:
    def __reduce__(self):
        return os.system, ("exit 1",)


def test_load_pickle_refuses_code_by_name():
    with pytest.raises(pickle.UnpicklingError, match=r"(posix|nt)\.system, which is refused"):
        load_pickle(io.BytesIO(pickle.dumps(Hostile())))
    with pytest.raises(pickle.UnpicklingError, match=r"refused|damaged"):
        load_pickle(io.BytesIO(pickle.dumps(np.array([{}], object))))
    with pytest.raises(TypeError, match="f is a str; expected a file opened with 'rb'"):
        load_pickle("data_batch_1")


def test_load_cifar_batch_gives_floats_with_channels_last(here):
    pixels, labels = write_cifar(CIFAR)
    X, Y = load_CIFAR_batch(f"{CIFAR}/data_batch_2")
    assert X.dtype == np.float64
    assert X.shape == (ROWS, 32, 32, 3)
    np.testing.assert_array_equal(X, pixels[1].transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(Y, labels[1])
    assert Y.dtype.kind == "i"


@pytest.mark.parametrize("binary", [False, True])
def test_load_cifar10(here, binary):
    pixels, labels = write_cifar(CIFAR, binary=binary)
    Xtr, Ytr, Xte, Yte = load_CIFAR10(CIFAR)
    assert (Xtr.dtype, Xte.dtype) == (np.float64, np.float64)
    assert Xtr.flags.c_contiguous
    train = pixels[:5].reshape(-1, 3, 32, 32)
    np.testing.assert_array_equal(Xtr, train.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(Xte, pixels[5].transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(Ytr, labels[:5].ravel())
    np.testing.assert_array_equal(Yte, labels[5])


def test_load_cifar10_makes_each_float_once(here):
    write_cifar(CIFAR, rows=200)
    load_CIFAR10(CIFAR)  # what is imported on the way is not to be measured
    tracemalloc.start()
    parts = load_CIFAR10(CIFAR)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = sum(part.nbytes for part in parts)
    assert peak < 1.3 * size, f"{peak} bytes at the peak for {size}"


def test_get_cifar10_data_splits_and_subtracts_the_mean(here):
    pixels, labels = write_cifar(CIFAR)
    train = pixels[:5].reshape(-1, 3, 32, 32).astype(float)
    data = get_CIFAR10_data(20, 7, 4)
    mean = train[:20].mean(axis=0)
    np.testing.assert_allclose(data["X_train"], train[:20] - mean, atol=1e-10)
    np.testing.assert_allclose(data["X_val"], train[20:27] - mean, atol=1e-10)
    np.testing.assert_allclose(data["X_test"], pixels[5][:4] - mean, atol=1e-10)
    np.testing.assert_array_equal(data["y_val"], labels[:5].ravel()[20:27])
    np.testing.assert_array_equal(data["y_test"], labels[5][:4])
    assert list(data) == ["X_train", "y_train", "X_val", "y_val", "X_test", "y_test"]
    assert data["X_train"].dtype == np.float64
    kept = get_CIFAR10_data(20, 7, 4, subtract_mean=False, cifar10_dir=here / CIFAR)
    np.testing.assert_array_equal(kept["X_train"], train[:20])


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((30, 1, 1), r"is 30 \+ 1 and num_test is 1; there are 30 images to train and 6 to test"),
        ((1, 1, 7), "num_test is 7"),
        ((0, 1, 1), "num_training must lie"),
        ((1, -1, 1), "num_validation must lie"),
    ],
)
def test_get_cifar10_data_refuses_more_images_than_there_are(here, counts, words):
    write_cifar(CIFAR)
    with pytest.raises(ValueError, match=words):
        get_CIFAR10_data(*counts)


@pytest.mark.parametrize("where", ["site/" + CIFAR, "cache/cifar10", "cache/cifar-10-batches-bin"])
def test_cifar10_is_found_beside_the_package_and_in_the_cache(here, where):
    _, labels = write_cifar(where, binary=where.endswith("bin"))
    np.testing.assert_array_equal(load_CIFAR10(CIFAR)[1], labels[:5].ravel())
    np.testing.assert_array_equal(load_CIFAR_batch(f"{CIFAR}/test_batch")[1], labels[5])
    assert len(get_CIFAR10_data(5, 5, 5)["y_val"]) == 5


def test_the_working_directory_comes_first(here):
    write_cifar("site/" + CIFAR, seed=1)
    write_cifar("cache/cifar10", seed=2)
    _, labels = write_cifar(CIFAR, seed=3)
    np.testing.assert_array_equal(load_CIFAR10(CIFAR)[3], labels[5])


def test_a_missing_cifar10_names_every_place_and_the_way_to_get_it(here):
    with pytest.raises(FileNotFoundError) as caught:
        load_CIFAR10(CIFAR)
    message = str(caught.value)
    for place in (here / CIFAR, here / "site" / CIFAR, here / "cache"):
        assert str(place) in message
    assert "cs231n.data.load('cifar10')" in message
    assert "CS231N_DATA" in message
    with pytest.raises(FileNotFoundError, match="CS231N_DATA"):
        load_CIFAR_batch(f"{CIFAR}/data_batch_1")


def test_an_absolute_path_leads_to_one_place(here):
    write_cifar("cache/cifar10")
    with pytest.raises(FileNotFoundError, match=r"looked for at\n.*elsewhere.*\nWhat to do"):
        load_CIFAR10(here / "elsewhere" / "cifar-10-batches-py")


def test_an_incomplete_folder_is_an_error_not_a_reason_to_look_on(here):
    write_cifar("cache/cifar10")
    write_cifar(CIFAR)
    (here / CIFAR / "data_batch_3").unlink()
    with pytest.raises(FileNotFoundError, match=r"(?s)does not hold all of .*CS231N_DATA"):
        load_CIFAR10(CIFAR)


def test_batches_of_different_sizes_are_refused(here):
    write_cifar(CIFAR)
    short = {"data": np.zeros((ROWS - 1, 3072), np.uint8), "labels": [0] * (ROWS - 1)}
    (here / CIFAR / "data_batch_4").write_bytes(pickle.dumps(short))
    with pytest.raises(ValueError, match=r"data_batch_4 holds 'data' of shape \(5, 3072\)"):
        load_CIFAR10(CIFAR)


def test_a_hostile_batch_is_refused_by_name(here):
    write_cifar(CIFAR)
    (here / CIFAR / "data_batch_1").write_bytes(pickle.dumps({"data": Hostile()}))
    for load in (lambda: load_CIFAR10(CIFAR), lambda: load_CIFAR_batch(f"{CIFAR}/data_batch_1")):
        with pytest.raises(pickle.UnpicklingError, match=r"\.system"):
            load()


@pytest.mark.parametrize("value", [None, 3, b"x"])
def test_a_path_must_be_a_path(value):
    for load in (load_CIFAR10, load_CIFAR_batch, load_tiny_imagenet, load_models):
        with pytest.raises(TypeError, match="expected a path"):
            load(value)


def test_places_and_find(here):
    package = here / "site" / "cs231n"
    assert places("path", "datasets/x") == [
        here / "datasets/x",
        here / "site/datasets/x",
        package / "datasets/x",
    ]
    assert places("path", "cs231n/x") == [here / "cs231n/x", package / "x"]
    assert places("path", here / "x") == [here / "x"]
    assert find([here / "x", here], "") == here


def test_models_are_loaded_and_what_is_skipped_is_told(here):
    folder = here / "models"
    folder.mkdir()
    params = {"W1": np.arange(3.0), "b1": np.zeros(1)}
    (folder / "b.pkl").write_bytes(pickle.dumps({"model": params}, 2))
    (folder / "a.pkl").write_bytes(pickle.dumps({"model": {}, "loss": [1.0]}))
    (folder / "notes.txt").write_text("not a pickle")
    (folder / "hostile.pkl").write_bytes(pickle.dumps({"model": Hostile()}))
    (folder / "other.pkl").write_bytes(pickle.dumps({"params": {}}))
    (folder / "folder").mkdir()
    with pytest.warns(UserWarning, match="is skipped: ") as caught:
        models = load_models("models")
    assert list(models) == ["a.pkl", "b.pkl"]
    np.testing.assert_array_equal(models["b.pkl"]["W1"], params["W1"])
    told = "\n".join(str(warning.message) for warning in caught)
    assert len(caught) == 4
    for words in ("notes.txt is skipped", "no dict with the key 'model'", "system, which is ref"):
        assert words in told
    with pytest.raises(FileNotFoundError, match="no-models"):
        load_models("no-models")


def test_models_without_anything_to_skip_are_loaded_in_silence(here):
    (here / "models").mkdir()
    (here / "models" / "a").write_bytes(pickle.dumps({"model": {"b": 1}}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_models("models") == {"a": {"b": 1}}


def write_imagenet_val(path, names):
    path.parent.mkdir(parents=True, exist_ok=True)
    X = np.arange(3 * 4 * 4 * 3, dtype=np.uint8).reshape(3, 4, 4, 3)
    np.savez(path, X=X, y=np.array([5, 1, 7]), label_map=np.array(names, object))
    return X


@pytest.mark.parametrize("folder", ["cs231n/datasets", "site/cs231n/datasets", "datasets"])
def test_imagenet_val(here, folder):
    names = {1: "goldfish", 5: "ray", 7: "cock"}
    X = write_imagenet_val(here / folder / "imagenet_val_25.npz", names)
    found, y, class_names = load_imagenet_val()
    np.testing.assert_array_equal(found, X)
    assert (y.tolist(), class_names) == ([5, 1, 7], names)
    found, y, _ = load_imagenet_val(num=2)
    assert (len(found), len(y)) == (2, 2)


def test_imagenet_val_refuses_code_and_damage(here):
    path = here / "cs231n/datasets/imagenet_val_25.npz"
    with pytest.raises(FileNotFoundError, match=r"(?s)site.*imagenet_val_25\.npz at one of"):
        load_imagenet_val()
    write_imagenet_val(path, {1: Hostile()})
    with pytest.raises(pickle.UnpicklingError, match=r"\.system"):
        load_imagenet_val()
    write_imagenet_val(path, [1])
    with pytest.raises(ValueError, match="dict of names"):
        load_imagenet_val()
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="no npz file"):
        load_imagenet_val()


def test_the_face_holds_no_code():
    assert {
        getattr(data_utils, name).__module__.split(".")[1]
        for name in dir(data_utils)
        if name.startswith(("load_", "get_"))
    } == {"data"}
