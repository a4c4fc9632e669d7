"""The power of small filters: 7x7 against three times 3x3, and VGG's B, C and D scaled down.

Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014,
https://arxiv.org/abs/1409.1556
"""

from dataclasses import replace

from cs231n.augmentation import Flip, Shift
from cs231n.training.experiments.claims import Claim, Contender, Experiment
from cs231n.training.recipes import Recipe

LECTURE = "CS231n, lecture 10"
VGG = "VGG, top-1 at 256 pixels"
ENDING = "fc-128 relu"  # one hidden layer for VGG's two, and no dropout: training is short

_NETWORKS = (
    Contender(
        "7x7",
        "one 7x7 a stage",
        "conv7-F relu pool2 conv7-G relu pool2 conv7-H relu pool2",
    ),
    Contender(
        "3x3x3",
        "three 3x3 a stage",
        "[conv3-F relu]*3 pool2 [conv3-G relu]*3 pool2 [conv3-H relu]*3 pool2",
    ),
    Contender(
        "5x5",
        "B, a 5x5 for each pair",
        "conv5-F relu pool2 conv5-G relu pool2 conv5-H relu pool2",
    ),
    Contender(
        "B",
        "B: two 3x3 a stage",
        "[conv3-F relu]*2 pool2 [conv3-G relu]*2 pool2 [conv3-H relu]*2 pool2",
        28.7,
    ),
    Contender(
        "C",
        "C: B and a 1x1",
        "[conv3-F relu]*2 pool2 [conv3-G relu]*2 conv1-G relu pool2 "
        "[conv3-H relu]*2 conv1-H relu pool2",
        28.1,
    ),
    Contender(
        "D",
        "D: B and a 3x3",
        "[conv3-F relu]*2 pool2 [conv3-G relu]*3 pool2 [conv3-H relu]*3 pool2",
        27.0,
    ),
)
CONTENDERS = tuple(replace(one, augmentation=("flip", "crop")) for one in _NETWORKS)
CLAIMS = (
    Claim("3x3x3", "7x7", LECTURE),
    Claim("B", "5x5", "VGG, section 4.1", 7.0),
    Claim("C", "B", VGG, 0.6),
    Claim("D", "C", VGG, 1.1),
    Claim("D", "B", VGG, 1.7),
)
RECIPE = Recipe(
    layers=ENDING,
    train_size=10_000,
    validation_size=2_000,
    seeds=5,
    epochs=10,
    learning_rate=2e-3,
    learning_rate_decay=0.7,
    techniques={"flip": Flip(), "crop": Shift(3)},
)
SMALL_FILTERS = Experiment(
    name="small-filters",
    title="The power of small filters",
    source="https://arxiv.org/abs/1409.1556, table 3",
    contenders=CONTENDERS,
    claims=CLAIMS,
    filters={"F": 16, "G": 32, "H": 64},
    recipes={
        # Small batches, because fewer images make fewer steps.
        "shapes": replace(
            RECIPE,
            train_size=2_000,
            validation_size=1_000,
            batch_size=20,
            learning_rate_decay=0.75,
        ),
        "cifar10": RECIPE,
    },
)
