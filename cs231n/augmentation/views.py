"""Many views of each image, to average predictions over: the published sets of crops.

Each is a generator of batches, one view of every image at a time::

    marginalize.average(softmax(model.loss(view)) for view in ten_crop(X, (224, 224)))
"""

from collections.abc import Iterator, Sequence

import numpy as np

from cs231n import kernels
from cs231n.augmentation.crops import CROP_TYPES, fitting, fixed_crops
from cs231n.augmentation.images import as_images
from cs231n.augmentation.warps import resized
from cs231n.validation import Array, as_extent


def mirrored(views: Iterator[Array]) -> Iterator[Array]:
    """Yield each view, and then its mirror image.

    Examples
    --------
    >>> [view.ravel().tolist() for view in mirrored(iter([np.array([[[[1, 2]]]])]))]
    [[1, 2], [2, 1]]
    """
    for view in views:
        N, _, H, W = view.shape
        # Made first: whoever takes the view may write to it.
        mirror = kernels.crop(view, np.tile([0, 1, W - 1, -1], (N, 1)), (H, W))
        yield view
        yield mirror


def ten_crop(X: Array, crop_shape: tuple[int, int]) -> Iterator[Array]:
    """Yield the centre and the four corners, each with its mirror image: 10 views.

    Of images (N, C, H, W) windows (HH, WW) are cut; larger ones than the images are a ValueError.
    Krizhevsky, Sutskever & Hinton, NIPS 2012, https://papers.nips.cc/paper/4824

    Examples
    --------
    >>> len(list(ten_crop(np.zeros((2, 3, 8, 8)), (6, 6))))
    10
    """
    return mirrored(fixed_crops(X, crop_shape, place) for place in CROP_TYPES)


def grid_crops(X: Array, crop_shape: tuple[int, int], grid: int = 5) -> Iterator[Array]:
    """Yield ``grid x grid`` windows, spread evenly from corner to corner.

    Of images (N, C, H, W) windows (HH, WW) are cut; larger ones than the images are a ValueError.

    Examples
    --------
    >>> [view.item() for view in grid_crops(np.arange(9).reshape(1, 1, 3, 3), (1, 1), 2)]
    [0, 2, 6, 8]
    """
    X = as_images(X)
    HH, WW = fitting(X, crop_shape)
    grid = as_extent("grid", grid, minimum=1)
    shares = np.linspace(0, 1, grid) if grid > 1 else np.array([0.5])
    for top in np.rint(shares * (X.shape[2] - HH)).astype(int):
        for left in np.rint(shares * (X.shape[3] - WW)).astype(int):
            yield X[:, :, top : top + HH, left : left + WW].copy()


def vgg_views(
    X: Array,
    crop_shape: tuple[int, int] = (224, 224),
    sides: Sequence[int] = (256, 384, 512),
    grid: int = 5,
) -> Iterator[Array]:
    """Yield crops of a grid at several scales, each with its mirror image: 3 x 25 x 2 = 150 views.

    Parameters
    ----------
    X : array (N, C, H, W)
    crop_shape : (HH, WW)
    sides : sequence of int
        What the shorter side of the images is resized to.
    grid : int

    Raises
    ------
    ValueError
        If the window does not fit into images of the shortest side.

    References
    ----------
    Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition",
    ICLR 2015, https://arxiv.org/abs/1409.1556

    Examples
    --------
    >>> len(list(vgg_views(np.zeros((1, 3, 9, 8)), (6, 6), sides=(6, 7, 8))))
    150
    """
    for scaled in at_sides(X, sides):
        yield from mirrored(grid_crops(scaled, crop_shape, grid))


def googlenet_views(
    X: Array,
    crop_shape: tuple[int, int] = (224, 224),
    sides: Sequence[int] = (256, 288, 320, 352),
) -> Iterator[Array]:
    """Yield 4 scales x 3 squares x 6 crops x 2 mirrors = 144 views.

    The squares are the left, middle and right of an image, or its top, middle and bottom. Of each,
    the crops are the centre, the four corners, and the whole square resized.

    Parameters
    ----------
    X : array (N, C, H, W)
    crop_shape : (HH, WW)
    sides : sequence of int
        What the shorter side of the images is resized to.

    Raises
    ------
    ValueError
        If the window does not fit into images of the shortest side.

    References
    ----------
    Szegedy et al., "Going deeper with convolutions", CVPR 2015, https://arxiv.org/abs/1409.4842

    Examples
    --------
    >>> len(list(googlenet_views(np.zeros((1, 3, 9, 8)), (6, 6), sides=(6, 7, 8, 9))))
    144
    """
    for scaled in at_sides(X, sides):
        side = min(scaled.shape[2:])
        for share in (0, 0.5, 1):
            top, left = (int(share * (extent - side)) for extent in scaled.shape[2:])
            square = scaled[:, :, top : top + side, left : left + side]
            yield from mirrored(fixed_crops(square, crop_shape, place) for place in CROP_TYPES)
            yield from mirrored(iter([resized(square, crop_shape)]))


def shifted_views(X: Array, pixels: int = 1) -> Iterator[Array]:
    """Yield each image, and it shifted up left and down right, with mirror images: 6 views.

    With weights 1/4 for each of the first two and 1/8 for each of the others: Jordan, "94 % on
    CIFAR-10 in 3.29 seconds on a single GPU", 2024, https://arxiv.org/abs/2404.00498

    Examples
    --------
    >>> [view.ravel().tolist() for view in shifted_views(np.array([[[[1, 2, 3]]]]), 0)][:2]
    [[1, 2, 3], [3, 2, 1]]
    """
    X = as_images(X)
    pixels = as_extent("pixels", pixels, minimum=0)
    H, W = X.shape[2:]
    frame = ((0, 0), (0, 0), (pixels, pixels), (pixels, pixels))
    padded = np.pad(X, frame, mode="reflect")
    places = (pixels, 0, 2 * pixels)
    return mirrored(padded[:, :, k : k + H, k : k + W].copy() for k in places)


def at_sides(X: Array, sides: Sequence[int]) -> Iterator[Array]:
    """Yield the images resized so that their shorter side has each length.

    Examples
    --------
    >>> [scaled.shape[2:] for scaled in at_sides(np.zeros((1, 1, 4, 6)), (2, 4))]
    [(2, 3), (4, 6)]
    """
    X = as_images(X)
    if not min(X.shape[2:]):
        raise ValueError(f"X must hold at least one pixel an image, got shape {X.shape}")
    if np.ndim(sides) != 1:
        raise ValueError(f"sides must be a sequence of lengths, got {sides!r}")
    for side in sides:
        side = as_extent("sides", side, minimum=1)
        extents = [max(round(extent * side / min(X.shape[2:])), side) for extent in X.shape[2:]]
        same = extents == list(X.shape[2:])
        yield X.copy() if same else resized(X, (extents[0], extents[1]))
