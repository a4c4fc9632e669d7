"""The ladder: every number and mark is there, and nothing overlaps."""

import copy

import numpy as np
import pytest
import sample_results as sample
from layout_checks import assert_tidy, odd_settings, shown_texts
from matplotlib.colors import to_hex

from cs231n.visualize import plot_ladder
from cs231n.visualize.figures import figure_svg
from cs231n.visualize.ladder import error_limits
from cs231n.visualize.palette import DOTS, HELPS, HURTS, LINE, PAPER
from cs231n.visualize.results import read_results

CASES = {
    "five rungs": sample.make_results,
    "a rung that hurts": sample.hurting,
    "twelve long names, twenty seeds": sample.crowded,
    "one rung, one seed": sample.single,
    "five rungs, one seed": sample.one_seed,
    "one rung, five seeds": lambda: sample.make_results(means=(7.1,)),
    "large errors": lambda: sample.make_results(means=(88.8, 87.5, 86.2, 89.9, 85.0)),
    "long data set name": lambda: sample.make_results(name="a data set " * 12),
}


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_or_is_clipped(case, narrow):
    assert_tidy(plot_ladder(CASES[case](), narrow=narrow))


def test_overlap_would_be_found():
    figure = plot_ladder(sample.make_results())
    figure.text(0.02, 0.9, "in the way of the title", fontsize=20)
    with pytest.raises(AssertionError, match="overlaps"):
        assert_tidy(figure)


@pytest.mark.parametrize("narrow", [False, True])
def test_shows_every_number_and_verdict(narrow):
    results = sample.hurting()
    rung = results["rungs"][2]
    rung.update(mean=8.94, standard_error=0.21)
    rung["difference"].update(mean=2.71, standard_error=0.33)
    rung["difference"]["verdict"] = "hurts"
    text = " ".join(text for text, _ in shown_texts(plot_ladder(results, narrow=narrow)))
    text = " ".join(text.split())
    for expected in ("8.9 ± 0.2", "+2.7 ± 0.3", "helps", "hurts", "digits", "200 training"):
        assert expected in text


def _lines(figure, marker):
    return [line for line in figure.axes[0].lines if line.get_marker() == marker]


def test_every_seed_is_a_dot_and_is_joined():
    results = sample.make_results()
    figure = plot_ladder(results)
    dots = [line for line in _lines(figure, "o") if to_hex(line.get_color()) == DOTS]
    drawn = [line.get_xdata() for line in dots]
    np.testing.assert_array_equal(drawn, [rung["errors"] for rung in results["rungs"]])
    joins = [line for line in figure.axes[0].lines if to_hex(line.get_color()) == LINE]
    np.testing.assert_array_equal(
        [line.get_xdata() for line in joins], np.transpose([r["errors"] for r in results["rungs"]])
    )


def _mean_marks(figure):
    """Return (x, shape, face, edge) of the large marks, from top to bottom."""
    large = [line for line in figure.axes[0].lines if line.get_markersize() > 6 and line._marker]
    return [
        (line.get_xdata()[0], line.get_marker(), line.get_markerfacecolor())
        for line in large
        if line.get_marker() in ("o", "D")
    ]


def test_means_are_marked_by_verdict():
    results = sample.make_results(verdicts=("helps", "hurts", "no clear difference", "helps"))
    marks = _mean_marks(plot_ladder(results))
    assert [x for x, _, _ in marks] == [rung["mean"] for rung in results["rungs"]]
    assert [shape for _, shape, _ in marks] == ["o", "o", "D", "o", "o"]
    assert [face for _, _, face in marks[1:]] == [HELPS, HURTS, PAPER, HELPS]


def test_bars_reach_one_standard_error():
    results = sample.make_results(means=(7.1,))
    rung = results["rungs"][0]
    ends = [rung["mean"] - rung["standard_error"], rung["mean"] + rung["standard_error"]]
    drawn = [list(line.get_xdata()) for line in plot_ladder(results).axes[0].lines]
    assert ends in drawn


@pytest.mark.parametrize("case", CASES)
def test_axis_shows_everything_and_tells_where_it_is_cut(case):
    results = CASES[case]()
    axes = plot_ladder(results).axes[0]
    low, high = axes.get_xlim()
    errors = [error for rung in results["rungs"] for error in rung["errors"]]
    assert low <= min(errors)
    assert high > max(errors)
    assert ("does not begin at 0" in axes.get_xlabel()) == (low > 0)


@pytest.mark.parametrize(
    ("errors", "from_zero"),
    [((9.0, 4.0), True), ((36.0, 30.0), False), ((0.0, 0.0), True), ((0.3, 0.0), True)],
)
def test_axis_begins_at_zero_where_that_costs_little(errors, from_zero):
    results = sample.make_results(means=(1.0, 1.0), verdicts=("helps",), seeds=1)
    for rung, error in zip(results["rungs"], errors, strict=True):
        rung.update(errors=[error], mean=error)
    low, high = error_limits(read_results(results))
    assert (low == 0) == from_zero
    assert low < high


def test_dollars_are_no_mathematics():
    results = sample.make_results(name="$\\undefined{$")
    results["rungs"][1]["title"] = "+ $\\frac{1}$"
    assert_tidy(plot_ladder(results))


def test_same_input_same_figure_whatever_the_settings():
    results = sample.make_results()
    before = copy.deepcopy(results)
    plain = figure_svg(plot_ladder(results), "a")
    with odd_settings():
        odd = figure_svg(plot_ladder(results), "a")
    assert odd == plain
    assert results == before
