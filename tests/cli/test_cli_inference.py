"""``cs231n experiment dropout`` and ``dropconnect`` from the outside."""

import json
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner
from refusals import assert_refused

from cs231n.cli import main
from cs231n.cli.inference import table
from cs231n.training import pool
from cs231n.training.experiments import STUDIES


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """Few filters and few passes, so that a run takes a second."""
    small = {}
    for name, study in STUDIES.items():
        kept = [q for q in study.questions if q.way.passes <= 5 and q.way.samples <= 10]
        recipes = {
            data: replace(
                recipe,
                validation_size=20,
                layers="conv3-2 relu pool2 " + recipe.layers.split("pool2 ")[-1],
            )
            for data, recipe in study.recipes.items()
        }
        small[name] = replace(study, questions=tuple(kept), recipes=recipes)
    monkeypatch.setattr("cs231n.training.experiments.STUDIES", small)


def invoke(out, *more, name="dropout", seeds="2", dataset="digits"):
    options = ["--train-size", "20", "--seeds", seeds, "--epochs", "1", "--workers", "0"]
    arguments = ["experiment", name, "--dataset", dataset, "--out", str(out), *options, *more]
    return CliRunner().invoke(main, arguments)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", STUDIES)
def test_it_writes_its_files_prints_its_tables_and_overwrites_nothing(tmp_path, monkeypatch, name):
    monkeypatch.setattr(sys, "argv", ["/opt/somewhere/cs231n", "experiment", name])
    result = invoke(tmp_path / "run", name=name)
    assert result.exit_code == 0, result.output
    written = contents(tmp_path / "run")
    assert set(written) == {"report.json", f"{name}.png"}
    assert written[f"{name}.png"].startswith(b"\x89PNG")
    assert len(written[f"{name}.png"]) < 200_000
    report = json.loads(written["report.json"])
    assert table(report) in result.output
    assert report["command"] == f"cs231n experiment {name}"
    assert {"cs231n", "python", "numpy", "machine", "kernels"} <= set(report["environment"])
    assert report["date"][:2] == "20"

    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained again"))
    again = invoke(tmp_path / "run", name=name)
    assert (again.exit_code, again.output) == (0, result.output)
    refused = invoke(tmp_path / "run", name=name, seeds="1")
    assert refused.exit_code == 1
    assert "holds the results of a run with other settings" in refused.output


def test_both_tables_have_every_row_with_its_own_numbers(tmp_path):
    result = invoke(tmp_path / "run", name="dropconnect")
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    lines, rows = result.output.splitlines(), report["rows"]
    assert lines[0] == "digits: 20 training images, 797 test images, 2 seeds"
    assert lines[1].startswith(report["layers"])
    assert f" {report['parameters']:,} parameters" in lines[1]
    assert [row["title"] for row in rows] == [
        *("mean network", "moments, exact"),
        *("Monte Carlo, 1 pass", "Monte Carlo, 2 passes", "Monte Carlo, 5 passes"),
    ]
    for start, key, decimals in ((4, "error", 2), (6 + len(rows), "log_loss", 4)):
        assert key.replace("_", "-") in lines[start - 1]
        for line, row in zip(lines[start:], rows, strict=False):
            found, change = row[key], row[key]["difference"]
            assert line.startswith(row["title"])
            text = f"{found['mean']:.{decimals}f} ± {found['standard_error']:.{decimals}f}"
            assert text in line
            if change is not None:
                assert f"{change['mean']:+.{decimals}f} ± " in line
                assert change["verdict"] in line
    assert report["published"] in result.output
    assert f"({report['source']})" in lines


def test_one_seed_has_no_verdicts(tmp_path):
    result = invoke(tmp_path / "run", seeds="1", dataset="shapes")
    assert result.exit_code == 0, result.output
    assert "one seed: no verdict" in result.output
    assert "±" not in result.output


def test_an_interrupt_says_how_to_go_on(tmp_path, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "run", interrupted)
    result = invoke(tmp_path / "run")
    assert result.exit_code == 1
    assert "Stopped. The same command goes on where it was." in result.output


@pytest.mark.parametrize(
    ("more", "message", "code"),
    [
        (["--train-size", "10001"], "train_size 10001 and 20 validation images", 1),
        (["--dataset", "mnist"], "'mnist' is not one of 'shapes', 'digits', 'cifar10'", 2),
        (["--members", "3"], "No such option", 2),
        (["--seeds", "0"], "0 is not in the range", 2),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path, more, message, code):
    assert_refused(invoke(tmp_path / "run", *more), message, code)
    assert not (tmp_path / "run" / "report.json").exists()
