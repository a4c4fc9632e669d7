"""``cs231n experiment fractional-pooling`` from the outside."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from refusals import assert_refused

from cs231n.cli import main
from cs231n.cli.fractional_pooling import table
from cs231n.training.experiments import fractional_pooling as module
from cs231n.visualize import plot_modes


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    small = replace(module.FRACTIONAL_POOLING["digits"], filters=2, batch_size=100)
    monkeypatch.setitem(module.FRACTIONAL_POOLING, "digits", small)


def invoke(out, *more):
    options = ["--epochs", "2", "--passes", "2", "--workers", "0", "--out", str(out)]
    return CliRunner().invoke(main, ["experiment", "fractional-pooling", *options, *more])


def test_it_writes_its_files_prints_its_table_and_overwrites_nothing(tmp_path, monkeypatch):
    result = invoke(tmp_path / "run")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert table(report) in result.output
    png = (tmp_path / "run" / "fractional-pooling.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert len(png) < 200_000
    lines = result.output.splitlines()
    assert lines[0] == "digits: 1000 training images, 797 test images, 2 epochs"
    assert lines[3].split() == ["passes", "PO", "RO", "PD", "RD"]
    assert lines[6].startswith("2 less 1")
    assert "paper" not in result.output  # whose images are MNIST's

    monkeypatch.setattr(module, "_train", lambda *args: pytest.fail("trained again"))
    assert invoke(tmp_path / "run").output == result.output
    refused = invoke(tmp_path / "run", "--seed", "1")
    assert refused.exit_code == 1
    assert "holds the results of a run with other settings" in refused.output


def test_the_figure_shows_every_mode_and_for_mnist_what_was_published(tmp_path):
    assert invoke(tmp_path).exit_code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    epochs, passes = plot_modes(report).axes
    drawn = [list(line.get_ydata()) for line in epochs.lines]
    assert drawn == [mode["epoch_errors"] for mode in report["modes"]]
    crosses = [line for line in passes.lines if line.get_marker() in ("x", "+")]
    assert crosses == []
    report["dataset"]["name"] = "mnist"
    passes = plot_modes(report).axes[1]
    crosses = [list(line.get_ydata()) for line in passes.lines if line.get_marker() in ("x", "+")]
    assert crosses == [mode["published"] for mode in report["modes"]]
    assert "paper, 12" in table(report)
    with pytest.raises(ValueError, match="'modes'"):
        plot_modes({})


def test_an_interrupt_says_how_to_go_on(tmp_path, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_train", interrupted)
    result = invoke(tmp_path)
    assert result.exit_code == 1
    assert "Stopped. The same command goes on where it was." in result.output


@pytest.mark.parametrize(
    ("more", "message", "code"),
    [
        (["--dataset", "cifar10"], "'cifar10' is not one of 'digits', 'mnist'", 2),
        (["--passes", "0"], "0 is not in the range", 2),
        (["--seeds", "2"], "No such option", 2),
        (["--data-dir", "nowhere", "--dataset", "mnist"], "does not exist", 2),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path, more, message, code):
    assert_refused(invoke(tmp_path / "run", *more), message, code)
    assert not (tmp_path / "run" / "report.json").exists()
