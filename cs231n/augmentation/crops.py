"""Cut a window out of images: anywhere to train on, at fixed places to predict with."""

from dataclasses import dataclass

import numpy as np

from cs231n.augmentation.flips import Window
from cs231n.augmentation.images import Shape, as_images
from cs231n.augmentation.transform import Parameters
from cs231n.kernels.borders import border_number
from cs231n.validation import Array, as_extent

CROP_TYPES = ("center", "ul", "ur", "bl", "br")


@dataclass(frozen=True)
class Crop(Window):
    """Cut a window out of each image; every place where it fits is as likely.

    Parameters
    ----------
    shape : (HH, WW)
        Height and width of the window.
    pad : int
        Pixels that are put around the image first.
    border : {'constant', 'edge', 'reflect'}
        What those are: 0, the last pixel, or the mirrored image.

    Raises
    ------
    ValueError
        If `border` is another, or once there are images, the window does not fit into them.

    References
    ----------
    Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012, https://papers.nips.cc/paper/4824

    Examples
    --------
    >>> Crop((6, 5))(np.zeros((4, 3, 8, 8)), np.random.default_rng(0)).shape
    (4, 3, 6, 5)
    """

    shape: tuple[int, int]
    pad: int = 0
    border: str = "constant"

    def __post_init__(self) -> None:
        as_window("shape", self.shape)
        as_extent("pad", self.pad, minimum=0)
        border_number(self.border)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the upper left corner, in the image without its padding."""
        free_rows, free_columns = self._free(shape)
        top, left = rng.integers(0, free_rows + 1, n), rng.integers(0, free_columns + 1, n)
        return {"top": top - self.pad, "left": left - self.pad}

    def starts(self, parameters: Parameters, shape: Shape) -> Array:
        """Begin at the corner."""
        return corners(parameters["top"], parameters["left"])

    def leaves_image(self) -> bool:
        """Tell whether there is padding."""
        return self.pad > 0

    def neutral(self, shape: Shape) -> dict[str, int]:
        """Return what leaves an image as it is."""
        if self.output_shape(shape) != shape:
            super().neutral(shape)
        return {"top": 0, "left": 0}

    def output_shape(self, shape: Shape) -> Shape:
        """Return the window's shape."""
        self._free(shape)
        return (shape[0], int(self.shape[0]), int(self.shape[1]))

    def _free(self, shape: Shape) -> tuple[int, int]:
        room = [extent + 2 * int(self.pad) for extent in shape[1:]]
        free_rows, free_columns = room[0] - int(self.shape[0]), room[1] - int(self.shape[1])
        if min(free_rows, free_columns) < 0:
            raise ValueError(
                f"shape must fit into images {shape[1:]} with pad {self.pad}, got {self.shape}"
            )
        return free_rows, free_columns


@dataclass(frozen=True)
class Shift(Window):
    """Shift each image by up to `pixels` whole pixels on both axes.

    Parameters
    ----------
    pixels : int
        Both shifts are drawn from ``-pixels ... pixels``.
    border : {'reflect', 'edge', 'constant'}
        What appears at the border: the mirrored image, its last pixel, or 0.

    Raises
    ------
    ValueError
        If `border` is another, or `pixels` are too many to mirror the images.

    References
    ----------
    Lin, Chen & Yan, "Network in network", 2013, https://arxiv.org/abs/1312.4400

    Examples
    --------
    >>> X = np.arange(1, 4).reshape(1, 1, 1, 3)
    >>> Shift(1, "edge")(X, np.random.default_rng(0)).shape
    (1, 1, 1, 3)
    """

    pixels: int
    border: str = "reflect"

    def __post_init__(self) -> None:
        as_extent("pixels", self.pixels, minimum=0)
        border_number(self.border)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the upper left corner."""
        if self.border == "reflect" and self.pixels >= min(shape[1:]):
            raise ValueError(
                f"pixels must be below {min(shape[1:])} to reflect X {(n, *shape)}, "
                f"got {self.pixels}"
            )
        top, left = rng.integers(0, 2 * int(self.pixels) + 1, size=(2, n)) - int(self.pixels)
        return {"top": top, "left": left}

    def starts(self, parameters: Parameters, shape: Shape) -> Array:
        """Begin at the corner."""
        return corners(parameters["top"], parameters["left"])

    def leaves_image(self) -> bool:
        """Tell whether anything is shifted."""
        return self.pixels > 0

    def neutral(self, shape: Shape) -> dict[str, int]:
        """Return what leaves an image as it is."""
        return {"top": 0, "left": 0}


def fixed_crops(X: Array, crop_shape: tuple[int, int], crop_type: str) -> Array:
    """Cut the same window out of every image.

    Parameters
    ----------
    X : array (N, C, H, W), uint8 or float
    crop_shape : (HH, WW)
        Height and width of the window, at most H and W.
    crop_type : {'center', 'ul', 'ur', 'bl', 'br'}
        The centre (rounded up and left), or the upper or bottom, left or right corner.

    Returns
    -------
    array (N, C, HH, WW), of the dtype of ``X``

    Raises
    ------
    ValueError
        If the window is larger than the images, or the type is another.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> fixed_crops(X, (1, 2), "br").tolist()
    [[[[7.0, 8.0]]]]
    """
    X = as_images(X)
    HH, WW = fitting(X, crop_shape)
    if crop_type not in CROP_TYPES:
        raise ValueError(f"crop_type must be one of {', '.join(CROP_TYPES)}, got {crop_type!r}")
    free_rows, free_columns = X.shape[2] - HH, X.shape[3] - WW
    top, left = free_rows // 2, free_columns // 2
    if crop_type != "center":
        top = 0 if crop_type[0] == "u" else free_rows
        left = 0 if crop_type[1] == "l" else free_columns
    return X[:, :, top : top + HH, left : left + WW].copy()


def corners(top: Array, left: Array) -> Array:
    """Return the starts of windows that are not mirrored."""
    starts = np.ones((len(top), 4), np.int64)
    starts[:, 0], starts[:, 2] = top, left
    return starts


def as_window(name: str, shape: tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) of at least a pixel each."""
    if np.shape(shape) != (2,):
        raise ValueError(f"{name} must be (height, width), got {shape!r}")
    HH, WW = (as_extent(name, extent, minimum=1) for extent in shape)
    return HH, WW


def fitting(X: Array, crop_shape: tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) of a window that fits into the images."""
    HH, WW = as_window("crop_shape", crop_shape)
    if min(X.shape[2] - HH, X.shape[3] - WW) < 0:
        raise ValueError(f"crop_shape must fit into X {X.shape}, got {(HH, WW)}")
    return HH, WW
