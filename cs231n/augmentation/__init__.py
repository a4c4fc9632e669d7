"""Data augmentation for image batches (N, C, H, W): functions ``(X, rng) -> X``."""

from cs231n.augmentation.colour import random_contrast, random_tint
from cs231n.augmentation.crops import fixed_crops, random_crops
from cs231n.augmentation.geometric import random_affine, random_flips, random_shifts
from cs231n.augmentation.pipeline import Augmentation, Compose
