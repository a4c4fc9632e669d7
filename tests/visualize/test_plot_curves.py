"""Learning curves: one panel a rung, means and bands right, nothing overlapping."""

import numpy as np
import pytest
import sample_results as sample
from layout_checks import assert_tidy, odd_settings, shown_texts

from cs231n.visualize import plot_curves
from cs231n.visualize.curves import summarize
from cs231n.visualize.figures import figure_svg
from cs231n.visualize.results import read_results

CASES = {
    "three that train": sample.make_results,
    "twelve long names, twenty seeds": sample.crowded,
    "one rung, one seed": sample.single,
    "one epoch": lambda: sample.make_results(epochs=1),
    "two epochs": lambda: sample.make_results(epochs=2),
    "a thousand epochs": lambda: sample.make_results(means=(9, 8), epochs=1000),
}


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("case", CASES)
def test_no_text_overlaps_or_is_clipped(case, narrow):
    assert_tidy(plot_curves(CASES[case](), narrow=narrow))


def test_one_panel_for_every_rung_that_trained():
    results = sample.make_results()
    figure = plot_curves(results)
    trained = [rung["title"] for rung in results["rungs"] if rung["curves"]]
    texts = [text.replace("\N{NO-BREAK SPACE}", " ") for text, _ in shown_texts(figure)]
    assert len(figure.axes) == len(trained) == 3
    assert all(title in texts for title in trained)
    assert "+ ensemble" not in texts


def test_names_stand_just_above_their_panels():
    figure = plot_curves(sample.crowded())
    height = figure.get_size_inches()[1] * figure.dpi
    names = [box for text, box in shown_texts(figure) if text.startswith("+")]
    assert len(names) == len(figure.axes)
    for name, axes in zip(names, figure.axes, strict=True):
        assert 0 < name.y0 - axes.get_position().y1 * height < 12


def test_panels_share_their_axes():
    figure = plot_curves(sample.crowded())
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    assert len({axes.get_ylim() for axes in figure.axes}) == 1


def test_lines_are_means():
    results = sample.make_results()
    axes = plot_curves(results).axes[0]
    for line, key in zip(axes.lines, ("train_accuracy", "val_accuracy"), strict=True):
        curves = [curve[key] for curve in results["rungs"][0]["curves"]]
        np.testing.assert_allclose(line.get_ydata(), 100 * np.mean(curves, axis=0))
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 41))


def test_summary_is_mean_lowest_and_highest_of_the_common_epochs():
    results = sample.make_results(means=(9.0,), seeds=2)
    for curve, accuracy in zip(
        results["rungs"][0]["curves"], ([0.5, 0.8, 0.9], [0.7, 0.6]), strict=True
    ):
        curve.update(train_accuracy=accuracy, val_accuracy=[])
    train, validation = summarize(read_results(results).rungs[0])
    np.testing.assert_allclose(train, [[60, 70], [50, 60], [70, 80]])
    assert validation.shape == (3, 0)
    assert_tidy(plot_curves(results))


def test_without_any_curves_is_an_error():
    results = sample.single()
    results["rungs"][0]["curves"] = []
    with pytest.raises(ValueError, match="curves of at least one rung"):
        plot_curves(results)


def test_same_input_same_figure_whatever_the_settings():
    results = sample.make_results()
    plain = figure_svg(plot_curves(results), "a")
    with odd_settings():
        odd = figure_svg(plot_curves(results), "a")
    assert odd == plain
