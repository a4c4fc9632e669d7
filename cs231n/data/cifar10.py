"""CIFAR-10: 60,000 colour images, 32x32, in ten classes, in both layouts of its publisher."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cs231n.data.dataset import Dataset
from cs231n.data.restricted_pickle import restricted_load

CLASS_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
IMAGE = 3 * 32 * 32
_TRAIN = tuple(f"data_batch_{i}" for i in range(1, 6))
LAYOUTS = {"cifar-10-batches-bin": ".bin", "cifar-10-batches-py": ""}

Batch = tuple[np.ndarray, np.ndarray]


def find_cifar10(root: Path) -> Path | None:
    """Return the folder with all batches, ``root`` or one of its two usual children, or None.

    Examples
    --------
    >>> find_cifar10(Path("no-such-folder")) is None
    True
    """
    for folder in (root, *(root / name for name in LAYOUTS)):
        if _suffix(folder) is not None:
            return folder
    return None


def load_cifar10(folder: Path, rows: int | None = 10_000) -> Dataset:
    """Read CIFAR-10 from the folder that holds its batches, binary or pickled.

    Parameters
    ----------
    folder : Path
        Holds ``data_batch_1`` to ``5`` and ``test_batch``, with ``.bin`` or without.
    rows : int or None
        Images that every batch must hold; None takes as many as the first training batch has
        for the others, and any number to test.

    Returns
    -------
    Dataset
        Images uint8, (N, 3, 32, 32); 50,000 to train (154 MB) and 10,000 to test.

    Raises
    ------
    FileNotFoundError
        If a batch is missing.
    ValueError, pickle.UnpicklingError
        If a batch is damaged or holds anything but such images.

    Notes
    -----
    A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009,
    https://www.cs.toronto.edu/~kriz/cifar.html
    """
    suffix = _suffix(folder)
    if suffix is None:
        raise FileNotFoundError(
            f"{folder} does not hold data_batch_1 to data_batch_5 and test_batch, "
            "with '.bin' (binary layout) or without (pickled layout)"
        )
    read: Callable[..., Batch] = read_binary_batch if suffix else read_pickled_batch
    test_rows = rows
    if rows is None:
        rows = len(read(folder / f"{_TRAIN[0]}{suffix}", None)[1])
    X_train = np.empty((len(_TRAIN) * rows, 3, 32, 32), np.uint8)  # filled, not concatenated:
    y_train = np.empty(len(_TRAIN) * rows, np.int64)  # half the memory at the peak
    for i, name in enumerate(_TRAIN):
        part = slice(i * rows, (i + 1) * rows)
        X_train[part], y_train[part] = read(folder / f"{name}{suffix}", rows)
    X_test, y_test = read(folder / f"test_batch{suffix}", test_rows)
    return Dataset("cifar10", X_train, y_train, X_test, y_test, CLASS_NAMES)


def read_binary_batch(path: str | Path, rows: int | None = 10_000) -> Batch:
    """Read one batch of the binary layout: a label byte and 3,072 pixel bytes per image.

    Parameters
    ----------
    path : str or Path
        The file, such as ``data_batch_1.bin``.
    rows : int or None
        Images that it must hold; None takes what comes.

    Returns
    -------
    X, y : ndarray
        Images uint8, (N, 3, 32, 32), and labels int64, (N,).

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, of the wrong size, or has labels above 9.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "data_batch_1.bin"
    >>> _ = path.write_bytes(bytes([7]) + bytes(3072))
    >>> X, y = read_binary_batch(path, rows=1)
    >>> X.shape, y
    ((1, 3, 32, 32), array([7]))
    """
    path = Path(path)
    size = path.stat().st_size
    if size == 0 or size % (1 + IMAGE) or (rows is not None and size != rows * (1 + IMAGE)):
        wanted = "a multiple of 3073" if rows is None else f"{rows * (1 + IMAGE)} ({rows} images)"
        raise ValueError(f"{path} has {size} bytes; expected {wanted}")
    data = np.fromfile(path, np.uint8).reshape(-1, 1 + IMAGE)  # (N * 3073,) -> (N, 3073)
    return _split(path, data[:, 1:], data[:, 0])


def read_pickled_batch(path: str | Path, rows: int | None = 10_000) -> Batch:
    """Read one batch of the pickled layout, without running any code that it may hold.

    Parameters
    ----------
    path : str or Path
        The file, such as ``data_batch_1``; pickled by Python 2 or 3, old NumPy or new.
    rows : int or None
        Images that it must hold; None takes what comes.

    Returns
    -------
    X, y : ndarray
        Images uint8, (N, 3, 32, 32), and labels int64, (N,).

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, or does not hold such images and labels.
    pickle.UnpicklingError
        If it is damaged or asks for anything but plain data.

    Examples
    --------
    >>> import pickle, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "data_batch_1"
    >>> batch = {"data": np.zeros((2, 3072), np.uint8), "labels": [3, 5]}
    >>> _ = path.write_bytes(pickle.dumps(batch))
    >>> read_pickled_batch(path, rows=2)[1]
    array([3, 5])
    """
    path = Path(path)
    with path.open("rb") as file:
        batch = _with_text_keys(restricted_load(file, encoding="latin1"))
    X, y = batch.get("data"), batch.get("labels")
    wanted = f"a uint8 array ({'N' if rows is None else rows}, {IMAGE})"
    if not isinstance(X, np.ndarray) or X.dtype != np.uint8:
        raise ValueError(f"{path} holds no 'data' that is {wanted}")
    if X.ndim != 2 or X.shape[1] != IMAGE or (rows is not None and len(X) != rows):
        raise ValueError(f"{path} holds 'data' of shape {X.shape}; expected {wanted}")
    if not isinstance(y, list) or len(y) != len(X) or not all(type(n) is int for n in y):
        raise ValueError(f"{path} holds no 'labels' that are a list of {len(X)} integers")
    return _split(path, X, np.array(y, np.int64))


def _with_text_keys(batch: Any) -> dict[str, Any]:
    """Return the batch with str keys; Python 2's are bytes in files written by Python 3."""
    if not isinstance(batch, dict):
        raise ValueError(f"a CIFAR-10 batch is a {type(batch).__name__}; expected a dict")
    return {k.decode("latin1") if isinstance(k, bytes) else k: v for k, v in batch.items()}


def _split(path: Path, pixels: np.ndarray, labels: np.ndarray) -> Batch:
    """Return images and labels, checked and in the shapes of a Dataset."""
    y = labels.astype(np.int64)
    if y.size and not 0 <= y.min() <= y.max() <= 9:
        raise ValueError(f"{path} has labels from {y.min()} to {y.max()}; expected 0 to 9")
    X = pixels.reshape(-1, 3, 32, 32)  # (N, 3072) -> (N, 3, 32, 32)
    return np.ascontiguousarray(X), y


def _suffix(folder: Path) -> str | None:
    """Return the ending of the batches in ``folder``, or None if one is missing."""
    for suffix in LAYOUTS.values():
        if all((folder / f"{name}{suffix}").is_file() for name in (*_TRAIN, "test_batch")):
            return suffix
    return None
