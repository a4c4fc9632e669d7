"""TinyImageNet: colour images, 64x64, in up to 200 classes, as the course hands it out."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cs231n.data.places import find, places
from cs231n.release import conventions

URL = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
SIZE = 64
_PARTS = ("class_names", "X_train", "y_train", "X_val", "y_val", "X_test", "y_test")
_SYNSETS_A_LINE = 20  # how many lie between two lines of progress


class TinyImageNet(dict[str, Any]):
    """A dict that unpacks as the tuple of seven that :func:`load_tiny_imagenet` once returned.

    Everything but iteration is a dict's: ``data["X_train"]``, ``data.items()``, ``"X_val" in
    data``. Iteration gives values, so keys are ``data.keys()``.

    Examples
    --------
    >>> data = TinyImageNet({name: name.lower() for name in _PARTS})
    >>> class_names, X_train, y_train, X_val, y_val, X_test, y_test = data
    >>> X_train, data["X_train"]
    ('x_train', 'x_train')
    """

    def __iter__(self) -> Iterator[Any]:
        return iter([self[name] for name in _PARTS])


def load_tiny_imagenet(
    path: str | os.PathLike[str],
    dtype: npt.DTypeLike = np.float32,
    subtract_mean: bool | None = None,
) -> TinyImageNet:
    """Load TinyImageNet, or a part of it with fewer classes.

    Parameters
    ----------
    path : path
        The folder with ``wnids.txt``, ``words.txt``, ``train``, ``val`` and ``test``; a relative
        one is looked for from the working directory, then beside the package and in it.
    dtype : dtype
        Of the images; 4.9 GB to train in float32.
    subtract_mean : bool, optional
        Subtract the mean training image from all images. By default it is subtracted, as in
        2016 and later, but not under ``use_release(2015)``.

    Returns
    -------
    TinyImageNet
        A dict with ``class_names`` (a list of words for each class), ``X_train``, ``X_val``,
        ``X_test`` (N, 3, 64, 64), ``y_train``, ``y_val``, ``y_test`` (N,) and ``mean_image``
        (3, 64, 64). ``y_test`` is None without ``test/test_annotations.txt``. It unpacks as the
        tuple of the first seven in the order of 2015.

    Raises
    ------
    FileNotFoundError
        If the folder, or a file that it must hold, is not there.
    ValueError
        If a file is damaged, names an unknown class or an image of another size, or if integers
        should have their mean subtracted.

    Examples
    --------
    >>> data = load_tiny_imagenet("cs231n/datasets/tiny-imagenet-100-A")  # doctest: +SKIP
    >>> data["class_names"][0]  # doctest: +SKIP
    ['Egyptian cat']
    """
    if subtract_mean is None:
        subtract_mean = not conventions().tiny_imagenet_keeps_mean
    dtype = np.dtype(dtype)
    if subtract_mean and dtype.kind != "f":
        raise ValueError(f"dtype is {dtype}; subtract_mean=True needs floating-point images")
    root = find(places("path", path), f"unpack {URL} there", Path.is_dir)

    wnids = [_plain_name(root / "wnids.txt", row[0]) for row in _rows(root / "wnids.txt")]
    labels = {wnid: label for label, wnid in enumerate(wnids)}
    data = TinyImageNet(class_names=_class_names(root / "words.txt", wnids))
    data["X_train"], data["y_train"] = _load_train(root / "train", wnids, dtype)
    data["X_val"], data["y_val"] = _load_val(root / "val", labels, dtype)
    data["X_test"], data["y_test"] = _load_test(root / "test", labels, dtype)
    # float64, because a float32 sum of 100,000 pixels has lost its last digits.
    mean_image = data["X_train"].mean(axis=0, dtype=np.float64)
    data["mean_image"] = mean_image.astype(dtype) if dtype.kind == "f" else mean_image
    if subtract_mean:
        for part in ("X_train", "X_val", "X_test"):
            data[part] -= data["mean_image"]
    return data


def _class_names(path: Path, wnids: list[str]) -> list[list[str]]:
    """Return the words of each class, from lines ``wnid<tab>word, word``."""
    words = {row[0]: row[1] for row in _rows(path, columns=2)}
    missing = [wnid for wnid in wnids if wnid not in words]
    if missing:
        raise ValueError(f"{path} has no words for {', '.join(missing[:5])}")
    return [[word.strip() for word in words[wnid].split(",")] for wnid in wnids]


def _load_train(folder: Path, wnids: list[str], dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, 3, 64, 64) and y (N,), with lines of progress."""
    names = [_boxed_images(folder / wnid / f"{wnid}_boxes.txt") for wnid in wnids]
    counts = [len(part) for part in names]
    if not sum(counts):
        raise ValueError(f"{folder} holds no images")
    X = np.empty((sum(counts), 3, SIZE, SIZE), dtype)  # filled, not concatenated: half the memory
    start = 0
    for i, (wnid, part) in enumerate(zip(wnids, names, strict=True)):
        if i % _SYNSETS_A_LINE == 0:
            print(f"loading training data for synset {i + 1} / {len(wnids)}")
        _fill(X[start : start + len(part)], folder / wnid / "images", part)
        start += len(part)
    return X, np.repeat(np.arange(len(wnids)), counts)


def _boxed_images(boxes: Path) -> list[str]:
    """Return the images of a class, the first column of its list of boxes."""
    return [_plain_name(boxes, row[0]) for row in _rows(boxes)]


def _load_val(
    folder: Path, labels: dict[str, int], dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, 3, 64, 64) and y (N,) in the order of the annotations."""
    annotations = folder / "val_annotations.txt"
    rows = _rows(annotations, columns=2)
    X = np.empty((len(rows), 3, SIZE, SIZE), dtype)
    _fill(X, folder / "images", [_plain_name(annotations, row[0]) for row in rows])
    return X, np.array([_label(annotations, labels, row[1]) for row in rows], np.int64)


def _load_test(
    folder: Path, labels: dict[str, int], dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return X (N, 3, 64, 64) in the order of the file names, and y (N,) or None."""
    images = find([folder / "images"], f"unpack {URL} again", Path.is_dir)
    names = sorted(path.name for path in images.iterdir() if path.suffix.lower() == ".jpeg")
    X = np.empty((len(names), 3, SIZE, SIZE), dtype)
    _fill(X, images, names)
    annotations = folder / "test_annotations.txt"
    if not annotations.is_file():
        return X, None
    wnids = {row[0]: row[1] for row in _rows(annotations, columns=2)}
    missing = [name for name in names if name not in wnids]
    if missing:
        raise ValueError(f"{annotations} has no class for {', '.join(missing[:5])}")
    return X, np.array([_label(annotations, labels, wnids[name]) for name in names], np.int64)


def _fill(X: np.ndarray, folder: Path, names: list[str]) -> None:
    """Read an image into each place of X (N, 3, 64, 64)."""
    for place, name in zip(X, names, strict=True):
        place[...] = read_rgb(folder / name).transpose(2, 0, 1)  # (64, 64, 3) -> (3, 64, 64)


def read_rgb(path: Path) -> np.ndarray:
    """Return an image of 64x64 pixels as (64, 64, 3), uint8; grey ones become RGB.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ValueError
        If it is no image, or of another size.
    """
    from PIL import Image  # here, because most notebooks read no image files

    try:
        with Image.open(path) as image:
            size = image.size
            pixels = np.asarray(image.convert("RGB")) if size == (SIZE, SIZE) else None
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} is no image that can be read: {error}") from error
    if pixels is None:
        raise ValueError(f"{path} has {size[0]} x {size[1]} pixels; expected {SIZE} x {SIZE}")
    return pixels


def _rows(path: Path, columns: int = 1) -> list[list[str]]:
    """Return the columns of every line of a text file that are separated by tabs."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    for number, row in enumerate(rows, 1):
        if len(row) < columns:
            raise ValueError(f"{path} has {row!r} in row {number}; expected {columns} columns")
    return rows


def _plain_name(source: Path, name: str) -> str:
    """Return a file's or folder's name, or raise ValueError if it could lead elsewhere."""
    name = name.strip()
    if name in ("", ".", "..") or any(mark in name for mark in "/\\:\0"):
        raise ValueError(f"{source} names {name!r}, which is no plain file name")
    return name


def _label(source: Path, labels: dict[str, int], wnid: str) -> int:
    """Return the label of a class, or raise ValueError if ``wnids.txt`` lacks it."""
    if wnid.strip() not in labels:
        raise ValueError(f"{source} names the class {wnid!r}, which wnids.txt does not")
    return labels[wnid.strip()]
