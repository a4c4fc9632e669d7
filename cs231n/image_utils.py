"""Pictures: from the web and from disk, resized, blurred, prepared for a network and back.

``imread`` and ``imresize`` are what ``scipy.misc`` had until SciPy 1.2, through Pillow; for
notebooks that import them from there, see :mod:`cs231n.compat`.
"""

import http.client
import io
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from cs231n.validation import Array, as_float_array

TIMEOUT = 20  # seconds without a byte
MOST_BYTES = 50_000_000
BLUR = np.array([[1, 2, 1], [2, 188, 2], [1, 2, 1]]) / 200
# Of ImageNet's colours in [0, 1], which SqueezeNet was trained with.
SQUEEZENET_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
SQUEEZENET_STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "lanczos": Image.Resampling.LANCZOS,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "cubic": Image.Resampling.BICUBIC,
}


def imread(
    name: str | os.PathLike[str] | BinaryIO, flatten: bool = False, mode: str | None = None
) -> Array:
    """Read an image file, as ``scipy.misc.imread`` did.

    Parameters
    ----------
    name : path-like or binary file
    flatten : bool
        Return one layer of grey as float32.
    mode : str, optional
        A mode of Pillow to convert to first, such as ``'RGB'`` or ``'L'``.

    Returns
    -------
    array (H, W, 3), (H, W, 4) or, for grey, (H, W)
        uint8; palettes become colours, and black and white becomes 0 and 255.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (3, 2), (255, 0, 0)).save(file, "png")
    >>> imread(file).shape, imread(file, flatten=True)[0].round().tolist()
    ((2, 3, 3), [76.0, 76.0, 76.0])
    """
    with Image.open(name) as image:
        wanted = mode or {"P": "RGB", "1": "L"}.get(image.mode, image.mode)
        if mode is None and image.mode == "P" and "transparency" in image.info:
            wanted = "RGBA"
        converted = image.convert(wanted)
    return np.array(converted.convert("F") if flatten else converted)


def imresize(
    arr: npt.ArrayLike,
    size: int | float | tuple[int, int],
    interp: str = "bilinear",
    mode: str | None = None,
) -> Array:
    """Resize an image, as ``scipy.misc.imresize`` did.

    Unless it is uint8, the image is stretched first, so that its smallest number becomes 0 and its
    largest 255; a constant image becomes 0.

    Parameters
    ----------
    arr : array (H, W), (H, W, 3) or (H, W, 4)
        The channels may stand on any axis; if several have the right size, it is the first.
    size : int, float or (int, int)
        A percentage, a fraction, or the new height and width.
    interp : ``'nearest'``, ``'lanczos'``, ``'bilinear'``, ``'bicubic'`` or ``'cubic'``
    mode : ``'F'``, optional
        For grey: do not stretch, and return float32.

    Returns
    -------
    uint8 array, channels last

    Examples
    --------
    >>> image = np.array([[0.0, 0.5], [0.5, 1.0]])
    >>> imresize(image, 200, interp="nearest")[0].tolist()
    [0, 0, 128, 128]
    >>> imresize(image, (1, 3), interp="nearest").shape
    (1, 3)
    """
    if interp not in _FILTERS:
        raise ValueError(f"interp must be one of {', '.join(_FILTERS)}, got {interp!r}")
    image = _as_image(np.asarray(arr), mode)
    if isinstance(size, int | np.integer):
        size = float(size) / 100
    if isinstance(size, float | np.floating):
        width, height = (int(extent * size) for extent in image.size)
    else:
        height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"size must leave at least one pixel, got {height} x {width}")
    return np.array(image.resize((width, height), _FILTERS[interp]))


def _as_image(arr: Array, mode: str | None) -> Image.Image:
    if mode not in (None, "F") or (mode == "F" and arr.ndim != 2):
        raise ValueError(f"mode must be None, or 'F' for a grey image, got {mode!r}")
    if arr.ndim == 2:
        return Image.fromarray(arr.astype(np.float32) if mode else _as_bytes(arr))
    axes = [axis for count in (3, 4) for axis in range(arr.ndim) if arr.shape[axis] == count]
    if arr.ndim != 3 or not axes:
        raise ValueError(f"arr must be an image, grey or with 3 or 4 channels, got {arr.shape}")
    return Image.fromarray(np.ascontiguousarray(np.moveaxis(_as_bytes(arr), axes[0], 2)))


def _as_bytes(arr: Array) -> Array:
    if arr.dtype == np.uint8:
        return arr
    arr = as_float_array("arr", arr).astype(np.float64)
    low, high = arr.min(), arr.max()
    return ((arr - low) * (255 / ((high - low) or 1)) + 0.5).astype(np.uint8)


def image_from_url(url: str) -> Array | None:
    """Download an image; if that fails, say why and return None.

    Parameters
    ----------
    url : str
        With http or https. A server that sends nothing for 20 seconds, more than 50 MB, or no
        image counts as failure.

    Returns
    -------
    uint8 array (H, W, 3), or (H, W) for a grey image, or None

    Raises
    ------
    ValueError
        If the address is of another kind, such as a file.

    Examples
    --------
    >>> image_from_url("file:///etc/hostname")
    Traceback (most recent call last):
    ValueError: url must begin with http:// or https://, got 'file:///etc/hostname'
    """
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"url must begin with http:// or https://, got {url!r}")
    try:
        with _web().open(url, timeout=TIMEOUT) as answer:
            content = answer.read(MOST_BYTES + 1)
            left = answer.length  # None where the server did not say how much there is
        if len(content) > MOST_BYTES:
            raise OSError(f"more than {MOST_BYTES} bytes")
        if left:
            raise OSError(f"{left} bytes are missing")
        return imread(io.BytesIO(content))
    except urllib.error.HTTPError as error:
        print("HTTP Error:", error.code, url)
    except urllib.error.URLError as error:
        print("URL Error:", error.reason, url)
    except UnidentifiedImageError:
        print("URL Error: what came is not an image", url)
    except (OSError, http.client.HTTPException) as error:
        print("URL Error:", error, url)
    return None


def _web() -> urllib.request.OpenerDirector:
    """Return an opener that knows the web only, so that no redirection leads to ftp or files."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    return opener


def load_image(filename: str | os.PathLike[str], size: int | None = None) -> Array:
    """Read an image file and, if asked to, resize it.

    Parameters
    ----------
    filename : path-like
    size : int, optional
        The shorter side of the result; the other one keeps its proportion.

    Returns
    -------
    uint8 array (H, W, 3), or as :func:`imread` gives it

    Examples
    --------
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (30, 20)).save(file, "png")
    >>> load_image(file, size=10).shape
    (10, 15, 3)
    """
    image = imread(filename)
    if size is None:
        return image
    height, width = (int(extent * size / min(image.shape[:2])) for extent in image.shape[:2])
    return imresize(image, (height, width))


def blur_image(X: Array) -> Array:
    """Blur images very gently, as a regularizer for generated images.

    Each pixel keeps 188/200 of itself and takes 2/200 of each neighbour that shares an edge and
    1/200 of each that shares a corner; beyond the border all is zero.

    Parameters
    ----------
    X : array (N, 3, H, W)

    Returns
    -------
    array like ``X``

    Examples
    --------
    >>> X = np.zeros((1, 3, 3, 3))
    >>> X[0, 0, 1, 1] = 200
    >>> blur_image(X)[0, 0].tolist()
    [[1.0, 2.0, 1.0], [2.0, 188.0, 2.0], [1.0, 2.0, 1.0]]
    """
    X = as_float_array("X", X, ndim=4)
    H, W = X.shape[2:]
    padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.zeros_like(X)
    for (i, j), weight in np.ndenumerate(BLUR):
        out += X.dtype.type(weight) * padded[:, :, i : i + H, j : j + W]
    return out


def preprocess_image(img: Array, mean_img: Array | None = None, mean: str = "image") -> Array:
    """Prepare an image for a network: SqueezeNet's, or with a mean image the course's own of 2016.

    Parameters
    ----------
    img : array (H, W, 3)
        Colours from 0 to 255.
    mean_img : array (3, H, W), optional
        With it, the convention of 2016.
    mean : ``'image'``, ``'pixel'`` or ``'none'``
        What of `mean_img` is subtracted.

    Returns
    -------
    float32 array
        Without a mean image (H, W, 3), ``(img / 255 - SQUEEZENET_MEAN) / SQUEEZENET_STD``; with
        one (1, 3, H, W), ``img - mean``.

    Examples
    --------
    >>> grey = np.full((2, 2, 3), 100)
    >>> preprocess_image(grey).shape, preprocess_image(grey, np.full((3, 2, 2), 90))[0, 0].tolist()
    ((2, 2, 3), [[10.0, 10.0], [10.0, 10.0]])
    """
    image = np.asarray(img).astype(np.float32)
    if mean_img is None:
        return (image / 255 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"img must have shape (H, W, 3), got {image.shape}")
    channels_first = image.transpose(2, 0, 1)[None]  # (H, W, 3) -> (1, 3, H, W)
    return channels_first - _mean(mean_img, mean)


def deprocess_image(
    img: Array,
    mean_img: Array | bool | None = None,
    mean: str = "image",
    renorm: bool = False,
    *,
    rescale: bool = False,
) -> Array:
    """Undo :func:`preprocess_image`, and round down to bytes; what is beyond 0 to 255 is clipped.

    Parameters
    ----------
    img : array (H, W, 3); with a mean image (1, 3, H, W) or (3, H, W)
    mean_img : array (3, H, W), optional
        With it, the convention of 2016. In its place may stand `rescale`.
    mean : ``'image'``, ``'pixel'`` or ``'none'``
    renorm, rescale : bool
        Stretch the image over all of 0 to 255: `renorm` with, `rescale` without a mean image.

    Returns
    -------
    uint8 array (H, W, 3)

    Examples
    --------
    >>> grey = np.full((2, 2, 3), 100)
    >>> deprocess_image(preprocess_image(grey))[0].tolist()
    [[100, 100, 100], [100, 100, 100]]
    """
    image = np.asarray(img, dtype=np.float32)
    if mean_img is None or isinstance(mean_img, bool | np.bool_):
        image = 255 * (image * SQUEEZENET_STD + SQUEEZENET_MEAN)
        stretched = rescale or bool(mean_img)
    else:
        if image.shape[-3:-2] != (3,) or image.ndim > 4 or (image.ndim == 4 and len(image) != 1):
            raise ValueError(f"img must have shape (1, 3, H, W) or (3, H, W), got {image.shape}")
        image = (image + _mean(mean_img, mean)).reshape(image.shape[-3:])  # -> (3, H, W)
        image, stretched = image.transpose(1, 2, 0), renorm  # (3, H, W) -> (H, W, 3)
    if stretched:
        low, high = image.min(), image.max()
        image = 255 * (image - low) / ((high - low) or 1)
    # What should be whole may lie a rounding error below.
    return np.clip(image + 1e-3, 0, 255).astype(np.uint8)


def _mean(mean_img: Any, mean: str) -> Array:
    mean_img = np.asarray(mean_img, dtype=np.float32)
    if mean_img.ndim != 3 or mean_img.shape[0] != 3:
        raise ValueError(f"mean_img must have shape (3, H, W), got {mean_img.shape}")
    if mean == "image":
        return mean_img
    if mean == "pixel":
        return mean_img.mean(axis=(1, 2), keepdims=True)
    if mean == "none":
        return np.zeros((3, 1, 1), np.float32)
    raise ValueError(f"mean must be 'image', 'pixel' or 'none', got {mean!r}")
