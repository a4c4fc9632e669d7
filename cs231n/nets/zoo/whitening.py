"""Filters that make the patches of images white: uncorrelated numbers of equal size."""

import numpy as np

from cs231n.nets.network import Network
from cs231n.nets.specs import Conv
from cs231n.validation import Array, as_extent, as_float_array

_IMAGES_AT_ONCE = 64  # so that their patches stay small


def whitening_filters(images: Array, size: int = 2, eps: float = 5e-4) -> Array:
    """Return the principal directions of patches, each over its spread, and their negatives.

    With eigenvectors ``v`` and eigenvalues ``lam`` of the patches' second moments, largest first,
    a filter is ``v / sqrt(lam + eps)``. As an activation follows, both signs are of use.

    Parameters
    ----------
    images : array (N, C, H, W)
        Some thousands are enough; standardised as in training, so that their mean is about 0.
    size : int
        Height and width of the patches.
    eps : float
        Keeps directions in which nothing varies from being blown up.

    Returns
    -------
    array (2 * C * size * size, C, size, size), of at least float32

    Raises
    ------
    ValueError
        If there is no image, or an image is smaller than a patch, or holds NaN or infinity.

    References
    ----------
    Page, "How to train your ResNet 8", 2019; Jordan, 2024, https://arxiv.org/abs/2404.00498

    Examples
    --------
    >>> whitening_filters(np.random.default_rng(0).standard_normal((9, 3, 8, 8))).shape
    (24, 3, 2, 2)
    """
    images = as_float_array("images", images, ndim=4)
    size = as_extent("size", size, minimum=1)
    N, C, H, W = images.shape
    if N == 0 or C == 0 or min(H, W) < size:
        raise ValueError(
            f"images must be at least one of at least {size} x {size} pixels, got {images.shape}"
        )
    if not 0 <= eps < np.inf:
        raise ValueError(f"eps must be a number of at least 0, got {eps!r}")
    moments = _second_moments(images, size)
    if not np.isfinite(moments).all():
        raise ValueError("images must be finite, got NaN or infinity")
    values, vectors = np.linalg.eigh(moments)
    if eps == 0 and values[0] <= 0:
        raise ValueError("eps must be above 0 where patches do not vary in some direction, got 0")
    # Rounding can leave an eigenvalue of zero a little below it.
    filters = (vectors / np.sqrt(np.maximum(values, 0) + eps)).T[::-1]
    filters = filters.reshape(
        -1, C, size, size
    )  # (C size^2, C size^2) -> (C size^2, C, size, size)
    dtype = np.result_type(images.dtype, np.float32)
    return np.concatenate([filters, -filters]).astype(dtype)


def _second_moments(images: Array, size: int) -> Array:
    """Return the mean of ``p p^T`` over all patches p, in float64."""
    C = images.shape[1]
    total = np.zeros((C * size * size,) * 2)
    patches = 0
    for first in range(0, len(images), _IMAGES_AT_ONCE):
        some = images[first : first + _IMAGES_AT_ONCE].astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(some, (size, size), axis=(2, 3))
        rows = windows.transpose(0, 2, 3, 1, 4, 5)  # (n, C, OH, OW, s, s) -> (n, OH, OW, C, s, s)
        rows = rows.reshape(-1, C * size * size)  # (n, OH, OW, C, s, s) -> (n OH OW, C s^2)
        total += rows.T @ rows
        patches += len(rows)
    return total / patches


def whiten(network: Network, images: Array, eps: float = 5e-4) -> None:
    """Put whitening filters into a network's first layer, which is frozen, before training.

    Parameters
    ----------
    network : Network
        Its first layer is a frozen convolution with ``2 * C * size * size`` filters, as
        in ``zoo("airbench94")``.
    images : array (N, C, H, W)
    eps : float

    Raises
    ------
    ValueError
        If the first layer is another one, or the images are not the network's.
    """
    first = network.placed[0]
    spec, C = first.spec, network.input_shape[0]
    if not isinstance(spec, Conv) or not spec.frozen or spec.filters != 2 * C * spec.size**2:
        raise ValueError(
            "network must begin with a frozen convolution of 2 * C * size * size filters, "
            f"got {spec} for C = {C}"
        )
    images = np.asarray(images)
    if images.shape[1:2] != (C,):
        raise ValueError(f"images must have shape (N, {C}, H, W), got {images.shape}")
    network.state[first.names["W"]][...] = whitening_filters(images, spec.size, eps)
