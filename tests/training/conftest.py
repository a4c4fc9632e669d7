"""A data set and a recipe so small that a network is trained in milliseconds."""

import numpy as np
import pytest

from cs231n.augmentation import Affine, Flip, Shift
from cs231n.data import Dataset
from cs231n.training.recipes import Recipe


@pytest.fixture
def dataset():
    """Three classes of 8x8 images: which third of the rows is bright. Test images are their own."""
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    X = rng.integers(0, 120, (90, 1, 8, 8))
    for image, label in zip(X, y, strict=True):
        image[:, 3 * label : 3 * label + 2] += 110
    X = X.astype(np.uint8)
    return Dataset("toy", X[:60], y[:60], X[60:], y[60:], ("top", "middle", "bottom"))


@pytest.fixture
def recipe():
    return Recipe(
        layers="conv5-2 relu pool2 conv3-2 relu pool2 fc-8 relu",
        train_size=20,
        validation_size=10,
        seeds=2,
        epochs=2,
        techniques={"flip": Flip(), "crop": Shift(1), "affine": Affine(degrees=10)},
        augmentation=("flip", "crop"),
        refuses={"colour": "the images are grey", "pca": "the images are grey"},
        ladder=(
            *("baseline", "small-filters", "1x1", "dropout", "augmentation", "averaging"),
            "ensemble",
        ),
        batch_size=10,
        learning_rate=1e-2,
        passes=3,
        members=2,
    )
