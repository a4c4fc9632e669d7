"""How certain an average is, and when it has settled, on passes whose averages are known."""

import math

import numpy as np
import pytest

from cs231n.marginalize import predict, stream
from cs231n.marginalize.running import Average, Running

ONE = np.zeros((1, 1))


def rare(share, classes=2, images=1, seed=0):
    """A model whose passes say class 0 in this share, and class 1 in the others."""
    rng = np.random.default_rng(seed)

    def forward(X):
        said = np.where(rng.random(images) < share, 0, 1)
        return 100.0 * (np.arange(classes) == said[:, None])

    return forward


def average_of(votes, classes=2):
    """The average of passes; `votes` (R, N) are the classes that they say."""
    running = Running()
    for said in votes:
        running.add((np.arange(classes) == np.asarray(said)[:, None]).astype(float))
    return running.average()


@pytest.mark.parametrize("passes", [2, 4, 10, 1000])
def test_passes_that_agree_are_as_uncertain_as_if_one_of_them_did_not(passes):
    agree = average_of(np.ones((passes, 1), int))
    but_one = average_of([[0]] + [[1]] * (passes - 1))
    assert not agree.standard_error.any()
    assert agree.uncertainty == pytest.approx(but_one.uncertainty, rel=1e-12)
    assert agree.uncertainty == pytest.approx(1 / passes, rel=1e-12)
    twice = average_of([[0]] * 2 + [[1]] * passes)
    assert twice.uncertainty == pytest.approx(twice.standard_error.max(), rel=1e-12)


def test_classes_that_no_pass_says_dilute_nothing():
    votes = np.random.default_rng(0).integers(2, size=(50, 7))
    few, many = average_of(votes), average_of(votes, classes=1000)
    assert few.uncertainty == many.uncertainty > 0.05


@pytest.mark.parametrize(
    ("images", "noisy", "seen"), [(10, 1, True), (100, 6, True), (100, 4, False)]
)
def test_nineteen_of_twenty_images_are_as_certain_as_it_says(images, noisy, seen):
    votes = np.ones((100, images), int)
    votes[::2, :noisy] = 0
    average = average_of(votes)
    assert average.uncertainty == pytest.approx(0.5 / math.sqrt(99) if seen else 0.01)


def test_one_pass_says_nothing_about_its_uncertainty():
    assert math.isnan(average_of([[0]]).uncertainty)


@pytest.mark.parametrize("seed", range(5))
def test_a_class_that_few_passes_say_is_not_missed(seed):
    """Of classes with shares 0.1 and 0.9: the standard error is 0.3 / sqrt(R)."""
    *_, average = stream(rare(0.1, seed=seed), ONE, 3000, by="votes", until=0.01)
    assert average.settled
    assert 500 < average.passes < 1500  # 900, were the share not estimated
    assert abs(average.probabilities[0, 0] - 0.1) < 0.04


def test_a_thousand_classes_of_which_two_live():
    averages = list(stream(rare(0.5, classes=1000), ONE, 5000, until=0.02))
    assert averages[-1].standard_error.max() <= 0.02
    assert averages[-1].passes == pytest.approx(0.25 / 0.02**2, rel=0.05)


def test_no_average_claims_more_than_its_passes_can_tell():
    for until, passes in ((0.3, 4), (0.1, 10), (0.01, 100)):
        averages = list(stream(lambda X: np.zeros((len(X), 2)), ONE, 200, until=until))
        assert len(averages) == passes


def test_only_the_last_average_has_settled_and_only_if_asked():
    still = lambda X: np.zeros((len(X), 2))  # noqa: E731
    assert [a.settled for a in stream(still, ONE, 9, until=0.2)] == [False] * 4 + [True]
    assert not any(a.settled for a in stream(still, ONE, 4, until=0.2))  # the passes ran out
    assert not any(a.settled for a in stream(still, ONE, 9))
    assert [a.settled for a in stream(still, ONE, 5, until=0.2)][-1]  # both at once


def test_predict_stops_where_stream_does():
    *_, average = stream(rare(0.3), ONE, 900, until=0.05)
    early = predict(rare(0.3), ONE, 900, until=0.05)
    np.testing.assert_array_equal(early, average.probabilities)
    assert average.settled


def test_the_bar_of_an_average_that_settled_is_full(capsys):
    still = lambda X: np.zeros((len(X), 2))  # noqa: E731
    for function in (lambda *args, **kw: list(stream(*args, **kw)), predict):
        function(still, np.zeros((3, 1)), 50, until=0.2, progress=True)
        shown = capsys.readouterr().err.split("\r")[-1]
        assert "15/15" in shown
        assert "100%" in shown
        assert "/150" not in shown


def test_nan_is_no_class():
    p = np.array([[np.nan, np.nan], [1.0, 0.0]])
    average = Average(1, p, np.zeros((2, 2)), np.zeros(2))
    assert average.error(np.zeros(2, int)) == 0.5
    assert average.error(np.ones(2, int)) == 1
