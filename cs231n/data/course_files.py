"""Files that some notebooks load: folders of pickled models, and 25 images of ImageNet."""

import os
import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any, cast
from warnings import warn

import numpy as np

from cs231n.data.places import find, places
from cs231n.data.restricted_pickle import restricted_load
from cs231n.validation import as_extent

IMAGENET_VAL_URL = "http://cs231n.stanford.edu/imagenet_val_25.npz"


def load_models(models_dir: str | os.PathLike[str]) -> dict[str, Any]:
    """Load the pickled models of a folder.

    Parameters
    ----------
    models_dir : path
        Holds pickles of dicts with the key ``'model'``; a relative one is looked for from the
        working directory, then beside the package and in it.

    Returns
    -------
    dict
        File name -> what stands under ``'model'``, a dict of parameters; by name.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.

    Warns
    -----
    UserWarning
        For everything that is skipped: what holds no such dict, cannot be read, or is refused
        because it asks for more than plain data and arrays. The message says why.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.pkl").write_bytes(pickle.dumps({"model": {"W1": np.ones(2)}}))
    >>> load_models(folder)
    {'a.pkl': {'W1': array([1., 1.])}}
    """
    advice = "give a folder that holds pickled models"
    folder = find(places("models_dir", models_dir), advice, Path.is_dir)
    models = {}
    for path in sorted(folder.iterdir()):
        try:
            models[path.name] = _read_model(path)
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            warn(f"{path} is skipped: {error}", stacklevel=2)
    return models


def _read_model(path: Path) -> Any:
    """Return what a pickled dict holds under ``'model'``."""
    with path.open("rb") as file:
        content = restricted_load(file, encoding="latin1")
    if not isinstance(content, dict) or "model" not in content:
        raise ValueError("it holds no dict with the key 'model'")
    return content["model"]


def load_imagenet_val(
    num: int | None = None,
) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    """Load a handful of validation images of ImageNet.

    They are in ``imagenet_val_25.npz``, looked for as ``cs231n/datasets/...`` from the working
    directory, beside the package and in it, then as ``datasets/...``.

    Parameters
    ----------
    num : int, optional
        Load only the first so many.

    Returns
    -------
    X : ndarray (num, 224, 224, 3), uint8
    y : ndarray (num,), int
        ImageNet's labels, 0 to 999.
    class_names : dict
        Label -> name.

    Raises
    ------
    FileNotFoundError
        If the file is in none of these places; says where it can be had.
    ValueError, pickle.UnpicklingError
        If it is damaged, or holds more than plain data and arrays.

    Examples
    --------
    >>> X, y, class_names = load_imagenet_val(num=5)  # doctest: +SKIP
    >>> X.shape  # doctest: +SKIP
    (5, 224, 224, 3)
    """
    if num is not None:
        num = as_extent("num", num, 0)
    name = "datasets/imagenet_val_25.npz"
    candidates = list(dict.fromkeys(places("path", f"cs231n/{name}") + places("path", name)))
    path = find(candidates, f"put {IMAGENET_VAL_URL} at one of these places", Path.is_file)
    try:
        with zipfile.ZipFile(path) as archive:
            X, y = (_read_array(archive, key) for key in ("X", "y"))
            names = _read_array(archive, "label_map")
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise ValueError(f"{path} is no npz file with X, y and label_map: {error}") from error
    class_names = names.item() if names.ndim == 0 else None
    if not isinstance(class_names, dict) or len(X) != len(y):
        raise ValueError(f"{path} does not hold images, a label for each, and a dict of names")
    return X[:num], y[:num], class_names


def _read_array(archive: zipfile.ZipFile, key: str) -> np.ndarray:
    """Return one array of an npz file; an array of objects is a pickle, and read as such."""
    with archive.open(f"{key}.npy") as file:
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"{key}.npy has the format {version}; expected 1.0 or 2.0")
        header = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        if not header(file)[2].hasobject:
            file.seek(0)
            return np.lib.format.read_array(file, allow_pickle=False)
        content = restricted_load(cast(Any, file), encoding="latin1", objects=True)
    if not isinstance(content, np.ndarray):
        raise ValueError(f"{key}.npy holds a {type(content).__name__}; expected an array")
    return content
