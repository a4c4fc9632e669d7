"""One network asked in several ways: what noisy passes bring, beside what is known on average."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cs231n.validation import parameter
from cs231n.visualize.figures import FONT, add_axes, new_figure, put_text, style_ticks, text_width
from cs231n.visualize.palette import HELPS, INK, LINE, MARKS, MUTED
from cs231n.visualize.wording import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, LEFT, PLOT, PITCH = 8.0, 6.4, 0.12, 3.15, 4.0
TOPS, HEIGHTS, AXIS = (1.1, 3.9), (1.9, 1.6), 0.62
TITLE, SIZE, SMALL = 12.5, 9.5, 8.5
NAMED = 1.5
SHOWN = 4  # the last numbers of passes, whose differences are drawn large
MEASURES = {"error": "test error, %", "log_loss": "test log-loss, nats"}
STYLES: tuple[dict[str, Any], ...] = (
    {"color": INK, "linestyle": "-", "linewidth": 1.4},
    {"color": MUTED, "linestyle": (0, (5, 2)), "linewidth": 1.4},
    {"color": MUTED, "linestyle": (0, (1, 1.5)), "linewidth": 1.6},
)


def plot_inference(report: Mapping[str, Any]) -> "Figure":
    """Draw error and log-loss against the number of passes, and differences to the first way.

    Parameters
    ----------
    report : dict
        What ``cs231n experiment dropout`` or ``dropconnect`` writes as ``report.json``.

    Returns
    -------
    matplotlib.figure.Figure
        Above, against the passes: the mean with a bar of one standard error to either side, thin
        lines for single seeds, and level lines for what needs no passes. Below, the differences
        paired by seed, of what needs no passes and of most passes: a blue disc is better than the
        first way, an orange diamond worse, an empty circle neither.

    Raises
    ------
    ValueError
        If something is missing from `report`.

    Examples
    --------
    >>> found = {"values": [30.0, 31.0], "mean": 30.5, "standard_error": 0.5, "difference": None}
    >>> once = {"title": "once", "passes": 0, "error": found, "log_loss": found}
    >>> change = {"mean": 1.0, "standard_error": 0.5, "verdict": "no clear difference"}
    >>> found = {**found, "difference": change}
    >>> twice = {"title": "2 passes", "passes": 2, "error": found, "log_loss": found}
    >>> report = {"title": "Noise", "rows": [once, twice], "seeds": [0, 1],
    ...           "settings": {"train_size": 9}, "dataset": {"name": "shapes"}}
    >>> [axes.get_xlabel() for axes in plot_inference(report).axes][0]
    'passes'
    """
    title, rows, seeds, settings, dataset = (
        parameter("report", report, key)
        for key in ("title", "rows", "seeds", "settings", "dataset")
    )
    figure = new_figure(WIDTH, HEIGHT)
    put_text(figure, LEFT, 0.14, title, TITLE, weight="bold")
    note = (
        f"{dataset['name']}, {plural(settings['train_size'], 'training image')}, "
        f"{plural(len(seeds), 'seed')}. Bars: standard errors. "
        "Below, blue is better, orange worse, empty neither"
    )
    put_text(figure, LEFT, 0.42, note, SMALL, color=MUTED)
    level = [row for row in rows if not row["passes"]]
    curve = sorted((row for row in rows if row["passes"]), key=lambda row: row["passes"])
    _write_legend(figure, level)
    for column, (key, label) in enumerate(MEASURES.items()):
        left = AXIS + column * PITCH
        put_text(figure, left, TOPS[0] - 0.06, label, SIZE, weight="bold", va="baseline")
        axes = add_axes(figure, left, TOPS[0], PLOT, HEIGHTS[0])
        _draw_curve(axes, [row[key] for row in curve], [row["passes"] for row in curve])
        for row, style in zip(level, STYLES, strict=False):
            axes.axhline(row[key]["mean"], zorder=1, **style)
        heading = f"difference to {rows[0]['title']}"
        put_text(figure, left, TOPS[1] - 0.06, heading, SIZE, weight="bold", va="baseline")
        axes = add_axes(figure, left, TOPS[1], PLOT, HEIGHTS[1])
        _draw_differences(axes, [*level[1:], *curve[-SHOWN:]], key)
    return figure


def _write_legend(figure: "Figure", level: Sequence[Mapping[str, Any]]) -> None:
    """Show the level lines beside their names, in one row."""
    from matplotlib.lines import Line2D

    x, y = LEFT, 0.74
    for row, style in zip(level, STYLES, strict=False):
        ends = [x / WIDTH, (x + 0.32) / WIDTH]
        figure.add_artist(Line2D(ends, [1 - y / HEIGHT] * 2, marker="", **style))
        put_text(figure, x + 0.38, y, row["title"], SMALL, color=MUTED, va="center")
        x += 0.38 + text_width(row["title"], SMALL) + 0.25


def _draw_curve(axes: "Axes", found: Sequence[Mapping[str, Any]], passes: Sequence[int]) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    if len(found) and len(found[0]["values"]) > 1:
        for values in zip(*(one["values"] for one in found), strict=True):
            axes.plot(passes, values, color=LINE, linewidth=0.8, linestyle="-", marker="", zorder=2)
    means = [one["mean"] for one in found]
    axes.plot(
        passes, means, color=HELPS, linewidth=1.8, linestyle="-", marker="o", markersize=4.5,
        zorder=4,
    )  # fmt: skip
    for one, x in zip(found, passes, strict=True):
        _bar(axes, one, x, HELPS)
    axes.set_xticks(passes, [str(n) for n in passes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("passes", fontsize=SMALL, family=FONT, color=INK, labelpad=2)
    style_ticks(axes, "x", SMALL)
    style_ticks(axes, "y", SMALL)
    axes.grid(False, axis="x")


def _draw_differences(axes: "Axes", rows: Sequence[Mapping[str, Any]], key: str) -> None:
    axes.axhline(0, color=INK, linewidth=1.4, linestyle="-", zorder=1)
    places, x = [], 0.0
    for row in rows:
        slot = 1.0 if row["passes"] else NAMED  # words need more room than numbers
        places.append(x + slot / 2)
        x += slot
    for x_mid, row in zip(places, rows, strict=True):
        change = row[key]["difference"]
        mark = MARKS[change["verdict"]]
        _bar(axes, change, x_mid, mark.colour)
        axes.plot(
            [x_mid], [change["mean"]], linestyle="", marker=mark.shape, markersize=6.8,
            markerfacecolor=mark.fill, markeredgecolor=mark.colour, markeredgewidth=1.6, zorder=4,
        )  # fmt: skip
    axes.set_xlim(0, x)
    axes.margins(y=0.12)
    axes.set_xticks(places, [str(row["passes"] or "\n".join(row["title"].split())) for row in rows])
    axes.set_xlabel("passes", fontsize=SMALL, family=FONT, color=INK, labelpad=2)
    style_ticks(axes, "x", SMALL)
    style_ticks(axes, "y", SMALL)
    axes.grid(False, axis="x")


def _bar(axes: "Axes", estimate: Mapping[str, Any], x: float, colour: str) -> None:
    """Draw one standard error to either side of a mean, where it is known."""
    if estimate["standard_error"] is not None:
        ends = [estimate["mean"] + sign * estimate["standard_error"] for sign in (-1, 1)]
        axes.plot([x, x], ends, color=colour, linewidth=2.0, linestyle="-", marker="", zorder=3)
