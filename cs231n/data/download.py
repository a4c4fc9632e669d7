"""Download files, each from the first mirror that answers, and keep only what has the hash."""

import os
from collections.abc import Sequence
from pathlib import Path

from cs231n.data.archives import unpack
from cs231n.data.registry import RemoteFile

TIMEOUT = 30  # seconds without a byte until the next mirror is tried


def cache_folder() -> Path:
    """Return the folder for downloads: ``CS231N_DATA`` if set, else the user's cache folder.

    Examples
    --------
    >>> isinstance(cache_folder(), Path)
    True
    """
    chosen = os.environ.get("CS231N_DATA")
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("cs231n"))


def fetch(file: RemoteFile, folder: Path, progress: bool = True) -> Path:
    """Return ``folder / file.name``, downloaded if it is not there.

    Parameters
    ----------
    file : RemoteFile
        Name, hash and addresses.
    folder : Path
        Where it goes; made if missing.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Path
        The file, with the right hash.

    Raises
    ------
    ValueError
        If a file of that name is there with another hash; it is left alone.
    ConnectionError
        If no address gave the file with the right hash; says why for each, and what to do.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "empty").write_bytes(b"")
    >>> fetch(RemoteFile("empty", "md5:d41d8cd98f00b204e9800998ecf8427e", ()), folder).name
    'empty'
    """
    target = folder / file.name
    if target.exists():
        _check_hash(target, file.known_hash)
        return target
    folder.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in file.urls:
        try:
            return _retrieve(url, file, folder, progress)
        except (OSError, ValueError) as error:  # no answer, or another hash than it should have
            failures.append(f"  {url}\n    {error}")
    raise ConnectionError(
        f"{file.name} could not be downloaded. Tried:\n"
        + "\n".join(failures)
        + f"\nBy hand: get the file from one of these addresses and put it as\n  {target}\n"
        "or name a folder that holds the data set with data_dir=..."
    )


def fetch_all(files: Sequence[RemoteFile], folder: Path, progress: bool = True) -> None:
    """Download every one of ``files`` into ``folder``; see :func:`fetch`.

    Examples
    --------
    >>> fetch_all((), Path("no-such-folder"))
    """
    for file in files:
        fetch(file, folder, progress)


def fetch_archive(files: Sequence[RemoteFile], folder: Path, progress: bool = True) -> None:
    """Download the first of ``files`` that can be had beside ``folder``, and unpack it there.

    Parameters
    ----------
    files : sequence of RemoteFile
        Archives of the same data, the first choice first.
    folder : Path
        What the content goes into; must not exist.
    progress : bool
        Show a progress bar.

    Raises
    ------
    ConnectionError
        If none can be had.
    FileExistsError
        If ``folder`` exists.
    ValueError
        If the archive is damaged or unsafe.

    Examples
    --------
    >>> fetch_archive((), Path("no-such-folder"))
    Traceback (most recent call last):
    ConnectionError: no archive to download
    """
    if folder.exists():  # before 170 MB come over the wire for nothing
        raise FileExistsError(f"{folder} exists but is not complete; move it away and try again")
    failures = []
    for file in files:
        try:
            archive = fetch(file, folder.parent, progress)
        except ConnectionError as error:
            failures.append(str(error))
            continue
        unpack(archive, folder)
        return
    raise ConnectionError("\n".join(failures) or "no archive to download")


def _retrieve(url: str, file: RemoteFile, folder: Path, progress: bool) -> Path:
    """Download one file from one address, under its final name only when the hash is right."""
    import pooch

    path = pooch.retrieve(
        url,
        known_hash=file.known_hash,
        fname=file.name,
        path=folder,
        downloader=pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT),
    )
    return Path(path)


def _check_hash(path: Path, known_hash: str) -> None:
    """Raise ValueError if the file at ``path`` has another hash."""
    import pooch

    algorithm, expected = known_hash.split(":")
    found = pooch.file_hash(str(path), alg=algorithm)
    if found != expected:
        raise ValueError(
            f"{path} has the {algorithm} hash {found}; expected {expected}. "
            "It is left as it is: move it away and try again"
        )
