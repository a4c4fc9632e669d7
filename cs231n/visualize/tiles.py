"""Grids of images and filters as the course's notebooks draw them: floats, channels last."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cs231n.validation import Array, as_extent, as_float_array


def visualize_grid(Xs: npt.ArrayLike, ubound: float = 255.0, padding: int = 1) -> Array:
    """Lay images out in a square grid, each stretched to the whole range on its own.

    Parameters
    ----------
    Xs : array_like (N, H, W, C)
        At least one image or filter, of finite numbers.
    ubound : float
        Each image's highest value becomes this, its lowest becomes 0; so does a constant image.
    padding : int
        Pixels of 0 between two images.

    Returns
    -------
    ndarray (A * (H + padding) - padding, A * (W + padding) - padding, C), float64
        From left to right and from top to bottom; A is the square root of N, rounded up.

    Raises
    ------
    TypeError, ValueError
        If there is no image, or an argument has another shape or range.

    Examples
    --------
    >>> visualize_grid(np.arange(4.0).reshape(1, 2, 2, 1), ubound=6)[..., 0].tolist()
    [[0.0, 2.0], [4.0, 6.0]]
    """
    x = _images("Xs", Xs)
    padding = as_extent("padding", padding, 0)
    low = x.min(axis=(1, 2, 3), keepdims=True)
    span = x.max(axis=(1, 2, 3), keepdims=True) - low
    # Divided first, so that the highest value is ubound exactly.
    tiles = (x - low) / np.where(span > 0, span, 1) * ubound
    columns = math.ceil(math.sqrt(len(x)))
    grid = _lay_out(tiles, columns, columns, padding, background=0)
    return grid[: len(grid) - padding, : grid.shape[1] - padding]


def vis_grid(Xs: npt.ArrayLike) -> Array:
    """Lay images out in a square grid, stretched to [0, 1] all together.

    Parameters
    ----------
    Xs : array_like (N, H, W, C)
        At least one image, of finite numbers.

    Returns
    -------
    ndarray (A * (H + 1), A * (W + 1), C)
        A is the square root of N, rounded up. Places without an image, and the pixel between
        two, have the lowest value.

    Raises
    ------
    TypeError, ValueError
        If there is no image, or ``Xs`` has another shape or content.

    Examples
    --------
    >>> vis_grid([[[[2.0]]], [[[4.0]]], [[[3.0]]]])[::2, ::2, 0].tolist()
    [[0.0, 1.0], [0.5, 0.0]]
    """
    x = _images("Xs", Xs)
    columns = math.ceil(math.sqrt(len(x)))
    return _stretch(_lay_out(x, columns, columns, 1, background=x.min()))


def vis_nn(rows: Sequence[Sequence[npt.ArrayLike]]) -> Array:
    """Lay rows of images out one below the other, stretched to [0, 1] all together.

    Parameters
    ----------
    rows : list of N lists of D images (H, W, C)
        Such as each test image with its nearest neighbours.

    Returns
    -------
    ndarray (N * (H + 1), D * (W + 1), C)
        The pixel between two images has the lowest value.

    Raises
    ------
    TypeError, ValueError
        If there is no image, or they differ in number or shape.

    Examples
    --------
    >>> vis_nn([[[[[0.0]]], [[[2.0]]], [[[4.0]]]]])[0, ::2, 0].tolist()
    [0.0, 0.5, 1.0]
    """
    widths, shapes = {len(row) for row in rows}, {np.shape(image) for row in rows for image in row}
    if len(widths) != 1 or len(shapes) != 1:
        raise ValueError(
            "rows must hold as many images each, all of one shape, got rows of "
            f"{sorted(widths)} images and the shapes {sorted(shapes)}"
        )
    x = _images("rows", np.array([image for row in rows for image in row]))
    return _stretch(_lay_out(x, len(rows), widths.pop(), 1, background=x.min()))


def _images(name: str, value: npt.ArrayLike) -> Array:
    """Return finite images (N, H, W, C) as float64."""
    x = as_float_array(name, value, ndim=4).astype(np.float64)
    if 0 in x.shape:
        raise ValueError(f"{name} must hold at least one pixel, got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} must hold finite numbers, got NaN or infinity (did it diverge?)")
    return x


def _lay_out(x: Array, rows: int, columns: int, padding: int, background: float) -> Array:
    """Return images (N, H, W, C) as one, with padding to the right of each and below it."""
    N, H, W, C = x.shape
    H, W = H + padding, W + padding
    cells = np.full((rows * columns, H, W, C), background, x.dtype)
    cells[:N, : H - padding, : W - padding] = x
    cells = cells.reshape(rows, columns, H, W, C).swapaxes(1, 2)
    # (rows, columns, H, W, C) -> (rows, H, columns, W, C)
    return cells.reshape(rows * H, columns * W, C)


def _stretch(grid: Array) -> Array:
    """Return the grid with its lowest value at 0 and its highest at 1; a constant one is 0."""
    span = grid.max() - grid.min()
    return (grid - grid.min()) / (span if span > 0 else 1)
