"""How ``cs231n squeeze`` trains on each data set: one entry a data set.

The numbers were chosen on training images that the runs of the same seed neither trained nor
validated on; the test images chose nothing.
"""

from dataclasses import dataclass
from functools import partial

from cs231n.augmentation import Compose, random_affine, random_flips, random_shifts


@dataclass(frozen=True)
class Recipe:
    """Sizes, network and optimisation for one data set.

    The network is text as :func:`cs231n.nets.parse` reads it, without the layer of the scores.
    """

    layers: str
    train_size: int
    validation_size: int
    seeds: int
    epochs: int
    augmentation: Compose
    batch_size: int = 50
    learning_rate: float = 1e-3
    learning_rate_decay: float = 0.95
    keep_ratio: float = 0.5
    passes: int = 12
    members: int = 4


# A mirrored digit is another sign, and a 6 upside down is a 9: digits are only warped a little.
RECIPES = {
    "digits": Recipe(
        train_size=200,
        validation_size=200,
        seeds=8,
        layers="conv5-16 relu pool2 conv5-32 relu pool2 fc-256 relu",
        epochs=80,
        learning_rate=2e-3,
        learning_rate_decay=0.96,
        batch_size=20,
        augmentation=Compose(partial(random_affine, degrees=10, scale=0.1, shear=0.1, shift=0.7)),
    ),
    "shapes": Recipe(
        train_size=1000,
        validation_size=500,
        seeds=3,
        layers="conv5-16 relu pool2 conv5-32 relu pool2 conv5-64 relu pool2 fc-256 relu",
        epochs=40,
        learning_rate=2e-3,
        keep_ratio=0.7,
        augmentation=Compose(random_flips, partial(random_shifts, pixels=3)),
    ),
    "mnist": Recipe(
        train_size=1000,
        validation_size=1000,
        seeds=3,
        layers="conv5-16 relu pool2 conv5-32 relu pool2 fc-128 relu",
        epochs=40,
        learning_rate=2e-3,
        augmentation=Compose(partial(random_affine, degrees=10, scale=0.1, shear=0.1, shift=2)),
    ),
    "cifar10": Recipe(
        train_size=5000,
        validation_size=1000,
        seeds=2,
        layers="conv5-16 relu pool2 conv5-32 relu pool2 conv5-64 relu pool2 fc-256 relu",
        epochs=30,
        learning_rate=2e-3,
        learning_rate_decay=0.93,
        keep_ratio=0.7,
        augmentation=Compose(random_flips, partial(random_shifts, pixels=3)),
    ),
}
