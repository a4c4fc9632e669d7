"""The figure of one network asked in several ways."""

import pytest
from layout_checks import assert_tidy, odd_settings

from cs231n.visualize import plot_inference

PASSES = (1, 2, 5, 10, 20, 50, 100)


def found(values, difference=None, verdict="no clear difference"):
    spread = 0.5 if len(values) > 1 else None
    change = {"mean": difference, "standard_error": spread, "verdict": verdict}
    return {
        "values": values,
        "mean": sum(values) / len(values),
        "standard_error": spread,
        "difference": None if difference is None else change,
    }


def report(seeds=3, level=("mean network", "moments, exact", "moments, 1000 samples")):
    rows = []
    for i, title in enumerate(level):
        values = [40.0 - i + s for s in range(seeds)]
        losses = [v / 30 for v in values]
        change = None if i == 0 else -1.0 * i
        rows.append(
            {
                "title": title,
                "passes": 0,
                "error": found(values, change),
                "log_loss": found(losses, None if change is None else change / 30, "helps"),
            }
        )
    for passes in PASSES:
        values = [39.0 + 20 / passes + s for s in range(seeds)]
        change = 20 / passes - 1
        rows.append(
            {
                "title": f"Monte Carlo, {passes} passes",
                "passes": passes,
                "error": found(values, change, "hurts" if change > 0 else "helps"),
                "log_loss": found([v / 30 for v in values], change / 30),
            }
        )
    return {
        "title": "DropConnect: the mean network against moment matching and Monte Carlo",
        "rows": rows,
        "seeds": list(range(seeds)),
        "settings": {"train_size": 5000},
        "dataset": {"name": "cifar10"},
    }


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("level", [("weight scaling",), ("mean", "moments, exact")])
def test_no_text_overlaps_another(seeds, level):
    assert_tidy(plot_inference(report(seeds, level)))


def test_three_level_lines_are_tidy_under_odd_settings_too():
    with odd_settings():
        assert_tidy(plot_inference(report()))


def test_curves_stand_at_their_passes():
    one = report()
    above, _, loss, _ = plot_inference(one).axes
    for axes, key in ((above, "error"), (loss, "log_loss")):
        (curve,) = (line for line in axes.lines if line.get_marker() == "o")
        assert list(curve.get_xdata()) == list(PASSES)
        assert list(curve.get_ydata()) == [r[key]["mean"] for r in one["rows"] if r["passes"]]
        level = [line.get_ydata()[0] for line in axes.lines if list(line.get_xdata()) == [0, 1]]
        assert level == [r[key]["mean"] for r in one["rows"] if not r["passes"]]
        seeds = [line for line in axes.lines if line.get_linewidth() < 1]
        assert len(seeds) == 3


def test_differences_are_those_of_the_rows_below_their_names():
    one = report()
    _, below, _, loss = plot_inference(one).axes
    shown = [*one["rows"][1:3], *one["rows"][-4:]]
    for axes, key in ((below, "error"), (loss, "log_loss")):
        marks = [
            line for line in axes.lines if line.get_markersize() > 6 and line.get_marker() in "oD"
        ]
        assert [m.get_ydata()[0] for m in marks] == [r[key]["difference"]["mean"] for r in shown]
        shapes = {"hurts": "D"}
        assert [m.get_marker() for m in marks] == [
            shapes.get(r[key]["difference"]["verdict"], "o") for r in shown
        ]
        assert [m.get_xdata()[0] for m in marks] == list(axes.get_xticks())
        labels = [label.get_text().replace("\n", " ") for label in axes.get_xticklabels()]
        assert labels == ["moments, exact", "moments, 1000 samples", "10", "20", "50", "100"]


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="rows"):
        plot_inference({"title": "x"})
