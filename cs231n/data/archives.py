"""Unpack tar and zip archives into a folder of their own, and nowhere else."""

import gzip
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Any

MAX_BYTES = 2 * 1024**3
# What broken or foreign archives raise. Not OSError at large: a full disk is no damage.
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    LZMAError,
    EOFError,
    NotImplementedError,
)

# Name, size, and what opens the content (None for a folder).
_Member = tuple[str, int, Any]


def unpack(archive: str | Path, folder: str | Path, max_bytes: int = MAX_BYTES) -> Path:
    """Unpack a tar (gzipped or not) or zip archive into a new folder.

    Everything goes into a temporary folder beside ``folder`` that is renamed when it is
    complete, so a folder of that name is never half full.

    Parameters
    ----------
    archive : str or Path
        The file to unpack.
    folder : str or Path
        Where its content goes; must not exist yet.
    max_bytes : int
        The most that the unpacked files may take.

    Returns
    -------
    Path
        ``folder``.

    Raises
    ------
    FileNotFoundError
        If there is no such archive.
    FileExistsError
        If ``folder`` exists; nothing is overwritten.
    ValueError
        If the archive is damaged, too large, or holds anything but plain files and folders
        inside itself: absolute names, ``..``, links, devices.

    Examples
    --------
    >>> root = Path(tempfile.mkdtemp())
    >>> with zipfile.ZipFile(root / "a.zip", "w") as file:
    ...     file.writestr("in/x.txt", "hello")
    >>> (unpack(root / "a.zip", root / "out") / "in" / "x.txt").read_text()
    'hello'
    """
    archive, folder = Path(archive), Path(folder)
    if not archive.is_file():
        raise FileNotFoundError(f"archive is {archive}; expected an existing file")
    if folder.exists() or folder.is_symlink():
        raise FileExistsError(f"folder is {folder}, which exists; nothing is overwritten")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # In the same parent, because only a rename within one file system is atomic.
    partial = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        content = partial / "content"  # mkdtemp's own folder is private to its owner
        content.mkdir()
        _unpack_into(archive, content, max_bytes)
        content.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _unpack_into(archive: Path, content: Path, max_bytes: int) -> None:
    """Write every member of ``archive`` under ``content``."""
    left = max_bytes
    with _open(archive) as opened:
        for name, size, source in _members(opened, archive, content):
            left -= size
            if left < 0:
                raise ValueError(f"{archive} holds more than the {max_bytes} bytes allowed")
            target = content.joinpath(*_safe_parts(archive, name))
            try:
                _write(target, source, size)
            except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
                raise ValueError(
                    f"{archive} holds {name!r} twice, or as file and folder"
                ) from error
            except _DAMAGE as error:
                raise ValueError(f"{archive} is damaged at {name!r}: {error}") from error


def _open(archive: Path) -> AbstractContextManager[tarfile.TarFile | zipfile.ZipFile]:
    """Open a tar or zip archive by what it holds, not by its name."""
    # Tar first: the end of a zip is looked for anywhere near the end of a file, so a tar that
    # holds a zip could pass for one.
    try:
        return tarfile.open(archive)
    except _DAMAGE:
        pass
    try:
        return zipfile.ZipFile(archive)
    except _DAMAGE as error:
        raise ValueError(f"{archive} is neither a tar nor a zip archive: {error}") from error


def _members(
    opened: tarfile.TarFile | zipfile.ZipFile, archive: Path, content: Path
) -> Iterator[_Member]:
    """Yield every member of an open archive; raise ValueError at one that is refused."""
    if isinstance(opened, zipfile.ZipFile):
        yield from _zip_members(opened, archive)
        return
    try:
        for info in opened:
            _check_tar_member(info, archive, content)
            yield info.name, info.size, None if info.isdir() else _tar_opener(opened, info)
    except _DAMAGE as error:
        raise ValueError(f"{archive} is damaged: {error}") from error


def _tar_opener(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Any:
    """Return a function that opens the content of a tar member."""
    return lambda: opened.extractfile(info)


def _check_tar_member(info: tarfile.TarInfo, archive: Path, content: Path) -> None:
    """Raise ValueError unless a tar member is a plain file or folder that stays inside."""
    _safe_parts(archive, info.name)
    if not (info.isfile() or info.isdir()):
        kind = "link" if info.issym() or info.islnk() else "special file"
        raise ValueError(f"{archive} holds {info.name!r}, a {kind}; only files and folders are")
    # A second opinion where Python has one (3.12, and late releases of 3.10 and 3.11).
    data_filter = getattr(tarfile, "data_filter", None)
    if data_filter is not None:
        try:
            data_filter(info, str(content))
        except tarfile.TarError as error:
            raise ValueError(f"{archive} holds {info.name!r}, refused: {error}") from error


def _zip_members(opened: zipfile.ZipFile, archive: Path) -> Iterator[_Member]:
    """Yield every member of a zip archive; raise ValueError at one that is refused."""
    for info in opened.infolist():
        # Unix keeps the kind of file in the upper half; 0 means that the packer was another.
        kind = (info.external_attr >> 16) & 0o170000
        if kind not in (0, 0o100000, 0o040000):
            raise ValueError(f"{archive} holds {info.filename!r}, a link or special file")
        if info.flag_bits & 1:
            raise ValueError(f"{archive} holds {info.filename!r}, which needs a password")
        yield info.filename, info.file_size, None if info.is_dir() else _zip_opener(opened, info)


def _zip_opener(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
    """Return a function that opens the content of a zip member."""
    return lambda: opened.open(info)


def _safe_parts(archive: Path, name: str) -> tuple[str, ...]:
    """Return the parts of a member's name, or raise ValueError if it could lead elsewhere."""
    # Backslashes and drive letters are harmless here but lead elsewhere on Windows.
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", name):
        raise ValueError(f"{archive} holds {name!r}, a name that leads out of its folder")
    return path.parts


def _write(target: Path, source: Any, size: int) -> None:
    """Create a folder, or a file of ``size`` bytes that must not exist yet."""
    if source is None:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with source() as content, target.open("xb") as file:
        _copy(content, file, size)
        # On disk before the rename: a power cut must not leave empty files in a full folder.
        file.flush()
        os.fsync(file.fileno())


def _copy(content: IO[bytes], file: IO[bytes], size: int) -> None:
    """Copy exactly ``size`` bytes."""
    while size:
        block = content.read(min(size, 1 << 20))
        if not block:
            raise EOFError(f"{size} bytes are missing")
        file.write(block)
        size -= len(block)
    if content.read(1):
        raise EOFError("there is more than its size says")
