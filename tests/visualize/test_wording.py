"""The headline claims no more than the results carry."""

import pytest
import sample_results as sample

from cs231n.visualize.results import read_results
from cs231n.visualize.wording import NO_BREAK, findings, headline


def told(means, verdicts, seeds=5):
    """Return the headline and the findings, for results with exactly these means."""
    results = sample.make_results(means, verdicts, seeds)
    for rung, mean in zip(results["rungs"], means, strict=True):
        rung["mean"] = mean
        if rung["standard_error"]:
            rung["standard_error"] = 0.2
        if rung["difference"] and rung["difference"]["standard_error"]:
            rung["difference"]["standard_error"] = 0.2
    data = read_results(results)
    return headline(data).replace(NO_BREAK, " "), findings(data)


@pytest.mark.parametrize(
    ("means", "verdicts", "seeds", "line"),
    [
        ((9.1, 8, 7, 6, 5.2), ("helps",) * 4, 5, "From 9.1 % to 5.2 % test error in four steps"),
        ((9.1, 5.2), ("helps",), 5, "From 9.1 % to 5.2 % test error in one step"),
        ((7.1, 6.9), ("no clear difference",), 5,
         "No clear gain in one step: 7.1 % test error before, 6.9 % after"),
        ((7.1, 6.2, 8.9), ("helps", "hurts"), 5,
         "Test error rose from 7.1 % to 8.9 % in two steps"),
        ((9.1, 5.2), ("-",), 1, "From 9.1 % to 5.2 % test error in one step, seen with one seed"),
        ((7.1,), (), 5, "7.1 % test error with the baseline alone"),
    ],
)  # fmt: skip
def test_headline(means, verdicts, seeds, line):
    assert told(means, verdicts, seeds)[0] == line


def test_findings_name_what_helped_hurt_and_stayed_open():
    _, sentences = told((9, 8, 7, 7, 9), ("helps", "helps", "no clear difference", "hurts"))
    assert sentences == [
        "Helped: dropout and data augmentation.",
        "Hurt: ensemble.",
        "No clear difference: averaging over noise at test time.",
    ]


def test_findings_say_when_nothing_helped():
    _, sentences = told((9, 9.1), ("no clear difference",))
    assert sentences == ["No step clearly helped.", "No clear difference: dropout."]


def test_findings_without_a_comparison():
    assert "nothing to compare" in told((7.1,), ())[1][0]
    assert "One seed cannot" in told((9, 8), ("-",), seeds=1)[1][0]
