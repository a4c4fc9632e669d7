"""Time contenders in turns: each in a process of its own, asleep while another one works.

Two thread pools in one process disturb each other, and the speed of a shared machine drifts; so
every round times every contender once, and what is reported is the median over the rounds of the
ratio within a round.
"""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from tqdm import tqdm

# A BLAS's threads go on spinning for a while after a call; nobody is timed before they sleep.
SETTLE_SECONDS = 0.05


@dataclass(frozen=True)
class Contender:
    """Something to time.

    `prepare` is a function of a module; it runs in the contender's process, and returns what is
    timed. `calls` of it make one turn, after `warm_up` calls that are not timed: they wake the
    threads and fill the caches.
    """

    name: str
    prepare: Callable[..., Callable[[], object]]
    args: tuple = ()
    environment: dict[str, str] = field(default_factory=dict)
    calls: int = 5
    warm_up: int = 1


@dataclass(frozen=True)
class Timing:
    """Seconds a call, one number a round."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the median seconds a call."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Return (maximum - minimum) / median."""
        return (max(self.seconds) - min(self.seconds)) / self.median

    def ratio(self, reference: "Timing") -> float:
        """Return the median over rounds of this time over that of the reference."""
        pairs = zip(self.seconds, reference.seconds, strict=True)
        return statistics.median(mine / its for mine, its in pairs)


def compare(title: str, contenders: Sequence[Contender], rounds: int) -> list[Timing]:
    """Time the contenders in turns."""
    with ExitStack() as stack:
        pipes = [stack.enter_context(_process(contender)) for contender in contenders]
        seconds: list[list[float]] = [[] for _ in contenders]
        for _ in tqdm(range(rounds), desc=title, unit="round", leave=False, disable=None):
            for pipe, times in zip(pipes, seconds, strict=True):
                time.sleep(SETTLE_SECONDS)
                pipe.send("run")
                times.append(_answer(pipe))
    return [
        Timing(contender.name, tuple(times))
        for contender, times in zip(contenders, seconds, strict=True)
    ]


def table(title: str, timings: Sequence[Timing], reference: str) -> str:
    """Return a table of times and of ratios to the contender named `reference`."""
    base = next(timing for timing in timings if timing.name == reference)
    width = max(len(timing.name) for timing in timings)
    lines = [
        title,
        f"  {'':<{width}}  {'median ms':>10}  {'spread':>6}  {'time / ' + base.name:>16}",
    ]
    lines += [
        f"  {timing.name:<{width}}  {1e3 * timing.median:>10.2f}  {timing.spread:>6.0%}  "
        f"{timing.ratio(base):>16.2f}"
        for timing in timings
    ]
    return "\n".join(lines)


@contextmanager
def _process(contender: Contender) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(contender, there), daemon=True)
    with _environment(contender.environment):  # inherited before the child imports NumPy
        process.start()
    there.close()
    try:
        try:
            _answer(here)  # it is prepared
        except RuntimeError as error:
            raise RuntimeError(f"{contender.name}: {error}") from None
        yield here
    finally:
        here.close()
        process.join()


def _answer(pipe: Connection) -> float:
    """Return what the contender sends: seconds, or the error that ended it."""
    try:
        answer = pipe.recv()
    except EOFError:
        raise RuntimeError("the contender's process has died") from None
    if isinstance(answer, str):
        raise RuntimeError(answer)
    return answer


def _serve(contender: Contender, pipe: Connection) -> None:
    try:
        work = contender.prepare(*contender.args)
        work()
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
        return
    pipe.send(0.0)
    while True:
        try:
            pipe.recv()
        except EOFError:
            return
        for _ in range(contender.warm_up):
            work()
        start = time.perf_counter()
        for _ in range(contender.calls):
            work()
        pipe.send((time.perf_counter() - start) / contender.calls)


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
