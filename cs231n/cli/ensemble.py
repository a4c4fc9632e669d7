"""``cs231n experiment ensemble``: an ensemble against its members."""

from typing import Any

import click

from cs231n.cli.experiment import REPEATED, Parts, Report, add_command
from cs231n.cli.runs import plus_minus, seeds_note, sizes_line

DATASETS = ("shapes", "digits", "cifar10")


def _parts(name: str) -> Parts:
    from cs231n.training.experiments import compare_members
    from cs231n.training.experiments.ensemble import RECIPES, describe_ensemble
    from cs231n.visualize import plot_ensemble

    return Parts(RECIPES, describe_ensemble, compare_members, plot_ensemble, table)


add_command(
    "ensemble",
    """Hold an ensemble of 10 networks against its members, and against the best of them.

    The best one is chosen on validation images. Each seed trains a whole ensemble, on images of its
    own. Writes report.json and ensemble.png. Stopped half-way, the same command goes on where it
    was.
    """,
    _parts,
    DATASETS,
    [
        *REPEATED,
        click.option(
            "--members", type=click.IntRange(2), help="Networks an ensemble.  [default: 10]"
        ),
    ],
)


def table(report: Report) -> str:
    """Return what was found as tables of text: each ensemble, their means, and how they grow.

    Examples
    --------
    >>> one = {"accuracies": [55.0, 57.0], "validation_accuracies": [56.0, 58.0], "best": 1,
    ...        "averages": [[55.0, 57.0], [60.0, 60.0]], "gains_error": {"best": 0.4, "mean": 0.3}}
    >>> mean = {"mean": 57.0, "standard_error": None, "verdict": "one seed: no verdict"}
    >>> report = {"ensembles": [one], "seeds": [0], "settings": {"train_size": 9, "members": 2},
    ...           "dataset": {"name": "shapes", "test_size": 5}, "layers": "bn", "parameters": 1234,
    ...           "training_seconds": 2, "published": "", "source": "", "curve": [],
    ...           "singles": mean, "best": mean, "together": mean,
    ...           "gains": {"best": mean, "mean": mean}}
    >>> print(table(report).splitlines()[4])
    0        55.00 to 57.00        56.00        57.00     60.00   +3.00 ± 0.40   +4.00 ± 0.30
    """
    members = report["settings"]["members"]
    lines = [
        f"{sizes_line(report)}, {members} networks each",
        f"{report['layers']}: {report['parameters']:,} parameters, "
        f"{report['training_seconds']:.1f} seconds to train",
        "",
        *_ensembles(report),
        "",
        f"{'networks averaged':<17}  {'the first ones':>14}  {'any that follow one another':>27}",
    ]
    for row in report["curve"]:
        lines.append(
            f"{row['networks']:<17}  {plus_minus(row['first']):>14}  {plus_minus(row['any']):>27}"
        )
    lines += [
        "",
        "Test accuracies in %. The best network is the one with the highest accuracy on validation "
        "images.",
        "± beside a single ensemble's gains is the standard error over test images, of the same "
        "networks.",
        f"Published: {report['published']}",
        f"({report['source']})",
    ]
    return "\n".join([*lines, *seeds_note(len(report["seeds"]))])


def _ensembles(report: Report) -> list[str]:
    lines = [
        f"{'seed':<7}{'singles':>16}  {'their mean':>11}  {'the best':>11}  {'together':>8}  "
        f"{'over the best':>13}  {'over the mean':>13}"
    ]
    for seed, one in zip(report["seeds"], report["ensembles"], strict=True):
        singles, together = one["accuracies"], one["averages"][-1][0]
        best, mean = singles[one["best"]], sum(singles) / len(singles)
        gains = [
            plus_minus({"mean": together - over, "standard_error": one["gains_error"][key]}, "+")
            for key, over in (("best", best), ("mean", mean))
        ]
        lines.append(
            f"{seed:<7}{f'{min(singles):.2f} to {max(singles):.2f}':>16}  {mean:>11.2f}  "
            f"{best:>11.2f}  {together:>8.2f}  {gains[0]:>13}  {gains[1]:>13}"
        )
    return [*lines, *_means(report)]


def _means(report: Report) -> list[str]:
    lines = ["", f"{'mean of all ensembles':<22}  {'accuracy or gain':>16}"]
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("single networks", report["singles"], ""),
        ("the best", report["best"], ""),
        ("together", report["together"], ""),
        ("gain over the best", report["gains"]["best"], "+"),
        ("gain over their mean", report["gains"]["mean"], "+"),
    ]
    for title, found, sign in rows:
        verdict = found.get("verdict", "")
        lines.append(f"{title:<22}  {plus_minus(found, sign):>16}  {verdict}".rstrip())
    return lines
