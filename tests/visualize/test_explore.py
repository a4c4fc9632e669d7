"""The explorer: every parameter has a control that starts where the transform is."""

import builtins
import html
import sys
import types

import numpy as np
import pytest

from cs231n import augmentation as aug
from cs231n.augmentation import presets
from cs231n.visualize import explore
from cs231n.visualize.sliders import controls

X = np.random.default_rng(0).integers(0, 256, (2, 3, 32, 32)).astype(np.uint8)


def test_without_ipywidgets_the_error_says_what_to_do(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **keywords):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *args, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        explore(X, aug.Flip())


class Widget:
    """As much of a widget as the explorer needs; a value outside is moved inside, silently."""

    def __init__(self, value=None, min=None, max=None, step=None, readout_format=".2f", **options):
        self.min, self.max, self.watchers = min, max, []
        self.description, self.format = options.get("description"), options.get("format")
        self.options = options.get("options")
        self.value = value
        if isinstance(value, tuple):
            low, high = value
            assert low <= high, "setting lower > upper"
        if min is not None:
            self.value = self.inside(value)
            assert step is None or 0 < step < max - min

    def inside(self, value):
        if isinstance(value, tuple):
            return tuple(min(max(end, self.min), self.max) for end in value)
        return min(max(value, self.min), self.max)

    def observe(self, watcher, names):
        assert names == "value"
        self.watchers.append(watcher)

    def set(self, value):
        self.value = value
        for watcher in self.watchers:
            watcher()


class Whole(Widget):
    """A slider of whole numbers."""

    def __init__(self, **options):
        assert all(isinstance(options[name], int) for name in ("value", "min", "max"))
        super().__init__(**options)


class Box(Widget):
    """What holds the others."""

    def __init__(self, children):
        self.children = tuple(children)


@pytest.fixture
def ipywidgets(monkeypatch):
    names = ("Image", "HTML", "FloatSlider", "FloatRangeSlider", "Dropdown")
    module = types.SimpleNamespace(**dict.fromkeys(names, Widget), IntSlider=Whole, VBox=Box)
    monkeypatch.setitem(sys.modules, "ipywidgets", module)


def explored(transform, **options):
    *widgets, message, picture = explore(X, transform, variants=2, **options).children
    return {widget.description: widget for widget in widgets}, message, picture


def test_a_slider_changes_the_picture(ipywidgets):
    by_name, message, picture = explored(aug.Affine(degrees=10))
    assert list(by_name)[-1] == "seed"
    assert by_name["degrees"].value == (-10, 10)
    assert by_name["scale"].value == (1, 1)
    before = picture.value
    assert before.startswith(b"\x89PNG")
    by_name["degrees"].set((90, 90))
    assert picture.value != before
    assert ">Affine(degrees=(90, 90))<" in message.value
    by_name["degrees"].set((-20.0, 20.0))
    assert ">Affine(degrees=20.0)<" in message.value
    by_name["degrees"].set((90, -90))
    assert "low &lt;= high" in message.value
    seeded = picture.value
    by_name["degrees"].set((-20.0, 20.0))
    by_name["seed"].set(7)
    assert picture.value != seeded


TRANSFORMS = [
    aug.Flip(axis="vertical"),
    aug.Crop((28, 24), pad=2, border="edge"),
    aug.Shift(20),
    aug.ResizedCrop((32, 16)),
    aug.ScaledCrop((28, 28), (28, 64)),
    aug.Affine(),
    aug.Affine(degrees=(0, 360), scale=0.95, zoom=(0.1, 9), shear=2, shift=40),
    aug.Perspective(),
    aug.Lens(k1=(-0.1, 0.55)),
    aug.Elastic(alpha=200, sigma=0.2),
    aug.Brightness((0, 5)),
    aug.Contrast(about=300),
    aug.Contrast((1, 1)),
    aug.Saturation(),
    aug.Grayscale(),
    aug.ColourCast(levels=200),
    aug.Tint(300),
    aug.FancyPCA(sigma=9, white=255),
    aug.HueSaturation(2, 0.3, 0.2),
    aug.Gamma(0.5),
    aug.Vignette(power=20),
    aug.Noise((0, 0.005)),
    aug.Noise((0, 0)),
    aug.Blur((0, 3)),
    aug.Cutout(12, value=99),
    aug.Sometimes(aug.Tint(), 0.25),
    aug.OneOf(aug.Crop((32, 32)), aug.Tint(), weights=(1, 3)),
    aug.Compose(aug.Flip(), aug.Compose(aug.Tint())),
    presets.alexnet(28),
    presets.vgg(28, (28, 60)),
    presets.graham_cifar(),
    presets.cs231n_2015(),
    presets.airbench(cutout=9),
]


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_the_controls_start_at_what_the_transform_says(transform, ipywidgets):
    by_name, message, _ = explored(transform)
    assert html.escape(transform.describe()) in message.value
    for name, widget in by_name.items():
        if name != "seed":
            widget.set(widget.value)  # read from the widget, it is the same still
    assert html.escape(transform.describe()) in message.value


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_the_real_widgets_take_every_transform(transform):
    pytest.importorskip("ipywidgets")
    by_name, message, picture = explored(transform)
    assert html.escape(transform.describe()) in message.value
    before = picture.value
    for widget in by_name.values():
        if hasattr(widget, "max"):
            is_pair = isinstance(widget.value, tuple)
            widget.value = (widget.max, widget.max) if is_pair else widget.max
    assert picture.value != before or "#b00020" in message.value


def test_each_part_of_a_chain_has_its_own(ipywidgets):
    chain = aug.Compose(aug.Sometimes(aug.Tint(), 0.25), aug.OneOf(aug.Blur(), aug.Cutout(3)))
    by_name, message, _ = explored(chain)
    assert [name for name in by_name if "border" not in name] == [
        *("Sometimes p", "Tint reach", "Blur sigma", "Cutout size", "Cutout value", "seed")
    ]
    by_name["Sometimes p"].set(0.75)
    by_name["Cutout size"].set(5)
    expected = "Sometimes(Tint(), p=0.75), OneOf(Blur(), Cutout(size=5))"
    assert f">{expected}<" in message.value


def test_pixels_are_counted_in_the_size_that_the_chain_has_there(ipywidgets):
    chain = aug.Compose(aug.Crop((12, 16)), aug.Cutout(3))
    assert explored(chain)[0]["Cutout size"].max == 12


def test_callables_stay_as_they_are(ipywidgets):
    by_name, message, _ = explored(aug.Compose(aug.random_flips, aug.Tint()))
    assert list(by_name) == ["Tint reach", "seed"]
    assert "random_flips, Tint()" in message.value


def test_controls_are_the_ranges_and_choices():
    assert dict(controls(aug.Brightness(0.25))) == {"reach": (0.75, 1.25)}
    assert dict(controls(aug.Flip())) == {"p": 0.5, "axis": "horizontal"}
    assert dict(controls(aug.Crop((4, 4)))) == {"shape": (4, 4), "pad": 0, "border": "constant"}
    assert dict(controls(aug.Gamma(0.5))) == {"reach": (0.5, 1.5)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X, lambda X, rng: X), "transform must be a Transform, got function"),
        ((X, aug.Flip), "transform must be a Transform, got type"),
        ((X[0], aug.Flip()), "X must have shape"),
        ((X.astype(int), aug.Flip()), "X must be uint8"),
        ((X, aug.Flip(), 0), "variants must lie in"),
        ((X, aug.Flip(), 1, 0), "scale must lie in"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message, ipywidgets):
    with pytest.raises((TypeError, ValueError), match=message):
        explore(*arguments)
