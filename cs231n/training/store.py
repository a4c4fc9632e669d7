"""Outcomes of trained networks on disk, so that an interrupted run goes on where it stopped."""

import hashlib
import io
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np

import cs231n
from cs231n.data import Dataset
from cs231n.files import write_atomically
from cs231n.training.networks import Job, Outcome
from cs231n.training.recipes import Recipe


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
        self.folder = None if folder is None else folder / _fingerprint(dataset, recipe)

    def load(self, job: Job) -> Outcome | None:
        """Return the outcome of `job`, or None where it is not there or not whole."""
        if self.folder is None:
            return None
        try:
            # Through memory, because np.load leaves a damaged file open.
            content = io.BytesIO((self.folder / f"{job.name}.npz").read_bytes())
            with np.load(content, allow_pickle=False) as arrays:
                values = {f.name: arrays[f.name] for f in fields(Outcome)}
        except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile):
            return None
        return Outcome(**{name: v.item() if v.ndim == 0 else v for name, v in values.items()})

    def save(self, job: Job, outcome: Outcome) -> None:
        """Write the outcome of `job`, whole or not at all."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        values = {f.name: getattr(outcome, f.name) for f in fields(Outcome)}
        buffer = io.BytesIO()
        np.savez(buffer, **values)
        write_atomically(self.folder / f"{job.name}.npz", buffer.getvalue())


def _fingerprint(dataset: Dataset, recipe: Recipe) -> str:
    digest = hashlib.sha256()
    for array in (dataset.X_train, dataset.y_train, dataset.X_test, dataset.y_test):
        digest.update(np.ascontiguousarray(array).data)
    settings = {**vars(recipe), "techniques": sorted(recipe.described().items())}
    for named_by_jobs in ("seeds", "members", "passes", "augmentation", "ladder"):
        del settings[named_by_jobs]
    digest.update(repr(sorted(settings.items())).encode())
    package = Path(cs231n.__file__).parent
    for source in sorted(package.rglob("*")):
        if source.suffix in (".py", ".pyx", ".c", ".h"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
