"""The figure of ensembles and their members."""

import numpy as np
import pytest
from layout_checks import assert_tidy, odd_settings

from cs231n.visualize import plot_ensemble


def report(ensembles=3, members=10, seed=0):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(ensembles):
        spread = 2 / np.arange(1, members + 1)[:, None]
        centre = 60 + 5 * (1 - spread / 2)
        averages = (centre + spread * rng.standard_normal((members, members))).tolist()
        averages[-1] = [averages[-1][0]] * members
        found.append({"accuracies": averages[0], "best": 1, "averages": averages})
    return {
        "ensembles": found,
        "seeds": list(range(ensembles)),
        "dataset": {"name": "cifar10"},
        "settings": {"train_size": 5000, "members": members},
    }


@pytest.mark.parametrize(("ensembles", "members"), [(1, 10), (3, 10), (4, 2), (6, 20)])
def test_no_text_overlaps_another(ensembles, members):
    figure = plot_ensemble(report(ensembles, members))
    assert len(figure.axes) == ensembles
    assert_tidy(figure)
    with odd_settings():
        assert_tidy(plot_ensemble(report(ensembles, members)))


def test_each_panel_shows_its_own_ensemble():
    one = report()
    for axes, found in zip(plot_ensemble(one).axes, one["ensembles"], strict=True):
        averages = np.array(found["averages"])
        (diamond,) = (line for line in axes.lines if line.get_marker() == "D")
        assert diamond.get_ydata()[0] == found["accuracies"][1]
        (curve,) = (line for line in axes.lines if len(line.get_xdata()) == 10)
        assert list(curve.get_xdata()) == list(range(1, 11))
        np.testing.assert_allclose(curve.get_ydata(), averages.mean(axis=1))
        (dots,) = (line for line in axes.lines if len(line.get_xdata()) == 100)
        for n in range(10):
            at = dots.get_xdata() == n + 1
            assert sorted(dots.get_ydata()[at]) == sorted(averages[n])


def test_all_panels_share_their_scale_and_hold_all_dots():
    one = report()
    limits = {axes.get_ylim() for axes in plot_ensemble(one).axes}
    ((low, high),) = limits
    values = np.array([e["averages"] for e in one["ensembles"]])
    assert low < values.min() < values.max() < high


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="ensembles"):
        plot_ensemble({})
