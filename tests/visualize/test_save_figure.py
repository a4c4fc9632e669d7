"""Figures as files and as elements of a page."""

import re
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest
import sample_results as sample
from oracles import run_python

from cs231n.visualize import plot_curves, plot_ladder, save_figure
from cs231n.visualize.figures import figure_svg, new_figure, put_text, text_width, wrap_text
from cs231n.visualize.palette import COLOURS, INK


def test_same_figure_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        save_figure(plot_ladder(sample.hurting()), tmp_path / name)
    data = (tmp_path / "a.png").read_bytes()
    assert data == (tmp_path / "b.png").read_bytes()
    assert struct.unpack(">I", data[16:20]) == (1600,)  # 8 inches at 200 dots
    assert b"tEXt" not in data


def test_only_png(tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.png"):
        save_figure(new_figure(2, 2), tmp_path / "figure.svg")
    assert not list(tmp_path.iterdir())


def test_failed_drawing_leaves_no_file(tmp_path, monkeypatch):
    figure = new_figure(2, 2)

    def fail(*arguments, **options):
        raise RuntimeError("no drawing")

    monkeypatch.setattr(figure, "savefig", fail)
    with pytest.raises(RuntimeError, match="no drawing"):
        save_figure(figure, tmp_path / "figure.png")
    assert not list(tmp_path.iterdir())


def test_svg_ids_are_its_own_and_all_are_pointed_at():
    svg = figure_svg(plot_curves(sample.make_results()), "curves")
    ids = re.findall(r' id="([^"]*)"', svg)
    used = re.findall(r'(?:href="|url\()#([^")]+)', svg)
    assert ids
    assert len(ids) == len(set(ids))
    assert set(ids) == set(used)
    assert all(name.startswith("curves-") for name in ids)


def test_svg_follows_the_page():
    figure = new_figure(3, 1)
    put_text(figure, 0.1, 0.1, "text", 9, color=INK)
    svg = figure_svg(figure, "a")
    assert "fill: var(--ink)" in svg
    assert not any(light in svg for light, _ in COLOURS.values())


@pytest.mark.parametrize("word", ["http", "<style", "<!--", "<metadata", "xmlns", "xlink", "<?xml"])
def test_svg_carries_no_ballast(word):
    svg = figure_svg(plot_ladder(sample.make_results(name="-->--<b>")), "a")
    assert word not in svg
    assert svg.startswith("<svg ")
    assert svg.endswith("</svg>")


def test_wrapped_lines_fit():
    text = "averaging over Donaudampfschifffahrtsgesellschaft noise " * 2
    lines = wrap_text(text, 9, 1.2, max_lines=20)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, 9) <= 1.2 for line in lines)
    cut = wrap_text(text, 9, 1.2, max_lines=2)
    assert len(cut) == 2
    assert cut[-1].endswith("…")
    assert text_width(cut[-1], 9) <= 1.2


def test_threads_do_not_disturb_one_another():
    def draw(_):
        return figure_svg(plot_ladder(sample.hurting()), "a")

    with ThreadPoolExecutor(3) as pool:
        assert len({*pool.map(draw, range(6))}) == 1


def test_importing_draws_in_no_matplotlib_and_drawing_no_pyplot():
    code = (
        "import sys, cs231n.visualize as v; assert 'matplotlib' not in sys.modules; "
        "v.figures.figure_svg(v.figures.new_figure(2, 2), 'a'); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    result = run_python(code)
    assert result.returncode == 0, result.stderr
