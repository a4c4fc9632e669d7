"""Results that lack something are refused, and the message names the place."""

import pytest
import sample_results as sample

from cs231n.visualize.results import VERDICTS, read_results


def test_reads_what_was_written():
    raw = sample.make_results()
    results = read_results(raw)
    assert [rung.title for rung in results.rungs] == [rung["title"] for rung in raw["rungs"]]
    assert results.rungs[1].difference.previous == "baseline"
    assert results.rungs[0].difference is None
    assert results.rungs[0].curves[2].val_accuracy == tuple(
        raw["rungs"][0]["curves"][2]["val_accuracy"]
    )
    assert results.title_of("averaging") == "+ averaging over noise at test time"
    assert results.title_of("unknown") == "unknown"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("command",), "results must have the key 'command'"),
        (("dataset", "train_size"), r"results\['dataset'\] must have the key 'train_size'"),
        (("rungs", 1, "mean"), r"results\['rungs'\]\[1\] must have the key 'mean'"),
        (("rungs", 1, "difference", "verdict"), r"\[1\]\['difference'\] must have the key"),
        (("rungs", 0, "curves", 2, "val_accuracy"), r"\['curves'\]\[2\] must have the key"),
    ],
)
def test_missing_entries(path, place):
    results = sample.make_results()
    holder = results
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    with pytest.raises(ValueError, match=place):
        read_results(results)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"mean": "low"}, TypeError, r"\['rungs'\]\[0\]\['mean'\] must be a number, got 'low'"),
        ({"mean": float("nan")}, ValueError, "must be finite"),
        ({"errors": [1.0, 2.0]}, ValueError, "one number a seed, 5, got 2"),
        ({"standard_error": float("inf")}, ValueError, "must be finite"),
    ],
)
def test_wrong_values(change, error, words):
    results = sample.make_results()
    results["rungs"][0].update(change)
    with pytest.raises(error, match=words):
        read_results(results)


def test_unknown_verdict():
    results = sample.make_results()
    results["rungs"][1]["difference"]["verdict"] = "maybe"
    with pytest.raises(ValueError, match="got 'maybe'"):
        read_results(results)
    assert "maybe" not in VERDICTS


@pytest.mark.parametrize("key", ["rungs", "seeds"])
def test_empty(key):
    results = sample.single()
    results[key] = []
    with pytest.raises(ValueError, match="at least one seed and one rung"):
        read_results(results)


@pytest.mark.parametrize(
    ("spreads", "decimals"), [((0.3, 0.2), 1), ((0.3, 0.09), 2), ((0.0, 0.4), 1)]
)
def test_decimals_follow_the_finest_spread(spreads, decimals):
    results = sample.make_results(means=(9.0, 8.0))
    for rung, spread in zip(results["rungs"], spreads, strict=True):
        rung["standard_error"] = spread
    results["rungs"][1]["difference"]["standard_error"] = 0.5
    assert read_results(results).decimals == decimals


@pytest.mark.parametrize(("test_size", "decimals"), [(797, 1), (10_000, 2)])
def test_decimals_of_one_seed_follow_the_test_size(test_size, decimals):
    results = sample.make_results(means=(9.0,), seeds=1, test_size=test_size)
    assert read_results(results).decimals == decimals
