"""What holds for every figure: no text overlaps another or leaves the figure."""

from itertools import combinations

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg


def shown_texts(figure):
    """Return the texts that a drawn figure shows, and where, as (text, box in pixels)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = list(figure.texts)
    for axes in figure.axes:
        found += [*axes.texts, axes.title]
        for axis in (axes.xaxis, axes.yaxis):
            # The ticks that drawing asks for: those beyond the axis' ends exist, but do not show.
            found += [axis.label, *(tick.label1 for tick in axis._update_ticks())]
    shown = [text for text in found if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in shown]


def assert_tidy(figure):
    """Fail if two texts overlap, or one leaves the figure."""
    texts = shown_texts(figure)
    assert len(texts) > 5, "a figure almost without text"
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in texts:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        assert inside, f"{text!r} leaves the figure: {box}"
    for (one, box), (other, other_box) in combinations(texts, 2):
        assert not box.overlaps(other_box), f"{one!r} overlaps {other!r}"


def odd_settings():
    """Return a context in which a user's settings differ from matplotlib's own."""
    return matplotlib.rc_context(
        {
            "font.size": 23,
            "font.family": "serif",
            "lines.linewidth": 9,
            "lines.marker": "x",
            "lines.linestyle": ":",
            "axes.grid": True,
            "axes.facecolor": "black",
            "text.color": "red",
            "xtick.labelsize": 30,
            "xtick.minor.visible": True,
            "figure.autolayout": True,
        }
    )
