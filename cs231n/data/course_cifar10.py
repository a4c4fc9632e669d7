"""CIFAR-10 as the course's notebooks load it: floating-point images, float64."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from cs231n.data.catalog import SOURCES
from cs231n.data.cifar10 import (
    LAYOUTS,
    find_cifar10,
    load_cifar10,
    read_binary_batch,
    read_pickled_batch,
)
from cs231n.data.download import cache_folder
from cs231n.data.places import find, places
from cs231n.data.restricted_pickle import restricted_load
from cs231n.validation import as_extent

CIFAR10_DIR = "cs231n/datasets/cifar-10-batches-py"


def load_pickle(f: Any) -> Any:
    """Read a pickle of plain data and arrays, written by Python 2 or 3; run no code in it.

    Parameters
    ----------
    f : binary file
        Opened with ``"rb"``. Strings of Python 2 are decoded as latin1.

    Returns
    -------
    object

    Raises
    ------
    TypeError
        If ``f`` is not such a file.
    pickle.UnpicklingError
        If the pickle is damaged or asks for anything else, which the message names.

    Examples
    --------
    >>> import io, pickle
    >>> load_pickle(io.BytesIO(pickle.dumps({"labels": [3, 5]})))
    {'labels': [3, 5]}
    """
    if not hasattr(f, "read"):
        raise TypeError(f"f is a {type(f).__name__}; expected a file opened with 'rb'")
    return restricted_load(f, encoding="latin1")


def load_CIFAR_batch(filename: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray]:
    """Load one batch of CIFAR-10.

    Parameters
    ----------
    filename : path
        A batch, pickled or (``.bin``) binary; looked for as in :func:`load_CIFAR10`.

    Returns
    -------
    X : ndarray (N, 32, 32, 3), float64
        Pixels from 0 to 255; N is 10,000 in the published batches.
    Y : ndarray (N,), int64

    Raises
    ------
    FileNotFoundError, ValueError, pickle.UnpicklingError
        If it is not there, not such a batch, or damaged.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "data_batch_1.bin"
    >>> _ = path.write_bytes(bytes([7]) + bytes(range(256)) * 12)
    >>> X, Y = load_CIFAR_batch(path)
    >>> X.shape, X.dtype, int(Y[0])
    ((1, 32, 32, 3), dtype('float64'), 7)
    """
    candidates = places("filename", filename)
    cached = _cached(candidates[0].parent.name, filename)
    if cached is not None:
        candidates += [cached / candidates[0].name, cached / f"{candidates[0].name}.bin"]
    path = find(candidates, _advice(), Path.is_file)
    read = read_binary_batch if path.suffix == ".bin" else read_pickled_batch
    X, y = read(path, rows=None)
    return _channels_last(X), y


def load_CIFAR10(
    ROOT: str | os.PathLike[str],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Load all of CIFAR-10.

    The batches are read as bytes, and each pixel becomes a float64 once, in its final place: 1.5
    GB for 60,000 images, and 0.2 GB more at the peak.

    Parameters
    ----------
    ROOT : path
        The folder with the batches. A relative one is looked for from the working directory,
        then beside the package and in it, then (by the name ``cifar-10-batches-py`` or ``-bin``)
        in the cache of :func:`cs231n.data.load`.

    Returns
    -------
    Xtr, Xte : ndarray (N, 32, 32, 3), float64
        Pixels from 0 to 255: 50,000 images to train and 10,000 to test.
    Ytr, Yte : ndarray (N,), int64

    Raises
    ------
    FileNotFoundError
        If it is in none of these places, or not complete; says how to get it.
    ValueError, pickle.UnpicklingError
        If a batch is damaged, or the training batches differ in size.

    Examples
    --------
    >>> X_train, y_train, X_test, y_test = load_CIFAR10(CIFAR10_DIR)  # doctest: +SKIP
    >>> X_train.shape  # doctest: +SKIP
    (50000, 32, 32, 3)
    """
    data = load_cifar10(_folder("ROOT", ROOT), rows=None)
    return _channels_last(data.X_train), data.y_train, _channels_last(data.X_test), data.y_test


def get_CIFAR10_data(
    num_training: int = 49000,
    num_validation: int = 1000,
    num_test: int = 1000,
    subtract_mean: bool = True,
    cifar10_dir: str | os.PathLike[str] = CIFAR10_DIR,
) -> dict[str, np.ndarray]:
    """Load CIFAR-10, split into training, validation and test images, for a network.

    Parameters
    ----------
    num_training, num_validation : int
        The first images of the training set, and those that follow.
    num_test : int
        The first images of the test set.
    subtract_mean : bool
        Subtract the mean training image from all of them.
    cifar10_dir : path
        The folder with the batches, as in :func:`load_CIFAR10`.

    Returns
    -------
    dict
        ``X_train, y_train, X_val, y_val, X_test, y_test``; images (N, 3, 32, 32), float64.

    Raises
    ------
    FileNotFoundError, ValueError, pickle.UnpicklingError
        As in :func:`load_CIFAR10`, or if there are fewer images than asked for.

    Examples
    --------
    >>> get_CIFAR10_data()["X_val"].shape  # doctest: +SKIP
    (1000, 3, 32, 32)
    """
    counts = (
        as_extent("num_training", num_training, 1),
        as_extent("num_validation", num_validation, 0),
        as_extent("num_test", num_test, 0),
    )
    data = load_cifar10(_folder("cifar10_dir", cifar10_dir), rows=None)
    _check_enough(counts, len(data.y_train), len(data.y_test))
    train, val, test = slice(counts[0]), slice(counts[0], counts[0] + counts[1]), slice(counts[2])
    X_train = data.X_train[train].astype(np.float64)
    X_val = data.X_train[val].astype(np.float64)
    X_test = data.X_test[test].astype(np.float64)
    if subtract_mean:
        mean_image = X_train.mean(axis=0)
        for X in (X_train, X_val, X_test):
            X -= mean_image  # in place: a second copy of the training set is 1.2 GB
    return {
        "X_train": X_train,
        "y_train": data.y_train[train],
        "X_val": X_val,
        "y_val": data.y_train[val],
        "X_test": X_test,
        "y_test": data.y_test[test],
    }


def _check_enough(counts: tuple[int, int, int], train: int, test: int) -> None:
    """Raise ValueError if the parts ask for more images than there are."""
    if counts[0] + counts[1] > train or counts[2] > test:
        raise ValueError(
            f"num_training + num_validation is {counts[0]} + {counts[1]} and num_test is "
            f"{counts[2]}; there are {train} images to train and {test} to test"
        )


def _channels_last(X: np.ndarray) -> np.ndarray:
    """Return bytes (N, 3, H, W) as floats (N, H, W, 3), in one pass."""
    x = X.transpose(0, 2, 3, 1)  # (N, 3, H, W) -> (N, H, W, 3)
    return x.astype(np.float64, order="C")


def _folder(name: str, root: str | os.PathLike[str]) -> Path:
    """Return the folder with all batches, or raise FileNotFoundError."""
    candidates = places(name, root)
    cached = _cached(candidates[0].name, root)
    # The cache is named even where it holds nothing, since the advice fills it.
    is_cifar10 = candidates[0].name in LAYOUTS and not Path(root).expanduser().is_absolute()
    candidates += [cached or cache_folder() / "cifar10"] if is_cifar10 else []
    folder = find(candidates, _advice(), Path.is_dir)
    complete = find_cifar10(folder)
    if complete is None:
        raise FileNotFoundError(
            f"{folder} does not hold all of data_batch_1 to data_batch_5 and test_batch.\n"
            f"What to do: {_advice()}"
        )
    return complete


def _cached(folder_name: str, path: str | os.PathLike[str]) -> Path | None:
    """Return the data set's folder in the cache, if a relative path means CIFAR-10."""
    if folder_name not in LAYOUTS or Path(path).expanduser().is_absolute():
        return None
    where = SOURCES["cifar10"].where(None)
    return None if where is None else Path(where)


def _advice() -> str:
    """Return how to get the data set."""
    return f"{SOURCES['cifar10'].advice(None)}; CS231N_DATA names another folder for downloads"
