"""Draw the pictures of docs/augmentation.md: ``python docs/draw_augmentation.py [FOLDER]``.

Nearly all are what ``cs231n augment`` makes of two photographs that come with scikit-learn.
"""

import sys
from pathlib import Path

import numpy as np
import sklearn.datasets
from click.testing import CliRunner
from PIL import Image

from cs231n import augmentation as aug
from cs231n.augmentation.presets import PRESETS
from cs231n.augmentation.techniques import TECHNIQUES
from cs231n.cli import main
from cs231n.cli.augment import VIEWS
from cs231n.kernels.borders import BORDERS
from cs231n.kernels.resampling import INTERPOLATIONS
from cs231n.visualize import augmentation_grid

PHOTOGRAPHS = Path(sklearn.datasets.__file__).parent / "images"
CHINA, FLOWER = PHOTOGRAPHS / "china.jpg", PHOTOGRAPHS / "flower.jpg"
COLOURS = {"brightness", "contrast", "saturation", "hue", "gamma", "colour-cast", "colour-jitter"}
COLOURS |= {"tint", "fancy-pca", "grayscale", "noise", "blur"}
SIDE, PALETTE = 88, 160
CHAINS = {
    "sometimes": aug.Sometimes(aug.Lens((-0.2, -0.2)), 0.5),
    "one-of": aug.OneOf(aug.Lens((-0.2, -0.2)), aug.HueSaturation(0.3), aug.Cutout(33)),
}


def pictures() -> dict[str, list[object]]:
    """Return what ``cs231n augment`` is asked for, by the picture's name."""
    asked: dict[str, list[object]] = {}
    for name in TECHNIQUES:
        asked[name] = [FLOWER if name in COLOURS else CHINA, "--technique", name]
    for name in ("mixup", "cutmix"):
        asked[name] = [FLOWER, CHINA, "--technique", name, "--seed", 5]
    for border in BORDERS:
        asked[f"border-{border}"] = [CHINA, "--technique", "rotate", "--border", border]
    for how in INTERPOLATIONS:
        asked[how] = [CHINA, "--technique", "resized-crop", "--interpolation", how]
    asked |= {f"preset-{name}": [CHINA, "--preset", name] for name in PRESETS}
    asked["preset-graham_cifar"] += ["--size", 32]
    return asked | {name: [CHINA, "--views", name] for name in VIEWS}


def draw(folder: Path) -> None:
    """Write all pictures into a folder."""
    for name, arguments in pictures().items():
        out = folder / f"{name}.png"
        out.unlink(missing_ok=True)  # the command writes over nothing but its own
        options = ["--size", SIDE, "--colours", PALETTE, *arguments, "--out", out]
        CliRunner().invoke(main, ["augment", *map(str, options)], catch_exceptions=False)
    with Image.open(CHINA) as china:
        left = (china.width - china.height) // 2
        square = china.crop((left, 0, left + china.height, china.height))
        X = np.asarray(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    X = X.transpose(2, 0, 1)[None]  # (H, W, C) -> (1, C, H, W)
    for name, chain in CHAINS.items():
        grid = Image.fromarray(augmentation_grid(X, chain, seed=3)).quantize(PALETTE)
        grid.save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "images/augmentation"))
