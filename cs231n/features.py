"""Hand-made image features: histograms of gradients and of colours."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from cs231n.release import conventions
from cs231n.validation import Array, as_extent, as_float_array

CELL, ORIENTATIONS = 8, 9


def extract_features(
    imgs: npt.ArrayLike, feature_fns: Sequence[Callable[[Array], Array]], verbose: bool = False
) -> Array:
    """Compute the features of each image, one kind after the other.

    Parameters
    ----------
    imgs : array (N, H, W, C)
        A last axis of length 1 is left out of what the functions get.
    feature_fns : sequence of callables
        Each takes an image (H, W, C) and returns a vector, of one length for all images.
    verbose : bool
        Print a line every 1000 images.

    Returns
    -------
    float64 array (N, F)
        A row an image; (F, N), a column an image, in the release of 2015
        (:func:`cs231n.use_release`). F is 0 without images.

    Raises
    ------
    ValueError
        If there are no functions, or one returns something else than such a vector.

    Examples
    --------
    >>> imgs = np.zeros((2, 32, 32, 3))
    >>> extract_features(imgs, [hog_feature, color_histogram_hsv]).shape
    (2, 154)
    """
    imgs, feature_fns = np.asarray(imgs), list(feature_fns)
    if imgs.ndim != 4:
        raise ValueError(f"imgs must be (N, H, W, C), got shape {imgs.shape}")
    if not feature_fns:
        raise ValueError("feature_fns must hold at least one function, got none")
    if imgs.shape[3] == 1:
        imgs = imgs[..., 0]  # (N, H, W, 1) -> (N, H, W)
    N = imgs.shape[0]
    lengths: list[int] = []
    features = np.zeros((N, 0))
    for n in range(N):
        parts = [_feature_vector(fn, imgs[n]) for fn in feature_fns]
        if n == 0:
            lengths = [len(part) for part in parts]
            features = np.zeros((N, sum(lengths)))
        elif [len(part) for part in parts] != lengths:
            raise ValueError(
                "feature_fns must return vectors of one length for all images, got lengths "
                f"{lengths} for image 0 and {[len(part) for part in parts]} for image {n}"
            )
        features[n] = np.concatenate(parts)
        if verbose and (n + 1) % 1000 == 0:
            print(f"Done extracting features for {n + 1} / {N} images")
    return features.T if conventions().features_come_first else features  # (N, F) -> (F, N)


def _feature_vector(fn: Callable[[Array], Array], image: Array) -> Array:
    vector = np.asarray(fn(image))
    if vector.ndim != 1:
        name = getattr(fn, "__name__", repr(fn))
        raise ValueError(f"{name} must return a vector, got shape {vector.shape}")
    return vector


def rgb2gray(rgb: npt.ArrayLike) -> Array:
    """Return the luminance of an image, ``0.299 R + 0.587 G + 0.144 B``.

    The weights are the course's; those of the television standard end in 0.114, so white comes out
    as 1.03 of what it was.

    Parameters
    ----------
    rgb : array (..., 3)
        Of any range; further channels (alpha) are ignored. Integers are taken as float64.

    Returns
    -------
    array (...)

    Raises
    ------
    ValueError
        If the last axis is shorter than 3.

    Examples
    --------
    >>> rgb2gray(np.array([[[100, 0, 0], [0, 0, 100]]], dtype=np.uint8)).round(6).tolist()
    [[29.9, 14.4]]
    """
    rgb = as_float_array("rgb", rgb)
    if rgb.ndim < 1 or rgb.shape[-1] < 3:
        raise ValueError(f"rgb must have shape (..., 3), got {rgb.shape}")
    weights = np.array([0.299, 0.587, 0.144], dtype=rgb.dtype)
    return rgb[..., :3] @ weights  # (..., 3) @ (3,) -> (...)


def hog_feature(im: npt.ArrayLike) -> Array:
    """Histogram of oriented gradients: in each cell of 8 x 8 pixels, 9 orientations over 180°.

    A pixel's gradient is the difference to the next pixel in either direction (0 at the last). It
    adds its length to the bin of its direction, where opposite directions count as one; each bin is
    divided by the 64 pixels of the cell. Bin 0 begins with gradients that point straight up.

    Parameters
    ----------
    im : array (H, W, 3) or (H, W)
        Height and width at least 8, not necessarily equal; rows and columns beyond the last whole
        cell are left out. Integers are taken as float64.

    Returns
    -------
    array ((W // 8) * (H // 8) * 9,)
        Column of cells by column; 144 numbers for an image of 32 x 32.

    Raises
    ------
    ValueError
        If `im` is no image, or smaller than a cell.

    References
    ----------
    Dalal & Triggs, "Histograms of oriented gradients for human detection", CVPR 2005,
    https://doi.org/10.1109/CVPR.2005.177

    Examples
    --------
    >>> ramp = np.tile(np.arange(16.0), (8, 1))  # brighter by 1 a pixel, from left to right
    >>> hog_feature(ramp).reshape(2, 9)[0].tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    gray = as_float_array("im", im)
    gray = rgb2gray(gray) if gray.ndim == 3 else gray
    if gray.ndim != 2 or min(gray.shape) < CELL:
        raise ValueError(
            f"im must be (H, W, 3) or (H, W), at least {CELL} high and wide, got {np.shape(im)}"
        )
    gx = np.diff(gray, axis=1, append=gray[:, -1:])
    gy = np.diff(gray, axis=0, append=gray[-1:])
    rows, columns = gray.shape[0] // CELL, gray.shape[1] // CELL
    inside = np.s_[: rows * CELL, : columns * CELL]
    degrees = np.degrees(np.arctan2(gy, gx))[inside] + 90
    # The modulo after the division: of a tiny negative angle it is 180 itself, a tenth bin.
    bins = np.floor(degrees / (180 / ORIENTATIONS)).astype(np.intp) % ORIENTATIONS
    cells = _cell_numbers(rows, columns)
    return np.bincount(
        (cells * ORIENTATIONS + bins).ravel(),
        weights=np.hypot(gx, gy)[inside].ravel() / CELL**2,
        minlength=rows * columns * ORIENTATIONS,
    )


def _cell_numbers(rows: int, columns: int) -> Array:
    """Return for each pixel the number of its cell, counted down the columns of cells."""
    row = np.arange(rows * CELL) // CELL
    column = np.arange(columns * CELL) // CELL
    return column * rows + row[:, None]


def color_histogram_hsv(
    im: npt.ArrayLike,
    nbin: int = 10,
    xmin: float = 0,
    xmax: float = 255,
    normalized: bool = True,
) -> Array:
    """Histogram of the hues of an image.

    With V = max(R, G, B) and d = V - min(R, G, B), the hue is ``(G - B) / d`` sixths of a turn
    where V is R, ``2 + (B - R) / d`` where it is G, ``4 + (R - G) / d`` where it is B; 0 for grey.

    Parameters
    ----------
    im : array (H, W, 3)
        RGB of any range.
    nbin : int
    xmin, xmax : float
        The histogram's range, on a scale where ``xmax`` is a full turn.
    normalized : bool
        Divide the counts by their sum.

    Returns
    -------
    array (nbin,)

    Raises
    ------
    ValueError
        If `im` is no colour image, or the range is empty.

    References
    ----------
    Smith, "Color gamut transform pairs", SIGGRAPH 1978, https://doi.org/10.1145/800248.807361

    Examples
    --------
    >>> red_and_blue = np.array([[[200, 0, 0], [0, 0, 50]]])
    >>> color_histogram_hsv(red_and_blue, nbin=3).tolist()
    [0.5, 0.0, 0.5]
    """
    hue, nbin = _hue(_as_colour("im", im)), as_extent("nbin", nbin, 1)
    _require_range(xmin, xmax)
    counts, _ = np.histogram(hue * xmax, bins=nbin, range=(xmin, xmax))
    return _shares(counts, normalized)


def _hue(im: Array) -> Array:
    """Return the hue (H, W) in turns, in [0, 1]."""
    r, g, b = np.ascontiguousarray(np.moveaxis(im, -1, 0))  # (H, W, 3) -> (3, H, W)
    value = np.maximum(np.maximum(r, g), b)
    spread = value - np.minimum(np.minimum(r, g), b)
    d = np.where(spread > 0, spread, 1)  # grey: 0 / 1
    of_green_or_blue = np.where(value == g, 2 + (b - r) / d, 4 + (r - g) / d)
    turns = np.where(value == r, (g - b) / d, of_green_or_blue) / 6
    return np.where(turns < 0, turns + 1, turns)


def color_histogram(
    img: npt.ArrayLike,
    nbin: int = 10,
    xmin: float = 0,
    xmax: float = 255,
    normalized: bool = True,
) -> Array:
    """Histograms of the red, the green and the blue of an image, one after the other.

    Parameters
    ----------
    img : array (H, W, 3)
    nbin : int
        Bins of each colour.
    xmin, xmax : float
        The range of values; those outside are not counted.
    normalized : bool
        Divide the counts by their sum over all colours.

    Returns
    -------
    array (3 * nbin,)

    Raises
    ------
    ValueError
        If `img` is no colour image, or the range is empty.

    References
    ----------
    Swain & Ballard, "Color indexing", IJCV 1991, https://doi.org/10.1007/BF00130487

    Examples
    --------
    >>> color_histogram(np.array([[[200, 0, 0], [100, 0, 0]]]), nbin=2, normalized=False).tolist()
    [1.0, 1.0, 2.0, 0.0, 2.0, 0.0]
    """
    img, nbin = _as_colour("img", img), as_extent("nbin", nbin, 1)
    _require_range(xmin, xmax)
    counts = [np.histogram(img[..., c], bins=nbin, range=(xmin, xmax))[0] for c in range(3)]
    return _shares(np.concatenate(counts), normalized)


def color_histogram_spatial(img: npt.ArrayLike, levels: int = 3, nbin: int = 4) -> Array:
    """Colour histograms of an image, of its quarters, of their quarters, and so on.

    Parameters
    ----------
    img : array (H, W, 3)
        Values from 0 to 255.
    levels : int
        On level l the image is cut into 2^l x 2^l parts, as equal as whole pixels allow.
    nbin : int
        Bins of each colour.

    Returns
    -------
    array (nbin * (4^levels - 1),)
        Level by level, row of parts by row; the histogram of each part sums to 1.

    Raises
    ------
    ValueError
        If `img` is no colour image, or too small for so many levels.

    References
    ----------
    Lazebnik, Schmid & Ponce, "Beyond bags of features", CVPR 2006,
    https://doi.org/10.1109/CVPR.2006.68

    Examples
    --------
    >>> color_histogram_spatial(np.zeros((32, 32, 3))).shape
    (252,)
    """
    img, levels = _as_colour("img", img), as_extent("levels", levels, 1)
    if min(img.shape[:2]) < 2 ** (levels - 1):
        raise ValueError(
            f"levels must leave parts of a pixel at least, got {levels} for {img.shape}"
        )
    histograms = [
        color_histogram(part, nbin=nbin)
        for level in range(levels)
        for row in np.array_split(img, 2**level, axis=0)
        for part in np.array_split(row, 2**level, axis=1)
    ]
    return np.concatenate(histograms)


def color_histogram_cross(img: npt.ArrayLike, nbin: int = 5, normalized: bool = True) -> Array:
    """Joint histogram of red, green and blue: how often each combination comes up.

    Parameters
    ----------
    img : array (H, W, 3)
        Values from 0 to 255; a pixel with one outside is not counted.
    nbin : int
        Bins of each colour.
    normalized : bool
        Divide the counts by their sum.

    Returns
    -------
    array (nbin^3,)
        Red changes slowest, blue fastest.

    Raises
    ------
    ValueError
        If `img` is no colour image.

    References
    ----------
    Swain & Ballard, "Color indexing", IJCV 1991, https://doi.org/10.1007/BF00130487

    Examples
    --------
    >>> color_histogram_cross(np.array([[[200, 0, 0], [0, 0, 0]]]), nbin=2).tolist()
    [0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0]
    """
    img, nbin = _as_colour("img", img), as_extent("nbin", nbin, 1)
    pixels = img.reshape(-1, 3)  # (H, W, 3) -> (H * W, 3)
    counts, _ = np.histogramdd(pixels, bins=(nbin,) * 3, range=[(0, 255)] * 3)
    return _shares(counts.ravel(), normalized)


def _as_colour(name: str, value: npt.ArrayLike) -> Array:
    image = as_float_array(name, value)
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"{name} must be an image (H, W, 3), got shape {image.shape}")
    return image


def _require_range(xmin: float, xmax: float) -> None:
    if not xmin < xmax:
        raise ValueError(f"xmin must be less than xmax, got {xmin} and {xmax}")


def _shares(counts: Array, normalized: bool) -> Array:
    counts = counts.astype(np.float64)
    return counts / max(counts.sum(), 1) if normalized else counts
