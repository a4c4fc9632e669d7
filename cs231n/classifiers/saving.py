"""Keep the parameters of a network in one ``.npy`` file, without pickles.

The file is a single record with a field for each parameter, so ``numpy.load(path)["W1"]`` reads it
anywhere. Where it lies is told by :mod:`cs231n.classifiers.saved`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cs231n.classifiers.saved import load_array, save_array
from cs231n.validation import Array, as_float_array


def save_params(fname: str | os.PathLike[str], params: Mapping[str, Array]) -> Path:
    """Write the parameters to ``cs231n/saved/<fname>``, whole or not at all, and print where.

    Parameters
    ----------
    fname : path-like
        A file name, or an absolute path; ``.npy`` is appended where it is missing.
    params : dict of str to array

    Raises
    ------
    FileExistsError
        If there is a file of that name that holds something else than parameters.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = save_params(f"{folder.name}/net", {"W": np.eye(2)})  # doctest: +ELLIPSIS
    net.npy saved in ...
    >>> np.load(path)["W"].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    >>> folder.cleanup()
    """
    arrays = {name: as_float_array(name, value) for name, value in params.items()}
    record = np.empty((), [(name, array.dtype, array.shape) for name, array in arrays.items()])
    for name, array in arrays.items():
        record[name] = array
    return save_array(fname, record, _is_record)


def load_params(fname: str | os.PathLike[str], expected: Mapping[str, Array]) -> dict[str, Array]:
    """Read what :func:`save_params` wrote, and print from where.

    Parameters
    ----------
    fname : path-like
        As in :func:`save_params`.
    expected : dict of str to array
        Parameters of the network that is to get them: the names and the dimensions must match,
        sizes may differ.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds something else, or the parameters of another network.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = save_params(f"{folder.name}/net", {"W": np.eye(2)})  # doctest: +ELLIPSIS
    net.npy saved in ...
    >>> load_params(path, {"W": np.zeros((3, 3))})["W"].shape  # doctest: +ELLIPSIS
    net.npy loaded from ...
    (2, 2)
    >>> folder.cleanup()
    """
    record = load_array(fname)
    wanted = {name: np.ndim(value) for name, value in expected.items()}
    names = record.dtype.names
    found = None if names is None else {name: record[name].ndim for name in names}
    if found != wanted:
        raise ValueError(
            f"{fname} must hold the parameters of this network (name: dimensions) {wanted}, "
            f"got {'one array' if found is None else found}"
        )
    return {name: np.array(record[name]) for name in wanted}


def _is_record(array: Array) -> bool:
    return array.ndim == 0 and array.dtype.names is not None
