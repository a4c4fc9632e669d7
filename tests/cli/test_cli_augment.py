"""``cs231n augment``: pictures of every technique, preset and set of views."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cs231n.augmentation.presets import PRESETS
from cs231n.augmentation.techniques import TECHNIQUES
from cs231n.cli import main
from cs231n.cli.augment import VIEWS


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["augment", *map(str, arguments)])


CHOICES = [("--technique", name) for name in TECHNIQUES]
CHOICES += [("--preset", name) for name in PRESETS] + [("--views", name) for name in VIEWS]


@pytest.mark.parametrize("choice", CHOICES, ids=" ".join)
def test_every_choice_makes_a_picture(choice, picture, tmp_path):
    out = tmp_path / "grid.png"
    result = run(picture, *choice, "--size", 32, "--variants", 3, "--out", out)
    assert result.exit_code == 0, result.output
    with Image.open(out) as grid:
        assert grid.width > 4 * 32
        assert f"{grid.width} x {grid.height} pixels" in result.output


def test_a_data_set_has_rows(tmp_path):
    out = tmp_path / "grid.png"
    options = ("--dataset", "shapes", "--preset", "airbench", "--rows", 2, "--scale", 2)
    result = run(*options, "--out", out, "--colours", 16)
    assert result.exit_code == 0, result.output
    assert "Flip(), Shift(pixels=2)" in result.output
    with Image.open(out) as grid:
        assert grid.size == (7 * 66 - 2, 2 * 66 - 2)


def test_the_seed_decides(picture, tmp_path):
    grids = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(picture, "--technique", "affine", "--seed", seed, "--out", tmp_path / f"{name}.png")
        grids.append((tmp_path / f"{name}.png").read_bytes())
    assert grids[0] == grids[1] != grids[2]


def test_the_techniques_are_listed_with_their_sources():
    result = run("--list")
    assert result.exit_code == 0
    assert "elastic          Simard, Steinkraus & Platt 2003" in result.output
    assert len(result.output.splitlines()) == len(TECHNIQUES)


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (("--technique", "flip"), "give image files, or --dataset", 2),
        (("--dataset", "shapes"), "give one of --preset, --technique and --views", 2),
        (("--dataset", "shapes", "--preset", "vgg", "--views", "vgg"), "give one of", 2),
        (("--dataset", "shapes", "--preset", "best"), "'best' is not one of", 2),
        (("--dataset", "shapes", "--technique", "flip", "--out", "x.jpg"), "must end in .png", 2),
        (("--dataset", "digits", "--technique", "hue"), "needs images of 3 channels", 1),
    ],
)
def test_wrong_command_lines(arguments, message, code, tmp_path):
    result = run(*arguments, *(() if "--out" in arguments else ("--out", tmp_path / "grid.png")))
    assert result.exit_code == code
    assert message in result.output
    assert not (tmp_path / "grid.png").exists()


def test_what_is_no_picture_is_refused(tmp_path):
    path = tmp_path / "picture.png"
    path.write_text("no picture")
    result = run(path, "--technique", "flip", "--out", tmp_path / "grid.png")
    assert (result.exit_code, "cannot identify image file" in result.output) == (1, True)
