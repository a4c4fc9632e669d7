"""The ladder: the test error of every rung, and what each added to the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cs231n.visualize.figures import FONT, add_axes, new_figure, put_text, style_ticks, wrap_text
from cs231n.visualize.palette import DOTS, INK, LINE, MARKS, MUTED, PLAIN, Mark
from cs231n.visualize.results import Results, Rung, read_results
from cs231n.visualize.wording import difference_text, error_text, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Layout:
    """Where the columns stand, in inches, and the sizes of text, in points."""

    width: float
    plot: tuple[float, float]  # left and right
    names_width: float
    error: float  # left edge of the column of errors
    difference: float  # and of the column of differences
    stacked: bool  # the difference stands below the error, in the same column
    row: float  # least height of a row
    title: float
    size: float
    small: float


LEFT = 0.12
WIDE = Layout(8.0, (2.2, 5.3), 1.9, 5.55, 6.62, False, 0.56, 12.5, 9.5, 8.5)
NARROW = Layout(3.6, (1.3, 2.32), 1.1, 2.46, 2.46, True, 0.78, 10.0, 8.0, 7.0)


def plot_ladder(results: Mapping[str, Any], *, narrow: bool = False) -> "Figure":
    """Draw the test error of every rung: the mean, its standard error, and every seed.

    Parameters
    ----------
    results : dict
        What ``cs231n squeeze`` writes as ``results.json``.
    narrow : bool
        Draw for a phone, 3.6 inches wide, and not for a page, 8 inches wide.

    Returns
    -------
    matplotlib.figure.Figure
        One row a rung: a large mark with a bar of one standard error to either side, a small dot
        for every seed, grey lines that join the same seed, and on the right the numbers. A rung
        that helps has a blue disc, one that hurts an orange diamond, one that makes no clear
        difference an empty circle. The axis begins at zero unless that would squeeze everything
        into its last part; where it does not, it says so.

    Raises
    ------
    ValueError, TypeError
        If something is missing from `results` or has another form.

    Examples
    --------
    >>> from cs231n.visualize.example import example_results
    >>> plot_ladder(example_results()).axes[0].get_xlabel()
    'test error, % (does not begin at 0)'
    """
    data = read_results(results)
    layout = NARROW if narrow else WIDE
    names = [
        wrap_text(rung.title, layout.size, layout.names_width, weight="bold") for rung in data.rungs
    ]
    heights = [max(layout.row, 0.24 + 0.172 * len(lines)) for lines in names]
    title = wrap_text(_title(data), layout.title, layout.width - 2 * LEFT, weight="bold")
    note = wrap_text(_note(data), layout.small, layout.width - 2 * LEFT, max_lines=4)
    note_top = 0.14 + len(title) * layout.title * 1.25 / 72 + 0.05
    top = note_top + len(note) * layout.small * 1.25 / 72 + (0.12 if layout.stacked else 0.42)

    figure = new_figure(layout.width, top + sum(heights) + 0.58)
    put_text(figure, LEFT, 0.14, "\n".join(title), layout.title, weight="bold")
    put_text(figure, LEFT, note_top, "\n".join(note), layout.small, color=MUTED)
    if not layout.stacked:
        _write_heads(figure, layout, top - 0.08, several=len(data.rungs) > 1)
    centres = [sum(heights[:i]) + height / 2 for i, height in enumerate(heights)]
    for rung, lines, centre in zip(data.rungs, names, centres, strict=True):
        _write_row(figure, layout, rung, lines, top + centre, data.decimals)
    left, right = layout.plot
    axes = add_axes(figure, left, top, right - left, sum(heights))
    axes.set_ylim(sum(heights), 0)
    _draw_rungs(axes, data, centres)
    _draw_error_axis(axes, data, layout)
    return figure


def _write_heads(figure: "Figure", layout: Layout, y: float, several: bool) -> None:
    """Name the columns of numbers; a lone rung has no difference to anything."""
    heads = [(layout.error, "test error, %"), (layout.difference, "change")]
    for x, text in heads if several else heads[:1]:
        put_text(figure, x, y, text, layout.small, color=MUTED, va="baseline")


def _title(data: Results) -> str:
    subject = "What each step is worth" if len(data.rungs) > 1 else "Test error"
    return f"{subject}: {data.dataset.name}, {plural(data.dataset.train_size, 'training image')}"


def _note(data: Results) -> str:
    if len(data.seeds) == 1:
        several = len(data.rungs) > 1
        return "One seed" + (": no difference can be told from luck." if several else ".")
    joined = ", joined from step to step" if len(data.rungs) > 1 else ""
    return (
        f"Test error with {plural(len(data.seeds), 'seed')}. Large marks: mean ± standard error; "
        f"small dots: single seeds{joined}."
    )


def mark_of(rung: Rung) -> Mark:
    """Return how to draw a rung's mean: by the verdict, where there is one."""
    return MARKS[rung.difference.verdict] if rung.difference else PLAIN


def _write_row(
    figure: "Figure", layout: Layout, rung: Rung, name: list[str], y: float, decimals: int
) -> None:
    """Write a rung's name on the left and its numbers on the right, centred on height `y`."""
    put_text(figure, LEFT, y, "\n".join(name), layout.size, weight="bold", va="center_baseline")
    error = error_text(rung, decimals)
    if rung.difference is None:
        put_text(figure, layout.error, y, error, layout.size, va="center_baseline")
        return
    line = layout.size * 1.4 / 72
    put_text(
        figure, layout.error, y - line * layout.stacked, error, layout.size, va="center_baseline"
    )
    mark = mark_of(rung)
    difference = difference_text(rung.difference, decimals)
    put_text(
        figure, layout.difference, y, difference, layout.size,
        weight="bold", color=mark.colour, va="center_baseline",
    )  # fmt: skip
    put_text(
        figure, layout.difference, y + line, rung.difference.verdict, layout.small,
        color=mark.colour, va="center_baseline",
    )  # fmt: skip


def _draw_rungs(axes: "Axes", data: Results, centres: list[float]) -> None:
    """Draw the marks of all rungs, one row each, above the lines that join the seeds."""
    many = len(data.seeds) > 1
    # The seeds stand a little below the mean, so that neither hides the other.
    means, dots = [y - 0.07 for y in centres], [y + 0.1 for y in centres]
    if many:
        for errors in zip(*(rung.errors for rung in data.rungs), strict=True):
            axes.plot(errors, dots, color=LINE, linewidth=0.8, linestyle="-", marker="", zorder=1)
    for rung, y, y_dots in zip(data.rungs, means, dots, strict=True):
        mark = mark_of(rung)
        if many:
            axes.plot(
                rung.errors, [y_dots] * len(rung.errors), linestyle="", marker="o",
                markersize=3.6, color=DOTS, markeredgewidth=0, zorder=2,
            )  # fmt: skip
        if rung.standard_error is not None:
            ends = [rung.mean - rung.standard_error, rung.mean + rung.standard_error]
            axes.plot(
                ends, [y, y], color=mark.colour, linewidth=2.2, linestyle="-", marker="",
                solid_capstyle="butt", zorder=3,
            )  # fmt: skip
        axes.plot(
            [rung.mean], [y], linestyle="", marker=mark.shape, markersize=6.8,
            markerfacecolor=mark.fill, markeredgecolor=mark.colour, markeredgewidth=1.6, zorder=4,
        )  # fmt: skip


def _draw_error_axis(axes: "Axes", data: Results, layout: Layout) -> None:
    """Set the axis' ends, and say in its label where it does not begin at zero."""
    from matplotlib.ticker import MaxNLocator

    low, high = error_limits(data)
    axes.set_xlim(low, high)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3 if layout.stacked else 6, steps=[1, 2, 5, 10]))
    style_ticks(axes, "x", layout.small)
    label = "test error, %" + (" (does not begin at 0)" if low > 0 else "")
    axes.set_xlabel(label, fontsize=layout.small, family=FONT, color=INK, labelpad=5)


def error_limits(data: Results) -> tuple[float, float]:
    """Return the ends of the axis of errors.

    It begins at zero if what there is to see then still fills half of it.
    """
    values = [error for rung in data.rungs for error in rung.errors]
    for rung in data.rungs:
        reach = rung.standard_error or 0.0
        values += [rung.mean - reach, rung.mean + reach]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 0.1 * high or 1.0
    if len(data.seeds) * len(data.rungs) == 1 or high - low >= high / 2 or low <= margin:
        return min(0.0, low), high + 0.06 * max(high, 1e-9) if high else 1.0
    return low - margin, high + margin
