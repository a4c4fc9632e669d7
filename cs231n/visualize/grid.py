"""Many small images side by side in one."""

import math

import numpy as np
import numpy.typing as npt

from cs231n.validation import Array, as_extent


def image_grid(
    images: npt.ArrayLike,
    columns: int | None = None,
    padding: int = 1,
    scale: int = 1,
    background: int = 255,
) -> Array:
    """Lay images out in rows, from left to right and from top to bottom.

    Parameters
    ----------
    images : array_like, (N, C, H, W)
        At least one image, grey (C = 1) or colour (C = 3): uint8, or floats in [0, 1].
    columns : int, optional
        Images a row; by default as many as make the grid about square.
    padding : int
        Pixels between two images, in the grid.
    scale : int
        Every pixel of an image becomes ``scale x scale`` pixels of the grid.
    background : int
        Grey level, 0 to 255, of the padding and of the empty places in the last row.

    Returns
    -------
    ndarray, (rows * (scale * H + padding) - padding, columns * (scale * W + padding) - padding, 3)
        The grid, uint8 RGB.

    Raises
    ------
    ValueError, TypeError
        If an argument has another shape, dtype or range.

    Examples
    --------
    >>> digits = np.zeros((5, 1, 8, 8), np.uint8)
    >>> image_grid(digits, columns=3).shape  # two rows of three places
    (17, 26, 3)
    """
    x = as_rgb_bytes("images", images)
    N, H, W, _ = x.shape
    if not (N and H and W):
        raise ValueError(f"images must hold at least one pixel, got shape {np.shape(images)}")
    columns = math.ceil(math.sqrt(N)) if columns is None else as_extent("columns", columns, 1)
    padding, scale = as_extent("padding", padding, 0), as_extent("scale", scale, 1)
    if as_extent("background", background, 0) > 255:
        raise ValueError(f"background must lie in [0, 255], got {background}")

    rows = -(-N // columns)
    H, W = scale * H, scale * W
    x = x.repeat(scale, axis=1).repeat(scale, axis=2)  # (N, h, w, 3) -> (N, H, W, 3)
    cells = np.full((rows * columns, H + padding, W + padding, 3), background, np.uint8)
    cells[:N, :H, :W] = x
    grid = cells.reshape(rows, columns, H + padding, W + padding, 3).swapaxes(1, 2)
    # (rows, H + p, columns, W + p, 3) -> (rows * (H + p), columns * (W + p), 3)
    grid = grid.reshape(rows * (H + padding), columns * (W + padding), 3)
    return grid[: len(grid) - padding, : grid.shape[1] - padding].copy()


def as_rgb_bytes(name: str, images: npt.ArrayLike) -> Array:
    """Return images as (N, H, W, 3) uint8.

    Parameters
    ----------
    name : str
        What an error calls the argument.
    images : array_like, (N, C, H, W)
        Grey or colour, uint8 or floats in [0, 1].

    Examples
    --------
    >>> as_rgb_bytes("images", [[[[0.0, 0.5, 1.0]]]])[0, 0, :, 0].tolist()
    [0, 128, 255]
    """
    x = np.asarray(images)
    if x.ndim != 4 or x.shape[1] not in (1, 3):
        raise ValueError(f"{name} must have shape (N, 1 or 3, H, W), got {x.shape}")
    if x.dtype.kind == "f":
        # Written so that NaN is refused too.
        if x.size and not (x.min() >= 0 and x.max() <= 1):
            raise ValueError(
                f"{name} as floats must lie in [0, 1], got values from {x.min()} to {x.max()}"
            )
        x = np.rint(x * 255).astype(np.uint8)
    elif x.dtype != np.uint8:
        raise TypeError(f"{name} must be uint8, or floats in [0, 1], got dtype {x.dtype}")
    N, _, H, W = x.shape
    return np.broadcast_to(x.transpose(0, 2, 3, 1), (N, H, W, 3))  # (N, C, H, W) -> (N, H, W, 3)
