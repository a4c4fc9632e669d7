"""The table of data sets, and the two functions that look into it."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cs231n.data import cifar10, digits, mnist, registry, shapes
from cs231n.data.dataset import Dataset
from cs231n.data.download import fetch_all, fetch_archive
from cs231n.data.sources import Offline, OnDisk, Source

# A new data set is one entry here.
SOURCES: dict[str, Source] = {
    "digits": Offline(digits.load_digits, "comes with scikit-learn", "sklearn"),
    "shapes": Offline(shapes.load_shapes, "drawn from a seed", "numpy"),
    "mnist": OnDisk(
        "mnist",
        mnist.find_mnist,
        mnist.load_mnist,
        partial(fetch_all, registry.MNIST),
        "the four files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
        "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz",
    ),
    "cifar10": OnDisk(
        "cifar10",
        cifar10.find_cifar10,
        cifar10.load_cifar10,
        partial(fetch_archive, registry.CIFAR10),
        "the folder cifar-10-batches-bin or cifar-10-batches-py",
    ),
}


@dataclass(frozen=True)
class Availability:
    """Whether a data set is on this machine, where, and what to do if it is not."""

    name: str
    found: bool
    where: str
    advice: str


def load(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    *,
    download: bool = True,
    progress: bool = True,
) -> Dataset:
    """Load a data set by its name.

    Parameters
    ----------
    name : {'digits', 'shapes', 'mnist', 'cifar10'}
        ``digits`` and ``shapes`` need neither files nor a network.
    data_dir : path, optional
        Folder with the files, or its parent. Nothing is ever written there. Without it the
        cache is used: the folder in ``CS231N_DATA``, else the user's cache folder.
    download : bool
        Download into the cache what is missing there.
    progress : bool
        Show a progress bar while downloading.

    Returns
    -------
    Dataset
        Images uint8, (N, C, H, W), and labels int64, (N,), to train and to test.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or a file is damaged.
    FileNotFoundError
        If the files are not there and are not to be downloaded.
    ConnectionError
        If they cannot be downloaded; the message says how to put them in place by hand.

    Examples
    --------
    >>> load("digits").X_train.shape
    (1000, 1, 8, 8)
    """
    if name not in SOURCES:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(SOURCES)}")
    return SOURCES[name].load(_folder(data_dir), download, progress)


def available(data_dir: str | os.PathLike[str] | None = None) -> list[Availability]:
    """Tell for every data set whether it is on this machine; never downloads.

    Parameters
    ----------
    data_dir : path, optional
        Folder to look into; without it the cache.

    Returns
    -------
    list of Availability
        One entry per data set; ``where`` is empty if it was not found, ``advice`` if it was.

    Raises
    ------
    TypeError, FileNotFoundError
        If ``data_dir`` is not an existing folder.

    Examples
    --------
    >>> [entry.name for entry in available() if entry.found][:2]
    ['digits', 'shapes']
    """
    folder = _folder(data_dir)
    entries = []
    for name, source in SOURCES.items():
        where = source.where(folder)
        advice = source.advice(folder) if where is None else ""
        entries.append(Availability(name, where is not None, where or "", advice))
    return entries


def _folder(data_dir: str | os.PathLike[str] | None) -> Path | None:
    """Return ``data_dir`` as a Path, or raise if it is not an existing folder."""
    if data_dir is None:
        return None
    if not isinstance(data_dir, (str, os.PathLike)):
        raise TypeError(f"data_dir is {data_dir!r}; expected a path or None")
    folder = Path(data_dir).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"data_dir is {data_dir!s}; expected an existing folder")
    return folder
