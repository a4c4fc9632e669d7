"""The effective receptive field as a picture, and its growth with the depth."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cs231n.nets.effective import EffectiveField
from cs231n.validation import Array
from cs231n.visualize.figures import (
    FONT,
    add_axes,
    new_figure,
    put_text,
    style_ticks,
    wrap_text,
)
from cs231n.visualize.palette import DOTS, HELPS, HURTS, INK, MUTED, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TITLE, _SIZE, _SMALL = 11.0, 9.5, 8.0
_PANEL, _BETWEEN, _PROFILE = 2.1, 0.35, 0.7
_SERIES = ((HELPS, "o"), (HURTS, "D"), (INK, "s"), (MUTED, "^"))


def plot_effective_fields(fields: Sequence[EffectiveField], titles: Sequence[str]) -> "Figure":
    """Draw each pixel's share, and the columns' shares with the Gaussian fitted to them.

    Parameters
    ----------
    fields : list of EffectiveField
        What :func:`~cs231n.nets.effective_field` returns.
    titles : list of str
        What stands above each.

    Returns
    -------
    matplotlib.figure.Figure
        One panel each: a dashed box around what could be seen, where it lies inside the image, and
        a circle two fitted deviations from the centre. Each map is as dark as its largest share
        allows.

    Raises
    ------
    ValueError
        If there are no fields, or not one title for each.

    Examples
    --------
    >>> from cs231n.nets import Conv, effective_field
    >>> field = effective_field([Conv(1)] * 3, weights="uniform", draws=1)
    >>> len(plot_effective_fields([field], ["three layers"]).axes)
    2
    """
    if not fields or len(fields) != len(titles):
        raise ValueError(
            f"fields must hold at least one, and titles one for each, got {len(fields)} fields "
            f"and {len(titles)} titles"
        )
    heads = [wrap_text(title, _TITLE, _PANEL, 2, "bold") for title in titles]
    top = 0.22 + max(map(len, heads)) * _TITLE * 1.25 / 72
    width = len(fields) * (_PANEL + _BETWEEN) + 0.1
    figure = new_figure(width, top + _PANEL + _PROFILE + 0.75)
    for i, (field, head) in enumerate(zip(fields, heads, strict=True)):
        left = 0.2 + i * (_PANEL + _BETWEEN)
        put_text(figure, left, 0.12, "\n".join(head), _TITLE, weight="bold")
        _draw_shares(add_axes(figure, left, top, _PANEL, _PANEL), field)
        _draw_profile(add_axes(figure, left, top + _PANEL + 0.08, _PANEL, _PROFILE), field)
        note = (
            f"fitted deviation {field.fitted[1]:.2f} pixels\nof {field.theoretical} that are seen"
        )
        put_text(figure, left, top + _PANEL + _PROFILE + 0.3, note, _SMALL, color=MUTED)
    return figure


def _draw_shares(axes: "Axes", field: EffectiveField) -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Ellipse, Rectangle

    height, width = field.map.shape
    shades = LinearSegmentedColormap.from_list("shares", [PAPER, HELPS, INK])
    axes.imshow(field.map, cmap=shades, vmin=0, aspect="auto", interpolation="nearest")
    (row, column), (low, _) = _centre(field), _box(field, 0)
    left, _ = _box(field, 1)
    size = field.theoretical.size
    axes.add_patch(
        Rectangle(
            (left - 0.5, low - 0.5), size[1], size[0], facecolor="none", edgecolor=DOTS,
            linewidth=1.4, linestyle="--",
        )
    )  # fmt: skip
    axes.add_patch(
        Ellipse(
            (column, row), 4 * field.fitted[1], 4 * field.fitted[0], facecolor="none",
            edgecolor=HURTS, linewidth=1.4, linestyle="-",
        )
    )  # fmt: skip
    axes.set_xlim(-1, width)
    axes.set_ylim(height, -1)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)


def _box(field: EffectiveField, axis: int) -> tuple[float, float]:
    """Return the first and the last pixel that could be seen."""
    return field.theoretical.axes[axis].ends(field.unit[axis])


def _centre(field: EffectiveField) -> tuple[float, float]:
    rows, columns = field.map.sum(axis=1), field.map.sum(axis=0)
    return float(rows @ np.arange(len(rows))), float(columns @ np.arange(len(columns)))


def _draw_profile(axes: "Axes", field: EffectiveField) -> None:
    shares, places = field.map.sum(axis=0), np.arange(field.map.shape[1])
    fine = np.linspace(-0.5, len(places) - 0.5, 200)

    def bell(x: np.ndarray) -> np.ndarray:
        return np.exp(-0.5 * ((x - _centre(field)[1]) / field.fitted[1]) ** 2)

    height = (shares @ bell(places)) / (bell(places) @ bell(places))
    axes.bar(places, shares, width=1.0, color=HELPS, alpha=0.35, linewidth=0)
    axes.plot(fine, height * bell(fine), color=HURTS, linewidth=1.4, linestyle="-", marker="")
    axes.set_xlim(-1, len(places))
    axes.set_ylim(0, 1.1 * max(shares.max(), height))
    axes.set_xticks([])
    axes.set_yticks([])


def plot_effective_growth(
    depths: Sequence[int], series: Mapping[str, Sequence[EffectiveField]], size: int = 3
) -> "Figure":
    """Draw how far stacks of so many layers see: in theory, by the root law, and as measured.

    Parameters
    ----------
    depths : list of int
    series : dict
        Name -> what :func:`~cs231n.nets.effective_growth` returns for these depths; at most four.
    size : int
        Of the filters.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes logarithmic: what could be seen grows with slope 1, the width with slope 1/2.

    Raises
    ------
    ValueError
        If a series has not one field a depth, or there are none, or too many.

    Examples
    --------
    >>> from cs231n.nets import effective_growth
    >>> measured = {"uniform weights": effective_growth((2, 4), weights="uniform", draws=1)}
    >>> plot_effective_growth((2, 4), measured).axes[0].get_xlabel()
    'layers'
    """
    if not 1 <= len(series) <= len(_SERIES):
        raise ValueError(f"series must hold 1 to {len(_SERIES)}, got {len(series)}")
    for name, fields in series.items():
        if len(fields) != len(depths):
            raise ValueError(f"{name!r} must have {len(depths)} fields, got {len(fields)}")
    figure = new_figure(6.6, 3.55)
    title = f"What {size}x{size} layers could see grows as their number, what counts as its root"
    put_text(
        figure,
        0.12,
        0.12,
        "\n".join(wrap_text(title, _TITLE, 6.35, weight="bold")),
        _TITLE,
        weight="bold",
    )
    axes = add_axes(figure, 0.7, 0.5, 3.5, 2.5)
    many = np.geomspace(min(depths), max(depths), 50)
    whole, dashed = 1 + many * (size - 1), {"color": DOTS, "linestyle": "--"}
    law, solid = 4 * np.sqrt(many * (size**2 - 1) / 12), {"color": INK, "linestyle": "-"}
    lines: list[tuple[str, dict[str, Any], Array]] = [
        ("the whole field", dashed, whole),
        (f"law: 4 √(n {size**2 - 1}/12) for n layers", solid, law),
    ]
    for i, (name, line, widths) in enumerate(lines):
        axes.plot(many, widths, linewidth=1.5, marker="", **line)
        _write_key(figure, i, name, {"linewidth": 1.5, "marker": "", **line})
    for i, (name, fields) in enumerate(series.items(), start=len(lines)):
        colour, mark = _SERIES[i - len(lines)]
        style: dict[str, Any] = {
            "linestyle": "", "marker": mark, "markersize": 5.5 + i, "markerfacecolor": "none",
            "markeredgecolor": colour, "markeredgewidth": 1.4,
        }  # fmt: skip
        axes.plot(depths, [4 * math.prod(f.deviation) ** 0.5 for f in fields], **style)
        _write_key(figure, i, f"four deviations, {name}", style)
    _set_growth_axes(axes, depths)
    return figure


def _write_key(figure: "Figure", row: int, name: str, style: dict[str, Any]) -> None:
    """Explain one kind of line or mark, on the right."""
    from matplotlib.lines import Line2D

    width, height = figure.get_size_inches()
    y = 0.7 + 0.42 * row
    xs = [4.4, 4.72] if style["linestyle"] else [4.56]
    figure.add_artist(Line2D([x / width for x in xs], [1 - y / height] * len(xs), **style))
    text = "\n".join(wrap_text(name, _SMALL, 1.65))
    put_text(figure, 4.84, y, text, _SMALL, va="center")


def _set_growth_axes(axes: "Axes", depths: Sequence[int]) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set_xscale("log")
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    marks = [10**k * digit for k in range(4) for digit in (1, 2, 5)]
    axes.xaxis.set_major_locator(FixedLocator(sorted(set(depths))))
    axes.yaxis.set_major_locator(FixedLocator([mark for mark in marks if low <= mark <= high]))
    for axis, name in ((axes.xaxis, "layers"), (axes.yaxis, "width, pixels")):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_label_text(name, fontsize=_SIZE, family=FONT, color=INK)
    style_ticks(axes, "x", _SMALL)
    style_ticks(axes, "y", _SMALL)
