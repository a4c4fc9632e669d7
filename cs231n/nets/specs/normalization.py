"""Batch and layer normalisation."""

from dataclasses import dataclass

from cs231n.nets.specs.base import Parameter, Shape, Spec, check_number
from cs231n.nets.specs.initial import Constant


@dataclass(frozen=True, repr=False)
class BatchNorm(Spec):
    """Standardise each channel over the batch and the map, each number of a vector over the batch.

    ``running = momentum running + (1 - momentum) batch``, used at test time, begins with mean 0
    and variance 1, so that an untrained network passes its input on.

    Examples
    --------
    >>> [p.stem for p in BatchNorm().running((64, 32, 32))]
    ['running_mean', 'running_var']
    """

    eps: float = 1e-5
    momentum: float = 0.9

    def __post_init__(self) -> None:
        check_number(self, "eps", 0, float("inf"))
        check_number(self, "momentum", 0, 1)

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """Return gamma and beta, one number a channel."""
        return _scale_and_shift(shape[:1])

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


def _scale_and_shift(shape: Shape) -> tuple[Parameter, ...]:
    return Parameter("gamma", shape, Constant(1.0)), Parameter("beta", shape, Constant(0.0))
