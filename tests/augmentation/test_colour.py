"""Contrast and tint: one number an image, one a channel; bytes do not wrap around."""

import numpy as np
import pytest

from cs231n.augmentation import random_contrast, random_tint


def floats(N=500, C=3, dtype=np.float64):
    return np.random.default_rng(0).uniform(1, 2, (N, C, 2, 3)).astype(dtype)


def test_contrast_is_one_factor_an_image():
    X = floats()
    factors = random_contrast(X, np.random.default_rng(1), (0.5, 3)) / X
    assert np.ptp(factors, axis=(1, 2, 3)).max() < 1e-12
    per_image = factors[:, 0, 0, 0]
    assert len(np.unique(per_image.round(9))) == 500
    assert 0.5 <= per_image.min() < 0.55
    assert 2.95 < per_image.max() <= 3


def test_tint_is_one_offset_an_image_and_channel():
    X = floats()
    offsets = random_tint(X, np.random.default_rng(1), (-4, 6)) - X
    assert np.ptp(offsets, axis=(2, 3)).max() < 1e-12
    per_channel = offsets[:, :, 0, 0]
    assert len(np.unique(per_channel.round(9))) == 1500
    assert -4 <= per_channel.min() < -3.9
    assert 5.9 < per_channel.max() <= 6


def test_ranges_that_are_not_given():
    X = np.ones((2000, 1, 1, 1))
    contrast = random_contrast(X, np.random.default_rng(0))
    tint = random_tint(X, np.random.default_rng(0)) - 1
    assert (contrast.min(), contrast.max()) == (
        pytest.approx(0.8, abs=0.005),
        pytest.approx(1.2, abs=0.005),
    )
    assert (tint.min(), tint.max()) == (
        pytest.approx(-10, abs=0.1),
        pytest.approx(10, abs=0.1),
    )


def test_bytes_end_at_their_limits_and_are_rounded():
    X = np.array([0, 3, 100, 200, 255], np.uint8).reshape(1, 1, 1, 5)
    rng = np.random.default_rng(0)
    assert random_contrast(X, rng, (1.5, 1.5)).ravel().tolist() == [0, 5, 150, 255, 255]
    assert random_contrast(X, rng, (0.15, 0.15)).ravel().tolist() == [0, 0, 15, 30, 38]
    assert random_tint(X, rng, (99.7, 99.7)).ravel().tolist() == [100, 103, 200, 255, 255]
    assert random_tint(X, rng, (-99.7, -99.7)).ravel().tolist() == [0, 0, 0, 100, 155]


@pytest.mark.parametrize("augment", [random_contrast, random_tint])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float16, np.float32, np.float64])
def test_the_dtype_is_kept_and_the_input_is_not_changed(augment, dtype):
    X = floats(4, dtype=dtype)
    before = X.copy()
    assert augment(X, np.random.default_rng(0)).dtype == dtype
    np.testing.assert_array_equal(X, before)
    assert augment(X[:0], np.random.default_rng(0)).shape == (0, 3, 2, 3)


@pytest.mark.parametrize("augment", [random_contrast, random_tint])
@pytest.mark.parametrize("scale", [(2, 1), (0, float("nan")), (0, float("inf")), 3, (1, 2, 3)])
def test_wrong_ranges_are_refused(augment, scale):
    with pytest.raises(ValueError, match=r"scale must be \(low, high\) with .*, got"):
        augment(floats(1), np.random.default_rng(0), scale)


@pytest.mark.parametrize("augment", [random_contrast, random_tint])
def test_wrong_images_are_refused(augment):
    with pytest.raises(ValueError, match="X must have shape"):
        augment(np.zeros((3, 4, 5)), np.random.default_rng(0))
    with pytest.raises(TypeError, match="X must hold integers or real numbers"):
        augment(np.zeros((1, 3, 4, 5), complex), np.random.default_rng(0))
