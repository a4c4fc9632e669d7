"""Begin a figure, put text on it, and turn it into PNG or into SVG for a page.

Every size, colour and font is given to matplotlib in so many words, so that nobody's settings
change a figure, and only the object-oriented interface is used: no pyplot, no current figure.
"""

import io
import os
import re
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cs231n.files import write_atomically
from cs231n.validation import as_extent
from cs231n.visualize.palette import COLOURS, INK, LINE, MUTED, PAPER
from cs231n.visualize.wording import NO_BREAK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# It comes with matplotlib, so text has the same width on every machine.
FONT = "DejaVu Sans"
SCREEN_DPI, PNG_DPI = 100, 200
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of this many inches.

    Examples
    --------
    >>> new_figure(8, 3).get_size_inches().tolist()
    [8.0, 3.0]
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=SCREEN_DPI, facecolor=PAPER)
    figure.set_layout_engine("none")
    return figure


def add_axes(figure: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    """Add quiet axes: a baseline, faint gridlines and no box; inches from the top left corner."""
    total_width, total_height = figure.get_size_inches()
    bottom = total_height - top - height
    box = (left / total_width, bottom / total_height, width / total_width, height / total_height)
    axes = figure.add_axes(box, facecolor="none", label=f"axes {len(figure.axes)}")
    for side, spine in axes.spines.items():
        spine.set(visible=side == "bottom", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.minorticks_off()
    return axes


def style_ticks(axes: "Axes", axis: Literal["x", "y"], size: float) -> None:
    """Draw one axis' tick labels small and grey, without tick marks, and its gridlines faint."""
    axes.tick_params(
        axis=axis, length=0, pad=5, labelsize=size, labelcolor=MUTED, labelfontfamily=FONT
    )
    axes.grid(True, axis=axis, color=LINE, linewidth=0.6, alpha=0.8, linestyle="-")


def put_text(figure: "Figure", x: float, y: float, text: str, size: float, **style: Any) -> None:
    """Write `text` with its top left corner at (x, y), in inches from the figure's top left.

    Nothing in it is taken for mathematics, whatever dollar signs it holds.
    """
    width, height = figure.get_size_inches()
    style = {"color": INK, "va": "top", "linespacing": 1.25, "rotation": 0, **style}
    figure.text(
        x / width, 1 - y / height, text, fontsize=size, family=FONT, parse_math=False, **style
    )


def wrap_text(
    text: str, size: float, width: float, max_lines: int = 3, weight: str = "normal"
) -> list[str]:
    """Break `text` into lines of at most `width` inches, words too long for one in the middle.

    What does not fit on `max_lines` is cut, and an ellipsis says so. A plus sign in front stays
    with the word that it belongs to.

    Examples
    --------
    >>> wrap_text("averaging over noise at test time", size=9, width=1.3)
    ['averaging over', 'noise at test time']
    """
    lines: list[str] = []
    rest = " ".join(text.split())
    if rest.startswith("+ "):
        rest = f"+{NO_BREAK}{rest[2:]}"
    while rest and len(lines) < max_lines:
        end = _fitting(rest, size, width, weight)
        if end < len(rest) and (space := rest.rfind(" ", 0, end + 1)) > 0:
            end = space
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest:
        last = lines[-1]
        while last and text_width(last + "…", size, weight) > width:
            last = last[:-1]
        lines[-1] = last.rstrip() + "…"
    return lines


def _fitting(text: str, size: float, width: float, weight: str) -> int:
    """Return how many of the first characters fit, at least one."""
    if text_width(text, size, weight) <= width:
        return len(text)
    fits, too_many = 1, len(text)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if text_width(text[:middle], size, weight) <= width:
            fits = middle
        else:
            too_many = middle
    return fits


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of one line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONT, size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return width / 72


def save_figure(figure: "Figure", path: str | os.PathLike[str], colours: int | None = None) -> None:
    """Write a figure as PNG, whole or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to write, at 200 dots an inch.
    path : path-like
        A file name that ends in ``.png``, in a folder that exists.
    colours : int, optional
        Keep the nearest of so many colours, at most 256: a fraction of the bytes for line drawings.

    Raises
    ------
    ValueError
        If `path` does not end in ``.png``.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> save_figure(new_figure(4, 3), Path(folder.name, "empty.png"))
    >>> folder.cleanup()
    """
    if Path(path).suffix.lower() != ".png":
        raise ValueError(f"path must end in .png, got {os.fspath(path)!r}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PNG_DPI, metadata={"Software": None})
    if colours is not None:
        buffer = _with_fewer_colours(buffer, as_extent("colours", colours, 2))
    write_atomically(path, buffer.getvalue())


def _with_fewer_colours(png: io.BytesIO, colours: int) -> io.BytesIO:
    from PIL import Image

    if colours > 256:
        raise ValueError(f"colours must lie in [2, 256], got {colours}")
    buffer = io.BytesIO()
    with Image.open(png) as image:
        few = image.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        few.save(buffer, format="png", optimize=True, dpi=(PNG_DPI, PNG_DPI))
    return buffer


def figure_svg(figure: "Figure", prefix: str) -> str:
    """Return a figure as an ``<svg>`` element for a page, its colours following the page's scheme.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A figure drawn in the colours of :mod:`cs231n.visualize.palette`.
    prefix : str
        What all ids inside begin with: one per figure of the page.

    Returns
    -------
    str
        The element, without a size of its own, without metadata, comments and namespaces; the
        same figure gives the same text.

    Examples
    --------
    >>> figure_svg(new_figure(4, 3), "empty")[:36]
    '<svg viewBox="0 0 288 216" class="fi'
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", facecolor="none", metadata=_NO_METADATA)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->|<style.*?</style>|<metadata.*?</metadata>", "", text, flags=re.S)
    view = re.search(r'viewBox="[^"]*"', text)
    assert view is not None, "matplotlib writes a viewBox"
    text = f'<svg {view[0]} class="figure" aria-hidden="true">' + text[text.index(">") + 1 :]
    text = _with_own_ids(text.replace("xlink:href", "href"), prefix)
    for name, (light, _) in COLOURS.items():
        text = text.replace(f": {light}", f": var(--{name})")
    return re.sub(r"\s*\n\s*", " ", text).strip()


def _with_own_ids(svg: str, prefix: str) -> str:
    """Give numbers to the ids that something points at, and drop the others.

    matplotlib draws them from a random number, and those of glyphs are alike in every figure.
    """
    pointed_at = set(re.findall(r'(?:href="|url\()#([^")]+)', svg))
    numbers = count(1)
    names = {
        name: f"{prefix}-{next(numbers)}"
        for name in dict.fromkeys(re.findall(r' id="([^"]+)"', svg))
        if name in pointed_at
    }
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{names[m[1]]}"' if m[1] in names else "", svg)
    return re.sub(r'(href="|url\()#([^")]+)', lambda m: f"{m[1]}#{names[m[2]]}", svg)
