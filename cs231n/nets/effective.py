"""The effective receptive field: how much each pixel that a unit sees really moves it."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cs231n.nets.field import ReceptiveField, receptive_field
from cs231n.nets.input_gradient import RandomWeights, pass_through, uniform_weights
from cs231n.nets.language import as_layers
from cs231n.nets.placing import Placed, place
from cs231n.nets.specs import Conv, ReLU, Shape, Spec
from cs231n.validation import Array, as_extent

WEIGHTS = ("random", "uniform")
_SHARE_OF_PEAK = 1 - 0.9545  # the mass that a Gaussian has beyond two deviations
_CHANNELS = 3


@dataclass(frozen=True)
class EffectiveField:
    """What one unit sees, weighted.

    Attributes
    ----------
    map : array (H, W)
        Each pixel's share; the sum is 1.
    theoretical : ReceptiveField
    unit : (row, column)
        The unit from which the gradient came.
    """

    map: Array
    theoretical: ReceptiveField
    unit: tuple[int, int]

    @property
    def deviation(self) -> tuple[float, float]:
        """Standard deviation of the shares around their mean, in pixels, over rows and columns."""
        return self._per_axis(_deviation)

    @property
    def fitted(self) -> tuple[float, float]:
        """Standard deviation of the Gaussian that fits best, over rows and columns."""
        return self._per_axis(_fit)

    @property
    def extent(self) -> float:
        """Side of a square with as many pixels as have at least 4.55 % of the largest share."""
        return float(np.count_nonzero(self.map >= _SHARE_OF_PEAK * self.map.max())) ** 0.5

    def _per_axis(self, measure: Callable[[Array], float]) -> tuple[float, float]:
        return measure(self.map.sum(axis=1)), measure(self.map.sum(axis=0))


def effective_field(
    layers: str | Iterable[Spec | str],
    input_shape: Shape | None = None,
    *,
    weights: str = "random",
    draws: int = 20,
    seed: int = 0,
) -> EffectiveField:
    """Measure how much each pixel moves the unit in the middle, before anything is learnt.

    A one is put on the unit's gradient, and carried back to the image. With random weights, drawn
    as each layer begins, its sign means nothing: its square is averaged, over draws of weights and
    images. With uniform weights the gradient itself is. In both cases n layers of k x k filters,
    and nothing between them, give n convolutions with a box: a variance of n (k^2 - 1) / 12, so a
    width that grows as sqrt(n), where what could be seen grows as n.

    Parameters
    ----------
    layers : specs, or text
        Convolutions, pooling, activations, residual blocks. Biases, batch normalisation and
        dropout do nothing here.
    input_shape : (C, H, W), optional
        By default three channels, and as large a map as one unit sees.
    weights : ``'random'`` or ``'uniform'``
    draws : int
    seed : int

    Raises
    ------
    ValueError, TypeError
        If the layers do not fit, end with a vector, or see the whole map of an unknown size.

    References
    ----------
    Luo, Li, Urtasun & Zemel, "Understanding the effective receptive field in deep convolutional
    neural networks", 2016, https://arxiv.org/abs/1701.04128

    Examples
    --------
    >>> measured = effective_field([Conv(1)] * 6, weights="uniform", draws=1)
    >>> [round(deviation, 6) for deviation in measured.deviation]  # sqrt(2 * 6 / 3)
    [2.0, 2.0]
    """
    layers = tuple(as_layers(layers))
    if weights not in WEIGHTS:
        raise ValueError(f"weights must be one of {WEIGHTS}, got {weights!r}")
    draws = as_extent("draws", draws, 1)
    unit = None
    if input_shape is None:
        input_shape, unit = _large_enough(layers)
    placed = place(layers, input_shape, scores=False)
    shape = placed[-1].output_shape
    if len(shape) != 3:
        raise ValueError(f"layers must end with maps, got a vector of {shape}")
    unit = unit or (shape[1] // 2, shape[2] // 2)
    rng = np.random.default_rng(seed)
    total = np.zeros(placed[0].input_shape[1:])
    for _ in range(draws):
        gradient = _gradient(placed, unit, weights, rng)
        shares = (gradient**2 if weights == "random" else np.abs(gradient)).sum(axis=0)
        if mass := shares.sum():  # nothing is left where every path ends at a ReLU
            total += shares / mass  # so that no draw outweighs the others
    if not total.any():
        raise ValueError("the gradient vanished in every draw: take more draws, or fewer layers")
    return EffectiveField(total / total.sum(), receptive_field(layers, placed[0].input_shape), unit)


def effective_growth(
    depths: Sequence[int] = (5, 10, 20, 40),
    *,
    size: int = 3,
    filters: int = 8,
    relu: bool = False,
    weights: str = "random",
    draws: int = 20,
    seed: int = 0,
) -> list[EffectiveField]:
    """Measure stacks of so many convolutions each, alike but for their depth.

    Examples
    --------
    >>> measured = effective_growth((2, 8), filters=1, weights="uniform", draws=1)
    >>> [round(field.deviation[0] ** 2 * 3 / 2, 6) for field in measured]
    [2.0, 8.0]
    """
    layer = (Conv(filters, size), ReLU()) if relu else (Conv(filters, size),)
    return [
        effective_field(
            layer * as_extent("depths", depth, 1), weights=weights, draws=draws, seed=seed
        )
        for depth in depths
    ]


def _large_enough(layers: tuple[Spec, ...]) -> tuple[Shape, tuple[int, int]]:
    """Return the smallest images with a unit in the middle that sees no padding, and the unit."""
    axes = receptive_field(layers).axes
    if any(axis.size == math.inf for axis in axes):
        raise ValueError("input_shape must be given where a layer sees the whole map")
    (row, height), (column, width) = (axis.middle() for axis in axes)
    return (_CHANNELS, height, width), (row, column)


def _gradient(
    placed: tuple[Placed, ...], unit: tuple[int, int], weights: str, rng: np.random.Generator
) -> Array:
    """Return the gradient (C, H, W) of the first channel's unit on one random image."""
    x = rng.standard_normal((1, *placed[0].input_shape))
    draw = RandomWeights(rng) if weights == "random" else uniform_weights
    out, back = pass_through(placed, x, draw)
    dout = np.zeros_like(out)
    dout[0, 0, unit[0], unit[1]] = 1
    return back(dout)[0]


def _deviation(shares: Array) -> float:
    """Return the standard deviation of places with these shares, which sum to 1."""
    places = np.arange(len(shares))
    return float(np.sqrt(shares @ (places - shares @ places) ** 2))


def _fit(shares: Array) -> float:
    """Return the deviation of the Gaussian with the least squared distance; its height is free.

    For a given deviation the best height is known, so one number is searched: by golden section
    on a logarithmic scale.
    """
    places = np.arange(len(shares)) - shares @ np.arange(len(shares))

    def distance(log_deviation: float) -> float:
        bell = np.exp(-0.5 * (places / math.exp(log_deviation)) ** 2)
        return float(((shares - (shares @ bell) / (bell @ bell) * bell) ** 2).sum())

    low, high = math.log(0.1), math.log(len(shares))
    golden = (5**0.5 - 1) / 2
    while high - low > 1e-6:
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if distance(left) < distance(right) else (left, high)
    return math.exp((low + high) / 2)
