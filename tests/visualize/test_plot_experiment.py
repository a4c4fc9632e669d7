"""The figure of an experiment: a row a network, a row a claim."""

from itertools import pairwise

import pytest

from cs231n.visualize import plot_experiment


def report(seeds=3, claims=True):
    def row(title, errors):
        spread = 0.5 if len(errors) > 1 else None
        return {
            "title": title,
            "errors": errors,
            "mean": sum(errors) / len(errors),
            "standard_error": spread,
            "parameters": 12_345,
            "multiply_adds": 6_700_000,
        }

    verdict = "one seed: no verdict" if seeds == 1 else "helps"
    claim = {
        "better": "small",
        "worse": "large",
        "published": 7.0,
        "difference": {
            "mean": -2.0,
            "standard_error": None if seeds == 1 else 0.3,
            "verdict": verdict,
        },
    }
    return {
        "contenders": [
            row("one 7x7", [30.0, 31.0, 32.0][:seeds]),
            row("three 3x3", [28.0, 29.0, 30.0][:seeds]),
        ],
        "claims": [claim, {**claim, "published": None}] if claims else [],
        "seeds": list(range(seeds)),
        "settings": {"train_size": 100},
        "dataset": {"name": "shapes"},
    }


def texts(figure):
    return [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("seeds", [1, 3])
def test_means_stand_where_they_belong(seeds):
    upper, lower = plot_experiment(report(seeds)).axes
    marks = [line for line in upper.lines if line.get_markersize() > 6]
    assert [line.get_xdata()[0] for line in marks if line.get_marker() == "o"][:2] == [
        30.0 if seeds == 1 else 31.0,
        28.0 if seeds == 1 else 29.0,
    ]
    papers = [line.get_xdata()[0] for line in lower.lines if line.get_marker() == "|"]
    assert papers == [-7.0]


def test_every_seed_has_a_dot_on_every_row():
    upper = plot_experiment(report()).axes[0]
    dots = [line for line in upper.lines if line.get_markersize() < 4]
    assert [list(line.get_xdata()) for line in dots] == [[30.0, 28.0], [31.0, 29.0], [32.0, 30.0]]


def test_numbers_and_names_are_written():
    written = texts(plot_experiment(report()))
    for text in ("one 7x7", "three 3x3", "small against large"):
        assert text in written
    assert any("31.0" in text and "0.5" in text for text in written)
    assert "12 k   6.7 M" in written
    assert "\N{MINUS SIGN}7.0" in written


def test_nothing_is_wider_than_the_figure():
    figure = plot_experiment(report())
    figure.canvas.draw()
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width, text.get_text()


def test_without_claims_there_is_one_set_of_axes():
    assert len(plot_experiment(report(claims=False)).axes) == 1


def many(count=24):
    """Return the report of one network, trained in many ways."""
    one = report()
    rows = [
        {**one["contenders"][0], "title": f"technique {i}", "layers": "conv3-8 relu", "seconds": i}
        for i in range(count)
    ]
    claims = [{**one["claims"][0], "better": f"technique-{i}", "worse": "none"} for i in range(23)]
    return {**one, "contenders": rows, "claims": claims}


def test_one_network_in_many_ways_has_times_and_dense_rows():
    figure = plot_experiment(many())
    written = texts(figure)
    assert any("One network" in text for text in written)
    assert "12 k   6.7 M" not in written
    assert "23\N{NO-BREAK SPACE}s" in written
    assert {f"technique {i}" for i in range(24)} <= set(written)
    assert {f"technique-{i} against none" for i in range(23)} <= set(written)  # not shortened
    figure.canvas.draw()
    rows = [text for text in figure.texts if text.get_text().startswith("technique ")]
    boxes = [text.get_window_extent() for text in rows]
    assert all(low.y1 <= high.y0 for high, low in pairwise(boxes))
    assert figure.get_figheight() < 16


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="contenders"):
        plot_experiment({})
