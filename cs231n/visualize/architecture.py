"""A network as a picture: what each layer costs, and what its units see."""

from typing import TYPE_CHECKING

from cs231n.nets.field import by
from cs231n.nets.summary import LayerSummary, Summary, memory_text
from cs231n.visualize.figures import add_axes, new_figure, put_text, wrap_text
from cs231n.visualize.palette import DOTS, HELPS, MUTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 300
_TITLE, _SIZE, _SMALL = 11.5, 8.5, 7.5
_ROW, _NAMES, _SHAPES, _COLUMN, _NUMBER = 0.2, 2.1, 0.9, 0.85, 0.62


def plot_architecture(table: Summary) -> "Figure":
    """Draw a bar for what each layer has of parameters, multiply-adds and memory, and its field.

    Parameters
    ----------
    table : Summary
        What :func:`~cs231n.nets.summary` returns. Layers that cost nothing, such as ReLU, are left
        out.

    Returns
    -------
    matplotlib.figure.Figure
        One row a layer; the longest bar of each column is its largest number.

    Raises
    ------
    ValueError
        If no layer costs anything, or more than 300 do.

    Examples
    --------
    >>> from cs231n.nets import summary
    >>> len(plot_architecture(summary("conv3-8 relu pool2 fc-10", (3, 8, 8))).axes)
    4
    """
    rows = [row for row in table.layers if row.parameters or row.multiply_adds or row.memory]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise ValueError(f"table must have 1 to {MOST_ROWS} layers that cost something, "
                         f"got {len(rows)}")  # fmt: skip
    columns = _columns(table, rows)
    width = 0.12 + _NAMES + _SHAPES + len(columns) * (_COLUMN + _NUMBER) + 0.1
    top = 0.85
    figure = new_figure(width, top + len(rows) * _ROW + 0.2)
    title = f"{by(table.input_shape)} in, {by(table.layers[-1].output_shape)} out"
    put_text(figure, 0.12, 0.14, title, _TITLE, weight="bold")
    for i, row in enumerate(rows):
        y = top + (i + 0.5) * _ROW
        name = wrap_text(row.name, _SIZE, _NAMES - 0.1 - 0.12 * row.depth, 1)[0]
        put_text(figure, 0.12 + 0.12 * row.depth, y, name, _SIZE, va="center_baseline")
        put_text(
            figure,
            0.12 + _NAMES,
            y,
            by(row.output_shape),
            _SMALL,
            color=MUTED,
            va="center_baseline",
        )
    for k, (head, total, numbers, texts) in enumerate(columns):
        left = 0.12 + _NAMES + _SHAPES + k * (_COLUMN + _NUMBER)
        put_text(figure, left, 0.48, f"{head}\n{total}", _SMALL, color=MUTED)
        axes = add_axes(figure, left, top, _COLUMN, len(rows) * _ROW)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.barh(
            range(len(rows)), numbers, height=0.62, color=DOTS if k == len(columns) - 1 else HELPS,
            linewidth=0,
        )  # fmt: skip
        axes.set_xlim(0, max(numbers) or 1)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        for i, (number, text) in enumerate(zip(numbers, texts, strict=True)):
            x = left + _COLUMN * number / (max(numbers) or 1) + 0.05
            put_text(
                figure, x, top + (i + 0.5) * _ROW, text, _SMALL, color=MUTED, va="center_baseline"
            )
    return figure


def _columns(
    table: Summary, rows: list[LayerSummary]
) -> list[tuple[str, str, list[float], list[str]]]:
    """Return each column's head, its sum, the numbers and what stands beside the bars."""
    costs = [
        ("parameters", table.parameters, [row.parameters for row in rows], short),
        ("multiply-adds", table.multiply_adds, [row.multiply_adds for row in rows], short),
        ("memory an image", table.memory, [row.memory for row in rows], memory_text),
    ]
    columns = [
        (head, text(total), [float(n) for n in numbers], [text(n) for n in numbers])
        for head, total, numbers, text in costs
    ]
    seen = [max(row.field.size, default=0.0) for row in rows]
    sees = [str(row.field) if row.field.axes else "" for row in rows]
    return [*columns, ("sees, pixels", "", seen, sees)]


def short(number: int) -> str:
    """Return a number with three digits at most: ``1.85 G``.

    Examples
    --------
    >>> short(0), short(999), short(1_234), short(1_849_688_064)
    ('', '999', '1.23 k', '1.85 G')
    """
    if number < 1000:
        return str(number) if number else ""
    for factor, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= 0.9995 * factor:
            return f"{number / factor:.3g} {unit}"
    raise AssertionError("numbers of at least 1000 were served above")
