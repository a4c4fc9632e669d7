"""How ``cs231n squeeze`` trains on each data set: one entry a data set.

The numbers were chosen on training images that the runs of the same seed neither trained nor
validated on; the test images chose nothing.
"""

from dataclasses import dataclass, field

from cs231n.augmentation import (
    Affine,
    Brightness,
    Compose,
    Contrast,
    Flip,
    Saturation,
    Shift,
    fit_pca,
)
from cs231n.training.pipelines import (
    Pipeline,
    Technique,
    check_techniques,
    describe_technique,
    pipeline_of,
)
from cs231n.validation import Array

# What a digit shows depends on its sides, and a grey image has no colours.
GREY = "the images are grey: with one channel there is no colour to change"
GREY_DIGITS = {
    "flip": "a flip must not change what an image shows, and a mirrored digit is another sign: "
    "a 2 becomes nearly a 5, a 3 an E, and a 6 upside down is a 9",
    "colour": GREY,
    "pca": GREY,
}
PHOTOGRAPHS: dict[str, Technique] = {
    "flip": Flip(),
    "crop": Shift(3),
    "colour": Compose(Brightness(0.2), Contrast(0.2), Saturation(0.2)),
    "pca": fit_pca,
    "affine": Affine(degrees=10, scale=0.1, shear=0.1, border="reflect"),
}
SHORT = (
    *("baseline", "small-filters", "1x1", "dropout", "augmentation", "weight-averaging"),
    *("averaging", "ensemble"),
)
STEP_BY_STEP = (
    *("baseline", "small-filters", "1x1", "dropout", "flip", "crop", "multi-crop", "colour", "pca"),
    *("affine", "weight-averaging", "averaging", "ensemble"),
)


@dataclass(frozen=True)
class Recipe:
    """Sizes, network, optimisation and augmentation for one data set.

    Attributes
    ----------
    layers : str
        As :func:`cs231n.nets.parse` reads it, without the layer of the scores.
    train_size, validation_size, seeds, epochs : int
    techniques : dict
        What each technique of augmentation is here, by name.
    augmentation : tuple of str
        The techniques that are used where augmentation is one rung.
    refuses : dict
        Techniques that are wrong here, each with the reason.
    ladder : tuple of str
        The rungs by default.
    averaged_epochs : float
        About how many epochs a running average of weights reaches back.
    view_shift : int
        Pixels between the views that multi-crop averages over.
    passes, members : int
        How many noisy passes, and networks of an ensemble, are averaged over.
    """

    layers: str
    train_size: int
    validation_size: int
    seeds: int
    epochs: int
    techniques: dict[str, Technique] = field(default_factory=dict)
    augmentation: tuple[str, ...] = ()
    refuses: dict[str, str] = field(default_factory=dict)
    ladder: tuple[str, ...] = SHORT
    batch_size: int = 50
    learning_rate: float = 1e-3
    learning_rate_decay: float = 0.95
    keep_ratio: float = 0.5
    averaged_epochs: float = 2.0
    view_shift: int = 1
    passes: int = 12
    members: int = 4

    def check(self, names: tuple[str, ...]) -> None:
        """Refuse techniques that are wrong here, or that nobody knows."""
        check_techniques(names, self.techniques, self.refuses)

    def pipeline(self, names: tuple[str, ...], X_train: Array) -> Pipeline:
        """Return these techniques as one chain."""
        self.check(names)
        return pipeline_of(names, self.techniques, X_train)

    def described(self) -> dict[str, str]:
        """Return the techniques in words."""
        return {name: describe_technique(one) for name, one in self.techniques.items()}


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
        techniques={
            "affine": Affine(degrees=10, scale=0.1, shear=0.1, shift=0.7),
            "crop": Shift(1, border="constant"),
        },
        augmentation=("affine",),
        refuses=GREY_DIGITS,
    ),
    "shapes": Recipe(
        train_size=1000,
        validation_size=500,
        seeds=3,
        layers="conv5-16 relu pool2 conv5-32 relu pool2 conv5-64 relu pool2 fc-256 relu",
        epochs=40,
        learning_rate=2e-3,
        keep_ratio=0.7,
        techniques=PHOTOGRAPHS,
        augmentation=("flip", "crop"),
        ladder=STEP_BY_STEP,
    ),
    "mnist": Recipe(
        train_size=1000,
        validation_size=1000,
        seeds=3,
        layers="conv5-16 relu pool2 conv5-32 relu pool2 fc-128 relu",
        epochs=40,
        learning_rate=2e-3,
        techniques={
            "affine": Affine(degrees=10, scale=0.1, shear=0.1, shift=2),
            "crop": Shift(2, border="constant"),
        },
        augmentation=("affine",),
        refuses=GREY_DIGITS,
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
        techniques=PHOTOGRAPHS,
        augmentation=("flip", "crop"),
        ladder=STEP_BY_STEP,
    ),
}
