"""Results of training on disk, so that an interrupted run goes on where it stopped."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

import cs231n
from cs231n.data import Dataset
from cs231n.files import write_atomically
from cs231n.training.networks import Job, Outcome
from cs231n.training.recipes import Recipe
from cs231n.validation import Array


class OutcomeStore:
    """One ``.npz`` file a network, in a folder named after all that decides its outcome.

    That is the data, the recipe and the package's own source: a change of any of them trains anew,
    but for what a job's name tells, and for how many jobs there are.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing.
    dataset : Dataset
    recipe : Recipe
    """

    def __init__(self, folder: Path | None, dataset: Dataset, recipe: Recipe) -> None:
        settings = {**vars(recipe), "techniques": sorted(recipe.described().items())}
        for named_by_jobs in ("seeds", "members", "passes", "augmentation", "ladder"):
            del settings[named_by_jobs]
        self.folder = None if folder is None else folder / fingerprint(dataset, settings)

    def load(self, job: Job) -> Outcome | None:
        """Return the outcome of `job`, or None where it is not there or not whole."""
        if self.folder is None:
            return None
        arrays = read_arrays(self.folder / f"{job.name}.npz")
        if arrays is None or not all(f.name in arrays for f in fields(Outcome)):
            return None
        values: dict[str, Any] = {f.name: arrays[f.name] for f in fields(Outcome)}
        return Outcome(**{name: v.item() if v.ndim == 0 else v for name, v in values.items()})

    def save(self, job: Job, outcome: Outcome) -> None:
        """Write the outcome of `job`, whole or not at all."""
        if self.folder is None:
            return
        values = {f.name: getattr(outcome, f.name) for f in fields(Outcome)}
        write_arrays(self.folder / f"{job.name}.npz", values)


def read_arrays(path: Path) -> dict[str, Array] | None:
    """Return the arrays of a ``.npz`` file, or None where it is not there or not whole."""
    try:
        # Through memory, because np.load leaves a damaged file open.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile):
        return None


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write a ``.npz`` file, whole or not at all, in a folder that is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_atomically(path, buffer.getvalue())


def fingerprint(dataset: Dataset, settings: Mapping[str, Any]) -> str:
    """Return a name for all that decides a result: the data, settings, and the package's source."""
    digest = hashlib.sha256()
    for array in (dataset.X_train, dataset.y_train, dataset.X_test, dataset.y_test):
        digest.update(np.ascontiguousarray(array).data)
    digest.update(repr(sorted(settings.items())).encode())
    package = Path(cs231n.__file__).parent
    for source in sorted(package.rglob("*")):
        if source.suffix in (".py", ".pyx", ".c", ".h"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
