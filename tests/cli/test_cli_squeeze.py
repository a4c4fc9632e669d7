"""``cs231n squeeze`` from the outside: files, table, exit codes."""

import json
import sys
from concurrent.futures.process import BrokenProcessPool

import pytest
from click.testing import CliRunner
from refusals import assert_refused

from cs231n.cli import main
from cs231n.cli.squeeze import table
from cs231n.training import pool
from cs231n.training import squeeze as job
from cs231n.training.recipes import RECIPES
from cs231n.training.rungs import RUNGS

TINY = {
    "--dataset": "digits",
    "--train-size": "30",
    "--seeds": "2",
    "--epochs": "1",
    "--workers": "0",
    "--rungs": "baseline,dropout",
}


def invoke(out, **changes):
    """Run the tiny setting, with some of its options changed, or left out by None."""
    given = {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    options = {**TINY, "--out": out and str(out), **given}
    arguments = [text for pair in options.items() if pair[1] is not None for text in pair]
    return CliRunner().invoke(main, ["squeeze", *arguments])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a finished run, and what was printed."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    return folder, invoke(folder)


def test_it_writes_the_three_files_and_prints_the_table(finished):
    folder, result = finished
    assert result.exit_code == 0, result.output
    assert set(contents(folder)) == {"results.json", "ladder.png", "report.html"}
    assert (folder / "ladder.png").read_bytes().startswith(b"\x89PNG")
    assert "+ dropout" in (folder / "report.html").read_text(encoding="utf-8")
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert table(results) in result.output
    assert str(folder / "report.html") in result.output
    assert results["dataset"]["train_size"] == 30
    assert results["seeds"] == [0, 1]
    assert results["settings"]["rungs"] == ["baseline", "dropout"]
    assert results["settings"]["epochs"] == 1
    assert {"cs231n", "python", "numpy", "machine", "kernels"} <= set(results["environment"])


def test_the_table_has_a_line_a_rung(finished):
    lines = finished[1].output.splitlines()
    assert lines[0] == "digits: 30 training images, 797 test images, 2 seeds"
    results = json.loads((finished[0] / "results.json").read_text(encoding="utf-8"))
    for line, rung in zip(lines[3:5], results["rungs"], strict=True):
        assert line.startswith(rung["title"])
        assert f"{rung['mean']:.2f} ± {rung['standard_error']:.2f}" in line
        assert line.endswith(f"{rung['parameters']:,}")
    assert results["rungs"][1]["difference"]["verdict"] in lines[4]


def test_the_same_call_trains_nothing_and_prints_the_same(finished, monkeypatch):
    folder, first = finished
    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained again"))
    second = invoke(folder)
    assert second.exit_code == 0, second.output
    assert second.output == first.output


@pytest.mark.parametrize(
    "change",
    [{"seeds": "1"}, {"epochs": "2"}, {"train_size": "31"}, {"rungs": "baseline"}],
    ids=lambda change: next(iter(change)),
)
def test_results_of_other_settings_are_never_overwritten(finished, change, monkeypatch):
    folder, _ = finished
    before = contents(folder)
    monkeypatch.setattr(pool, "run", lambda *args: pytest.fail("trained"))
    assert_refused(invoke(folder, **change), "holds the results of a run with other settings")
    assert contents(folder) == before


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "{}", '"text"', "\xff"])
def test_a_results_file_that_says_nothing_is_not_overwritten(tmp_path, text):
    path = tmp_path / "results.json"
    path.write_bytes(text.encode("latin-1"))
    assert_refused(invoke(tmp_path), "holds the results of a run with other settings")
    assert contents(tmp_path) == {"results.json": text.encode("latin-1")}


@pytest.mark.parametrize(
    ("change", "message", "code"),
    [
        ({"rungs": "baseline,droput"}, "different names out of baseline, small-filters", 1),
        ({"rungs": "dropout,dropout"}, "got dropout, dropout", 1),
        ({"rungs": ""}, "different names out of", 1),
        ({"train_size": "801"}, "train_size 801 and 200 validation images are more than", 1),
        ({"dataset": "imagenet"}, "'imagenet' is not one of 'digits', 'shapes'", 2),
        ({"seeds": "0"}, "0 is not in the range", 2),
        ({"epochs": "0"}, "0 is not in the range", 2),
        ({"passes": "0"}, "0 is not in the range", 2),
        ({"train_size": "0"}, "0 is not in the range", 2),
        ({"workers": "-1"}, "-1 is not in the range", 2),
        ({"data_dir": "no/such/folder"}, "does not exist", 2),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path, change, message, code):
    assert_refused(invoke(tmp_path / "run", **change), message, code)
    assert not (tmp_path / "run" / "results.json").exists()


def test_flips_of_digits_are_refused_with_the_reason(tmp_path):
    for rungs in ("baseline,flip", "baseline,augmentation,flip"):
        result = invoke(tmp_path / "run", rungs=rungs)
        assert_refused(result, "'flip' is refused on these images")
        for word in ("a flip must not change what an image shows", "a 2 becomes nearly a 5"):
            assert word in result.output
    assert not (tmp_path / "run").exists()


def test_help_tells_what_the_rungs_are_and_which_a_data_set_has():
    text = " ".join(CliRunner().invoke(main, ["squeeze", "--help"]).output.split())
    for rung in RUNGS:
        told = rung.worded(RECIPES["digits"]).description
        assert f" {rung.name} {' '.join(told.split())}" in text
    for name, recipe in RECIPES.items():
        assert all(f" {name} " in text for name in (name, *recipe.ladder[1:2]))


def test_passes_are_averaged_over(tmp_path):
    result = invoke(tmp_path / "run", rungs="dropout,averaging", seeds="1", passes="3")
    assert result.exit_code == 0, result.output
    assert "+ average over 3 passes" in result.output
    results = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    assert results["settings"]["passes"] == 3


def test_spaces_between_rungs_do_not_matter(finished):
    assert invoke(finished[0], rungs=" baseline , dropout").exit_code == 0


def test_a_missing_data_set_is_told_in_one_line(tmp_path):
    result = invoke(tmp_path / "run", dataset="mnist", data_dir=str(tmp_path))
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "train-images-idx3-ubyte" in result.output


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "run").write_text("mine")
    assert_refused(invoke(tmp_path / "run"), "is a file", 2)
    assert (tmp_path / "run").read_text() == "mine"


def test_an_interrupt_says_how_to_go_on(tmp_path, monkeypatch):
    def interrupted_at_the_third(*args, count=iter(range(9))):  # noqa: B008
        if next(count) == 2:
            raise KeyboardInterrupt
        return original(*args)

    original = pool.run
    monkeypatch.setattr(pool, "run", interrupted_at_the_third)
    result = invoke(tmp_path / "run")
    assert result.exit_code == 1
    assert "Stopped. The same command goes on where it was." in result.output
    assert "Traceback" not in result.output
    assert len(list(tmp_path.glob("run/networks/*/*.npz"))) == 2
    assert contents(tmp_path / "run") == {}

    trained = []
    monkeypatch.setattr(pool, "run", lambda *args: trained.append(1) or original(*args))
    assert invoke(tmp_path / "run").exit_code == 0
    assert len(trained) == 2


@pytest.mark.parametrize("error", [OSError("disk full"), BrokenProcessPool("a worker died")])
def test_what_goes_wrong_on_the_way_is_told_in_one_line(tmp_path, monkeypatch, error):
    def fail(*args):
        raise error

    monkeypatch.setattr(job, "run_jobs", fail)
    assert_refused(invoke(tmp_path / "run"), str(error))


def test_the_folder_is_named_after_the_data_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke(None, rungs="baseline", seeds="1")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "squeeze-digits" / "results.json").is_file()
    assert "1 seed\n" in result.output


def test_the_command_is_noted_without_the_path_of_the_program(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/opt/somewhere/cs231n", "squeeze", "--out", "my run"])
    assert invoke(tmp_path, rungs="baseline", seeds="1").exit_code == 0
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["command"] == 'cs231n squeeze --out "my run"'
