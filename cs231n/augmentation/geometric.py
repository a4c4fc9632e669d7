"""Flips, shifts and affine warps of image batches (N, C, H, W)."""

from typing import Literal

import numpy as np

from cs231n import validation
from cs231n.augmentation.images import as_images
from cs231n.validation import Array

Border = Literal["reflect", "edge", "constant"]


def random_flips(X: Array, rng: np.random.Generator) -> Array:
    """Mirror each image left to right with probability 1/2.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    rng : numpy.random.Generator

    Returns
    -------
    array like ``X``

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(6).reshape(2, 1, 1, 3)
    >>> random_flips(X, np.random.default_rng(3))[:, 0, 0].tolist()
    [[2, 1, 0], [5, 4, 3]]
    """
    X = as_images(X)
    mirrored = rng.random(len(X)) < 0.5
    return np.where(mirrored[:, None, None, None], X[..., ::-1], X)


def random_shifts(
    X: Array, rng: np.random.Generator, pixels: int, border: Border = "reflect"
) -> Array:
    """Shift each image by up to `pixels` whole pixels on both axes.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    rng : numpy.random.Generator
    pixels : int
        Both shifts are drawn from ``-pixels ... pixels``.
    border : {'reflect', 'edge', 'constant'}
        What appears at the border: the mirrored image, its last pixel, or 0.

    Returns
    -------
    array like ``X``

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(1, 4).reshape(1, 1, 1, 3)
    >>> random_shifts(X, np.random.default_rng(0), 1, border="constant").shape
    (1, 1, 1, 3)
    """
    X = as_images(X)
    pixels = validation.as_extent("pixels", pixels, minimum=0)
    if border not in ("reflect", "edge", "constant"):
        raise ValueError(f"border must be 'reflect', 'edge' or 'constant', got {border!r}")
    N, _, H, W = X.shape
    if border == "reflect" and pixels >= min(H, W):
        raise ValueError(f"pixels must be below {min(H, W)} to reflect X {X.shape}, got {pixels}")
    padded = np.pad(X, ((0, 0), (0, 0), (pixels, pixels), (pixels, pixels)), mode=border)
    top, left = rng.integers(0, 2 * pixels + 1, size=(2, N))
    rows = (top[:, None] + np.arange(H))[:, None, :, None]  # (N, 1, H, 1)
    columns = (left[:, None] + np.arange(W))[:, None, None, :]  # (N, 1, 1, W)
    images = np.arange(N)[:, None, None, None]
    channels = np.arange(X.shape[1])[None, :, None, None]
    return padded[images, channels, rows, columns]


def random_affine(
    X: Array,
    rng: np.random.Generator,
    *,
    degrees: float = 0.0,
    scale: float = 0.0,
    shear: float = 0.0,
    shift: float = 0.0,
) -> Array:
    """Rotate, scale, shear and shift each image about its centre, in one bilinear interpolation.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    rng : numpy.random.Generator
    degrees : float
        Rotation is drawn from ``U(-degrees, degrees)``.
    scale : float
        Each axis is scaled by a factor from ``U(1 - scale, 1 + scale)``; below 1.
    shear : float
        Horizontal shear is drawn from ``U(-shear, shear)``.
    shift : float
        Shifts in pixels are drawn from ``U(-shift, shift)``.

    Returns
    -------
    array like ``X``; what comes from outside the image is 0

    Examples
    --------
    >>> import numpy as np
    >>> X = np.full((2, 1, 5, 5), 7, dtype=np.uint8)
    >>> out = random_affine(X, np.random.default_rng(0), degrees=10)
    >>> out.dtype, int(out[0, 0, 2, 2])
    (dtype('uint8'), 7)
    """
    X = as_images(X)
    for name, reach in (("degrees", degrees), ("shear", shear), ("shift", shift)):
        if not 0 <= reach < np.inf:
            raise ValueError(f"{name} must be finite and at least 0, got {reach}")
    if not 0 <= scale < 1:
        raise ValueError(f"scale must lie in [0, 1), got {scale}")
    N = len(X)
    angle = np.deg2rad(rng.uniform(-degrees, degrees, N))
    factors = rng.uniform(1 - scale, 1 + scale, (N, 2))
    slope = rng.uniform(-shear, shear, N)
    offsets = rng.uniform(-shift, shift, (N, 2))
    # Output pixels look up their source, so the inverse is applied: unscale, unrotate, unshear.
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    inverse = rotation.transpose(2, 0, 1) / factors[:, :, None]  # (2, 2, N) -> (N, 2, 2)
    inverse[:, :, 0] += slope[:, None] * inverse[:, :, 1]  # a row moves by slope * its height
    return _warp(X, inverse, offsets)


def _warp(X: Array, inverse: Array, offsets: Array) -> Array:
    """Sample X at ``inverse (p - centre) + centre + offset`` for every pixel p."""
    N, C, H, W = X.shape
    centre = np.array([(H - 1) / 2, (W - 1) / 2])
    grid = np.indices((H, W)).reshape(2, -1).T - centre  # (2, H, W) -> (H*W, 2)
    source = grid @ inverse.transpose(0, 2, 1) + (centre + offsets)[:, None, :]  # (N, H*W, 2)
    # A frame of zeros around the image: whatever lies outside is read from there.
    framed = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
    position = np.clip(source + 1, 0, [H + 1, W + 1])
    corner = np.minimum(position.astype(np.intp), [H, W])
    fraction = (position - corner).astype(np.float32)
    fi, fj = fraction[..., 0, None], fraction[..., 1, None]  # (N, H*W, 1)
    images = np.arange(N)[:, None]
    i, j = corner[..., 0], corner[..., 1]
    out = (  # advanced indices put the channels last: (N, H*W, C)
        (1 - fi) * (1 - fj) * framed[images, :, i, j]
        + (1 - fi) * fj * framed[images, :, i, j + 1]
        + fi * (1 - fj) * framed[images, :, i + 1, j]
        + fi * fj * framed[images, :, i + 1, j + 1]
    )
    if X.dtype.kind in "iu":
        out = np.rint(out)
    return out.transpose(0, 2, 1).reshape(X.shape).astype(X.dtype)  # (N, H*W, C) -> (N, C, H, W)
