"""Crops, against slices."""

import numpy as np
import pytest

from cs231n.augmentation import fixed_crops, random_crops

X = np.arange(40 * 2 * 5 * 6).reshape(40, 2, 5, 6)


def windows(image, HH, WW):
    return {
        (i, j): image[:, i : i + HH, j : j + WW]
        for i in range(image.shape[1] - HH + 1)
        for j in range(image.shape[2] - WW + 1)
    }


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_every_crop_is_a_window_and_all_of_them_come_up(dtype):
    images = np.tile(X.astype(dtype), (20, 1, 1, 1))
    out = random_crops(images, np.random.default_rng(0), (3, 5))
    assert (out.shape, out.dtype) == ((800, 2, 3, 5), dtype)
    counts = dict.fromkeys(windows(images[0], 3, 5), 0)
    for image, crop in zip(images, out, strict=True):
        found = [k for k, w in windows(image, 3, 5).items() if np.array_equal(w, crop)]
        assert len(found) == 1
        counts[found[0]] += 1
    assert len(counts) == 6
    assert min(counts.values()) > 95  # of 133 on average


def test_rows_and_columns_are_drawn_apart():
    square = np.arange(36).reshape(1, 1, 6, 6).repeat(300, axis=0)
    corners = random_crops(square, np.random.default_rng(0), (4, 4))[:, 0, 0, 0]
    assert len(np.unique(corners)) == 9


def test_the_whole_image_is_a_crop():
    np.testing.assert_array_equal(random_crops(X, np.random.default_rng(0), (5, 6)), X)


@pytest.mark.parametrize(
    ("crop_type", "top", "left"),
    [("center", 1, 2), ("ul", 0, 0), ("ur", 0, 4), ("bl", 2, 0), ("br", 2, 4)],
)
def test_fixed_crops_are_slices(crop_type, top, left):
    out = fixed_crops(X, (3, 2), crop_type)
    np.testing.assert_array_equal(out, X[:, :, top : top + 3, left : left + 2])
    assert out.dtype == X.dtype
    assert not np.shares_memory(out, X)


@pytest.mark.parametrize(
    ("crop_shape", "message"),
    [
        ((6, 6), r"crop_shape must fit into X \(40, 2, 5, 6\), got \(6, 6\)"),
        ((5, 7), "must fit into X"),
        ((0, 3), "crop_shape must lie in"),
        (3, r"crop_shape must be \(height, width\), got 3"),
        ((1, 2, 3), "crop_shape must be"),
    ],
)
def test_wrong_windows_are_refused(crop_shape, message):
    with pytest.raises(ValueError, match=message):
        random_crops(X, np.random.default_rng(0), crop_shape)
    with pytest.raises(ValueError, match=message):
        fixed_crops(X, crop_shape, "center")


@pytest.mark.parametrize("crop_type", ["centre", "", None, "lu"])
def test_wrong_types_are_refused(crop_type):
    with pytest.raises(ValueError, match="crop_type must be one of center, ul, ur, bl, br, got"):
        fixed_crops(X, (3, 3), crop_type)


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"X must have shape \(N, C, H, W\)"):
        fixed_crops(X[0], (3, 3), "ul")
