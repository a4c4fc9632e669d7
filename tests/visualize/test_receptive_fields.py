"""The stacked view: what is marked is what is seen, and nothing overlaps."""

import numpy as np
import pytest
from layout_checks import assert_tidy, odd_settings, shown_texts
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle

from cs231n.nets import Conv, FractionalMaxPool, GlobalAvgPool, Residual, parse, seen_pixels
from cs231n.visualize import plot_stacked_view, save_figure
from cs231n.visualize.figures import figure_svg
from cs231n.visualize.levels import levels
from cs231n.visualize.palette import HELPS, PAPER

STACKS = {
    "three": ["conv3-8 relu conv3-8 relu conv3-8"],
    "slides": ["conv3-8 conv3-8 conv3-8", "conv7-8"],
    "one": ["conv1-4 conv3-4", "conv5-2"],
    "five": ["conv3-8 pool2 conv3-8:dilation=2 avgpool3/2:pad=1 conv3-8"],
    "fmp": [[Conv(4), FractionalMaxPool(2**0.5), Conv(4, 2)]],
    "wide": ["conv3-8/2 conv3-8/2 conv3-8/2 conv3-8/2", "pool3/2 conv5-2"],
}


@pytest.mark.parametrize("flat", [False, True], ids=["solid", "flat"])
@pytest.mark.parametrize("name", STACKS)
def test_no_text_overlaps_or_is_clipped(name, flat):
    stacks = STACKS[name]
    titles = [f"A title that says something of stack {i}" for i in range(len(stacks))]
    assert_tidy(plot_stacked_view(*stacks, titles=titles, flat=flat))


@pytest.mark.parametrize("name", ["three", "five", "wide"])
def test_levels_say_what_is_seen(name):
    layers = parse(STACKS[name][0])
    found = levels(layers)
    extent = len(found[0].places)
    (unit,) = found[-1].seen
    assert (found[0].seen,) * 2 == seen_pixels(layers, (1, extent, extent), (unit, unit))
    assert found[-1].field.split("x")[0] == str(found[0].seen[-1] - found[0].seen[0] + 1)
    for level in found:
        assert level.edges(0, len(level.places) - 1)[0] >= 0


def marked(figure, colour):
    """Return how many cells of each map are filled with this colour, from below."""
    (axes,) = figure.axes
    maps = [c for c in axes.collections if isinstance(c, PolyCollection)]
    faces = [c.get_facecolors()[:, :3] for c in sorted(maps, key=lambda c: c.zorder)]
    return [int(np.isclose(face, to_rgb(colour), atol=1e-3).all(axis=1).sum()) for face in faces]


def test_the_cone_of_three_layers():
    figure = plot_stacked_view([Conv(1)] * 3)
    blank = marked(figure, PAPER)
    assert blank == [121 - seen for seen in (49, 25, 9, 1)]
    assert marked(figure, HELPS) == [0, 0, 0, 1]


def test_every_connection_is_drawn_in_the_flat_view():
    (axes,) = plot_stacked_view([Conv(1), Conv(1)], flat=True).axes
    boxes = [p for p in axes.patches if isinstance(p, Rectangle)]
    assert len(boxes) == 3 * 9
    drawn = {}
    for lines in axes.collections:
        assert isinstance(lines, LineCollection)
        colour = to_hex(lines.get_colors()[0]) if len(lines.get_colors()) else ""
        drawn[colour] = drawn.get(colour, 0) + len(lines.get_segments())
    assert drawn[HELPS] == 3 + 9
    assert sum(drawn.values()) == 2 * (9 * 3 - 2)  # the padding is not drawn


def test_the_words_beside_the_maps():
    texts = [text for text, _ in shown_texts(plot_stacked_view("conv3-8/2 pool2", titles=["T"]))]
    assert texts[0] == "T"
    assert {"input", "3x3 conv\nstride 2", "2x2 max pool\nstride 2", "sees 3x3"} < set(texts)
    assert "5x5\npixels seen" in texts


def test_a_users_settings_change_nothing():
    plain = figure_svg(plot_stacked_view("conv3-8 conv3-8"), "x")
    with odd_settings():
        assert figure_svg(plot_stacked_view("conv3-8 conv3-8"), "x") == plain


@pytest.mark.parametrize(
    ("stacks", "keywords", "message"),
    [
        ([], {}, "stacks must not be empty"),
        (["conv3-8"], {"titles": ["a", "b"]}, "one a stack, got 2 for 1"),
        (["relu conv1-8"], {}, "1 to 5 that see more than one number"),
        (["[conv3-8]*6"], {}, "got 6"),
        ([[Conv(1), GlobalAvgPool()]], {}, "whole map"),
        ([[Residual((Conv(1),))]], {}, "a residual block"),
        (["[conv5-1/3]*5"], {}, "at most 120 pixels"),
    ],
)
def test_what_cannot_be_drawn(stacks, keywords, message):
    with pytest.raises(ValueError, match=message):
        plot_stacked_view(*stacks, **keywords)


def test_few_colours_make_a_small_file(tmp_path):
    figure = plot_stacked_view("conv3-8 conv3-8 conv3-8", "conv7-8")
    save_figure(figure, tmp_path / "all.png")
    save_figure(figure, tmp_path / "few.png", colours=32)
    save_figure(figure, tmp_path / "again.png", colours=32)
    few = (tmp_path / "few.png").read_bytes()
    assert len(few) < 0.4 * (tmp_path / "all.png").stat().st_size
    assert few == (tmp_path / "again.png").read_bytes()
    for colours in (1, 257):
        with pytest.raises(ValueError, match="colours must lie in"):
            save_figure(figure, tmp_path / "none.png", colours=colours)
    assert not (tmp_path / "none.png").exists()
