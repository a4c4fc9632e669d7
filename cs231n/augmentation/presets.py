"""The augmentation of papers, ready to use."""

import math
from collections.abc import Callable

from cs231n.augmentation.affine import Affine
from cs231n.augmentation.colour import Contrast
from cs231n.augmentation.crops import Crop, Shift
from cs231n.augmentation.flips import Flip
from cs231n.augmentation.noise import Cutout
from cs231n.augmentation.pca import FancyPCA
from cs231n.augmentation.pipeline import Compose, OneOf
from cs231n.augmentation.resized_crops import ScaledCrop
from cs231n.augmentation.tints import Tint
from cs231n.augmentation.transform import Transform
from cs231n.validation import as_extent


def alexnet(crop: int = 224, colours: FancyPCA | None = None) -> Compose:
    """Crop anywhere, mirror, add fancy PCA; images are meant to be 256 pixels high and wide.

    `colours` is :func:`fit_pca` of the training images; without it, ImageNet's is taken.
    Krizhevsky, Sutskever & Hinton, NIPS 2012, https://papers.nips.cc/paper/4824

    Examples
    --------
    >>> alexnet().describe()
    'Crop(shape=(224, 224)), Flip(), FancyPCA()'
    """
    return Compose(Crop((crop, crop)), Flip(), FancyPCA() if colours is None else colours)


def vgg(
    crop: int = 224,
    sides: tuple[float, float] = (256, 512),
    colours: FancyPCA | None = None,
) -> Compose:
    """Resize the shorter side to a random length, crop anywhere, mirror, add fancy PCA.

    Simonyan & Zisserman, ICLR 2015, https://arxiv.org/abs/1409.1556

    Examples
    --------
    >>> vgg().describe()
    'ScaledCrop(shape=(224, 224), sides=(256, 512)), Flip(), FancyPCA()'
    """
    colours = FancyPCA() if colours is None else colours
    return Compose(ScaledCrop((crop, crop), sides), Flip(), colours)


def graham_cifar(field: int = 94, image: int = 32) -> Compose:
    """Tint, lay the image into a larger field; scale, mirror, shear or rotate and shift it there.

    Images of side `image` are meant to be on the scale of bytes with 128 subtracted, as Graham's
    are, so that they lie on grey; bytes lie on black. He also adds a gradient of colour, which is
    left out; the shift of each channel is uniform here, of the same standard deviation as his, 25
    of 255 levels.
    Graham, "Fractional max-pooling", 2014, https://arxiv.org/abs/1412.6071

    Examples
    --------
    >>> print(graham_cifar().passes((3, 32, 32)))  # doctest: +NORMALIZE_WHITESPACE
    1. Tint(reach=43.3)
    2. Crop(shape=(50, 50), pad=9), Flip()
    3. Affine(scale=0.2), Affine(shear=0.2), Affine(shear_columns=0.2), \
Affine(degrees=11.46)
    4. Crop(shape=(94, 94), pad=38)
    """
    as_extent("field", field, minimum=as_extent("image", image, minimum=1))
    if (field - image) % 2:
        raise ValueError(f"field must be {image} and an even number, got {field}")
    turned = OneOf(
        Affine(shear=0.2), Affine(shear_columns=0.2), Affine(degrees=round(math.degrees(0.2), 2))
    )
    # Warped in no more room than it takes, 1.2 times 1.2 its side: that is much less to look up.
    room = min(image + 2 * math.ceil(0.22 * image + 1), field)
    most = round(field * 16 / 94)
    return Compose(
        Tint(43.3),
        Crop((room, room), pad=(room - image) // 2),
        Flip(),
        Affine(scale=0.2),
        turned,
        # A shift by up to `most`, and the field around.
        Crop((field, field), pad=(field - room) // 2 + most),
    )


def cs231n_2015(crop: int = 28) -> Compose:
    """Mirror, crop, contrast and tint, as in the course's third assignment of 2015.

    Images are meant to have the mean image removed, on the scale of bytes.

    Examples
    --------
    >>> cs231n_2015().describe()
    'Flip(), Crop(shape=(28, 28)), Contrast(about=0), Tint()'
    """
    return Compose(Flip(), Crop((crop, crop)), Contrast(about=0), Tint())


def airbench(epoch: int | None = None, translate: int = 2, cutout: int = 0) -> Compose:
    """Mirror, and shift with a mirrored border; with an epoch, flips alternate.

    For those, mirror the training images once with ``Flip()``, before epoch 0: then all are
    mirrored in every odd epoch, so that two epochs show both sides of each image.
    Jordan, "94 % on CIFAR-10 in 3.29 seconds on a single GPU", 2024,
    https://arxiv.org/abs/2404.00498

    Examples
    --------
    >>> airbench(epoch=3).describe()
    'Flip(p=1.0), Shift(pixels=2)'
    """
    flip = Flip() if epoch is None else Flip(p=float(as_extent("epoch", epoch, minimum=0) % 2))
    steps: list[Transform] = [flip, Shift(translate)]
    return Compose(*steps, *([Cutout(cutout)] if cutout else []))


PRESETS: dict[str, Callable[[], Compose]] = {
    "alexnet": alexnet,
    "vgg": vgg,
    "graham_cifar": graham_cifar,
    "cs231n_2015": cs231n_2015,
    "airbench": airbench,
}
