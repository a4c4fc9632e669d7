"""Write a file whole or not at all."""

import os
import secrets
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path` so that no reader ever sees half of it.

    The bytes go to a new file in the same folder, which then takes the place of `path` in one
    step. Whatever goes wrong before, the old file stays as it was and the new one is removed.

    Parameters
    ----------
    path : path-like
        The file to write; its folder must exist. A file already there is replaced.
    data : bytes
        The whole content.

    Raises
    ------
    TypeError
        If `data` is not bytes.
    OSError
        If the folder is missing or cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> target = Path(folder.name, "note.txt")
    >>> write_atomically(target, b"all of it")
    >>> target.read_bytes()
    b'all of it'
    >>> folder.cleanup()
    """
    if not isinstance(data, bytes):
        raise TypeError(f"data must be bytes, got {type(data).__name__}")
    target = Path(path)
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        # "x" and not tempfile: the file gets the permissions that the umask asks for.
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
