"""The grid of augmented images."""

import numpy as np
import pytest

from cs231n.augmentation import Affine, Brightness, Crop, Flip, Tint
from cs231n.visualize import augmentation_grid

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
