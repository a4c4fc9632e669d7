"""Read pickles that hold plain data, and refuse all others.

A pickle is a program for a small stack machine, and with Python's own machine it can run any
code. This one knows only the instructions that build containers, strings, bytes, numbers and
NumPy arrays (``pickle_machine``) and calls nothing but a handful of checked recipes
(``pickle_globals``).
"""

from pickle import UnpicklingError
from typing import Any, BinaryIO

import numpy as np

from cs231n.data.pickle_machine import Machine

_ENCODINGS = ("ASCII", "latin1", "bytes")
_LEAVES = (str, bytes, bytearray, int, float, complex, type(None), np.ndarray, np.generic)


def restricted_load(
    file_or_bytes: BinaryIO | bytes, encoding: str = "ASCII", objects: bool = False
) -> Any:
    """Read one pickle made of plain containers, strings, bytes, numbers and NumPy arrays.

    Parameters
    ----------
    file_or_bytes : binary file or bytes
        A file opened with ``"rb"``, read to its end, or what it holds.
    encoding : {'ASCII', 'latin1', 'bytes'}
        How strings written by Python 2 are decoded, as in :func:`pickle.load`. Arrays written
        by Python 2 need ``'latin1'`` or ``'bytes'``.
    objects : bool
        Read arrays of objects, too; each object must be plain data itself.

    Returns
    -------
    object
        What was pickled; an ``OrderedDict`` comes back as a dict.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind.
    pickle.UnpicklingError
        If the pickle is damaged, or asks for anything else, which the message names.

    Examples
    --------
    >>> import os, pickle
    >>> restricted_load(pickle.dumps({"W": np.eye(2)}))["W"].shape
    (2, 2)
    >>> restricted_load(pickle.dumps(os.getcwd))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    _pickle.UnpicklingError: the pickle asks for ...getcwd, which is refused: ...
    """
    if encoding not in _ENCODINGS:
        raise ValueError(f"encoding is {encoding!r}; expected one of {', '.join(_ENCODINGS)}")
    data = file_or_bytes if isinstance(file_or_bytes, bytes) else _read(file_or_bytes)
    try:
        result = Machine(data, encoding, objects).run()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Whatever a machine of this size trips over is damage; the first cause stays chained.
        raise UnpicklingError(f"the pickle is damaged: {error}") from error
    _check_plain(result)
    return result


def _read(file: BinaryIO) -> bytes:
    """Return all bytes of a binary file."""
    expected = "expected bytes or a file opened with 'rb'"
    if not hasattr(file, "read"):
        raise TypeError(f"file_or_bytes is a {type(file).__name__}; {expected}")
    data = file.read()
    if not isinstance(data, bytes):
        raise TypeError(f"file_or_bytes reads {type(data).__name__}; {expected}")
    return data


def _check_plain(result: Any) -> None:
    """Raise UnpicklingError if a recipe is left anywhere in ``result``."""
    waiting, seen = [result], set()
    while waiting:
        value = waiting.pop()
        boxes = isinstance(value, np.ndarray) and value.dtype.hasobject
        if (isinstance(value, _LEAVES) and not boxes) or id(value) in seen:
            continue
        seen.add(id(value))  # containers may hold themselves
        if boxes:
            waiting.extend(value.flat)
        elif type(value) is dict:
            waiting.extend(value.values())  # keys were checked when they were set
        elif type(value) in (list, tuple, set, frozenset):
            waiting.extend(value)
        else:
            name = getattr(value, "name", "a dtype")
            raise UnpicklingError(f"the pickle holds {name} itself, which is refused")
