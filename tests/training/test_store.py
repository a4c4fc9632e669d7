"""Stored outcomes: whole, and only for what made them."""

import os
from dataclasses import replace

import numpy as np
import pytest
from outcome_checks import assert_same_outcome

import cs231n
from cs231n.augmentation import Shift, fit_pca
from cs231n.nets import Conv, Dropout, MaxPool, ReLU
from cs231n.training.networks import Job, Outcome
from cs231n.training.setups import Setup, Way
from cs231n.training.store import OutcomeStore

PLAIN = Setup((Conv(2), ReLU(), MaxPool()))
JOB = Job(replace(PLAIN, augmentation=("flip",)), 0, 1, (Way(3), Way(views=True)))


DROPPED = Setup((*PLAIN.layers, Dropout(0.5)), ("flip",))


def outcome(seed=0):
    rng = np.random.default_rng(seed)
    return Outcome(
        probabilities=rng.random((5, 3)).astype(np.float32),
        averaged=rng.random((2, 5, 3)).astype(np.float32),
        loss=rng.random(7),
        train_accuracy=rng.random(3),
        val_accuracy=rng.random(3),
        seconds=1.25,
        averaging_seconds=np.array([0.5, 2.0]),
        parameters=123,
    )


@pytest.fixture
def store(tmp_path, dataset, recipe):
    return OutcomeStore(tmp_path, dataset, recipe)


def test_an_outcome_comes_back_as_it_was(store):
    store.save(JOB, outcome())
    loaded = store.load(JOB)
    assert_same_outcome(loaded, outcome())
    assert (loaded.seconds, loaded.parameters) == (1.25, 123)
    assert loaded.averaging_seconds.tolist() == [0.5, 2.0]
    assert (type(loaded.seconds), type(loaded.parameters)) == (float, int)


def test_only_its_own_job_finds_it(store):
    store.save(JOB, outcome())
    setups = [
        *(PLAIN, DROPPED, replace(JOB.setup, average_weights=True)),
        replace(JOB.setup, augmentation=("flip", "crop")),
    ]
    ways = [(), (Way(3),), (Way(4), Way(views=True)), (Way(3), Way(3, True))]
    for change in (
        *({"seed": 1}, {"member": 0}),
        *({"ways": other} for other in ways),
        *({"setup": setup} for setup in setups),
    ):
        assert store.load(replace(JOB, **change)) is None


def test_a_later_outcome_takes_the_place_of_the_earlier_one(store):
    store.save(JOB, outcome())
    store.save(JOB, outcome(seed=1))
    assert_same_outcome(store.load(JOB), outcome(seed=1))


def test_without_a_folder_nothing_is_kept(dataset, recipe):
    store = OutcomeStore(None, dataset, recipe)
    store.save(JOB, outcome())
    assert store.load(JOB) is None


def test_nothing_is_written_before_the_first_outcome(store, tmp_path):
    assert store.load(JOB) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_no_outcome(store, fraction):
    store.save(JOB, outcome())
    path = store.folder / f"{JOB.name}.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(fraction * len(whole))])
    assert store.load(JOB) is None


def test_a_damaged_file_is_no_outcome_or_the_right_one(store):
    store.save(JOB, outcome())
    path = store.folder / f"{JOB.name}.npz"
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 4):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        loaded = store.load(JOB)
        if loaded is not None:  # the damage was where nothing of it is kept, as in a date
            assert_same_outcome(loaded, outcome())


def test_a_file_of_another_version_is_no_outcome(store):
    store.save(JOB, outcome())
    np.savez(store.folder / f"{JOB.name}.npz", probabilities=np.zeros((5, 3)))
    assert store.load(JOB) is None


def test_a_failed_write_leaves_the_older_outcome_and_nothing_else(store, monkeypatch):
    store.save(JOB, outcome())

    def full_disk(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space left"):
        store.save(JOB, outcome(seed=1))
    assert [path.name for path in store.folder.iterdir()] == [f"{JOB.name}.npz"]
    assert_same_outcome(store.load(JOB), outcome())


CHANGES = {
    "training images": lambda d, r: (replace(d, X_train=d.X_train[::-1].copy()), r),
    "training labels": lambda d, r: (replace(d, y_train=d.y_train[::-1].copy()), r),
    "test images": lambda d, r: (replace(d, X_test=255 - d.X_test), r),
    "epochs": lambda d, r: (d, replace(r, epochs=3)),
    "learning rate": lambda d, r: (d, replace(r, learning_rate=0.02)),
    "layers": lambda d, r: (d, replace(r, layers="conv3-2 relu pool2")),
    "train size": lambda d, r: (d, replace(r, train_size=21)),
    "keep ratio": lambda d, r: (d, replace(r, keep_ratio=0.25)),
    "views": lambda d, r: (d, replace(r, view_shift=2)),
    "whether views are mirrored": lambda d, r: (d, replace(r, refuses={"flip": "no"})),
    "how far averages of weights reach": lambda d, r: (d, replace(r, averaged_epochs=9)),
    "a technique": lambda d, r: (d, replace(r, techniques={**r.techniques, "crop": fit_pca})),
    "option of a technique": lambda d, r: (
        d,
        replace(r, techniques={**r.techniques, "crop": Shift(2)}),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_decides_an_outcome_decides_its_folder(tmp_path, dataset, recipe, change, store):
    store.save(JOB, outcome())
    assert OutcomeStore(tmp_path, *change(dataset, recipe)).load(JOB) is None
    assert OutcomeStore(tmp_path, dataset, recipe).load(JOB) is not None


@pytest.mark.parametrize(
    "change",
    [{"seeds": 9}, {"members": 9}, {"passes": 9}, {"augmentation": ()}, {"ladder": ()}],
    ids=str,
)
def test_what_only_says_which_networks_there_are_uses_those_that_are_there(
    tmp_path, dataset, recipe, store, change
):
    store.save(JOB, outcome())
    assert OutcomeStore(tmp_path, dataset, replace(recipe, **change)).load(JOB) is not None


def test_another_source_of_the_package_trains_anew(tmp_path, dataset, recipe, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr(cs231n, "__file__", str(package / "__init__.py"))
    folders = []
    for name, text in [("a.py", "1"), ("a.py", "2"), ("b.c", "1"), ("notes.txt", "1")]:
        (package / name).write_text(text)
        folders.append(OutcomeStore(tmp_path, dataset, recipe).folder)
    assert len(set(folders[:3])) == 3
    assert folders[3] == folders[2]
