"""``cs231n architecture``: the table, JSON, pictures, and what is refused with which exit code."""

import json

import pytest
from click.testing import CliRunner

from cs231n.cli import main
from cs231n.nets import summary, zoo


def run(*arguments):
    return CliRunner().invoke(main, ["architecture", *arguments])


def test_a_description():
    result = run("conv3-64 relu pool2 fc-10", "--input", "1x16x12")
    assert result.exit_code == 0
    assert result.stdout == f"{summary('conv3-64 relu pool2 fc-10', (1, 16, 12))}\n"
    assert run("conv3-4 fc-10").stdout == f"{summary('conv3-4 fc-10', (3, 32, 32))}\n"
    assert run("fc-10", "--input", "20").stdout == f"{summary('fc-10', (20,))}\n"


def test_a_published_net():
    result = run("vgg-d")
    assert result.stdout == f"{summary(zoo('vgg-d'), (3, 224, 224))}\n"
    assert "138,357,544" in result.stdout
    result = run("vgg-d", "--input", "3x32x32", "--classes", "7")
    assert result.stdout == f"{summary(zoo('vgg-d', (3, 32, 32), 7), (3, 32, 32))}\n"


def test_classes_of_a_description():
    assert run("conv3-4 fc", "--classes", "7").stdout.splitlines()[-3].startswith("fc-7 ")


def test_json():
    result = run("conv3-64 fc-10", "--json")
    table = summary("conv3-64 fc-10", (3, 32, 32))
    assert json.loads(result.stdout) == json.loads(json.dumps(table.as_dict()))


def test_pictures(tmp_path):
    plot, view = tmp_path / "plot.png", tmp_path / "view.PNG"
    result = run("conv3-8 pool2 conv3-8", "--plot", str(plot), "--stacked-view", str(view))
    assert result.exit_code == 0, result.output
    for path in (plot, view):
        assert path.read_bytes()[:4] == b"\x89PNG"


def test_nothing_is_overwritten(tmp_path):
    there, new = tmp_path / "there.png", tmp_path / "new.png"
    there.write_bytes(b"mine")
    result = run("conv3-8", "--plot", str(new), "--stacked-view", str(there))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {there} is there already: choose another name, or remove it\n"
    assert there.read_bytes() == b"mine"
    assert not new.exists()
    result = run("conv3-8", "--plot", str(new), "--stacked-view", str(new))
    assert (result.exit_code, new.exists()) == (1, False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["conv3-64 rellu"], "column 10: 'rellu' is no layer; did you mean 'relu'?"),
        (["vgg-f"], "no net has the name 'vgg-f': did you mean vgg-"),
        (["conv9-8:pad=0", "--input", "3x4x4"], "larger than the padded input"),
        (["vgg-d", "--input", "3x8x8"], "vgg-d cannot take input_shape (3, 8, 8)"),
        (["conv3-8", "--input", "3x32"], "expected CxHxW such as 3x32x32"),
        (["conv3-8", "--input", "0x32x32"], "input_shape must lie in [1,"),
        (["conv3-8", "--plot", "out.pdf"], "must end in .png, got 'out.pdf'"),
        (["conv3-8", "--classes", "0"], "0 is not in the range"),
        ([""], "expected at least one layer"),
        ([], "Missing argument 'DESCRIPTION'"),
    ],
)
def test_a_wrong_command_line_is_told_shortly(arguments, message):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) <= 8


def test_a_stack_that_cannot_be_drawn_writes_nothing(tmp_path):
    plot, view = tmp_path / "plot.png", tmp_path / "view.png"
    result = run("vgg-d", "--plot", str(plot), "--stacked-view", str(view))
    assert result.exit_code == 1
    assert "1 to 5" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path):
    result = run("conv3-8", "--plot", str(tmp_path / "none" / "plot.png"))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1
