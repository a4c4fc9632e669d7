"""What ``dropout_param['p']`` means, year by year."""

import numpy as np
import pytest
from oracles import numerical_gradient, values

from cs231n import use_release
from cs231n.layers import dropout_backward, dropout_forward

DROPPING, KEEPING = (2016, 2017), (2015, 2018, 2020, 2021, 2026)


@pytest.mark.parametrize("year", DROPPING)
@pytest.mark.parametrize("p", [0.1, 0.25, 0.9])
def test_p_is_dropped_in_2016_and_2017(year, p):
    x = np.full((300, 300), 3.0)
    with use_release(year):
        out, (_, mask) = dropout_forward(x, {"p": p, "mode": "train", "seed": 0})
    assert abs(np.mean(out == 0) - p) < 4 * np.sqrt(p * (1 - p) / x.size)
    np.testing.assert_allclose(out[out != 0], 3 / (1 - p))
    np.testing.assert_array_equal(out, x * mask)


@pytest.mark.parametrize("year", KEEPING)
def test_p_is_kept_in_all_other_years(year):
    x = np.ones((300, 300))
    with use_release(year):
        out, _ = dropout_forward(x, {"p": 0.2, "mode": "train", "seed": 0})
    assert np.mean(out != 0) == pytest.approx(0.2, abs=0.01)
    np.testing.assert_allclose(out[out != 0], 5)


@pytest.mark.parametrize("year", [2016, 2018])
def test_the_key_says_it_whatever_the_release(year):
    x = np.ones((300, 300))
    with use_release(year):
        for dropped, left in ((True, 0.7), (False, 0.3)):
            param = {"p": 0.3, "p_is_dropped": dropped, "mode": "train"}
            assert np.mean(dropout_forward(x, param)[0] != 0) == pytest.approx(left, abs=0.01)


def test_the_same_seed_gives_the_same_mask_in_both_conventions():
    x = values(20, 30)
    kept, _ = dropout_forward(x, {"p": 0.75, "mode": "train", "seed": 5})
    with use_release(2016):
        dropped, _ = dropout_forward(x, {"p": 0.25, "mode": "train", "seed": 5})
    np.testing.assert_array_equal(kept, dropped)


@pytest.mark.parametrize("year", [2016, 2026])
def test_nothing_is_dropped_where_the_year_says_so(year):
    x, off = values(5, 6), {2016: 0, 2026: 1}[year]
    with use_release(year):
        for mode in ("train", "test"):
            np.testing.assert_array_equal(dropout_forward(x, {"p": off, "mode": mode})[0], x)


@pytest.mark.parametrize(("forward_year", "backward_year"), [(2016, 2026), (2026, 2016)])
def test_backward_follows_the_forward_pass_whatever_the_release_is_then(
    forward_year, backward_year
):
    x, dout = np.ones((6, 7)), values(6, 7)
    with use_release(forward_year):
        out, cache = dropout_forward(x, {"p": 0.2, "mode": "train", "seed": 1})
    with use_release(backward_year):
        np.testing.assert_array_equal(dropout_backward(dout, cache), dout * out)


@pytest.mark.parametrize("year", [2016, 2026])
def test_gradient(year):
    x, dout, param = values(4, 5), values(4, 5, seed=1), {"p": 0.3, "mode": "train", "seed": 2}
    with use_release(year):
        expected = numerical_gradient(lambda x: dropout_forward(x, param)[0], x, dout)
        actual = dropout_backward(dout, dropout_forward(x, param)[1])
    np.testing.assert_allclose(actual, expected, atol=1e-9)


def test_zero_under_the_newest_release_is_explained():
    with pytest.raises(ValueError, match=r"in \(0, 1\], got 0: .*use_release\(2016\)"):
        dropout_forward(np.ones(3), {"p": 0, "mode": "train"})


@pytest.mark.parametrize(
    ("p", "error", "message"),
    [
        (1, ValueError, r"in \[0, 1\), got 1: .*dropping.*use_release\(2018\)"),
        (1.5, ValueError, "got 1.5"),
        (-0.1, ValueError, "got -0.1"),
        (float("nan"), ValueError, "got nan"),
        (None, TypeError, r"dropout_param\['p'\] must be a number"),
    ],
)
def test_what_cannot_be_dropped(p, error, message):
    with use_release(2016), pytest.raises(error, match=message):
        dropout_forward(np.ones(3), {"p": p, "mode": "train"})
