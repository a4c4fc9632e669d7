"""The published face of the augmentations: the global generator, and nothing else of its own."""

import numpy as np
import pytest

from cs231n import augmentation, data_augmentation
from cs231n.data_augmentation import (
    fixed_crops,
    random_contrast,
    random_crops,
    random_flips,
    random_tint,
)

CALLS = {
    "random_flips": (random_flips, ()),
    "random_crops": (random_crops, ((4, 3),)),
    "random_contrast": (random_contrast, ((0.5, 2),)),
    "random_tint": (random_tint, ((-30, 30),)),
}
every_call = pytest.mark.parametrize("name", CALLS)


def images(dtype=np.float64, N=50):
    return np.random.default_rng(0).integers(0, 256, (N, 3, 6, 7)).astype(dtype)


@every_call
def test_the_global_seed_decides(name):
    augment, options = CALLS[name]
    np.random.seed(5)
    first, second = augment(images(), *options), augment(images(), *options)
    np.random.seed(5)
    np.testing.assert_array_equal(augment(images(), *options), first)
    assert not np.array_equal(first, second)


@every_call
def test_it_is_the_function_of_the_package(name):
    augment, options = CALLS[name]
    np.random.seed(5)
    seed = np.random.randint(2**31 - 1, size=4)
    expected = getattr(augmentation, name)(images(), np.random.default_rng(seed), *options)
    np.random.seed(5)
    np.testing.assert_array_equal(augment(images(), *options), expected)


@every_call
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_new_array_of_the_same_dtype(name, dtype):
    augment, options = CALLS[name]
    X = images(dtype)
    before = X.copy()
    out = augment(X, *options)
    assert out.dtype == dtype
    assert not np.shares_memory(out, X)
    np.testing.assert_array_equal(X, before)


def test_fixed_crops_are_the_packages():
    assert fixed_crops is augmentation.fixed_crops
    assert fixed_crops(images(), (4, 4), "center").shape == (50, 3, 4, 4)


def test_keywords_are_the_published_ones():
    X = images()
    np.testing.assert_array_equal(random_contrast(X, scale=(2, 2)), 2 * X)
    np.testing.assert_array_equal(random_tint(X, scale=(2, 2)), X + 2)
    assert random_crops(X, crop_shape=(5, 5)).shape == (50, 3, 5, 5)
    assert fixed_crops(X, crop_shape=(5, 5), crop_type="ul").shape == (50, 3, 5, 5)


def test_a_star_import_brings_the_face_and_numpy_only():
    names = {}
    exec("from cs231n.data_augmentation import *", names)
    assert {*CALLS, "fixed_crops", "np"} <= set(names)
    assert "augmentation" not in names
    assert data_augmentation.random_flips is names["random_flips"]
