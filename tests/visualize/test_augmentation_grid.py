"""The grid of augmented images, and the explorer's controls."""

import builtins
import sys
import types

import numpy as np
import pytest

from cs231n.augmentation import Affine, Brightness, Crop, Flip, Tint
from cs231n.visualize import augmentation_grid, explore
from cs231n.visualize.explorer import controls

X = np.random.default_rng(0).integers(0, 256, (2, 3, 6, 8)).astype(np.uint8)


def test_a_row_is_the_image_and_its_variants():
    grid = augmentation_grid(X, Tint((9, 9)), variants=2, padding=0)
    assert grid.shape == (12, 24, 3)
    np.testing.assert_array_equal(grid[:6, :8], X[0].transpose(1, 2, 0))
    brighter = np.minimum(X[1].astype(int) + 9, 255).transpose(1, 2, 0)
    np.testing.assert_array_equal(grid[6:, 16:], brighter)


def test_crops_are_framed_in_white():
    grid = augmentation_grid(X, Crop((4, 4)), variants=1, padding=0)
    assert grid.shape == (12, 16, 3)
    assert (grid[0, 8:] == 255).all()


def test_floats_end_at_white():
    grid = augmentation_grid(X / 255, Brightness((3, 3)), variants=1, padding=0)
    assert grid[:, 8:].max() == 255


def test_the_seed_decides():
    a, b, c = (augmentation_grid(X, Affine(30), seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


@pytest.mark.parametrize("wrong", [X[0], X.astype(int), X[:, :2]])
def test_only_pictures_are_shown(wrong):
    with pytest.raises((ValueError, TypeError), match="X must"):
        augmentation_grid(wrong, Flip())


def test_without_ipywidgets_the_error_says_what_to_do(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **keywords):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *args, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        explore(X, Flip())


class Widget:
    """As much of a widget as the explorer needs."""

    def __init__(self, *args, **options):
        self.value = options.get("value", args[0] if args else None)
        self.options, self.args, self.watchers = options, args, []

    def observe(self, watcher, names):
        self.watchers.append(watcher)

    def set(self, value):
        self.value = value
        for watcher in self.watchers:
            watcher()


@pytest.fixture
def ipywidgets(monkeypatch):
    names = ("Image", "Label", "IntSlider", "FloatSlider", "FloatRangeSlider", "IntRangeSlider")
    module = types.SimpleNamespace(**dict.fromkeys((*names, "Dropdown"), Widget))
    module.VBox = lambda children: children
    monkeypatch.setitem(sys.modules, "ipywidgets", module)


def test_a_slider_changes_the_picture(ipywidgets):
    *sliders, message, picture = explore(X, Affine(degrees=10), variants=2)
    by_name = {slider.options["description"]: slider for slider in sliders}
    assert list(by_name)[-1] == "seed"
    assert by_name["degrees"].value == (-10, 10)
    assert by_name["scale"].value == (1, 1)
    before = picture.value
    assert before.startswith(b"\x89PNG")
    by_name["degrees"].set((90, 90))
    assert picture.value != before
    assert "degrees=(90, 90)" in message.value
    by_name["degrees"].set((90, -90))
    assert "low <= high" in message.value


def test_controls_are_the_ranges_and_choices():
    assert dict(controls(Brightness(0.25))) == {"reach": (0.75, 1.25)}
    assert dict(controls(Flip())) == {"p": 0.5, "axis": "horizontal"}
    assert dict(controls(Crop((4, 4)))) == {"shape": (4, 4), "pad": 0, "border": "constant"}
