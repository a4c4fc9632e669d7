"""The techniques by name: an example of each, and where it comes from."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cs231n.augmentation.affine import Affine
from cs231n.augmentation.blur import Blur
from cs231n.augmentation.colour import Brightness, Contrast, Grayscale, Saturation
from cs231n.augmentation.crops import Crop
from cs231n.augmentation.elastic import Elastic
from cs231n.augmentation.flips import Flip
from cs231n.augmentation.gamma import Gamma
from cs231n.augmentation.hsv import HueSaturation
from cs231n.augmentation.images import Shape
from cs231n.augmentation.lens import Lens
from cs231n.augmentation.mixing import CutMix, MixUp
from cs231n.augmentation.noise import Cutout, Noise
from cs231n.augmentation.pca import FancyPCA
from cs231n.augmentation.perspective import Perspective
from cs231n.augmentation.pipeline import Augmentation, Compose
from cs231n.augmentation.resized_crops import ResizedCrop, ScaledCrop
from cs231n.augmentation.tints import ColourCast, Tint
from cs231n.augmentation.vignette import Vignette
from cs231n.validation import Array

KRIZHEVSKY = "Krizhevsky, Sutskever & Hinton 2012"
DEEP_IMAGE = "Wu et al. 2015"
HOWARD = "Howard 2013"


@dataclass(frozen=True)
class Technique:
    """A technique.

    `make` takes the images' shape (C, H, W), because some ranges count pixels; the ranges are those
    of the pictures in docs/augmentation.md.
    """

    name: str
    source: str
    make: Callable[[Shape], Augmentation]


def _mixing(mixing: MixUp | CutMix) -> Augmentation:
    def mix(X: Array, rng: np.random.Generator) -> Array:
        if len(X) < 2:
            raise ValueError(f"mixing needs at least two images, got {len(X)}")
        return mixing.apply(X, mixing.draw(len(X), X.shape[1:], rng))

    return mix


def _elastic(side: int) -> Elastic:
    """Move pixels by 1/40 of the side, in the root mean square."""
    sigma = max(0.05 * side, 2.0)
    # U(-1, 1) has variance 1/3, of which a Gaussian keeps 1 / (4 pi sigma^2).
    alpha = round(side / 40 * sigma * math.sqrt(12 * math.pi), 1)
    return Elastic(alpha, sigma, border="reflect")


def _crop(share: float, shape: Shape) -> tuple[int, int]:
    return max(int(share * shape[1]), 1), max(int(share * shape[2]), 1)


_ALL = [
    Technique("flip", KRIZHEVSKY, lambda s: Flip()),
    Technique("vertical-flip", "Dieleman, Willett & Dambre 2015", lambda s: Flip(axis="vertical")),
    Technique("crop", KRIZHEVSKY, lambda s: Crop(_crop(0.875, s))),
    Technique(
        "padded-crop",
        "Lin, Chen & Yan 2013",
        lambda s: Crop((s[1], s[2]), pad=max(min(s[1:]) // 8, 1)),
    ),
    Technique("resized-crop", "Szegedy et al. 2015", lambda s: ResizedCrop((s[1], s[2]))),
    Technique(
        "scale",
        "Simonyan & Zisserman 2014",
        lambda s: ScaledCrop(_crop(0.6, s), (max(_crop(0.6, s)), 1.5 * max(s[1:]))),
    ),
    Technique("translate", "LeCun et al. 1998", lambda s: Affine(shift=0.15 * min(s[1:]))),
    Technique("rotate", HOWARD, lambda s: Affine(degrees=30)),
    Technique("stretch", "Graham 2014", lambda s: Affine(scale=0.3)),
    Technique("shear", "Graham 2014", lambda s: Affine(shear=0.4, shear_columns=0.1)),
    Technique(
        "affine",
        "Dieleman, Willett & Dambre 2015",
        lambda s: Affine(
            degrees=180, zoom=(1 / 1.3, 1.3), shear=0.3, shift=0.05 * min(s[1:]), border="reflect"
        ),
    ),
    Technique("perspective", "Hartley & Zisserman 2004", lambda s: Perspective(0.2)),
    Technique("barrel", DEEP_IMAGE, lambda s: Lens((-0.24, -0.12))),
    Technique("pincushion", DEEP_IMAGE, lambda s: Lens((0.2, 0.5))),
    Technique(
        "elastic",
        "Simard, Steinkraus & Platt 2003",
        lambda s: _elastic(min(s[1:])),
    ),
    Technique("brightness", HOWARD, lambda s: Brightness(0.5)),
    Technique("contrast", HOWARD, lambda s: Contrast(0.5)),
    Technique("saturation", HOWARD, lambda s: Saturation((0.0, 2.0))),
    Technique("hue", "Dosovitskiy et al. 2014", lambda s: HueSaturation(hue=0.25)),
    Technique("gamma", "Dosovitskiy et al. 2014", lambda s: Gamma((0.4, 2.5))),
    Technique("colour-cast", DEEP_IMAGE, lambda s: ColourCast(levels=50)),
    Technique("tint", "CS231n 2015, assignment 3", lambda s: Tint(30)),
    Technique("vignette", DEEP_IMAGE, lambda s: Vignette((0.4, 1.0))),
    Technique("fancy-pca", KRIZHEVSKY, lambda s: FancyPCA(sigma=0.5)),
    Technique("grayscale", HOWARD, lambda s: Grayscale()),
    Technique("noise", "Bishop 1995", lambda s: Noise((0.02, 0.15))),
    Technique("blur", "Dosovitskiy et al. 2014", lambda s: Blur((0.5, 0.02 * min(s[1:]) + 0.5))),
    Technique("cutout", "DeVries & Taylor 2017", lambda s: Cutout(max(min(s[1:]) * 3 // 8, 1))),
    Technique("mixup", "Zhang et al. 2018", lambda s: _mixing(MixUp(1.0))),
    Technique("cutmix", "Yun et al. 2019", lambda s: _mixing(CutMix())),
    Technique(
        "colour-jitter",
        HOWARD,
        lambda s: Compose(Brightness(0.4), Contrast(0.4), Saturation(0.4)),
    ),
]
TECHNIQUES = {technique.name: technique for technique in _ALL}
