"""``python -m benchmarks``: one table, ours against PyTorch's best, measured in turns.

``--only small other`` takes some of its groups.
"""

import argparse
import statistics

from benchmarks import machine, steps
from benchmarks.harness import Timing, compare
from benchmarks.rows import GROUPS, Group, Row
from cs231n.training.pool import usable_cores

HEAD = (
    f"{'':<31} {'':<9} {'ours ms':>8} {'':>5} {'PyTorch ms':>10} {'':>5} {'layout':<13} "
    f"{'ratio':>6} {'GFLOP/s':>8}"
)


def line(row: Row, timings: list[Timing]) -> tuple[str, float]:
    """Return a line of the table, and the ratio."""
    ours, *theirs = timings
    speed = f"{row.flops / ours.median / 1e9:.0f}" if row.flops else ""
    start = f"{row.layer!s:<31} {row.work:<9} {1e3 * ours.median:8.2f} {ours.spread:5.0%} "
    if not theirs:
        return f"{start}{'PyTorch is not installed':<38} {'':>6} {speed:>8}", float("nan")
    best = min(theirs, key=lambda timing: timing.median)
    ratio = best.ratio(ours)
    return (
        f"{start}{1e3 * best.median:10.2f} {best.spread:5.0%} {best.name:<13} {ratio:6.2f} "
        f"{speed:>8}".rstrip(),
        ratio,
    )


def measure(group: Group, threads: int, rounds: int) -> str:
    """Print the group's rows as they come, and return a line about them."""
    print(f"\n{group.title}")
    ratios = []
    for row in group.rows(threads):
        text, ratio = line(row, compare(f"{row.layer} {row.work}", row.contenders, rounds))
        ratios.append(ratio)
        print(text, flush=True)
    reached = sum(ratio >= group.floor for ratio in ratios)
    return (
        f"{group.title:<37} {min(ratios):6.2f} {statistics.median(ratios):6.2f} "
        f"{max(ratios):6.2f} {group.floor:6.2f}   {reached} of {len(ratios)}"
    )


def main() -> None:
    """Print the table, what it says in short, and the memory of a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    cores = usable_cores()
    parser.add_argument("--threads", type=int, default=cores)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=[group.name for group in GROUPS])
    options = parser.parse_args()
    print(machine.describe(cores, options.threads))
    print(machine.peaks(options.threads))
    print(f"\n{HEAD}")
    chosen = [group for group in GROUPS if not options.only or group.name in options.only]
    shorts = [measure(group, options.threads, options.rounds) for group in chosen]
    head = f"{'in short':<37} {'least':>6} {'median':>6} {'most':>6} {'floor':>6}   reach it"
    print("", head, *shorts, sep="\n")
    if not options.only or "vgg" in options.only:
        print(f"\n{steps.memory(options.threads)}")


if __name__ == "__main__":
    main()
