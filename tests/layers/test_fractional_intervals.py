"""The constraints of Graham's paper, for every size, ratio, mode and seed."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n.layers.fractional_intervals import (
    draw_intervals,
    fractional_extent,
    pseudorandom_bounds,
    starts_from_samples,
)

MODES = list(itertools.product([False, True], ["disjoint", "closed", None]))


def check(intervals, size, count, window):
    """Starts at 0, ends at the end, increments of two neighbouring lengths, windows as asked."""
    first, end = intervals[..., 0], intervals[..., 1]
    assert (first[..., 0] == 0).all()
    assert (end[..., -1] == size).all()
    assert (end <= size).all()
    assert (end > first).all()
    longest = math.ceil(size / count)
    allowed = (longest - 1, longest)
    increments = np.diff(first, axis=-1)
    assert np.isin(increments, allowed).all()
    if window == "disjoint":
        np.testing.assert_array_equal(end[..., :-1], first[..., 1:])
        assert np.isin(end - first, allowed).all()
    elif window == "closed":
        np.testing.assert_array_equal(end[..., :-1], first[..., 1:] + 1)
        assert np.isin((end - first)[..., -1], allowed).all()
    else:
        assert (end - first == longest).all()


def test_every_size_and_mode():
    """All sizes to 64 with all outputs between a third of them and one less."""
    trials = 0
    for size in range(2, 65):
        for count in range(-(-size // 3), size):
            for random, window in MODES:
                rng = np.random.default_rng([size, count])
                drawn = draw_intervals(
                    "width", size, count, (3, 2), rng, random=random, window=window
                )
                assert drawn.shape == (3, 2, count, 2)
                check(drawn, size, count, window)
                trials += 6
    assert trials > 45_000


@settings(max_examples=1000)
@given(
    st.integers(2, 5000),
    st.floats(1, 3, exclude_min=True),
    st.sampled_from(MODES),
    st.integers(0, 2**32),
)
def test_any_size_ratio_mode_and_seed(size, ratio, mode, seed):
    random, window = mode
    count = fractional_extent("height", size, ratio)
    assert 0 < count < size <= math.ceil(ratio) * count
    assert abs(count - size / ratio) <= 0.5 or count in (size - 1, -(-size // math.ceil(ratio)))
    rng = np.random.default_rng(seed)
    drawn = draw_intervals("height", size, count, (2, 1), rng, random=random, window=window)
    check(drawn, size, count, window)


def test_the_sizes_of_the_papers_networks():
    """(32nC2-FMP sqrt 2)_6 and (32nC2-FMP cube root of 2)_12: pooling undoes their sizes."""
    for ratio, sizes in (
        (2 ** (1 / 2), [(35, 25), (24, 17), (16, 11), (10, 7), (6, 4), (3, 2)]),
        (
            2 ** (1 / 3),
            [
                *[(93, 74), (73, 58), (57, 45), (44, 35), (34, 27), (26, 21)],
                *[(20, 16), (15, 12), (11, 9), (8, 6), (5, 4), (3, 2)],
            ],
        ),
    ):
        for size, expected in sizes:
            assert fractional_extent("height", size, ratio) == expected


@pytest.mark.parametrize(("length", "steps"), [(25, 18), (93, 74), (7, 5), (14, 7), (0, 0), (5, 5)])
def test_pseudorandom_bounds_are_the_papers_formula(length, steps):
    """Every whole number that is drawn is one of the formula's cases, and none is missing."""

    class Phases:
        def integers(self, high, size):
            return np.arange(high).reshape(size)

    sets = (max(length, 1),)
    mine = pseudorandom_bounds(length, steps, sets, Phases())
    alpha = length / steps if steps else 0.0
    for t, bounds in enumerate(mine):
        u = (t + 0.5) / max(length, 1)  # in the middle: no rounding can reach a whole number
        formula = [math.floor(alpha * (j + u)) - math.floor(alpha * u) for j in range(steps)]
        assert bounds.tolist() == [*formula, length]


def test_pseudorandom_phases_are_all_equally_likely():
    rng = np.random.default_rng(0)
    bounds = pseudorandom_bounds(7, 5, (70_000,), rng)
    kinds, counts = np.unique(bounds, axis=0, return_counts=True)
    # 7 phases, of which some give the same bounds: what each should have is counted exactly.
    expected = {}
    for t in range(7):
        key = tuple((j * 7 + t) // 5 - t // 5 for j in range(6))
        expected[key] = expected.get(key, 0) + 10_000
    assert {tuple(kind) for kind in kinds} == set(expected)
    for kind, count in zip(kinds, counts, strict=True):
        # 5 standard deviations of a binomial
        assert abs(count - expected[tuple(kind)]) < 5 * math.sqrt(70_000 / 4)


def test_random_increments_take_every_order():
    rng = np.random.default_rng(0)
    drawn = draw_intervals("width", 7, 5, (2000, 1), rng, random=True, window="disjoint")
    orders = {tuple(row) for row in np.diff(drawn[:, 0, :, 0], axis=1)}
    # Two of five increments are 2; of the last one only the others tell.
    assert len(orders) == 10


def test_sets_are_drawn_independently():
    rng = np.random.default_rng(0)
    drawn = draw_intervals("width", 40, 28, (50, 3), rng, random=True, window=None)
    assert len({row.tobytes() for row in drawn.reshape(150, -1)}) > 140


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_starts_from_samples_end_at_the_end(dtype):
    samples = np.random.default_rng(0).random((200, 3)).astype(dtype)
    for size, count, window in ((32, 23, 2), (9, 1, 3), (17, 16, 2), (30, 10, 3)):
        starts = starts_from_samples(samples, size, count, window)
        assert starts.shape == (200, 3, count)
        assert (starts[..., -1] == size - window).all()
        assert count == 1 or (starts[..., 0] == 0).all()


@pytest.mark.parametrize(
    ("size", "count", "window", "message"),
    [
        (5, 5, None, "the output's width must be less than the input's 5 and at least 2"),
        (7, 2, None, "at least 3, a third of it, got 2"),
        (1, 1, None, "must be less than the input's 1"),
        (5, 0, None, "got 0"),
        (10, 4, 2, "width of 10 pixels does not suit 4 windows of 2 pixels: .* from 5 to 8"),
        (5, 4, 3, "width of 5 pixels does not suit 4 windows of 3 pixels: .* from 6 to 12"),
        (2, 1, 3, "width of 2 pixels does not suit 1 window of 3 pixels: it covers just 3"),
        (3, 1, 2, "width of 3 pixels does not suit 1 window of 2 pixels: it covers just 2"),
    ],
)
def test_what_does_not_fit(size, count, window, message):
    rng = np.random.default_rng(0)
    for random in (False, True):
        with pytest.raises(ValueError, match=message):
            draw_intervals("width", size, count, (1, 1), rng, random=random, window=window)


def test_a_single_pixel_cannot_be_pooled():
    with pytest.raises(ValueError, match="the height must have at least 2 pixels to pool, got 1"):
        fractional_extent("height", 1, 1.4)


@pytest.mark.parametrize("sample", [-0.1, 1.5, math.nan])
def test_samples_are_shares(sample):
    with pytest.raises(ValueError, match=r"samples must lie in \[0, 1\]"):
        starts_from_samples(np.array([0.5, sample]), 7, 4, 2)


@pytest.mark.parametrize(("size", "count", "window"), [(2, 4, 2), (7, 4, 9), (7, 0, 2)])
def test_samples_make_windows_that_fit(size, count, window):
    with pytest.raises(ValueError, match=r"\d windows? of \d pixels cannot begin one behind"):
        starts_from_samples(np.array([0.5]), size, count, window)
