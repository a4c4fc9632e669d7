"""Layers that treat each number by itself: activations, a constant factor, dropout."""

from dataclasses import dataclass

from cs231n.nets.specs.base import Spec, check_keep, check_number


@dataclass(frozen=True, repr=False)
class ReLU(Spec):
    """``max(x, 0)``.

    Examples
    --------
    >>> ReLU().output_shape((64, 32, 32))
    (64, 32, 32)
    """


@dataclass(frozen=True, repr=False)
class LeakyReLU(Spec):
    """``x`` where it is positive, ``slope * x`` elsewhere.

    Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.

    Examples
    --------
    >>> LeakyReLU(1 / 3).slope < 0.5
    True
    """

    slope: float = 0.01

    def __post_init__(self) -> None:
        check_number(self, "slope", 0, 1)


@dataclass(frozen=True, repr=False)
class GELU(Spec):
    """``x P(Z <= x)`` with Z standard normal.

    Hendrycks & Gimpel, "Gaussian error linear units", 2016, https://arxiv.org/abs/1606.08415

    Examples
    --------
    >>> GELU()
    GELU()
    """


@dataclass(frozen=True, repr=False)
class Scale(Spec):
    """``factor * x``, with a factor that is not learnt.

    Examples
    --------
    >>> Scale(1 / 8)
    Scale(factor=0.125)
    """

    factor: float

    def __post_init__(self) -> None:
        check_number(self, "factor", -1e30, 1e30)


@dataclass(frozen=True, repr=False)
class Dropout(Spec):
    """In training each number is kept with probability ``keep``, and divided by it.

    Attributes
    ----------
    keep : float
    by_channel : bool
        Whether a map is kept or dropped as a whole.

    References
    ----------
    Srivastava et al., "Dropout", 2014, https://jmlr.org/papers/v15/srivastava14a.html; by channel:
    Tompson et al., 2014, https://arxiv.org/abs/1411.4280

    Examples
    --------
    >>> Dropout(0.8)
    Dropout(keep=0.8)
    """

    keep: float = 0.5
    by_channel: bool = False

    def __post_init__(self) -> None:
        check_keep(self)
