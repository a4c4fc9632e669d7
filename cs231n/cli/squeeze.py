"""``cs231n squeeze``: what each technique of the lecture is worth, on real images."""

import json
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cs231n.cli import environment
from cs231n.cli.runs import command_line, plus_minus, progress_bar, refuse_other_results
from cs231n.files import write_atomically
from cs231n.training.recipes import RECIPES, Recipe
from cs231n.training.rungs import RUNGS, ladder
from cs231n.training.statistics import standard_errors_needed


class _Command(click.Command):
    """A command whose help tells what the rungs are, too."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the rungs, then which of them a data set has by default."""
        super().format_options(ctx, formatter)
        with formatter.section("Rungs"):
            worded = [rung.worded(RECIPES["digits"]) for rung in RUNGS]
            formatter.write_dl([(rung.name, rung.description) for rung in worded])
        with formatter.section("By default"):
            formatter.write_dl([(name, ", ".join(one.ladder)) for name, one in RECIPES.items()])


@click.command(cls=_Command)
@click.option(
    "--dataset",
    type=click.Choice(list(RECIPES)),
    default="digits",
    show_default=True,
    help="digits and shapes need no network.",
)
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that holds the data set; without it mnist and cifar10 are downloaded.",
)
@click.option("--train-size", type=click.IntRange(1), help="Images to train on.")
@click.option("--seeds", type=click.IntRange(1), help="How often everything is repeated.")
@click.option("--epochs", type=click.IntRange(1), help="Passes over the training images.")
@click.option("--passes", type=click.IntRange(1), help="Noisy passes that are averaged over.")
@click.option("--rungs", help="Which techniques, in which order, with commas between them.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to.  [default: squeeze-DATASET]",
)
@click.option("--workers", type=click.IntRange(0), help="Processes.  [default: usable cores]")
def squeeze(
    dataset: str,
    data_dir: Path | None,
    train_size: int | None,
    seeds: int | None,
    epochs: int | None,
    passes: int | None,
    rungs: str | None,
    out: Path | None,
    workers: int | None,
) -> None:
    """Train a small ConvNet, add one technique at a time, and show what each is worth.

    Writes results.json, ladder.png and report.html. Stopped half-way, the same command goes on
    where it was.
    """
    changes: dict[str, Any] = {
        **{"train_size": train_size, "seeds": seeds, "epochs": epochs, "passes": passes}
    }
    given = {option: value for option, value in changes.items() if value is not None}
    recipe = replace(RECIPES[dataset], **given)
    names = None if rungs is None else [name.strip() for name in rungs.split(",")]
    folder = Path(f"squeeze-{dataset}") if out is None else out
    try:
        ladder(recipe, names)  # an unknown or wrong rung is an error before any work is done
        results = _run(dataset, data_dir, recipe, names, folder, workers)
    except (ValueError, OSError, BrokenProcessPool) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        click.echo("\nStopped. The same command goes on where it was.", err=True)
        raise SystemExit(1) from None
    click.echo(table(results))
    click.echo(f"\nReport: {folder / 'report.html'}")


def _run(
    dataset: str,
    data_dir: Path | None,
    recipe: Recipe,
    names: list[str] | None,
    folder: Path,
    workers: int | None,
) -> dict[str, Any]:
    # Imported late, so that `cs231n --help` answers at once.
    from cs231n import data
    from cs231n.training.squeeze import describe_run, squeeze
    from cs231n.visualize import plot_ladder, render_report, save_figure

    images = data.load(dataset, data_dir)
    refuse_other_results(folder / "results.json", describe_run(images, recipe, names))
    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar() as show:
        squeezed = squeeze(images, recipe, names, folder / "networks", workers, show)
    results = {
        "command": command_line(),
        "environment": environment.describe(),
        **squeezed.results,
    }
    report = render_report(results, squeezed.augmented, squeezed.misclassified)
    save_figure(plot_ladder(results), folder / "ladder.png", colours=128)
    write_atomically(folder / "report.html", report.encode())
    write_atomically(folder / "results.json", (json.dumps(results, indent=1) + "\n").encode())
    return results


def table(results: dict[str, Any]) -> str:
    """Return the ladder as a table of text.

    Examples
    --------
    >>> rung = {"title": "baseline", "mean": 7.5, "standard_error": 0.25, "difference": None,
    ...         "seconds": 1.5, "parameters": 1234}
    >>> dataset = {"name": "digits", "train_size": 200, "test_size": 797}
    >>> text = table({"rungs": [rung], "dataset": dataset, "seeds": [0, 1]})
    >>> print(text.splitlines()[3].rstrip())
    baseline    7.50 ± 0.25                                          1.5       1,234
    """
    rungs, sizes = results["rungs"], results["dataset"]
    width = max(len("rung"), *(len(rung["title"]) for rung in rungs))
    seeds = len(results["seeds"])
    lines = [
        f"{sizes['name']}: {sizes['train_size']} training images, {sizes['test_size']} test "
        f"images, {seeds} seed{'s' if seeds != 1 else ''}",
        "",
        f"{'rung':<{width}}  {'test error, %':>13}  {'difference':>13}  {'':<19}  {'seconds':>7}  "
        f"{'parameters':>10}",
    ]
    for rung in rungs:
        change = rung["difference"]
        lines.append(
            f"{rung['title']:<{width}}  {plus_minus(rung):>13}  "
            f"{plus_minus(change, '+') if change else '':>13}  "
            f"{change['verdict'] if change else '':<19}  {rung['seconds']:>7.1f}  "
            f"{rung['parameters']:>10,}"
        )
    if seeds > 1:
        lines += [
            "",
            f"± is the standard error over {seeds} seeds, paired for differences; a verdict needs "
            f"{standard_errors_needed(seeds):.1f} of them.",
        ]
    return "\n".join(lines)
