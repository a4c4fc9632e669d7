"""Mix images, and their labels with them."""

from dataclasses import dataclass

import numpy as np

from cs231n import kernels
from cs231n.augmentation.images import Shape, as_images, as_planes, as_rng, in_layout
from cs231n.augmentation.ranges import as_number
from cs231n.augmentation.transform import Parameters
from cs231n.kernels.arrays import result
from cs231n.validation import Array, as_extent, as_labels


class Mixing:
    """What gives each image a partner of the batch, and a share of the label."""

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw ``others`` (n,), indices, and ``shares`` (n,): how much of its own label is kept."""
        raise NotImplementedError

    def apply(self, X: Array, parameters: Parameters, out: Array | None = None) -> Array:
        """Return the mixed images."""
        raise NotImplementedError

    def __call__(
        self,
        X: Array,
        y: Array,
        classes: int,
        rng: np.random.Generator,
        out: Array | None = None,
        layout: str = "NCHW",
    ) -> tuple[Array, Array]:
        """Mix a batch.

        Parameters
        ----------
        X : array (N, C, H, W)
        y : integer array (N,)
        classes : int
        rng : numpy.random.Generator
        out : array, optional
            Where to write the images; `X` itself mixes in place.
        layout : {'NCHW', 'NHWC'}
            How `X`, and the images, lie in memory.

        Returns
        -------
        images : array (N, C, H, W), or (N, H, W, C)
        targets : array (N, classes)
            What :func:`mixed_targets` makes of the labels.
        """
        images = as_planes(X, layout)
        parameters = self.draw(len(images), images.shape[1:], as_rng(rng))
        targets = mixed_targets(y, parameters, classes)  # refuses labels before `out` is written
        to = result("out", out, images.shape, images.dtype) if layout == "NCHW" else None
        return in_layout(self.apply(images, parameters, to), layout, out), targets


@dataclass(frozen=True)
class MixUp(Mixing):
    """Add two images, and their labels: shares are drawn from Beta(alpha, alpha), one an image.

    Raises
    ------
    ValueError
        If `alpha` is not above 0.

    References
    ----------
    Zhang, Cisse, Dauphin & Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018,
    https://arxiv.org/abs/1710.09412

    Examples
    --------
    >>> X, y = np.zeros((4, 3, 8, 8), np.uint8), np.array([0, 1, 2, 1])
    >>> images, targets = MixUp()(X, y, 3, np.random.default_rng(0))
    >>> images.shape, targets.shape, targets.sum(axis=1).round(6).tolist()
    ((4, 3, 8, 8), (4, 3), [1.0, 1.0, 1.0, 1.0])
    """

    alpha: float = 0.2

    def __post_init__(self) -> None:
        _check_alpha(self.alpha)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw partners and shares."""
        return {"others": rng.permutation(n), "shares": rng.beta(self.alpha, self.alpha, n)}

    def apply(self, X: Array, parameters: Parameters, out: Array | None = None) -> Array:
        """Return the weighted sums."""
        return kernels.mix(as_images(X), parameters["others"], parameters["shares"], out=out)


@dataclass(frozen=True)
class CutMix(Mixing):
    """Paste a box of another image; the labels are mixed by area.

    The box has the image's aspect, and about a share 1 - Beta(alpha, alpha) of its area; its centre
    is anywhere in the image, and what stands over the border is cut off.

    Raises
    ------
    ValueError
        If `alpha` is not above 0.

    References
    ----------
    Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable
    features", ICCV 2019, https://arxiv.org/abs/1905.04899

    Examples
    --------
    >>> X, y = np.zeros((4, 3, 8, 8), np.uint8), np.array([0, 1, 2, 1])
    >>> images, targets = CutMix()(X, y, 3, np.random.default_rng(0))
    >>> images.shape, targets.shape, targets.sum(axis=1).round(6).tolist()
    ((4, 3, 8, 8), (4, 3), [1.0, 1.0, 1.0, 1.0])
    """

    alpha: float = 1.0

    def __post_init__(self) -> None:
        _check_alpha(self.alpha)

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw partners and boxes (n, 4): top, bottom, left, right."""
        others = rng.permutation(n)
        extent = np.array(shape[1:])
        size = np.rint(extent * np.sqrt(1 - rng.beta(self.alpha, self.alpha, n))[:, None])
        first = rng.integers(0, np.maximum(extent, 1), (n, 2)) - size.astype(np.int64) // 2
        first, last = (np.clip(end, 0, extent) for end in (first, first + size.astype(np.int64)))
        area = (last - first).prod(axis=1) / max(int(extent.prod()), 1)
        box = np.stack([first[:, 0], last[:, 0], first[:, 1], last[:, 1]], axis=1)
        return {"others": others, "box": box, "shares": 1 - area}

    def apply(self, X: Array, parameters: Parameters, out: Array | None = None) -> Array:
        """Return images with boxes of others."""
        X = as_images(X)
        source = X.copy() if out is not None and np.may_share_memory(X, out) else X
        if out is None:
            out = X.copy()
        elif out is not X:
            out[...] = X
        pairs = zip(parameters["others"].tolist(), parameters["box"].tolist(), strict=True)
        for image, (other, (top, bottom, left, right)) in zip(out, pairs, strict=True):
            image[:, top:bottom, left:right] = source[other, :, top:bottom, left:right]
        return out


def mixed_targets(y: Array, parameters: Parameters, classes: int) -> Array:
    """Return what to predict: shares of each image's own class and of its partner's.

    Parameters
    ----------
    y : integer array (N,)
    parameters : dict
        With ``others`` and ``shares``, as the mixing drew them.
    classes : int

    Returns
    -------
    array (N, classes), rows summing to 1

    Examples
    --------
    >>> drawn = {"others": np.array([1, 0]), "shares": np.array([0.75, 1.0])}
    >>> mixed_targets(np.array([2, 0]), drawn, 3).tolist()
    [[0.25, 0.0, 0.75], [1.0, 0.0, 0.0]]
    """
    others, shares = parameters["others"], parameters["shares"]
    classes = as_extent("classes", classes, minimum=1)
    y = as_labels("y", y, len(others), classes)
    targets = np.zeros((len(y), classes))
    rows = np.arange(len(y))
    targets[rows, y] = shares
    targets[rows, y[others]] += 1 - shares  # the two may be one class
    return targets


def _check_alpha(alpha: float) -> None:
    as_number("alpha", alpha, above=0)
