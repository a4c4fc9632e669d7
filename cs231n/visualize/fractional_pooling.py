"""Four ways to draw the regions of fractional pooling: errors by epochs and by passes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cs231n.validation import parameter
from cs231n.visualize.figures import FONT, add_axes, new_figure, put_text, style_ticks, text_width
from cs231n.visualize.palette import HELPS, HURTS, INK, MUTED, PAPER
from cs231n.visualize.wording import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, LEFT, AXIS, TOP, PLOT, PITCH = 8.0, 4.3, 0.12, 0.62, 1.25, 3.15, 4.0
TITLE, SIZE, SMALL = 12.5, 9.5, 8.5
# Pseudorandom is blue, random orange; overlapping is solid, disjoint dashed and hollow.
STYLES: dict[str, dict[str, Any]] = {
    name: {
        "color": colour,
        "markerfacecolor": fill,
        "linestyle": dashes,
        "marker": shape,
        "markersize": 4.5,
        "linewidth": 1.5,
    }
    for name, colour, fill, dashes, shape in (
        ("PO", HELPS, HELPS, "-", "o"),
        ("RO", HURTS, HURTS, "-", "D"),
        ("PD", HELPS, PAPER, (0, (4, 2)), "o"),
        ("RD", HURTS, PAPER, (0, (4, 2)), "D"),
    )
}


def plot_modes(report: Mapping[str, Any]) -> "Figure":
    """Draw the test error against the epochs, of one pass, and against the passes in the end.

    Parameters
    ----------
    report : dict
        What ``cs231n experiment fractional-pooling`` writes as ``report.json``.

    Returns
    -------
    matplotlib.figure.Figure
        Left: after each epoch, on a logarithmic axis. Right: of averages over passes, with a bar of
        one standard error to either side; for MNIST crosses are the published errors.

    Raises
    ------
    ValueError
        If something is missing from `report`.

    Examples
    --------
    >>> errors = [{"passes": n, "mean": 1 / n, "standard_error": 0.1} for n in (1, 2)]
    >>> mode = {"name": "PO", "title": "pseudorandom overlapping", "published": [0.44, 0.34],
    ...         "errors": errors, "epoch_errors": [3.0, 1.0]}
    >>> report = {"modes": [mode], "dataset": {"name": "digits", "train_size": 9}}
    >>> [axes.get_xlabel() for axes in plot_modes(report).axes]
    ['epochs', 'passes averaged']
    """
    modes, dataset = (parameter("report", report, key) for key in ("modes", "dataset"))
    figure = new_figure(WIDTH, HEIGHT)
    title = f"Fractional max-pooling: {dataset['name']}"
    put_text(
        figure, LEFT, 0.14, f"{title}, {plural(dataset['train_size'], 'training image')}", TITLE,
        weight="bold",
    )  # fmt: skip
    published = dataset["name"] == "mnist"
    note = "Bars: standard errors of other noise, with the same networks and images"
    crosses = ". Crosses: Graham 2014, + disjoint" if published else ""
    put_text(figure, LEFT, 0.42, f"{note}{crosses}", SMALL, color=MUTED)
    _write_legend(figure, modes)
    headings = ("test error of one pass, %, logarithmic", "test error of averages, %")
    panels = []
    for column, heading in enumerate(headings):
        left = AXIS + column * PITCH
        put_text(figure, left, TOP - 0.06, heading, SIZE, weight="bold", va="baseline")
        panels.append(add_axes(figure, left, TOP, PLOT, HEIGHT - TOP - 0.55))
    _draw_epochs(panels[0], modes)
    _draw_passes(panels[1], modes, published)
    return figure


def _write_legend(figure: "Figure", modes: Sequence[Mapping[str, Any]]) -> None:
    """Show the lines beside their names, in one row."""
    from matplotlib.lines import Line2D

    x, y = LEFT, 0.78
    for mode in modes:
        ends = [x / WIDTH, (x + 0.16) / WIDTH, (x + 0.32) / WIDTH]
        line = Line2D(ends, [1 - y / HEIGHT] * 3, markevery=[1], **STYLES[mode["name"]])
        figure.add_artist(line)
        put_text(figure, x + 0.38, y, mode["title"], SMALL, color=MUTED, va="center")
        x += 0.38 + text_width(mode["title"], SMALL) + 0.2


def _draw_epochs(axes: "Axes", modes: Sequence[Mapping[str, Any]]) -> None:
    from matplotlib.ticker import MaxNLocator, NullLocator, ScalarFormatter

    axes.set_yscale("log")
    for mode in modes:
        epochs = range(1, len(mode["epoch_errors"]) + 1)
        axes.plot(epochs, mode["epoch_errors"], **STYLES[mode["name"]])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    if len(modes[0]["epoch_errors"]) == 1:
        axes.set_xlim(0, 2)
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(_fixed(low, high))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    _style(axes, "epochs")


def _draw_passes(axes: "Axes", modes: Sequence[Mapping[str, Any]], published: bool) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

    axes.set_xscale("log", base=2)
    for mode in modes:
        style = STYLES[mode["name"]]
        errors = mode["errors"]
        passes = [error["passes"] for error in errors]
        means = [error["mean"] for error in errors]
        axes.plot(passes, means, zorder=3, **style)
        axes.errorbar(
            passes, means, [error["standard_error"] or 0.0 for error in errors], fmt="none",
            ecolor=style["color"], elinewidth=1.0, capsize=0, zorder=2,
        )  # fmt: skip
        if published:
            axes.plot(
                [1, 12], mode["published"], "x" if mode["name"].endswith("O") else "+",
                color=style["color"], markersize=7, markeredgewidth=1.4, zorder=4,
            )  # fmt: skip
    shown = [error["passes"] for error in modes[0]["errors"] if error["passes"] not in (8, 16)]
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    _style(axes, "passes averaged")


def _fixed(low: float, high: float) -> Any:
    """Return round numbers for a logarithmic axis."""
    from matplotlib.ticker import FixedLocator

    for digits in ((1, 2, 5), range(1, 10), range(10, 100)):
        rounds = [digit * 10.0**power for power in range(-4, 4) for digit in digits]
        found = [number for number in rounds if low <= number <= high]
        if len(found) > 1:
            break
    return FixedLocator(found)


def _style(axes: "Axes", label: str) -> None:
    axes.set_xlabel(label, fontsize=SMALL, family=FONT, color=INK, labelpad=3)
    style_ticks(axes, "x", SMALL)
    style_ticks(axes, "y", SMALL)
    axes.grid(False, axis="x")
