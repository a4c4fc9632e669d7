"""Data augmentation for image batches (N, C, H, W): transforms ``(X, rng) -> X`` and their chains.

A transform is a frozen dataclass of ranges. ``Compose`` draws all that is random, and then applies
it in as few passes over the images as it can. docs/augmentation.md shows each.
"""

from cs231n.augmentation import presets, views
from cs231n.augmentation.affine import Affine
from cs231n.augmentation.blur import Blur
from cs231n.augmentation.colour import Brightness, Contrast, Grayscale, Saturation
from cs231n.augmentation.crops import Crop, Shift, fixed_crops
from cs231n.augmentation.elastic import Elastic
from cs231n.augmentation.flips import Flip
from cs231n.augmentation.functions import (
    random_affine,
    random_contrast,
    random_crops,
    random_flips,
    random_shifts,
    random_tint,
)
from cs231n.augmentation.gamma import Gamma
from cs231n.augmentation.hsv import HueSaturation
from cs231n.augmentation.lens import Lens
from cs231n.augmentation.mixing import CutMix, MixUp, mixed_targets
from cs231n.augmentation.noise import Cutout, Noise
from cs231n.augmentation.pca import FancyPCA, fit_pca
from cs231n.augmentation.perspective import Perspective
from cs231n.augmentation.pipeline import Augmentation, Compose, OneOf, Sometimes
from cs231n.augmentation.resized_crops import ResizedCrop, ScaledCrop
from cs231n.augmentation.tints import ColourCast, Tint
from cs231n.augmentation.transform import Transform
from cs231n.augmentation.views import googlenet_views, ten_crop, vgg_views
from cs231n.augmentation.vignette import Vignette
from cs231n.augmentation.warps import resized
