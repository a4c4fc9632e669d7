"""Grids of floats, against loops that place pixel by pixel."""

import numpy as np
import pytest

from cs231n.vis_utils import vis_grid, vis_nn, visualize_grid


def pixels(*shape, seed=0):
    return np.random.default_rng(seed).normal(3, 2, shape)


def placed(x, columns, padding, background):
    """Lay (N, H, W, C) out in a square, padded to the right and below, pixel by pixel."""
    N, H, W, C = x.shape
    grid = np.full((columns * (H + padding), columns * (W + padding), C), float(background))
    for n, i, j, c in np.ndindex(x.shape):
        top, left = n // columns * (H + padding), n % columns * (W + padding)
        grid[top + i, left + j, c] = x[n, i, j, c]
    return grid


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4)])
@pytest.mark.parametrize(("ubound", "padding"), [(255.0, 1), (1.0, 0), (2.5, 3)])
def test_visualize_grid(count, columns, ubound, padding):
    x = pixels(count, 3, 5, 2)
    tiles = np.stack([ubound * (t - t.min()) / (t.max() - t.min()) for t in x])
    grid = visualize_grid(x, ubound=ubound, padding=padding)
    wanted = placed(tiles, columns, padding, 0)
    wanted = wanted[: wanted.shape[0] - padding, : wanted.shape[1] - padding]
    np.testing.assert_allclose(grid, wanted, atol=1e-12)
    assert grid.dtype == np.float64


def test_visualize_grid_takes_positions_and_defaults():
    x = pixels(4, 2, 2, 3)
    np.testing.assert_array_equal(visualize_grid(x), visualize_grid(x, 255.0, 1))
    assert (visualize_grid(x).min(), visualize_grid(x).max()) == (0, 255)
    assert visualize_grid(x).shape == (5, 5, 3)


@pytest.mark.parametrize("value", [0, -3.5, 255])
def test_a_constant_tile_is_black_not_nan(value):
    x = pixels(2, 2, 2, 1)
    x[0] = value
    grid = visualize_grid(x)
    assert np.isfinite(grid).all()
    assert not grid[:2, :2].any()
    assert not vis_grid(np.full((3, 2, 2, 1), value)).any()
    assert not vis_nn([[np.full((2, 2, 3), value)]]).any()


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_vis_grid(count):
    x = pixels(count, 4, 3, 3)
    columns = int(np.ceil(np.sqrt(count)))
    wanted = (placed(x, columns, 1, x.min()) - x.min()) / (x.max() - x.min())
    np.testing.assert_allclose(vis_grid(x), wanted, atol=1e-12)


def test_vis_nn():
    x = pixels(2, 3, 4, 5, 3)
    grid = vis_nn([list(row) for row in x])
    assert grid.shape == (2 * 5, 3 * 6, 3)
    assert (grid.min(), grid.max()) == (0, 1)
    for n, d in np.ndindex(2, 3):
        tile = (x[n, d] - x.min()) / (x.max() - x.min())
        np.testing.assert_allclose(grid[n * 5 : n * 5 + 4, d * 6 : d * 6 + 5], tile, atol=1e-12)
    np.testing.assert_array_equal(vis_nn(x), grid)
    assert not grid[4].any()


def test_bytes_are_taken_and_inputs_left_alone():
    x = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), np.uint8)
    before = x.copy()
    for grid in (visualize_grid(x), vis_grid(x), vis_nn([x])):
        assert grid.dtype == np.float64
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(visualize_grid(x), visualize_grid(x.astype(float)))
    assert visualize_grid(x).astype("uint8").shape == (14, 14, 3)


@pytest.mark.parametrize("draw", [visualize_grid, vis_grid])
@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.zeros((2, 3, 3)), r"Xs must have 4 dimensions, got shape \(2, 3, 3\)"),
        (np.zeros((0, 3, 3, 1)), "Xs must hold at least one pixel"),
        (np.full((1, 2, 2, 1), np.nan), "Xs must hold finite numbers"),
        (np.array([[[[np.inf]]]]), "Xs must hold finite numbers"),
    ],
)
def test_bad_images_are_refused(draw, x, words):
    with pytest.raises(ValueError, match=words):
        draw(x)


def test_bad_arguments_are_refused():
    x = pixels(2, 2, 2, 1)
    with pytest.raises(ValueError, match="padding must lie"):
        visualize_grid(x, padding=-1)
    with pytest.raises(ValueError, match=r"rows of \[1, 2\] images"):
        vis_nn([[x[0]], [x[0], x[1]]])
    with pytest.raises(ValueError, match="all of one shape"):
        vis_nn([[x[0], x[0][:1]]])
    for rows in ([], [[]]):
        with pytest.raises(ValueError, match="rows must hold"):
            vis_nn(rows)
    with pytest.raises(TypeError, match="real numbers"):
        visualize_grid(np.array([[[["a"]]]]))
