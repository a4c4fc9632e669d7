"""MNIST: 70,000 handwritten digits, 28x28, from the four IDX files of its publisher."""

from pathlib import Path

import numpy as np

from cs231n.data.dataset import Dataset
from cs231n.data.idx import read_idx

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def find_mnist(root: Path) -> Path | None:
    """Return the folder with all four files, ``root`` or ``root/mnist``, or None.

    Examples
    --------
    >>> find_mnist(Path("no-such-folder")) is None
    True
    """
    for folder in (root, root / "mnist"):
        if all(_locate(folder, name) for name in FILES):
            return folder
    return None


def load_mnist(folder: Path) -> Dataset:
    """Read MNIST from the folder that holds its files.

    Parameters
    ----------
    folder : Path
        Holds the four official files, gzipped (``.gz``) or not.

    Returns
    -------
    Dataset
        Images uint8, (N, 1, 28, 28); 60,000 to train and 10,000 to test.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is damaged, or images and labels do not match.

    Notes
    -----
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits",
    http://yann.lecun.com/exdb/mnist/
    """
    paths = [_expect(folder, name) for name in FILES]
    X_train, y_train = _read_part(paths[0], paths[1])
    X_test, y_test = _read_part(paths[2], paths[3])
    return Dataset("mnist", X_train, y_train, X_test, y_test, tuple("0123456789"))


def _read_part(images: Path, labels: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, 1, 28, 28) and y (N,) from a file of images and one of labels."""
    X, y = read_idx(images), read_idx(labels)
    if X.dtype != np.uint8 or X.shape[1:] != (28, 28):
        raise ValueError(f"{images} holds {X.dtype} {X.shape}; expected uint8 (N, 28, 28)")
    if y.dtype != np.uint8 or y.shape != X.shape[:1]:
        raise ValueError(f"{labels} holds {y.dtype} {y.shape}; expected uint8 {X.shape[:1]}")
    return X[:, None], y.astype(np.int64)  # (N, 28, 28) -> (N, 1, 28, 28)


def _locate(folder: Path, name: str) -> Path | None:
    """Return the file ``name``, gzipped or not, if it is there."""
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            return path
    return None


def _expect(folder: Path, name: str) -> Path:
    """Return the file ``name``, gzipped or not, or raise FileNotFoundError."""
    path = _locate(folder, name)
    if path is None:
        raise FileNotFoundError(f"{folder} has neither {name}.gz nor {name}")
    return path
