"""Stacks of maps, and the pixels that one unit at the top sees through them, as on the slides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cs231n.nets.specs import Spec
from cs231n.visualize.figures import add_axes, new_figure, put_text, wrap_text
from cs231n.visualize.levels import Level, levels
from cs231n.visualize.palette import DOTS, HELPS, LINE, MUTED, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TITLE, _SIZE, _SMALL = 11.5, 9.5, 8.5
_SEEN = "#b7d4ea"  # HELPS, on paper

Point = tuple[float, float]


@dataclass(frozen=True)
class View:
    """How a map becomes a shape on paper: rows go to the right by `shear`, up by `squash`."""

    shear: float
    squash: float
    between: float  # inches from level to level, at least


SOLID, FLAT = View(0.42, 0.3, 0.75), View(0.0, 0.0, 0.62)


@dataclass(frozen=True)
class Layout:
    """Sizes that all stacks of a figure share, in inches.

    Attributes
    ----------
    view : View
    pixel : float
        Of the image.
    panel : float
        Width of the drawing, between the names on its left and the notes on its right.
    thickness : float
        Height of a map on paper.
    rise : float
        From the image to the top maps.
    """

    view: View
    pixel: float
    panel: float
    thickness: float
    rise: float

    names, notes = 1.3, 1.2

    @classmethod
    def fitting(cls, drawn: Sequence[Sequence[Level]], view: View) -> "Layout":
        """Return the layout for these stacks."""
        pixels = max(len(found[0].places) for found in drawn)
        across = pixels * (1 + view.shear) + 0.5
        pixel = min(0.24, 3.2 / across)
        thickness = pixel * max(1, pixels * view.squash)
        between = max(view.between, 0.8 * thickness)
        rise = between * (max(map(len, drawn)) - 1)
        return cls(view, pixel, pixel * across, thickness, rise)

    @property
    def width(self) -> float:
        """Of a stack with its names and notes."""
        return self.names + self.panel + self.notes

    @property
    def height(self) -> float:
        """Of the tallest stack."""
        return self.rise + self.thickness + 0.5 * self.pixel


def plot_stacked_view(
    *stacks: str | Sequence[Spec | str], titles: Sequence[str] | None = None, flat: bool = False
) -> "Figure":
    """Draw each stack's maps one above the other, and what the unit at the top sees of each.

    Parameters
    ----------
    *stacks : lists of specs, or texts
        One to five layers each.
    titles : list of str, optional
        What stands above each stack.
    flat : bool
        Draw one axis only, with every connection, and not the maps in perspective.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a stack, all with the same scale. Blue: what the unit at the top sees.

    Raises
    ------
    ValueError
        If there are no stacks, or one cannot be drawn; see :func:`levels`.

    Examples
    --------
    >>> from cs231n.nets import Conv
    >>> figure = plot_stacked_view([Conv(64)] * 3, [Conv(64, 7)])
    >>> len(figure.axes)
    2
    """
    if not stacks:
        raise ValueError("stacks must not be empty: there is nothing to draw")
    titles = [""] * len(stacks) if titles is None else list(titles)
    if len(titles) != len(stacks):
        raise ValueError(f"titles must be one a stack, got {len(titles)} for {len(stacks)} stacks")
    drawn = [levels(stack) for stack in stacks]
    layout = Layout.fitting(drawn, FLAT if flat else SOLID)
    heads = [wrap_text(title, _TITLE, layout.width - 0.3, 2, "bold") for title in titles]
    top = 0.34 + max(map(len, heads)) * _TITLE * 1.25 / 72
    figure = new_figure(len(stacks) * layout.width, top + layout.height + 0.15)
    for i, (found, head) in enumerate(zip(drawn, heads, strict=True)):
        put_text(figure, i * layout.width + 0.12, 0.14, "\n".join(head), _TITLE, weight="bold")
        _draw_stack(figure, layout, found, i * layout.width, top)
    return figure


def _draw_stack(
    figure: "Figure", layout: Layout, found: list[Level], left: float, top: float
) -> None:
    axes = add_axes(figure, left + layout.names, top, layout.panel, layout.height)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(0, layout.panel / layout.pixel)
    axes.set_ylim(0, layout.height / layout.pixel)
    # A stack of fewer layers than its neighbour has more room between them.
    rise = layout.rise / (len(found) - 1)
    for k, level in enumerate(found):
        floors = [0.25 + number * rise / layout.pixel for number in (k, k - 1)]
        below = found[k - 1] if k else None
        draw = _draw_row if layout.view is FLAT else _draw_map
        draw(axes, layout, level, below, floors[0], floors[1], 3 * k)
        y = top + layout.height - 0.25 * layout.pixel - k * rise - layout.thickness / 2
        put_text(figure, left + 0.12, y, level.label.replace(", ", "\n"), _SIZE, va="center")
        note = f"sees {level.field}" if k else f"{found[-1].field}\npixels seen"
        x = left + layout.names + layout.panel + 0.08
        put_text(figure, x, y, note, _SMALL, color=MUTED, va="center")


def _draw_map(
    axes: "Axes",
    layout: Layout,
    level: Level,
    below: Level | None,
    floor: float,
    floor_below: float,
    order: int,
) -> None:
    """Draw a map in perspective, and edges from what is seen of it to what is seen below."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba_array

    view, centres = layout.view, range(len(level.places))
    seen = set(level.seen)
    cells = [(row, column) for row in centres for column in centres]
    polygons = [_cell(view, level, (row, row), (column, column), floor) for row, column in cells]
    full = HELPS if len(seen) == 1 and below else _SEEN
    # The edges of what is seen show through the map above them.
    colours = [
        (full, 0.85) if row in seen and column in seen else (PAPER, 0.7) for row, column in cells
    ]
    axes.add_collection(
        PolyCollection(
            polygons, facecolors=to_rgba_array(colours), edgecolors=DOTS,
            linewidths=0.5 if len(centres) < 20 else 0.3, zorder=order + 1,
        )
    )  # fmt: skip
    if below is None:
        return
    ends, ends_below = (level.seen[0], level.seen[-1]), (below.seen[0], below.seen[-1])
    tops = _cell(view, level, ends, ends, floor)
    bottoms = _cell(view, below, ends_below, ends_below, floor_below)
    for (x, y), (x_below, y_below) in zip(tops, bottoms, strict=True):
        axes.plot(
            [x, x_below], [y, y_below], color=HELPS, linewidth=1.0, linestyle="-", marker="",
            zorder=order,
        )  # fmt: skip


def _cell(
    view: View, level: Level, rows: tuple[int, int], columns: tuple[int, int], floor: float
) -> list[Point]:
    """Return the corners on paper of the cells from the first to the last of rows and columns."""
    (top, bottom), (left, right) = level.edges(*rows), level.edges(*columns)
    corners = ((top, left), (top, right), (bottom, right), (bottom, left))
    return [(x + 0.25 + view.shear * y, floor + view.squash * y) for y, x in corners]


def _draw_row(
    axes: "Axes",
    layout: Layout,
    level: Level,
    below: Level | None,
    floor: float,
    floor_below: float,
    order: int,
) -> None:
    """Draw one axis of a map, and what each unit reads."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Rectangle

    seen = set(level.seen)
    links: dict[bool, list[list[Point]]] = {False: [], True: []}
    for k, reads in enumerate(level.reads):
        for number in reads if below is not None else ():
            assert below is not None
            ends = [(level.places[k], floor), (below.places[number], floor_below + 1)]
            links[k in seen].append([(x + 0.75, y) for x, y in ends])
    for is_seen, lines in links.items():
        colour, width = (HELPS, 0.9) if is_seen else (LINE, 0.5)
        axes.add_collection(
            LineCollection(lines, colors=colour, linewidths=width, zorder=1 + is_seen)
        )
    for k, place in enumerate(level.places):
        full = HELPS if len(seen) == 1 and below else _SEEN
        axes.add_patch(
            Rectangle(
                (place + 0.75 - 0.4, floor), 0.8, 1, facecolor=full if k in seen else PAPER,
                edgecolor=DOTS, linewidth=0.5, zorder=4,
            )
        )  # fmt: skip
