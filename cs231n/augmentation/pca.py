"""Fancy PCA: add to images the colours in which the data set varies most."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cs231n.augmentation.colour import Linear, needs_rgb
from cs231n.augmentation.images import Shape, as_images, as_white, white_of
from cs231n.augmentation.ranges import as_number
from cs231n.augmentation.transform import Parameters
from cs231n.validation import Array

_IMAGES_AT_A_TIME = 512
# Half of the numbers 0, the others 1; and what rounding may add.
_MOST_VARIANCE = 0.2501


@dataclass(frozen=True)
class FancyPCA(Linear):
    """Add ``sum_i alpha_i l_i p_i`` to each image, alpha_i ~ N(0, sigma), drawn anew for each use.

    The p_i and l_i are eigenvectors and eigenvalues of the covariance of the colours of *all*
    training pixels: see :func:`fit_pca`. An eigenvalue is a variance, so the formula depends on
    what white is. It is meant for white = 1, where it shifts natural images by about 4 of 255 grey
    levels; taken literally with white = 255 it would by 900. So the eigenvalues are those for white
    = 1, and the result is multiplied by the images' white.

    Parameters
    ----------
    vectors : three tuples of three
        ``vectors[i]`` is p_i, a colour.
    values : tuple of three
        l_i, for white = 1.
    sigma : float
    spread : {'variance', 'deviation'}
        With 'deviation' the square root of l_i takes its place, for which white does not matter.
    white : float, optional
        By default 255 for uint8 and 1 for floats.

    Raises
    ------
    ValueError
        If an array has another shape, or a number is not finite or below 0; or once there are
        images, they have not 3 channels.

    References
    ----------
    Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012, https://papers.nips.cc/paper/4824

    Examples
    --------
    >>> X = np.full((2, 3, 1, 1), 99, np.uint8)
    >>> FancyPCA(sigma=0.3)(X, np.random.default_rng(0)).reshape(2, 3).tolist()
    [[98, 98, 98], [98, 98, 99]]
    """

    # Those of ImageNet's photographs, as they are widely used.
    vectors: tuple[tuple[float, ...], ...] = (
        (-0.5675, -0.5808, -0.5836),
        (0.7192, -0.0045, -0.6948),
        (0.4009, -0.8140, 0.4203),
    )
    values: tuple[float, ...] = (0.2175, 0.0188, 0.0045)
    sigma: float = 0.1
    spread: Literal["variance", "deviation"] = "variance"
    white: float | None = None

    def __post_init__(self) -> None:
        if np.shape(self.vectors) != (3, 3) or np.shape(self.values) != (3,):
            raise ValueError(
                "vectors and values must have shapes (3, 3) and (3,), got "
                f"{np.shape(self.vectors)} and {np.shape(self.values)}"
            )
        if not np.isfinite(self.vectors).all():
            raise ValueError(f"vectors must be finite, got {self.vectors}")
        for value in self.values:
            as_number("values", value, least=0)
        as_number("sigma", self.sigma, least=0)
        if self.white is not None:
            as_white(self.white)
        if self.spread not in ("variance", "deviation"):
            raise ValueError(f"spread must be 'variance' or 'deviation', got {self.spread!r}")

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw alpha, three numbers an image."""
        needs_rgb(self, shape)
        return {"alpha": rng.normal(0, self.sigma, (n, 3))}

    def neutral(self, shape: Shape) -> dict[str, float]:
        """Return what leaves an image as it is."""
        return {"alpha": 0.0}

    def matrix(self, parameters: Parameters, means: Array, white: float) -> Array:
        """Add a colour."""
        values = np.array(self.values)
        lengths = values if self.spread == "variance" else np.sqrt(values)
        matrix = np.zeros((len(means), 3, 4))
        matrix[:, :, :3] = np.eye(3)
        matrix[:, :, 3] = white * (parameters["alpha"] * lengths) @ np.array(self.vectors)
        return matrix


def fit_pca(
    X: Array,
    sigma: float = 0.1,
    spread: Literal["variance", "deviation"] = "variance",
    white: float | None = None,
) -> FancyPCA:
    """Return the transform with the eigenvectors and eigenvalues of a training set.

    Parameters
    ----------
    X : array (N, 3, H, W)
        All training images.
    sigma, spread, white : as in :class:`FancyPCA`

    Raises
    ------
    ValueError
        If `X` is empty, not finite or has other channels; or if floats vary more than shares of
        white can, and `white` was left out: images of floats up to 255 need ``white=255``.

    Examples
    --------
    >>> X = np.zeros((1, 3, 1, 2), np.uint8)
    >>> X[0, 0] = [[0, 255]]  # only red varies
    >>> pca = fit_pca(X)
    >>> pca.values[0], [abs(v) for v in pca.vectors[0]]
    (0.25, [1.0, 0.0, 0.0])
    """
    X = as_images(X)
    if X.shape[1] != 3 or not X.size:
        raise ValueError(f"X must hold images of 3 channels, got shape {X.shape}")
    top = white_of(X, white)
    count = X.size // 3
    mean = X.mean(axis=(0, 2, 3), dtype=np.float64)
    covariance = np.zeros((3, 3))
    for first in range(0, len(X), _IMAGES_AT_A_TIME):
        part = X[first : first + _IMAGES_AT_A_TIME] - mean[:, None, None]
        covariance += np.einsum("nchw,ndhw->cd", part, part, optimize=True)
    if not np.isfinite(covariance).all():
        raise ValueError("X must hold finite numbers, got NaN or infinity")
    covariance /= count * top * top
    if white is None and covariance.diagonal().max() > _MOST_VARIANCE:
        raise ValueError(
            "X of floats must lie in [0, 1], or white must be given, such as white=255: got values "
            f"from {X.min():.4g} to {X.max():.4g}"
        )
    values, vectors = np.linalg.eigh(covariance)
    return FancyPCA(
        vectors=tuple(tuple(column) for column in vectors.T[::-1].tolist()),
        values=tuple(np.maximum(values[::-1], 0).tolist()),
        sigma=sigma,
        spread=spread,
        white=white,
    )
