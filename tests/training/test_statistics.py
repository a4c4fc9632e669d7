"""Means, errors and verdicts, against SciPy's paired t-test."""

import math
import statistics

import numpy as np
import pytest
from scipy import stats

from cs231n.training.statistics import HELPS, HURTS, ONE_SEED, UNCLEAR, estimate, paired_difference


def cases(count=400):
    """Pairs of errors for 2 to 10 seeds, with effects from none to large."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        seeds = int(rng.integers(2, 11))
        previous = rng.uniform(2, 30) + rng.standard_normal(seeds)
        effect = rng.choice([0.0, 0.5, 1.0, 3.0]) * rng.choice([-1, 1])
        yield previous + effect + rng.uniform(0.1, 1) * rng.standard_normal(seeds), previous


@pytest.mark.parametrize("values", [[1.0, 2.0, 4.0], [5.0, 5.0], [0.1] * 7, [3.0, -3.0]])
def test_the_estimate_is_that_of_the_standard_library(values):
    found = estimate(values)
    assert found.mean == pytest.approx(statistics.fmean(values), abs=1e-12)
    expected = statistics.stdev(values) / math.sqrt(len(values))
    assert found.standard_error == pytest.approx(expected, abs=1e-12)


def test_one_value_has_no_error():
    assert estimate([3.25]).standard_error is None
    assert str(estimate([3.256])) == "3.26"
    assert str(estimate([3.0, 4.0])) == "3.50 ± 0.50"


def test_no_values_are_refused():
    with pytest.raises(ValueError, match="at least one number"):
        estimate([])


def test_the_verdict_is_that_of_the_paired_t_test():
    verdicts = []
    for errors, previous in cases():
        test = stats.ttest_rel(errors, previous)
        difference, verdict = paired_difference(errors, previous)
        expected = UNCLEAR if test.pvalue >= 0.05 else HELPS if test.statistic < 0 else HURTS
        assert verdict == expected, (errors, previous)
        assert difference.mean == pytest.approx(np.mean(errors - previous), abs=1e-12)
        assert difference.mean / difference.standard_error == pytest.approx(test.statistic)
        verdicts.append(verdict)
    assert all(verdicts.count(verdict) > 50 for verdict in (HELPS, HURTS, UNCLEAR))


def test_the_same_difference_on_every_seed_is_a_verdict():
    assert paired_difference([1.0, 2.0], [2.0, 3.0])[1] == HELPS
    assert paired_difference([2.0, 3.0], [1.0, 2.0])[1] == HURTS
    assert paired_difference([2.0, 3.0], [2.0, 3.0])[1] == UNCLEAR


def test_one_seed_is_no_verdict():
    difference, verdict = paired_difference([2.0], [9.0])
    assert (difference.mean, difference.standard_error, verdict) == (-7.0, None, ONE_SEED)


def test_seeds_are_compared_in_their_order():
    spread_out = [1.0, 10.0, 20.0]
    assert paired_difference([0.5, 9.5, 19.6], spread_out)[1] == HELPS
    assert paired_difference([19.6, 9.5, 0.5], spread_out)[1] == UNCLEAR


@pytest.mark.parametrize(("errors", "previous"), [([1.0, 2.0], [1.0]), ([1.0], [1.0, 2.0])])
def test_other_numbers_of_seeds_are_refused(errors, previous):
    with pytest.raises(ValueError, match="one number a seed"):
        paired_difference(errors, previous)


def test_no_seeds_are_refused():
    with pytest.raises(ValueError, match="at least one number"):
        paired_difference([], [])
