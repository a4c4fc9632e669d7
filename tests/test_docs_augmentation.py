"""The page on augmentation shows everything, and its code runs."""

import re
from pathlib import Path

import numpy as np
import pytest

from cs231n.augmentation import ten_crop
from cs231n.augmentation.presets import PRESETS
from cs231n.augmentation.techniques import TECHNIQUES
from cs231n.cli.augment import VIEWS
from cs231n.kernels.borders import BORDERS
from cs231n.kernels.resampling import INTERPOLATIONS
from cs231n.marginalize import average, softmax

PAGE = Path(__file__).parent.parent / "docs" / "augmentation.md"
pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="the tests run without the repository's docs"
)
NAMES = [*TECHNIQUES, *VIEWS, *INTERPOLATIONS, "sometimes", "one-of"]
NAMES += [f"preset-{name}" for name in PRESETS] + [f"border-{name}" for name in BORDERS]


@pytest.fixture(scope="module")
def text():
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_row_with_its_picture(name, text):
    rows = [line for line in text.splitlines() if f"/{name}.png)" in line]
    assert rows
    assert all(row.startswith("|") for row in rows)
    assert (PAGE.parent / "images" / "augmentation" / f"{name}.png").is_file()


def test_every_picture_has_a_row(text):
    shown = set(re.findall(r"\(images/augmentation/(.+?)\.png\)", text))
    assert {path.stem for path in (PAGE.parent / "images" / "augmentation").glob("*.png")} == shown


def test_the_code_runs(text, capsys):
    class Model:
        def loss(self, X):
            return X.reshape(len(X), -1)[:, :10].astype(float)

    X = np.random.default_rng(0).integers(0, 256, (4, 3, 32, 32)).astype(np.uint8)
    names = {"X": X, "X_train": X, "rng": np.random.default_rng(0), "model": Model()}
    names |= {"average": average, "softmax": softmax}
    names["ten_crop"] = lambda X, shape: ten_crop(np.zeros((2, 3, 256, 256)), shape)
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert len(blocks) == 2
    printed = capsys.readouterr().out
    assert "1. Flip(), Crop(shape=(32, 32), pad=4)" in printed
    assert "3. Contrast(), FancyPCA(" in printed
    assert names["probabilities"].shape == (2, 10)
