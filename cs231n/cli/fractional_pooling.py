"""``cs231n experiment fractional-pooling``: Graham's four ways to draw regions, and many passes."""

import click

from cs231n.cli.experiment import Parts, Report, add_command
from cs231n.cli.runs import plus_minus

DATASETS = ("digits", "mnist")


def _parts(name: str) -> Parts:
    from cs231n.training.experiments import compare_modes
    from cs231n.training.experiments.fractional_pooling import FRACTIONAL_POOLING, describe_modes
    from cs231n.visualize import plot_modes

    return Parts(FRACTIONAL_POOLING, describe_modes, compare_modes, plot_modes, table)


add_command(
    "fractional-pooling",
    """Train Graham's fractional max-pooling net with each of its four ways to draw regions.

    And average what it says over many passes. Writes report.json and fractional-pooling.png.
    Stopped half-way, the same command goes on after the last epoch that was whole. On two cores
    MNIST takes about an hour, digits a minute.
    """,
    _parts,
    DATASETS,
    [
        click.option("--passes", type=click.IntRange(1), help="Over the test images, in the end."),
        click.option("--seed", type=click.IntRange(0), help="Of all that is random.  [default: 0]"),
    ],
)


def table(report: Report) -> str:
    """Return what was found as two tables of text: errors by passes, and by epochs.

    Examples
    --------
    >>> error = {"passes": 1, "groups": 2, "mean": 0.5, "standard_error": 0.02, "images_error": 0.1}
    >>> mode = {"name": "PO", "title": "pseudorandom overlapping", "published": [0.44, 0.34],
    ...         "errors": [error], "gain": {"passes": 1, "mean": 0.0, "standard_error": 0.0},
    ...         "loss": [1.5], "epoch_errors": [0.6], "seconds": 2}
    >>> report = {"modes": [mode], "dataset": {"name": "mnist", "train_size": 9, "test_size": 5},
    ...           "settings": {"epochs": 1}, "network": "relu", "parameters": 1234,
    ...           "multiply_adds": 2e6}
    >>> print(table(report).splitlines()[4])
    1          0.50 ± 0.02
    """
    modes, dataset = report["modes"], report["dataset"]
    lines = [
        f"{dataset['name']}: {dataset['train_size']} training images, "
        f"{dataset['test_size']} test images, {report['settings']['epochs']} epochs",
        f"{report['network']}: {report['parameters']:,} parameters, "
        f"{report['multiply_adds'] / 1e6:.1f} M multiply-adds",
        "",
        _row("passes", [mode["name"] for mode in modes]),
    ]
    for errors in zip(*(mode["errors"] for mode in modes), strict=True):
        lines.append(_row(f"{errors[0]['passes']}", [plus_minus(error) for error in errors]))
    many = modes[0]["gain"]["passes"]
    if many > 1:
        lines.append(_row(f"{many} less 1", [plus_minus(mode["gain"], "+") for mode in modes]))
    if dataset["name"] == "mnist":
        for i, passes in enumerate((1, 12)):
            cells = [f"{mode['published'][i]:.2f}" for mode in modes]
            lines.append(_row(f"paper, {passes}", cells))
    lines += ["", _row("epoch", [mode["name"] for mode in modes])]
    for epoch, errors in enumerate(zip(*(mode["epoch_errors"] for mode in modes), strict=True), 1):
        lines.append(_row(f"{epoch}", [f"{error:.2f}" for error in errors]))
    lines.append(_row("seconds", [f"{mode['seconds']:.0f}" for mode in modes]))
    names = ", ".join(f"{mode['name']} {mode['title']}" for mode in modes)
    largest = max(mode["errors"][0]["images_error"] for mode in modes)
    return "\n".join(
        [
            *lines,
            "",
            f"Test errors in %, {names}.",
            "± beside an error is the standard error of other noise, on the same images and "
            f"network; over images it is {largest:.2f} or less.",
            *(
                [f"{many} less 1: what averaging changes, paired; its ± is that over images."]
                if many > 1
                else []
            ),
            "After an epoch: one pass.",
        ]
    )


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<11}" + "".join(f"{cell:<16}" for cell in cells).rstrip()
