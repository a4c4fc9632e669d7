"""An experiment: the test errors of networks side by side, and what became of the claims."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cs231n.validation import parameter
from cs231n.visualize.figures import FONT, add_axes, new_figure, put_text, style_ticks, wrap_text
from cs231n.visualize.palette import DOTS, INK, LINE, MARKS, MUTED
from cs231n.visualize.wording import duration, plural, signed, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, LEFT, PLOT, COSTS = 8.0, 0.12, (2.2, 5.5), 5.75
ROW, DENSE, MANY, TITLE, SIZE, SMALL = 0.4, 0.26, 10, 12.5, 9.5, 8.5  # more than MANY rows: dense


def plot_experiment(report: Mapping[str, Any]) -> "Figure":
    """Draw the test error of every network with every seed, and each claim's difference.

    Parameters
    ----------
    report : dict
        What ``cs231n experiment`` writes as ``report.json``.

    Returns
    -------
    matplotlib.figure.Figure
        Above a row a network: its mean with a bar of one standard error to either side, a dot for
        every seed, grey lines that join the same seed, and its costs, or its time where all are the
        same network. Below a row a claim: the difference paired by seed, against no difference,
        beside the paper's. A claim that holds has a blue disc, one whose contrary does an orange
        diamond, others an empty circle.

    Raises
    ------
    ValueError
        If something is missing from `report`.

    Examples
    --------
    >>> row = {"title": "B", "errors": [30.0, 31.0], "mean": 30.5, "standard_error": 0.5,
    ...        "parameters": 1234, "multiply_adds": 2500000}
    >>> report = {"contenders": [row], "claims": [], "seeds": [0, 1], "settings": {"train_size": 9},
    ...           "dataset": {"name": "shapes"}}
    >>> plot_experiment(report).axes[0].get_xlabel()
    'test error, %'
    """
    rows, claims, seeds, settings, dataset = (
        parameter("report", report, key)
        for key in ("contenders", "claims", "seeds", "settings", "dataset")
    )
    head = 0.95
    upper, lower = (DENSE if len(items) > MANY else ROW for items in (rows, claims))
    figure = new_figure(
        WIDTH, head + upper * len(rows) + 0.6 + (0.4 + lower * len(claims) + 0.5 if claims else 0)
    )
    alike = is_one_network(rows)
    title = f"{dataset['name']}, {plural(settings['train_size'], 'training image')}"
    subject = "One network, trained in many ways" if alike else "Networks side by side"
    put_text(figure, LEFT, 0.14, f"{subject}: {title}", TITLE, weight="bold")
    joined = "; lines join the same seed" if len(seeds) > 1 else ""
    note = f"{plural(len(seeds), 'seed')}. Marks: mean ± standard error; dots: single seeds{joined}"
    put_text(figure, LEFT, 0.42, note, SMALL, color=MUTED)
    told = "error, time" if alike else "error, parameters, multiply-adds"
    put_text(figure, COSTS, head - 0.2, told, SMALL, color=MUTED)
    axes = _rows(figure, head, [row["title"] for row in rows], "test error, %", upper)
    _draw_errors(axes, rows)
    for i, row in enumerate(rows):
        error = f"{row['mean']:.1f}{spread(row['standard_error'], 1)}"
        costs = f"{row['parameters'] / 1e3:,.0f} k   {row['multiply_adds'] / 1e6:.1f} M"
        y = head + upper * (i + 0.5)
        put_text(figure, COSTS, y, error, SIZE, weight="bold", va="center_baseline")
        costs = duration(row["seconds"]) if alike else costs
        put_text(figure, COSTS + 1.05, y, costs, SMALL, color=MUTED, va="center_baseline")
    if claims:
        top = head + upper * len(rows) + 1.0
        names = [f"{claim['better']} against {claim['worse']}" for claim in claims]
        put_text(figure, COSTS, top - 0.2, "difference, the paper's", SMALL, color=MUTED)
        label = "difference of the test error, points: less is better"
        axes = _rows(figure, top, names, label, lower)
        _draw_claims(figure, axes, top, claims, lower)
    return figure


def is_one_network(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether all rows are one network, trained or asked in different ways.

    Examples
    --------
    >>> is_one_network([{"layers": "fc-9"}] * 2), is_one_network([{"layers": "fc-9"}])
    (True, False)
    """
    return len(rows) > 1 and len({row.get("layers", i) for i, row in enumerate(rows)}) == 1


def _rows(figure: "Figure", top: float, names: Sequence[str], label: str, height: float) -> "Axes":
    """Return axes with a row a name, whose names stand on their left."""
    left, right = PLOT
    lines, size = (2, SIZE) if height == ROW else (1, SMALL)
    for i, name in enumerate(names):
        text = "\n".join(wrap_text(name, size, left - LEFT - 0.15, lines, weight="bold"))
        y = top + height * (i + 0.5)
        put_text(figure, LEFT, y, text, size, weight="bold", va="center_baseline")
    axes = add_axes(figure, left, top, right - left, height * len(names))
    axes.set_ylim(len(names), 0)
    axes.set_yticks([])
    axes.margins(x=0.06)
    axes.set_xlabel(label, fontsize=SMALL, family=FONT, color=INK, labelpad=4)
    style_ticks(axes, "x", SMALL)
    if height == DENSE:  # so that the eye keeps to a row on its way to the numbers
        for i in range(1, len(names)):
            axes.axhline(i, color=LINE, linewidth=0.4, zorder=0)
    return axes


def _draw_errors(axes: "Axes", rows: Sequence[Mapping[str, Any]]) -> None:
    places = [i + 0.5 for i in range(len(rows))]
    if len(rows[0]["errors"]) > 1:
        for errors in zip(*(row["errors"] for row in rows), strict=True):
            axes.plot(errors, places, color=LINE, linewidth=0.8, zorder=1)
            axes.plot(errors, places, "o", color=DOTS, markersize=3.6, zorder=2)
    for row, y in zip(rows, places, strict=True):
        _mark(axes, row, y, "one seed: no verdict" if len(row["errors"]) == 1 else None)


def _draw_claims(
    figure: "Figure",
    axes: "Axes",
    top: float,
    claims: Sequence[Mapping[str, Any]],
    height: float,
) -> None:
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=0)
    for i, claim in enumerate(claims):
        difference, published = claim["difference"], claim["published"]
        _mark(axes, difference, i + 0.5, difference["verdict"])
        if published is not None:
            axes.plot([-published], [i + 0.5], marker="|", color=INK, markersize=13, zorder=2)
        y, verdict = top + height * (i + 0.5), MARKS[difference["verdict"]]
        text = signed(difference["mean"], 1) + spread(difference["standard_error"], 1)
        put_text(
            figure, COSTS, y, text, SIZE,
            weight="bold", color=verdict.colour, va="center_baseline",
        )  # fmt: skip
        paper = "" if published is None else signed(-published, 1)
        put_text(figure, COSTS + 1.05, y, paper, SMALL, color=MUTED, va="center_baseline")


def _mark(axes: "Axes", estimate: Mapping[str, Any], y: float, verdict: str | None) -> None:
    """Draw a mean and a bar of one standard error to either side."""
    mark = MARKS["helps"] if verdict is None else MARKS[verdict]
    if estimate["standard_error"] is not None:
        ends = [estimate["mean"] + sign * estimate["standard_error"] for sign in (-1, 1)]
        axes.plot(ends, [y, y], color=mark.colour, linewidth=2.2, zorder=3)
    axes.plot(
        [estimate["mean"]], [y], linestyle="", marker=mark.shape, markersize=6.8,
        markerfacecolor=mark.fill, markeredgecolor=mark.colour, markeredgewidth=1.6, zorder=4,
    )  # fmt: skip
