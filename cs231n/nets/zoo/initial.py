"""A way to begin that only the nets from PyTorch's time need."""

from dataclasses import dataclass

import numpy as np

from cs231n.nets.specs.initial import Initial, fans
from cs231n.validation import Array


@dataclass(frozen=True)
class FanInUniform(Initial):
    """Uniform numbers with variance ``1 / (3 fan_in)``, with which PyTorch's layers begin.

    LeCun, Bottou, Orr & Müller, "Efficient backprop", 1998, asked for three times as much.
    """

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent uniform numbers."""
        most = fans(shape)[0] ** -0.5
        return rng.uniform(-most, most, shape)


FAN_IN = FanInUniform()
