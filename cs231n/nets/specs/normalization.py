"""Batch, layer, group and local response normalisation."""

from dataclasses import dataclass

from cs231n.nets.specs.base import Parameter, Shape, Spec, check_extents, check_number, maps
from cs231n.nets.specs.initial import Constant


@dataclass(frozen=True, repr=False)
class BatchNorm(Spec):
    """Standardise each channel over the batch and the map, each number of a vector over the batch.

    ``scale=False`` leaves gamma out, as nets whose next layer can scale as well do.

    ``running = momentum running + (1 - momentum) batch``, used at test time, begins with mean 0
    and variance 1, so that an untrained network passes its input on.

    Examples
    --------
    >>> [p.stem for p in BatchNorm().running((64, 32, 32))]
    ['running_mean', 'running_var']
    """

    eps: float = 1e-5
    momentum: float = 0.9
    scale: bool = True

    def __post_init__(self) -> None:
        check_number(self, "eps", 0, float("inf"))
        check_number(self, "momentum", 0, 1)

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return gamma, where it scales, and beta, one number a channel."""
        return _scale_and_shift(shape[:1])[0 if self.scale else 1 :]

    def running(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return the running mean and variance."""
        return (
            Parameter("running_mean", shape[:1], Constant(0.0)),
            Parameter("running_var", shape[:1], Constant(1.0)),
        )


@dataclass(frozen=True, repr=False)
class LayerNorm(Spec):
    """Standardise each vector over its numbers.

    Examples
    --------
    >>> [p.shape for p in LayerNorm().parameters((10,))]
    [(10,), (10,)]
    """

    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_number(self, "eps", 0, float("inf"))

    def output_shape(self, shape: Shape) -> Shape:
        """Return (D,)."""
        if len(shape) != 1:
            raise ValueError(f"needs a vector (D,), got maps of shape {shape}: flatten them first")
        return shape

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return gamma and beta, (D,) each."""
        return _scale_and_shift(shape)


@dataclass(frozen=True, repr=False)
class GroupNorm(Spec):
    """Standardise each image over groups of channels and the map; one group: over all of it.

    Wu & He, "Group normalization", 2018, https://arxiv.org/abs/1803.08494

    Examples
    --------
    >>> [p.shape for p in GroupNorm(8).parameters((64, 16, 16))]
    [(64,), (64,)]
    """

    groups: int
    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_extents(self, groups=1)
        check_number(self, "eps", 0, float("inf"))

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, H, W)."""
        if maps(shape)[0] % self.groups:
            raise ValueError(
                f"needs channels in a multiple of its {self.groups} groups, got {shape[0]} channels"
            )
        return shape

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return gamma and beta, one number a channel."""
        return _scale_and_shift(shape[:1])


@dataclass(frozen=True, repr=False)
class LocalResponseNorm(Spec):
    """``x / (k + alpha sum of x^2 over the size nearest channels) ** beta``, as in AlexNet.

    Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks", 2012, section 3.3

    Examples
    --------
    >>> LocalResponseNorm().output_shape((96, 55, 55))
    (96, 55, 55)
    """

    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 2.0

    def __post_init__(self) -> None:
        check_extents(self, size=1)
        for field in ("alpha", "beta", "k"):
            check_number(self, field, 0, float("inf"))
        if self.k == 0:
            raise ValueError("LocalResponseNorm's k must be above 0, got 0: it is divided by")

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, H, W)."""
        return maps(shape)


def _scale_and_shift(shape: Shape) -> tuple[Parameter, ...]:
    return Parameter("gamma", shape, Constant(1.0)), Parameter("beta", shape, Constant(0.0))
