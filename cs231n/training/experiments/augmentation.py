"""Data augmentation, one technique at a time: what each does to one small network's error.

How strong each technique is was settled beforehand, by its paper where that speaks of small images.
Howard's colour changes of 0.5 made so small a network worse on validation images; 0.2 are CS231n's
own of 2015. No test image had a part in it.
"""

import math

from cs231n.augmentation import (
    Affine,
    Blur,
    Brightness,
    ColourCast,
    Compose,
    Contrast,
    CutMix,
    Cutout,
    Elastic,
    Flip,
    Gamma,
    Grayscale,
    HueSaturation,
    Lens,
    MixUp,
    Noise,
    Perspective,
    ResizedCrop,
    Saturation,
    Shift,
    Tint,
    Vignette,
    fit_pca,
)
from cs231n.training.experiments.claims import Claim, Contender, Experiment
from cs231n.training.pipelines import Technique
from cs231n.training.recipes import Recipe

KRIZHEVSKY = "Krizhevsky, Sutskever & Hinton 2012"
DEEP_IMAGE = "Wu et al. 2015"
HOWARD = "Howard 2013"
EXEMPLAR = "Dosovitskiy et al. 2014"
LECTURE = "CS231n, lecture 11"
TURN = round(math.degrees(0.2), 2)  # Graham's 0.2 radians
GREY = 120  # about the mean of photographs, in the place of what is cut out

# name: what it is, its title, who had it
TECHNIQUES: dict[str, tuple[Technique, str, str]] = {
    "flip": (Flip(), "flip", KRIZHEVSKY),
    "crop": (Shift(4), "crop with padding", "Lin, Chen & Yan 2013"),
    "resized-crop": (ResizedCrop((32, 32), area=(0.5, 1.0)), "resized crop", "Szegedy et al. 2015"),
    "rotation": (Affine(degrees=TURN, border="reflect"), "rotation", "Graham 2014"),
    "stretching": (Affine(scale=0.2, border="reflect"), "stretching", "Graham 2014"),
    "shearing": (Affine(shear=0.2, border="reflect"), "shearing", "Graham 2014"),
    "affine": (
        Affine(degrees=TURN, scale=0.2, shear=0.2, border="reflect"),
        "all three in one",
        "Graham 2014",
    ),
    "perspective": (Perspective(0.1, border="reflect"), "perspective", "Hartley & Zisserman 2004"),
    "lens": (Lens(0.2, border="reflect"), "lens", DEEP_IMAGE),
    "elastic": (Elastic(border="reflect"), "elastic", "Simard, Steinkraus & Platt 2003"),
    "colour": (
        Compose(Brightness(0.2), Contrast(0.2), Saturation(0.2)),
        "colour jitter",
        HOWARD,
    ),
    "hue": (HueSaturation(hue=0.1), "hue", EXEMPLAR),
    "gamma": (Gamma((0.5, 2.0)), "gamma", EXEMPLAR),
    "colour-cast": (ColourCast(20), "colour cast", DEEP_IMAGE),
    "tint": (Tint(10), "tint", "CS231n 2015, assignment 3"),
    "vignette": (Vignette(), "vignette", DEEP_IMAGE),
    "pca": (fit_pca, "fancy PCA", KRIZHEVSKY),
    "grayscale": (Grayscale(0.2), "grayscale", HOWARD),
    "noise": (Noise((0.0, 0.05)), "noise", "Bishop 1995"),
    "blur": (Blur((0.1, 1.0)), "blur", EXEMPLAR),
    "cutout": (Cutout(16, GREY), "cutout", "DeVries & Taylor 2017"),
    "mixup": (MixUp(1.0), "mixup", "Zhang et al. 2018"),
    "cutmix": (CutMix(1.0), "CutMix", "Yun et al. 2019"),
}
NETWORK = "conv3-F relu pool2 conv3-G relu pool2 conv3-H relu pool2"
TOGETHER = ("flip", "crop", "colour")

CONTENDERS = (
    Contender("none", "no augmentation", NETWORK),
    *(
        Contender(name, title, NETWORK, augmentation=(name,))
        for name, (_, title, _) in TECHNIQUES.items()
    ),
    Contender("together", "flip, crop, colour", NETWORK, augmentation=TOGETHER),
    Contender(
        "multi-crop", "crop, 6 views", NETWORK,
        augmentation=("crop",), multi_crop=True,
    ),
    Contender(
        "averaging", "the three, 12 passes", NETWORK,
        augmentation=TOGETHER, average=True,
    ),
)  # fmt: skip
CLAIMS = (
    # The paper's gain is "over 1 %", on ImageNet.
    *(
        Claim(name, "none", source, 1.0 if name == "pca" else None)
        for name, (_, _, source) in TECHNIQUES.items()
    ),
    Claim("together", "none", LECTURE),
    Claim("multi-crop", "crop", f"{KRIZHEVSKY}, 10 crops", 1.5),
    Claim("averaging", "together", "Graham 2014"),
)


def _recipe(train_size: int, validation_size: int, batch_size: int) -> Recipe:
    return Recipe(
        layers="fc-64 relu",
        train_size=train_size,
        validation_size=validation_size,
        seeds=3,
        epochs=30,
        batch_size=batch_size,
        learning_rate=2e-3,
        learning_rate_decay=0.9,
        techniques={name: technique for name, (technique, _, _) in TECHNIQUES.items()},
        view_shift=2,
    )


AUGMENTATION = Experiment(
    name="augmentation",
    title="Data augmentation, one technique at a time",
    source="the papers named by the claims",
    contenders=CONTENDERS,
    claims=CLAIMS,
    filters={"F": 16, "G": 32, "H": 64},
    recipes={
        # Small batches, because fewer images make fewer steps.
        "shapes": _recipe(1_000, 500, batch_size=20),
        "cifar10": _recipe(5_000, 1_000, batch_size=50),
    },
)
