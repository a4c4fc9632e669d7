"""``cs231n experiment ensemble`` from the outside."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from refusals import assert_refused

from cs231n.cli import main
from cs231n.cli.ensemble import table
from cs231n.training import pool
from cs231n.training.experiments import ensemble


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """One filter and few validation images, so that a run takes a second."""
    for name, recipe in ensemble.RECIPES.items():
        small = replace(recipe, validation_size=20, layers="conv3-2 relu pool2 fc-4 relu")
        monkeypatch.setitem(ensemble.RECIPES, name, small)


def invoke(out, *more, seeds="2", members="3"):
    options = ["--train-size", "40", "--seeds", seeds, "--epochs", "1", "--workers", "0"]
    options += ["--members", members, "--dataset", "digits"]
    arguments = ["experiment", "ensemble", "--out", str(out), *options, *more]
    return CliRunner().invoke(main, arguments)


def test_it_writes_its_files_prints_its_tables_and_overwrites_nothing(tmp_path, monkeypatch):
    result = invoke(tmp_path / "run")
    assert result.exit_code == 0, result.output
    written = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir() if p.is_file()}
    assert set(written) == {"report.json", "ensemble.png"}
    assert len(written["ensemble.png"]) < 200_000
    report = json.loads(written["report.json"])
    assert table(report) in result.output
    assert report["settings"]["members"] == 3
    assert {"command", "environment", "date"} <= set(report)

    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained again"))
    again = invoke(tmp_path / "run")
    assert (again.exit_code, again.output) == (0, result.output)
    refused = invoke(tmp_path / "run", members="2")
    assert refused.exit_code == 1
    assert "holds the results of a run with other settings" in refused.output


def test_the_tables_show_each_ensemble_and_how_it_grows(tmp_path):
    result = invoke(tmp_path / "run")
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    lines = result.output.splitlines()
    assert lines[0] == "digits: 40 training images, 797 test images, 2 seeds, 3 networks each"
    for line, one in zip(lines[4:6], report["ensembles"], strict=True):
        singles, together = one["accuracies"], one["averages"][-1][0]
        best = singles[one["best"]]
        numbers = (min(singles), max(singles), sum(singles) / 3, best, together)
        assert line.split()[1:7] == [
            *(f"{numbers[0]:.2f}", "to"),
            *(f"{number:.2f}" for number in numbers[1:]),
        ]
        assert f"{together - best:+.2f} ± {one['gains_error']['best']:.2f}" in line
        gain = f"{together - sum(singles) / 3:+.2f} ± {one['gains_error']['mean']:.2f}"
        assert line.endswith(gain)
    assert report["gains"]["best"]["verdict"] in result.output
    start = next(i for i, line in enumerate(lines) if line.startswith("networks averaged")) + 1
    for line, row in zip(lines[start:], report["curve"], strict=False):
        assert line.split()[0] == str(row["networks"])
        for key in ("first", "any"):
            assert f"{row[key]['mean']:.2f} ± {row[key]['standard_error']:.2f}" in line
    assert report["published"] in result.output


def test_one_seed_still_tells_how_certain_its_gains_are(tmp_path):
    result = invoke(tmp_path / "run", seeds="1")
    assert result.exit_code == 0, result.output
    assert "one seed: no verdict" in result.output
    line = result.output.splitlines()[4]
    assert line.count("±") == 2


@pytest.mark.parametrize(
    ("more", "message", "code"),
    [
        (["--train-size", "10001"], "train_size 10001 and 20 validation images", 1),
        (["--members", "1"], "1 is not in the range", 2),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path, more, message, code):
    assert_refused(invoke(tmp_path / "run", *more), message, code)


def test_help_names_the_experiments():
    result = CliRunner().invoke(main, ["experiment", "--help"])
    for name in ("dropout", "dropconnect", "ensemble", "small-filters", "augmentation"):
        assert f"\n  {name} " in result.output
