"""Where a data set comes from: made on the spot, or read from a folder that may be filled."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cs231n.data.dataset import Dataset
from cs231n.data.download import cache_folder


class Source(Protocol):
    """What the table of data sets asks of an entry."""

    def load(self, data_dir: Path | None, download: bool, progress: bool) -> Dataset:
        """Return the data set, or raise FileNotFoundError or ConnectionError."""

    def where(self, data_dir: Path | None) -> str | None:
        """Return where it is, or None if it is not on this machine; never downloads."""

    def advice(self, data_dir: Path | None) -> str:
        """Return what to do when it is missing."""


@dataclass(frozen=True)
class Offline:
    """A data set that is made on the spot, given that a module is installed."""

    make: Callable[[], Dataset]
    origin: str
    module: str

    def load(self, data_dir: Path | None, download: bool, progress: bool) -> Dataset:
        """Return the data set; it needs no folder."""
        return self.make()

    def where(self, data_dir: Path | None) -> str | None:
        """Return how it is made, or None if the module is missing."""
        return self.origin if importlib.util.find_spec(self.module) else None

    def advice(self, data_dir: Path | None) -> str:
        """Return how to install the module."""
        return f"install {self.module}"


@dataclass(frozen=True)
class OnDisk:
    """A data set that is read from a folder, and downloaded into the cache if asked to."""

    name: str
    find: Callable[[Path], Path | None]
    read: Callable[[Path], Dataset]
    fetch: Callable[[Path, bool], None]
    files: str

    def load(self, data_dir: Path | None, download: bool, progress: bool) -> Dataset:
        """Read from ``data_dir`` if given, else from the cache, downloading what is missing."""
        folder = self._locate(data_dir)
        if folder is None and data_dir is None and download:
            self.fetch(cache_folder() / self.name, progress)
            folder = self._locate(None)
        if folder is None:
            looked = cache_folder() if data_dir is None else data_dir
            raise FileNotFoundError(f"{self.name} is not in {looked}: {self.advice(data_dir)}")
        return self.read(folder)

    def where(self, data_dir: Path | None) -> str | None:
        """Return the folder with the complete files, if there is one."""
        folder = self._locate(data_dir)
        return None if folder is None else str(folder)

    def advice(self, data_dir: Path | None) -> str:
        """Return which files to put where, or how to download them."""
        if data_dir is not None:
            return f"put {self.files} into {data_dir / self.name}"
        return (
            f"cs231n.data.load({self.name!r}) downloads it, "
            f"or put {self.files} into {cache_folder() / self.name}"
        )

    def _locate(self, data_dir: Path | None) -> Path | None:
        """Return the folder with the files: the root itself or the child of our name."""
        root = cache_folder() if data_dir is None else data_dir
        return self.find(root) or self.find(root / self.name)
