"""An ensemble and its members: how accuracy grows with the networks that are averaged."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cs231n.validation import parameter
from cs231n.visualize.figures import FONT, add_axes, new_figure, put_text, style_ticks
from cs231n.visualize.palette import DOTS, HELPS, HURTS, INK, MUTED
from cs231n.visualize.wording import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, LEFT, AXIS, TOP, PANEL, BELOW, GAP, RIGHT = 8.0, 0.12, 0.6, 1.15, 2.3, 0.6, 0.2, 0.15
TITLE, SIZE, SMALL = 12.5, 9.5, 8.5
SIDE_BY_SIDE = 4  # panels in a row


def plot_ensemble(report: Mapping[str, Any]) -> "Figure":
    """Draw test accuracy against the number of networks averaged, one panel an ensemble.

    Parameters
    ----------
    report : dict
        What ``cs231n experiment ensemble`` writes as ``report.json``.

    Returns
    -------
    matplotlib.figure.Figure
        Grey dots: averages of so many members that follow one another, the single members on the
        left. Blue: their mean. An orange diamond and a level line: the member that was best on
        validation images.

    Raises
    ------
    ValueError
        If something is missing from `report`.

    Examples
    --------
    >>> one = {"accuracies": [55.0, 57.0], "best": 1, "averages": [[55.0, 57.0], [60.0, 60.0]]}
    >>> report = {"ensembles": [one], "seeds": [0], "dataset": {"name": "shapes"},
    ...           "settings": {"train_size": 9, "members": 2}}
    >>> plot_ensemble(report).axes[0].get_xlabel()
    'networks averaged'
    """
    ensembles, seeds, settings, dataset = (
        parameter("report", report, key) for key in ("ensembles", "seeds", "settings", "dataset")
    )
    rows = -(-len(ensembles) // SIDE_BY_SIDE)
    columns = min(len(ensembles), SIDE_BY_SIDE)
    figure = new_figure(WIDTH, TOP + rows * (PANEL + BELOW) + 0.05)
    title = f"{plural(settings['members'], 'network')} and their average: {dataset['name']}"
    put_text(
        figure, LEFT, 0.14, f"{title}, {plural(settings['train_size'], 'training image')}", TITLE,
        weight="bold",
    )  # fmt: skip
    notes = (
        "Test accuracy, %. Dots: members, and averages of members that follow one another; "
        "line: their mean",
        "Diamond: the member that was best on validation images. Each panel is an ensemble "
        "with training images of its own",
    )
    for i, note in enumerate(notes):
        put_text(figure, LEFT, 0.42 + 0.17 * i, note, SMALL, color=MUTED)
    width = (WIDTH - AXIS - RIGHT - (columns - 1) * GAP) / columns
    values = np.concatenate([np.ravel(one["averages"]) for one in ensembles])
    margin = 0.06 * max(float(np.ptp(values)), 1.0)
    for i, (seed, one) in enumerate(zip(seeds, ensembles, strict=True)):
        row, column = divmod(i, SIDE_BY_SIDE)
        left, top = AXIS + column * (width + GAP), TOP + row * (PANEL + BELOW)
        put_text(figure, left, top - 0.06, f"seed {seed}", SIZE, weight="bold", va="baseline")
        axes = add_axes(figure, left, top, width, PANEL)
        axes.set_ylim(values.min() - margin, values.max() + margin)
        _draw_ensemble(axes, one)
        axes.tick_params(labelleft=column == 0)
    return figure


def _draw_ensemble(axes: "Axes", one: Mapping[str, Any]) -> None:
    from matplotlib.ticker import MaxNLocator

    averages = np.array(one["averages"])  # (n - 1, beginning)
    networks = np.arange(1, len(averages) + 1)
    dots = np.broadcast_to(networks[:, None], averages.shape)
    axes.plot(dots.ravel(), averages.ravel(), "o", color=DOTS, markersize=2.6, zorder=2)
    axes.plot(
        networks, averages.mean(axis=1), color=HELPS, linewidth=1.8, linestyle="-", marker="o",
        markersize=4, zorder=3,
    )  # fmt: skip
    best = one["accuracies"][one["best"]]
    axes.axhline(best, color=HURTS, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    axes.plot([1], [best], "D", color=HURTS, markersize=5.5, zorder=4)
    axes.set_xlim(0.4, len(averages) + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_xlabel("networks averaged", fontsize=SMALL, family=FONT, color=INK, labelpad=3)
    style_ticks(axes, "x", SMALL)
    style_ticks(axes, "y", SMALL)
    axes.grid(False, axis="x")
