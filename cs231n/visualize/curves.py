"""Learning curves: how accuracy grew, epoch by epoch, in every rung that trained something."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cs231n.validation import Array
from cs231n.visualize.figures import (
    FONT,
    add_axes,
    new_figure,
    put_text,
    style_ticks,
    text_width,
    wrap_text,
)
from cs231n.visualize.palette import DOTS, HELPS, INK, MUTED
from cs231n.visualize.results import Rung, read_results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Layout:
    """How the panels stand, in inches, and the sizes of text, in points."""

    width: float
    columns: int
    title: float
    size: float
    small: float

    @property
    def panel_width(self) -> float:
        """What is left for one panel beside the others."""
        room = self.width - LEFT - AXIS_WIDTH - RIGHT - (self.columns - 1) * GAP
        return room / self.columns


WIDE = Layout(8.0, 3, 12.5, 9.5, 8.5)
NARROW = Layout(3.6, 2, 10.0, 8.0, 7.0)
LEFT, RIGHT, AXIS_WIDTH, GAP, PANEL, BELOW = 0.12, 0.2, 0.42, 0.24, 1.35, 0.36
TITLE = "Accuracy after every epoch"
# Thin grey dashes against thick blue: told apart without colour too.
LINES: dict[str, dict[str, Any]] = {
    "training images": {"color": DOTS, "linewidth": 1.4, "linestyle": (0, (4, 1.5))},
    "validation images": {"color": HELPS, "linewidth": 2.0, "linestyle": "-"},
}


def plot_curves(results: Mapping[str, Any], *, narrow: bool = False) -> "Figure":
    """Draw the learning curves, one panel for every rung that has some, on shared axes.

    Parameters
    ----------
    results : dict
        What ``cs231n squeeze`` writes as ``results.json``.
    narrow : bool
        Draw for a phone, 3.6 inches wide, and not for a page, 8 inches wide.

    Returns
    -------
    matplotlib.figure.Figure
        Per panel the training and the validation accuracy: the mean over a rung's networks, and a
        band from the lowest to the highest of them. Networks trained for different numbers of
        epochs are averaged over the epochs that all of them have.

    Raises
    ------
    ValueError, TypeError
        If no rung has curves, or something in `results` has another form.

    Examples
    --------
    >>> from cs231n.visualize.example import example_results
    >>> len(plot_curves(example_results()).axes)
    2
    """
    rungs = [rung for rung in read_results(results).rungs if has_curves(rung)]
    if not rungs:
        raise ValueError("results must hold the curves of at least one rung, got none")
    layout = NARROW if narrow else WIDE
    width = layout.panel_width
    names = [wrap_text(rung.title, layout.size, width, 2, weight="bold") for rung in rungs]
    head = 0.12 + layout.size * 1.25 / 72 * max(len(lines) for lines in names)
    legend_y = 0.14 + layout.title * 1.25 / 72 + 0.14
    top, pitch = legend_y + 0.2, head + PANEL + BELOW
    figure = new_figure(layout.width, top + pitch * -(-len(rungs) // layout.columns) + 0.08)
    put_text(figure, LEFT, 0.14, TITLE, layout.title, weight="bold")
    _write_legend(figure, layout, legend_y)
    summaries = [summarize(rung) for rung in rungs]
    limits = _limits(summaries)
    for i, (lines, summary) in enumerate(zip(names, summaries, strict=True)):
        row, column = divmod(i, layout.columns)
        left, y = LEFT + AXIS_WIDTH + column * (width + GAP), top + row * pitch + head
        name = "\n".join(lines)
        put_text(figure, left, y - 0.1, name, layout.size, weight="bold", va="baseline")
        axes = add_axes(figure, left, y, width, PANEL)
        _draw_panel(axes, summary)
        lowest = i + layout.columns >= len(rungs)
        _set_axes(axes, limits, layout, leftmost=column == 0, lowest=lowest)
    return figure


def has_curves(rung: Rung) -> bool:
    """Tell whether there is anything to draw of a rung."""
    return any(curve.train_accuracy or curve.val_accuracy for curve in rung.curves)


def _write_legend(figure: "Figure", layout: Layout, y: float) -> None:
    """Show both kinds of line beside their names, in one row centred on height `y`."""
    from matplotlib.lines import Line2D

    width, height = figure.get_size_inches()
    x = LEFT
    for name, style in LINES.items():
        ends = [x / width, (x + 0.28) / width]
        figure.add_artist(Line2D(ends, [1 - y / height] * 2, marker="", **style))
        put_text(figure, x + 0.34, y, name, layout.small, color=MUTED, va="center")
        x += 0.34 + text_width(name, layout.small) + 0.25


def summarize(rung: Rung) -> list[Array]:
    """Return a rung's mean, lowest and highest accuracy in percent, epoch by epoch.

    Returns
    -------
    list of ndarray, (3, epochs)
        One for training, one for validation; no epochs where no curve has any.
    """
    return [
        _summarize([curve.train_accuracy for curve in rung.curves]),
        _summarize([curve.val_accuracy for curve in rung.curves]),
    ]


def _summarize(curves: Sequence[Sequence[float]]) -> Array:
    curves = [curve for curve in curves if curve]
    epochs = min((len(curve) for curve in curves), default=0)
    if not epochs:
        return np.empty((3, 0))
    values = 100 * np.array([curve[:epochs] for curve in curves])  # (networks, epochs)
    return np.stack([values.mean(axis=0), values.min(axis=0), values.max(axis=0)])


def _limits(summaries: list[list[Array]]) -> tuple[float, int]:
    """Return the lowest accuracy and the last epoch that all panels show.

    The steep first fifth of the epochs may begin below the axis: what tells the rungs apart
    lies above it.
    """
    shown = [s[:, s.shape[1] // 5 :] for summary in summaries for s in summary if s.size]
    lowest = min(float(s.min()) for s in shown)
    epochs = max(s.shape[1] for summary in summaries for s in summary)
    return min(90.0, max(0.0, 10 * math.floor(lowest / 10))), epochs


def _draw_panel(axes: "Axes", summary: list[Array]) -> None:
    """Draw mean and band of both kinds of accuracy; a single epoch becomes a point."""
    for style, (mean, low, high) in zip(LINES.values(), summary, strict=True):
        epochs = np.arange(1, len(mean) + 1)
        axes.fill_between(epochs, low, high, color=style["color"], alpha=0.18, linewidth=0)
        marker = "o" if len(mean) == 1 else ""
        axes.plot(epochs, mean, marker=marker, markersize=4, solid_capstyle="round", **style)


def _set_axes(
    axes: "Axes", limits: tuple[float, int], layout: Layout, leftmost: bool, lowest: bool
) -> None:
    """Give a panel the axes that all share, with tick labels at the outer edges only."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    bottom, last = limits
    axes.set_ylim(bottom, 100 + 0.02 * (100 - bottom))
    axes.set_xlim(*((1, last) if last > 1 else (0.5, 1.5)))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} %"))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    style_ticks(axes, "x", layout.small)
    style_ticks(axes, "y", layout.small)
    axes.grid(False, axis="x")
    axes.tick_params(labelleft=leftmost, labelbottom=lowest)
    if lowest:
        axes.set_xlabel("epoch", fontsize=layout.small, family=FONT, color=INK, labelpad=3)
