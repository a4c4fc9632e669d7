"""``cs231n experiment dropout`` and ``dropconnect``: one network, asked in several ways."""

from functools import partial
from typing import Any

from cs231n.cli.experiment import Parts, Report, add_command
from cs231n.cli.runs import plus_minus, seeds_note, sizes_line

DATASETS = ("shapes", "digits", "cifar10")
_RESUMED = "Stopped half-way, the same command goes on where it was."
# Key in a row of the report, heading, decimals.
_MEASURES = (("error", "test error, %", 2), ("log_loss", "test log-loss", 4))


def _parts(name: str) -> Parts:
    from cs231n.training.experiments import STUDIES, compare_inference
    from cs231n.training.experiments.inference import describe_inference
    from cs231n.visualize import plot_inference

    study = STUDIES[name]
    return Parts(
        study.recipes,
        partial(describe_inference, study),
        partial(compare_inference, study),
        plot_inference,
        table,
    )


add_command(
    "dropout",
    f"""Hold dropout's weight scaling against averages over 1 to 100 noisy passes.

    All of one run of passes, by test error and by test log-loss, paired by seed. Writes report.json
    and dropout.png. {_RESUMED}
    """,
    _parts,
    DATASETS,
)
add_command(
    "dropconnect",
    f"""Hold DropConnect's mean network against moment matching and noisy passes.

    By test error and by test log-loss, paired by seed. Writes report.json and dropconnect.png.
    {_RESUMED}
    """,
    _parts,
    DATASETS,
)


def table(report: Report) -> str:
    """Return what was found as two tables of text, one of errors and one of log-losses.

    Examples
    --------
    >>> error = {"mean": 30.5, "standard_error": 0.25, "difference": None}
    >>> row = {"title": "once", "error": error, "log_loss": error, "seconds": None}
    >>> report = {"rows": [row], "seeds": [0, 1], "settings": {"train_size": 9}, "layers": "bn",
    ...           "dataset": {"name": "shapes", "test_size": 5}, "parameters": 1234, "source": "",
    ...           "published": "", "training_seconds": 2}
    >>> print(table(report).splitlines()[4])
    once             30.50 ± 0.25
    """
    lines = [
        sizes_line(report),
        f"{report['layers']}: {report['parameters']:,} parameters, "
        f"{report['training_seconds']:.1f} seconds to train",
    ]
    for measure in _MEASURES:
        lines += ["", *_measured(report["rows"], *measure)]
    lines += ["", f"Published: {report['published']}", f"({report['source']})"]
    return "\n".join([*lines, *seeds_note(len(report["seeds"]))])


def _measured(rows: list[dict[str, Any]], key: str, heading: str, decimals: int) -> list[str]:
    width = max(len("predicted by"), *(len(row["title"]) for row in rows))
    lines = [f"{'predicted by':<{width}}  {heading:>15}  {'difference':>16}  {'':<19}  seconds"]
    for row in rows:
        found, change = row[key], row[key]["difference"]
        difference, verdict = "", ""
        if change is not None:
            difference, verdict = plus_minus(change, "+", decimals), change["verdict"]
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
        lines.append(
            f"{row['title']:<{width}}  {plus_minus(found, '', decimals):>15}  {difference:>16}  "
            f"{verdict:<19}  {seconds:>7}".rstrip()
        )
    return lines
