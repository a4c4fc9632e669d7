"""Grids of images, against loops that place pixel by pixel."""

import numpy as np
import pytest
from sample_results import images

from cs231n.visualize.grid import as_rgb_bytes, image_grid


def grid_by_loops(x, columns, padding, scale, background):
    N, C, H, W = x.shape
    rows = (N + columns - 1) // columns
    height = rows * H * scale + (rows - 1) * padding
    width = columns * W * scale + (columns - 1) * padding
    grid = np.full((height, width, 3), background, np.uint8)
    for n in range(N):
        top = n // columns * (H * scale + padding)
        left = n % columns * (W * scale + padding)
        for i in range(H * scale):
            for j in range(W * scale):
                for c in range(3):
                    grid[top + i, left + j, c] = x[n, c % C, i // scale, j // scale]
    return grid


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("count", "columns", "padding", "scale", "background"),
    [(5, 3, 1, 1, 255), (6, 2, 0, 2, 0), (1, 4, 3, 3, 128), (7, 7, 2, 1, 17)],
)
def test_places_every_pixel(channels, count, columns, padding, scale, background):
    x = np.random.default_rng(0).integers(0, 256, (count, channels, 3, 4), np.uint8)
    grid = image_grid(x, columns, padding, scale, background)
    np.testing.assert_array_equal(grid, grid_by_loops(x, columns, padding, scale, background))
    assert grid.dtype == np.uint8


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (4, 2), (5, 3), (9, 3), (10, 4)])
def test_is_about_square_by_default(count, columns):
    x = images(count)
    np.testing.assert_array_equal(image_grid(x), image_grid(x, columns))


def test_floats_mean_the_same_as_bytes():
    x = images(4, 3)
    np.testing.assert_array_equal(image_grid(x / 255), image_grid(x))
    np.testing.assert_array_equal(image_grid((x / 255).astype(np.float32)), image_grid(x))


def test_result_is_new_and_input_stays():
    x = images(1)
    before = x.copy()
    image_grid(x)[:] = 0
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (np.zeros((2, 8, 8), np.uint8), ValueError, r"\(2, 8, 8\)"),
        (np.zeros((2, 2, 8, 8), np.uint8), ValueError, "1 or 3"),
        (np.zeros((0, 1, 8, 8), np.uint8), ValueError, r"\(0, 1, 8, 8\)"),
        (np.zeros((1, 1, 0, 8), np.uint8), ValueError, "at least one pixel"),
        (np.zeros((1, 1, 8, 8), np.int64), TypeError, "int64"),
        (np.full((1, 1, 2, 2), 1.5), ValueError, "1.5"),
        (np.full((1, 1, 2, 2), -0.1), ValueError, "-0.1"),
        (np.full((1, 1, 2, 2), np.nan), ValueError, "nan"),
    ],
)
def test_refuses_other_images(x, error, words):
    with pytest.raises(error, match=words):
        image_grid(x)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": 0}, "columns"),
        ({"padding": -1}, "padding"),
        ({"scale": 0}, "scale"),
        ({"background": 256}, "background"),
        ({"background": -1}, "background"),
    ],
)
def test_refuses_other_options(options, words):
    with pytest.raises(ValueError, match=words):
        image_grid(images(2), **options)


def test_grey_becomes_three_equal_channels():
    x = images(2)
    rgb = as_rgb_bytes("x", x)
    for channel in range(3):
        np.testing.assert_array_equal(rgb[..., channel], x[:, 0])
