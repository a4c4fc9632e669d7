"""``cs231n experiment`` from the outside: files, tables, exit codes."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from refusals import assert_refused

from cs231n.cli import main
from cs231n.cli.experiment import table
from cs231n.training import pool
from cs231n.training.experiments import AUGMENTATION, SMALL_FILTERS


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """One filter a stage and few validation images, so that a run takes a second."""
    recipes = {
        name: replace(recipe, validation_size=20, layers="fc-4 relu")
        for name, recipe in SMALL_FILTERS.recipes.items()
    }
    tiny = replace(SMALL_FILTERS, filters=dict.fromkeys("FGH", 2), recipes=recipes)
    augmentation = replace(
        AUGMENTATION,
        filters=dict.fromkeys("FGH", 2),
        recipes={
            name: replace(recipe, validation_size=20, layers="fc-4 relu", passes=2)
            for name, recipe in AUGMENTATION.recipes.items()
        },
    )
    both = {"small-filters": tiny, "augmentation": augmentation}
    monkeypatch.setattr("cs231n.training.experiments.EXPERIMENTS", both)


def invoke(out, *more, train_size="20", seeds="2", name="small-filters"):
    options = ["--train-size", train_size, "--seeds", seeds, "--epochs", "1", "--workers", "0"]
    arguments = ["experiment", name, "--out", str(out), *options, *more]
    return CliRunner().invoke(main, arguments)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_it_writes_its_files_prints_its_tables_and_overwrites_nothing(tmp_path, monkeypatch):
    result = invoke(tmp_path / "run")
    assert result.exit_code == 0, result.output
    written = contents(tmp_path / "run")
    assert set(written) == {"report.json", "small-filters.png"}
    assert written["small-filters.png"].startswith(b"\x89PNG")
    assert len(written["small-filters.png"]) < 80_000
    report = json.loads(written["report.json"])
    assert table(report) in result.output
    assert {"cs231n", "python", "numpy", "machine", "kernels"} <= set(report["environment"])
    lines = result.output.splitlines()
    assert lines[0] == "shapes: 20 training images, 2000 test images, 2 seeds"
    for line, row in zip(lines[3:9], report["contenders"], strict=True):
        assert line.startswith(row["title"])
        assert f"{row['mean']:.2f} ± {row['standard_error']:.2f}" in line
        assert f"{row['parameters']:,}" in line
        if row["published"] is not None:
            assert line.endswith(f"{row['published']:.1f}")
    for line, claim in zip(lines[11:16], report["claims"], strict=True):
        assert line.startswith(f"{claim['better']} better than {claim['worse']}")
        assert claim["difference"]["verdict"] in line
        if claim["published"] is not None:  # a lower error is a negative difference
            assert f" -{claim['published']:.1f}  " in line
        assert line.endswith(claim["source"])

    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained again"))
    again = invoke(tmp_path / "run")
    assert (again.exit_code, again.output) == (0, result.output)
    refused = invoke(tmp_path / "run", seeds="1")
    assert refused.exit_code == 1
    assert "holds the results of a run with other settings" in refused.output
    assert contents(tmp_path / "run")["report.json"] != b""


def test_one_network_in_many_ways_has_tables_of_its_own(tmp_path):
    result = invoke(tmp_path / "run", seeds="1", name="augmentation")
    assert result.exit_code == 0, result.output
    written = contents(tmp_path / "run")
    assert set(written) == {"report.json", "augmentation.png"}
    assert len(written["augmentation.png"]) < 200_000
    report = json.loads(written["report.json"])
    assert table(report) in result.output
    rows, lines = report["contenders"], result.output.splitlines()
    assert len(rows) == len(AUGMENTATION.contenders)
    assert lines[1].startswith("[conv3-2:bias=no bn relu pool2]*3 fc-4 relu: ")
    assert f": {rows[0]['parameters']:,} parameters, " in lines[1]
    for line, row in zip(lines[4:], rows, strict=False):
        assert line.startswith(row["title"])
        assert f"{row['mean']:.2f}" in line
        assert all(text in line for text in (*row["augmentation"].values(), row["test_time"]))
    start = 4 + len(rows) + 2
    for line, claim in zip(lines[start:], report["claims"], strict=False):
        assert line.startswith(f"{claim['better']} better than {claim['worse']}")


@pytest.mark.parametrize(
    ("more", "message", "code"),
    [
        (["--train-size", "10001"], "train_size 10001 and 20 validation images", 1),
        (["--dataset", "digits"], "'digits' is not one of 'shapes', 'cifar10'", 2),
        (["--seeds", "0"], "0 is not in the range", 2),
        (["--data-dir", "no/such/folder"], "does not exist", 2),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path, more, message, code):
    assert_refused(invoke(tmp_path / "run", *more), message, code)
    assert not (tmp_path / "run").exists() or contents(tmp_path / "run") == {}


def test_a_missing_data_set_is_told_in_one_line(tmp_path):
    result = invoke(tmp_path / "run", "--dataset", "cifar10", "--data-dir", str(tmp_path))
    assert result.exit_code == 1
    assert "cifar-10-batches" in result.output
    assert "Traceback" not in result.output


def test_an_interrupt_says_how_to_go_on(tmp_path, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "run", interrupted)
    result = invoke(tmp_path / "run")
    assert result.exit_code == 1
    assert "Stopped. The same command goes on where it was." in result.output
    assert contents(tmp_path / "run") == {}


def test_one_seed_has_no_verdicts(tmp_path):
    result = invoke(tmp_path / "run", seeds="1")
    assert result.exit_code == 0, result.output
    assert "one seed: no verdict" in result.output
    assert "±" not in result.output
