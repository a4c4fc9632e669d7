"""Many networks: the same in every process, stored as they come, stopped at once."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest
from outcome_checks import assert_same_outcome
from threadpoolctl import threadpool_info, threadpool_limits

from cs231n import kernels
from cs231n.nets import Conv, Dropout, MaxPool, ReLU
from cs231n.training import pool
from cs231n.training.networks import Job
from cs231n.training.pool import run_jobs, usable_cores
from cs231n.training.setups import Setup, Way
from cs231n.training.store import OutcomeStore

PLAIN = Setup((Conv(2), ReLU(), MaxPool()))
DROPPED = Setup((*PLAIN.layers, Dropout(0.5)))
JOBS = [
    Job(replace(DROPPED, augmentation=("flip", "crop")), 0, 0, (Way(2),)),
    Job(DROPPED, 0),
    Job(PLAIN, 1, 1),
]


@pytest.fixture
def store(tmp_path, dataset, recipe):
    return OutcomeStore(tmp_path, dataset, recipe)


@pytest.fixture
def trained(monkeypatch):
    """The jobs that this process trains, in their order."""
    jobs = []

    def run(job, *args):
        jobs.append(job)
        return original(job, *args)

    original = pool.run
    monkeypatch.setattr(pool, "run", run)
    return jobs


def keep_nothing(dataset, recipe):
    return OutcomeStore(None, dataset, recipe)


def test_the_number_of_workers_does_not_change_a_bit(dataset, recipe):
    store = keep_nothing(dataset, recipe)
    here = run_jobs(JOBS, dataset, recipe, store, workers=0)
    assert list(here) == JOBS
    for workers in (1, 2):
        there = run_jobs(JOBS, dataset, recipe, store, workers)
        assert set(there) == set(JOBS)
        for job in JOBS:
            assert_same_outcome(there[job], here[job])


def test_progress_counts_epochs(dataset, recipe):
    for workers in (0, 2):
        seen = []
        run_jobs(
            JOBS,
            dataset,
            recipe,
            keep_nothing(dataset, recipe),
            workers,
            lambda done, total: seen.append((done, total)),  # noqa: B023
        )
        assert seen[0] == (0, 6)
        assert seen[-1] == (6, 6)
        assert seen == sorted(seen)
        assert {total for _, total in seen} == {6}
    assert len(run_jobs([], dataset, recipe, keep_nothing(dataset, recipe))) == 0


def test_stored_outcomes_are_not_trained_again(dataset, recipe, store, trained):
    first = run_jobs(JOBS[:2], dataset, recipe, store, 0)
    assert trained == JOBS[:2]
    seen = []
    again = run_jobs(JOBS, dataset, recipe, store, 0, lambda *epochs: seen.append(epochs))
    assert trained == JOBS
    assert seen == [(4, 6), (5, 6), (6, 6)]
    for job in JOBS[:2]:
        assert_same_outcome(again[job], first[job])
        assert again[job].seconds == first[job].seconds


def test_a_truncated_outcome_is_trained_anew(dataset, recipe, store, trained):
    first = run_jobs(JOBS, dataset, recipe, store, 0)
    path = store.folder / f"{JOBS[1].name}.npz"
    path.write_bytes(path.read_bytes()[:100])
    again = run_jobs(JOBS, dataset, recipe, store, 0)
    assert trained == [*JOBS, JOBS[1]]
    assert_same_outcome(again[JOBS[1]], first[JOBS[1]])


def test_another_recipe_is_trained_anew(tmp_path, dataset, recipe, trained):
    for epochs in (1, 2):
        changed = replace(recipe, epochs=epochs)
        run_jobs(JOBS, dataset, changed, OutcomeStore(tmp_path, dataset, changed), 0)
    assert trained == 2 * JOBS


def test_outcomes_before_a_failure_are_kept(dataset, recipe, store, monkeypatch):
    original = pool.run

    def fail_at_the_third(job, *args):
        if job == JOBS[2]:
            raise MemoryError
        return original(job, *args)

    monkeypatch.setattr(pool, "run", fail_at_the_third)
    with pytest.raises(MemoryError):
        run_jobs(JOBS, dataset, recipe, store, 0)
    assert [store.load(job) is not None for job in JOBS] == [True, True, False]


def test_training_here_leaves_threads_as_they_were(dataset, recipe, two_threads, monkeypatch):
    inside = []
    monkeypatch.setattr(
        pool,
        "run",
        lambda *args: inside.append(
            (kernels.get_num_threads(), [lib["num_threads"] for lib in threadpool_info()])
        ),
    )
    monkeypatch.setattr(OutcomeStore, "save", lambda *args: None)
    with threadpool_limits(limits=2):
        blas = threadpool_info()
        run_jobs(JOBS[:1], dataset, recipe, keep_nothing(dataset, recipe), 0)
        assert inside == [(1, [1] * len(blas))]
        assert kernels.get_num_threads() == 2
        assert threadpool_info() == blas


def test_the_global_generator_is_left_alone(dataset, recipe):
    np.random.seed(5)
    expected = np.random.random(3)
    np.random.seed(5)
    run_jobs(JOBS, dataset, recipe, keep_nothing(dataset, recipe), 0)
    np.testing.assert_array_equal(np.random.random(3), expected)


def test_usable_cores_are_at_least_one():
    assert 1 <= usable_cores() <= 4096


# Long networks on two workers; the parent tells the ids of its children, then waits.
LONG_RUN = """
    import multiprocessing, signal, sys, threading, time
    from dataclasses import replace
    from cs231n.data import load
    from cs231n.training.recipes import RECIPES
    from cs231n.training.squeeze import squeeze

    if __name__ == "__main__":
        signal.signal(signal.SIGINT, signal.default_int_handler)
        recipe = replace(RECIPES["digits"], epochs=5000, seeds=5, layers="conv3-2 relu pool2")

        def show(done, total):
            if done:
                print(*(child.pid for child in multiprocessing.active_children()), flush=True)

        try:
            squeeze(load("digits"), recipe, ["baseline"], workers=2, on_progress=show)
        except KeyboardInterrupt:
            print("stopped", flush=True)
"""


@pytest.fixture
def long_run(tmp_path):
    script = tmp_path / "long_run.py"
    script.write_text(textwrap.dedent(LONG_RUN))
    process = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    process.kill()
    process.communicate()


def is_running(pid):
    """Tell whether a process is there and more than an entry that nobody has collected."""
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("number", ["SIGINT", "SIGKILL", "SIGTERM"])
def test_workers_end_with_their_parent(long_run, number):
    children = [int(pid) for pid in long_run.stdout.readline().split()]
    assert len(children) == 2
    if number == "SIGINT":  # a terminal sends it to the workers, too
        os.killpg(long_run.pid, signal.SIGINT)
    else:
        long_run.send_signal(signal.Signals[number])
    long_run.wait(timeout=20)  # the whole run takes minutes
    deadline = time.monotonic() + 10
    while any(map(is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [pid for pid in children if is_running(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []
    if number == "SIGINT":
        output, errors = long_run.communicate()
        assert output.endswith("stopped\n")
        warning = 0 if kernels.is_compiled() else 1  # that of the main process, and no other
        assert errors.count("RuntimeWarning") == warning
        assert "Traceback" not in errors
