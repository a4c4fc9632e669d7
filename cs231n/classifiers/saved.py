"""Where ``save`` and ``load`` keep weights: ``cs231n/saved/``, by file name.

There may be two such folders. The one beside the notebook, ``cs231n/saved/`` in the working
directory, comes first where ``cs231n/`` exists there (as in the course's own folders, where it is
the package itself), or where the installed package cannot be written to. Otherwise the installed
package's own comes first. ``save`` writes to the first, ``load`` looks in both. An absolute path
is taken as it is.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cs231n.files import write_atomically
from cs231n.validation import Array

PACKAGE = Path(__file__).resolve().parent.parent


def save_array(
    fname: str | os.PathLike[str], array: Array, is_ours: Callable[[Array], bool]
) -> Path:
    """Write an array to an ``.npy`` file, whole or not at all, and say where.

    Parameters
    ----------
    fname : path-like
        A file name, or an absolute path; ``.npy`` is appended where it is missing.
    array : array
    is_ours : callable
        Tells of the array in a file of that name whether it may be replaced.

    Raises
    ------
    FileExistsError
        If there is a file of that name that holds something else.
    ValueError
        If `fname` names a folder, too, but is not absolute.
    """
    path = _candidates(fname)[0]
    if path.exists() and not _holds(path, is_ours):
        raise FileExistsError(
            f"{path} holds something else than such weights, and is not replaced: "
            "take another fname, or remove the file"
        )
    verb = "replaced" if path.exists() else "saved"
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_atomically(path, buffer.getvalue())
    print(f"{path.name} {verb} in {path.parent}")
    return path


def load_array(fname: str | os.PathLike[str]) -> Array:
    """Read an array from the ``.npy`` file of that name, and say from where.

    Parameters
    ----------
    fname : path-like
        As in :func:`save_array`.

    Raises
    ------
    FileNotFoundError
        If no folder holds it; the message lists them.
    ValueError
        If it is no ``.npy`` file of numbers. Pickled objects are not read: they could run code.
    """
    candidates = _candidates(fname)
    for path in candidates:
        if path.exists():
            array = _read(path)
            print(f"{path.name} loaded from {path.parent}")
            return array
    folders = " or ".join(str(path.parent) for path in candidates)
    raise FileNotFoundError(f"there is no {candidates[0].name} in {folders}")


def _candidates(fname: str | os.PathLike[str]) -> list[Path]:
    path = Path(fname)
    if path.suffix != ".npy":
        path = path.with_name(f"{path.name}.npy")
    if path.is_absolute():
        return [path]
    if path.name != str(path):
        raise ValueError(f"fname must be a file name or an absolute path, got {str(fname)!r}")
    return [folder / path for folder in _folders()]


def _folders() -> list[Path]:
    inside, beside = PACKAGE / "saved", Path.cwd() / "cs231n" / "saved"
    writable = os.access(inside if inside.exists() else PACKAGE, os.W_OK)
    beside_first = beside.parent.is_dir() or not writable
    return [beside, inside] if beside_first else [inside, beside]


def _holds(path: Path, is_ours: Callable[[Array], bool]) -> bool:
    try:
        return is_ours(_read(path))
    except ValueError:
        return False


def _read(path: Path) -> Array:
    try:
        # Through memory, because np.load leaves a damaged file open.
        array = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path} must be an .npy file of numbers: {error}") from None
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{path} must be an .npy file of numbers, got an archive of several")
    return array
