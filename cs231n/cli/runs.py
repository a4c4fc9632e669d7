"""What the verbs that train have in common: folders, progress, numbers in tables."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from cs231n.training.statistics import standard_errors_needed


def refuse_other_results(path: Path, run: dict[str, Any]) -> None:
    """Never overwrite the results of a run with other settings."""
    if not path.exists():
        return
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        same = all(earlier[key] == value for key, value in run.items())
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise ValueError(
            f"{path} holds the results of a run with other settings: choose another folder with "
            "--out, or remove that one"
        )


def command_line() -> str:
    """Return the command line as it was typed, without the path of the program."""
    return subprocess.list2cmdline(["cs231n", *sys.argv[1:]])


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """Show a bar of epochs; what is given is called with those done and those in all."""
    with tqdm(total=1, unit="epoch", desc="training", disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def plus_minus(estimate: dict[str, Any], sign: str = "", decimals: int = 2) -> str:
    """Return "7.50 ± 0.25", or the mean alone where the standard error is not known."""
    mean = f"{estimate['mean']:{sign}.{decimals}f}"
    if estimate["standard_error"] is None:
        return mean
    return f"{mean} ± {estimate['standard_error']:.{decimals}f}"


def sizes_line(report: dict[str, Any]) -> str:
    """Return how many images and seeds a report is about: the first line of its table."""
    seeds = len(report["seeds"])
    return (
        f"{report['dataset']['name']}: {report['settings']['train_size']} training images, "
        f"{report['dataset']['test_size']} test images, {seeds} seed{'s' if seeds != 1 else ''}"
    )


def seeds_note(seeds: int) -> list[str]:
    """Return what ± and a verdict mean, as the last lines of a table; nothing for one seed."""
    if seeds == 1:
        return []
    needed = standard_errors_needed(seeds)
    return [
        "",
        f"± is the standard error over {seeds} seeds, paired for differences; a verdict needs "
        f"{needed:.1f} of them.",
    ]
