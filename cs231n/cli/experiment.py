"""``cs231n experiment``: what the lecture claims of networks, trained and compared."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cs231n.cli import environment
from cs231n.cli.runs import (
    command_line,
    plus_minus,
    progress_bar,
    refuse_other_results,
    seeds_note,
    sizes_line,
)
from cs231n.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Report = dict[str, Any]
DATASETS = ("shapes", "cifar10")
# The options of what is repeated with other seeds, on part of the images.
REPEATED = (
    click.option("--train-size", type=click.IntRange(1), help="Images to train on."),
    click.option("--seeds", type=click.IntRange(1), help="How often everything is repeated."),
)


class Parts(NamedTuple):
    """What an experiment consists of.

    Attributes
    ----------
    recipes : dict
        By data set: a frozen dataclass with the settings of a run.
    describe : callable ``(dataset, recipe) -> dict``
        What makes a run.
    compare : callable ``(dataset, recipe, folder, workers, on_progress) -> report``
    plot : callable ``report -> figure``
    table : callable ``report -> text``
    """

    recipes: Mapping[str, Any]
    describe: Callable[..., dict[str, Any]]
    compare: Callable[..., Report]
    plot: Callable[[Report], "Figure"]
    table: Callable[[Report], str]


@click.group()
def experiment() -> None:
    """Train networks side by side, and hold the lecture's claims against them."""


def add_command(
    name: str,
    text: str,
    parts: Callable[[str], Parts],
    datasets: Sequence[str],
    options: Sequence[Callable[..., Any]] = REPEATED,
) -> None:
    """Add a command that runs the experiment of this name.

    Parameters
    ----------
    name, text : str
        Text is the command's help.
    parts : callable ``name -> Parts``
        Imports what it needs when it is called, so that `cs231n --help` answers at once.
    datasets : sequence of str
        The first one is the default.
    options : sequence of click's decorators
        Further options, named like the entries of the recipe that they set.
    """

    @experiment.command(name, help=text, short_help=text.partition("\n")[0])
    @click.option(
        "--dataset",
        type=click.Choice(datasets),
        default=datasets[0],
        show_default=True,
        help="Only cifar10 and mnist need a download.",
    )
    @click.option(
        "--data-dir",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder that holds the data set; without it what is missing is downloaded.",
    )
    @click.option("--epochs", type=click.IntRange(1), help="Passes over the training images.")
    @click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        help=f"Folder to write to.  [default: {name}-DATASET]",
    )
    @click.option("--workers", type=click.IntRange(0), help="Processes.  [default: usable cores]")
    def command(
        dataset: str, data_dir: Path | None, out: Path | None, workers: int | None, **changes: Any
    ) -> None:
        given = {option: value for option, value in changes.items() if value is not None}
        folder = Path(f"{name}-{dataset}") if out is None else out
        try:
            loaded = parts(name)
            report = _run(name, loaded, dataset, data_dir, given, folder, workers)
        except (ValueError, OSError, BrokenProcessPool) as error:
            raise click.ClickException(str(error)) from None
        except KeyboardInterrupt:
            click.echo("\nStopped. The same command goes on where it was.", err=True)
            raise SystemExit(1) from None
        click.echo(loaded.table(report))
        click.echo(f"\nReport: {folder / 'report.json'}")

    for option in options:
        option(command)


def _contenders(name: str) -> Parts:
    from cs231n.training.experiments import EXPERIMENTS, compare_contenders
    from cs231n.training.experiments.running import describe_experiment
    from cs231n.visualize import plot_experiment

    chosen = EXPERIMENTS[name]
    return Parts(
        chosen.recipes,
        partial(describe_experiment, chosen),
        partial(compare_contenders, chosen),
        plot_experiment,
        table,
    )


add_command(
    "small-filters",
    """Compare 7x7 with three 3x3, and VGG's nets B, C and D, scaled down.

    Writes report.json and small-filters.png. Stopped half-way, the same command goes on where it
    was.
    """,
    _contenders,
    DATASETS,
)
add_command(
    "augmentation",
    """Train one small network with each technique of data augmentation alone.

    From flips to CutMix, then three together, and averages over crops and over noisy passes at test
    time. Writes report.json and augmentation.png. Stopped half-way, the same command goes on where
    it was; seeds are complete one after the other.
    """,
    _contenders,
    DATASETS,
)


def _run(
    name: str,
    parts: Parts,
    dataset: str,
    data_dir: Path | None,
    changes: dict[str, Any],
    folder: Path,
    workers: int | None,
) -> Report:
    from cs231n import data
    from cs231n.visualize import save_figure

    recipe = replace(parts.recipes[dataset], **changes)
    images = data.load(dataset, data_dir)
    path = folder / "report.json"
    refuse_other_results(path, parts.describe(images, recipe))
    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar() as show:
        found = parts.compare(images, recipe, folder / "networks", workers, show)
    report = {"command": command_line(), "environment": environment.describe(), **found}
    save_figure(parts.plot(report), folder / f"{name}.png", colours=128)
    write_atomically(path, (json.dumps(report, indent=1) + "\n").encode())
    return report


def table(report: dict[str, Any]) -> str:
    """Return the networks and the claims as two tables of text.

    Examples
    --------
    >>> row = {"title": "B", "layers": "conv3-8", "mean": 30.5, "standard_error": 0.25,
    ...        "parameters": 1234, "multiply_adds": 2.5e6, "receptive_field": 36, "seconds": 2,
    ...        "published": 28.7}
    >>> report = {"contenders": [row], "claims": [], "seeds": [0, 1], "settings": {"train_size": 9},
    ...           "dataset": {"name": "shapes", "test_size": 5}}
    >>> print(table(report).splitlines()[3])
    B         30.50 ± 0.25       1,234            2.5 M  36x36      2.0    28.7
    """
    from cs231n.visualize.experiment import is_one_network

    rows = report["contenders"]
    lines = [
        sizes_line(report),
        *(_one_network(rows) if is_one_network(rows) else ["", *_networks(rows)]),
    ]
    if report["claims"]:
        lines += ["", *_claims(report["claims"])]
    return "\n".join([*lines, *seeds_note(len(report["seeds"]))])


def _networks(rows: list[dict[str, Any]]) -> list[str]:
    width = max(len("network"), *(len(row["title"]) for row in rows))
    lines = [
        f"{'network':<{width}}  {'test error, %':>13}  {'parameters':>10}  {'multiply-adds':>15}  "
        f"{'sees':>5}  {'seconds':>7}  {'paper':>6}",
    ]
    for row in rows:
        published = "" if row["published"] is None else f"{row['published']:.1f}"
        field = f"{row['receptive_field']}x{row['receptive_field']}"
        lines.append(
            f"{row['title']:<{width}}  {plus_minus(row):>13}  {row['parameters']:>10,}  "
            f"{row['multiply_adds'] / 1e6:>13.1f} M  {field:>5}  {row['seconds']:>7.1f}  "
            f"{published:>6}".rstrip()
        )
    return lines


def _one_network(rows: list[dict[str, Any]]) -> list[str]:
    width = max(len("technique"), *(len(row["title"]) for row in rows))
    costs = f"{rows[0]['parameters']:,} parameters, {rows[0]['multiply_adds'] / 1e6:.1f} M"
    lines = [
        f"{rows[0]['layers']}: {costs} multiply-adds",
        "",
        f"{'technique':<{width}}  {'test error, %':>13}  {'seconds':>7}  what it is",
    ]
    for row in rows:
        what = "; ".join([*row["augmentation"].values(), row["test_time"]])
        lines.append(
            f"{row['title']:<{width}}  {plus_minus(row):>13}  {row['seconds']:>7.1f}  "
            f"{what.strip('; ')}".rstrip()
        )
    return lines


def _claims(claims: list[dict[str, Any]]) -> list[str]:
    names = [f"{claim['better']} better than {claim['worse']}" for claim in claims]
    width = max(len("claim"), *map(len, names))
    lines = [f"{'claim':<{width}}  {'difference':>13}  {'':<19}  {'paper':>6}  said by"]
    for name, claim in zip(names, claims, strict=True):
        change = claim["difference"]
        published = "" if claim["published"] is None else f"{-claim['published']:+.1f}"
        lines.append(
            f"{name:<{width}}  {plus_minus(change, '+'):>13}  {change['verdict']:<19}  "
            f"{published:>6}  {claim['source']}"
        )
    return lines
