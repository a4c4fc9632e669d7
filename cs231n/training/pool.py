"""Train many small networks side by side: one process a core, one thread a process."""

import itertools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from cs231n import kernels
from cs231n.data import Dataset
from cs231n.training.networks import Job, Outcome, run
from cs231n.training.recipes import Recipe
from cs231n.training.store import OutcomeStore

Progress = Callable[[int, int], None]
Work = TypeVar("Work")
Result = TypeVar("Result")

# What a worker process works on; set once, so that the images are not sent with every job.
_worker: dict[str, Any] = {}


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_jobs(
    jobs: Sequence[Job],
    dataset: Dataset,
    recipe: Recipe,
    store: OutcomeStore,
    workers: int | None = None,
    on_progress: Progress | None = None,
) -> dict[Job, Outcome]:
    """Return the outcome of every job, from the store where it is there.

    The outcomes do not depend on the number of workers: every job seeds its own generators, and
    runs on one thread.
    """
    outcomes = {job: outcome for job in jobs if (outcome := store.load(job)) is not None}
    missing = [job for job in jobs if job not in outcomes]
    stored_epochs, all_epochs = len(outcomes) * recipe.epochs, len(jobs) * recipe.epochs

    def report(epochs: int) -> None:
        if on_progress is not None:
            on_progress(stored_epochs + epochs, all_epochs)

    report(0)
    for job, outcome in run_each(run, missing, (dataset, recipe), workers, report):
        store.save(job, outcome)
        outcomes[job] = outcome
    return outcomes


def run_each(
    task: Callable[..., Result],
    jobs: Sequence[Work],
    shared: tuple[Any, ...],
    workers: int | None = None,
    on_epoch: Callable[[int], None] = lambda epochs: None,
) -> Iterator[tuple[Work, Result]]:
    """Yield each job with its result, as they come.

    Parameters
    ----------
    task : callable
        ``task(job, *shared, on_epoch_end)`` on one thread, in a process that finds it by its name.
        It calls ``on_epoch_end(n)`` at the end of its epoch n, and is stopped there, if at all.
    jobs : sequence
    shared : tuple
        What all jobs work on; sent to each process once.
    workers : int, optional
        Processes; by default one a usable core. 0 runs all here.
    on_epoch : callable
        Called with the number of epochs that all jobs have done together.
    """
    workers = min(usable_cores() if workers is None else workers, len(jobs))
    if workers:
        return _run_in_processes(task, jobs, shared, workers, on_epoch)
    return _run_here(task, jobs, shared, on_epoch)


def _run_here(
    task: Callable[..., Result],
    jobs: Sequence[Work],
    shared: tuple[Any, ...],
    report: Callable[[int], None],
) -> Iterator[tuple[Work, Result]]:
    threads = kernels.get_num_threads()  # the caller's
    epochs = itertools.count(1)
    kernels.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            for job in jobs:
                yield job, task(job, *shared, lambda epoch: report(next(epochs)))
    finally:
        kernels.set_num_threads(threads)


def _run_in_processes(
    task: Callable[..., Result],
    jobs: Sequence[Work],
    shared: tuple[Any, ...],
    workers: int,
    report: Callable[[int], None],
) -> Iterator[tuple[Work, Result]]:
    context = multiprocessing.get_context("spawn")  # forking a process with threads may hang
    epochs, stop = context.Value("q", 0), context.Event()
    pool = ProcessPoolExecutor(workers, context, _start_worker, (task, shared, epochs, stop))
    try:
        waiting: dict[Future[Result], Work] = {
            pool.submit(_run_in_worker, job): job for job in jobs
        }
        while waiting:
            done, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
            report(epochs.value)
            for future in done:
                yield waiting.pop(future), future.result()
    finally:
        stop.set()  # after an interrupt, networks in training end with their epoch
        pool.shutdown(cancel_futures=True)


def _start_worker(
    task: Callable[..., Any], shared: tuple[Any, ...], epochs: Any, stop: Any
) -> None:
    # Two workers with two BLAS threads each would fight for two cores.
    threadpool_limits(limits=1)
    kernels.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker.update(task=task, shared=shared, epochs=epochs, stop=stop)


def _end_with_parent() -> None:
    # A worker whose parent was killed would wait for its next job for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_in_worker(job: Any) -> Any:
    def count_epoch(epoch: int) -> None:
        if _worker["stop"].is_set():
            raise InterruptedError("training was stopped")
        with _worker["epochs"].get_lock():
            _worker["epochs"].value += 1

    return _worker["task"](job, *_worker["shared"], count_epoch)
