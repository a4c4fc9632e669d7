"""``cs231n augment``: pictures of every technique, preset and set of views."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from refusals import assert_refused

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
    result = run(picture, picture, *choice, "--size", 32, "--variants", 3, "--out", out)
    assert result.exit_code == 0, result.output
    with Image.open(out) as grid:
        assert grid.width > 4 * 32
        assert f"{grid.width} x {grid.height} pixels" in result.output


@pytest.mark.parametrize(
    ("options", "message", "code"),
    [
        (("--technique", "mixup"), "needs at least two images", 1),
        (("--technique", "cutmix"), "needs at least two images", 1),
        (("--views", "vgg", "--border", "edge"), "are for --technique, not for --views", 2),
        (("--views", "vgg", "--interpolation", "nearest"), "are for --technique, not for", 2),
    ],
)
def test_what_would_change_nothing_is_refused(options, message, code, picture, tmp_path):
    assert_refused(run(picture, *options, "--out", tmp_path / "grid.png"), message, code)
    assert not (tmp_path / "grid.png").exists()


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


def test_borders_and_interpolations_can_be_chosen(picture, tmp_path):
    seen = set()
    choices = [(), ("--border", "reflect"), ("--interpolation", "nearest")]
    for options in choices:
        out = tmp_path / "grid.png"
        result = run(picture, "--technique", "rotate", "--size", 32, *options, "--out", out)
        assert (options[1] if options else "Affine(") in result.output
        seen.add(out.read_bytes())
    assert len(seen) == len(choices)


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
        (("--dataset", "shapes", "--technique", "hue", "--border", "edge"), "--border is for", 1),
        (("--dataset", "shapes", "--preset", "vgg", "--border", "edge"), "--border is for", 1),
        (
            ("--dataset", "shapes", "--technique", "flip", "--out", "nowhere/grid.png"),
            "must lie in a folder that exists, got nowhere/grid.png",
            2,
        ),
    ],
)
def test_wrong_command_lines(arguments, message, code, tmp_path):
    result = run(*arguments, *(() if "--out" in arguments else ("--out", tmp_path / "grid.png")))
    assert result.exit_code == code
    assert message in result.output
    assert not (tmp_path / "grid.png").exists()


RED, GREEN = (200, 0, 0), (0, 200, 0)


def first_image(path, tmp_path, size=16):
    out = tmp_path / f"{path.stem}-grid.png"
    result = run(path, "--technique", "flip", "--size", size, "--variants", 1, "--out", out)
    assert result.exit_code == 0, result.output
    with Image.open(out) as grid:
        return np.asarray(grid)[:, :size]


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "CMYK", "1"])
def test_pictures_of_every_mode_are_shown(mode, tmp_path):
    path = tmp_path / ("picture.jpg" if mode == "CMYK" else "picture.png")
    Image.new("RGB", (24, 20), "white").convert(mode).save(path)
    assert first_image(path, tmp_path).min() >= 254


def test_what_can_be_seen_through_lies_on_white(tmp_path):
    path = tmp_path / "picture.png"
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:, 8:] = (*RED, 255)
    Image.fromarray(pixels).save(path)
    shown = first_image(path, tmp_path)
    assert (shown[:, 0] == 255).all()
    assert (shown[:, -1] == RED).all()


@pytest.mark.parametrize("level", [0, 100, 255])
def test_sixteen_bits_are_brought_to_eight(level, tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(np.full((16, 16), level * 257, np.uint16)).save(path)
    assert (first_image(path, tmp_path) == level).all()


def test_a_photograph_is_shown_upright(tmp_path):
    path = tmp_path / "picture.jpg"
    lying = Image.new("RGB", (32, 32), GREEN)
    lying.paste(RED, (0, 0, 16, 32))  # the left, which is the top once turned to the right
    exif = Image.Exif()
    exif[0x0112] = 6
    lying.save(path, exif=exif, quality=95)
    shown = first_image(path, tmp_path)
    assert (shown[2, :, 0] > 150).all()
    assert (shown[-2, :, 1] > 150).all()


def test_a_file_of_the_users_is_never_written_over(picture, tmp_path):
    out = tmp_path / "grid.png"
    options = ("--technique", "flip", "--size", 16, "--out")
    for mine in (picture, tmp_path / "note.png"):
        mine.touch()
        before = mine.read_bytes()
        result = run(picture, *options, mine)
        assert (result.exit_code, "is no picture of this command" in result.output) == (2, True)
        assert mine.read_bytes() == before
    for _ in range(2):  # what the command wrote, it writes over
        assert run(picture, *options, out).exit_code == 0
    assert run(picture, *options, out, "--colours", 8).exit_code == 0
    assert run(picture, *options, out).exit_code == 0


@pytest.mark.parametrize("side", [8, 28, 32, 45, 64])
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_fit_images_of_any_size(preset, side, picture, tmp_path):
    out = tmp_path / "grid.png"
    result = run(picture, "--preset", preset, "--size", side, "--variants", 1, "--out", out)
    assert result.exit_code == 0, result.output
    with Image.open(out) as grid:
        largest = side + 2 * round(side * 31 / 32) if preset == "graham_cifar" else side
        assert grid.height == largest


@pytest.mark.parametrize("kind", ["text", "half", "broken", "deep"])
def test_what_cannot_be_read_is_refused_by_name(kind, picture, tmp_path):
    path = tmp_path / "wrong.png"
    whole = picture.read_bytes()
    at = whole.index(b"IDAT") + 20
    path.write_bytes(
        {
            "text": b"no picture",
            "half": whole[: len(whole) // 2],
            "broken": whole[:at] + bytes(8) + whole[at + 8 :],
            "deep": whole,
        }[kind]
    )
    if kind == "deep":
        path = tmp_path / "wrong.tif"
        Image.fromarray(np.zeros((8, 8), np.float32)).save(path)
    result = run(path, "--technique", "flip", "--out", tmp_path / "grid.png")
    assert result.exit_code == 1, result.output
    assert f"Error: {path}: " in result.output
    assert not (tmp_path / "grid.png").exists()


def test_a_picture_too_large_to_be_true_is_refused(picture, tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    result = run(picture, "--technique", "flip", "--out", tmp_path / "grid.png")
    assert (result.exit_code, "exceeds limit" in result.output) == (1, True)
