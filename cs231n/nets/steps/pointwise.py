"""Steps that treat each number by itself: activations that stand alone, sums, dropout."""

from collections.abc import Mapping

import numpy as np

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import Dropout, LeakyReLU, Scale
from cs231n.nets.steps.base import Need, Step
from cs231n.nets.steps.noise import mix
from cs231n.validation import Array


class ReLUStep(Step):
    """In place, forward and backward."""

    needs_out = Need.LATE
    forward_in_place = True
    backward_in_place = True

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        kernels.relu_forward(self.x, out=self.out)

    def backward(self) -> None:
        """Fill dx, which may be `dout`."""
        if self.dx is not None:
            kernels.relu_backward(self.dout, self.out, out=self.dx)


class LeakyReLUStep(ReLUStep):
    """As a ReLU: the output has the sign of the input."""

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        assert isinstance(placed.spec, LeakyReLU)
        self.slope = float(placed.spec.slope)

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        kernels.leaky_relu_forward(self.x, self.slope, out=self.out)

    def backward(self) -> None:
        """Fill dx, which may be `dout`."""
        if self.dx is not None:
            kernels.leaky_relu_backward(self.dout, self.out, self.slope, out=self.dx)


class GELUStep(Step):
    """The input is kept: the output does not tell on which side of the minimum it was."""

    needs_x = Need.LATE
    forward_in_place = True
    backward_in_place = True

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        kernels.gelu_forward(self.x, out=self.out)

    def backward(self) -> None:
        """Fill dx, which may be `dout`."""
        if self.dx is not None:
            kernels.gelu_backward(self.dout, self.x, out=self.dx)


class ScaleStep(Step):
    """In place, forward and backward."""

    forward_in_place = True
    backward_in_place = True

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        assert isinstance(placed.spec, Scale)
        self.factor = float(placed.spec.factor)

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        np.multiply(self.x, self.factor, out=self.out)

    def backward(self) -> None:
        """Fill dx, which may be `dout`."""
        if self.dx is not None:
            np.multiply(self.dout, self.factor, out=self.dx)


class SumStep(Step):
    """The end of a residual block, and a ReLU; `out` may lie where either addend does.

    The gradient on both is that on the output: the plan lets all three lie in the same place.
    """

    forward_in_place = True

    def __init__(self, placed: Placed, relu: bool) -> None:
        super().__init__(placed, relu)
        self.masks_dout = relu
        self.needs_out = Need.EARLY if relu else Need.NOT

    def forward(self) -> None:
        """Fill `out` = relu(x + other)."""
        assert self.other is not None
        kernels.add(self.x, self.other, relu=self.relu, out=self.out)

    def backward(self) -> None:
        """Apply the ReLU's mask to `dout`, if there is a ReLU."""
        self.dout_before_relu()


class DropoutStep(Step):
    """In place; the mask is computed from a key again, and not kept."""

    forward_in_place = True
    backward_in_place = True

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        assert isinstance(placed.spec, Dropout)
        self.keep = float(placed.spec.keep)
        self.key = 0

    def bind(self, params: Mapping[str, Array], state: Mapping[str, Array], noise: int) -> None:
        """Take the key of this layer in this pass."""
        self.key = mix(noise + self.placed.index)

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        kernels.dropout_forward(self.x, self.keep, self.key, out=self.out)

    def backward(self) -> None:
        """Mask `dout` as the forward pass did; dx may be `dout`."""
        if self.dx is not None:
            kernels.dropout_backward(self.dout, self.keep, self.key, out=self.dx)


class ChannelDropoutStep(DropoutStep):
    """One number a map, 0 or 1 / keep, is kept for the backward pass."""

    def __init__(self, placed: Placed, dtype: np.dtype) -> None:
        super().__init__(placed)
        self.dtype = dtype

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return the place of the factors."""
        return {"factors": (self.input_shape[:1], self.dtype.type)}

    def forward(self) -> None:
        """Fill `out`, which may be x, and the factors."""
        factors = self.extra["factors"]
        factors[...] = 1
        kernels.dropout_forward(factors, self.keep, self.key, out=factors)
        np.multiply(self.x, self._over_maps(), out=self.out)

    def backward(self) -> None:
        """Fill dx, which may be `dout`."""
        if self.dx is not None:
            np.multiply(self.dout, self._over_maps(), out=self.dx)

    def _over_maps(self) -> Array:
        factors = self.extra["factors"]
        return factors.reshape(*factors.shape, *(1,) * (self.x.ndim - 2))  # (N, C) -> (N, C, 1, 1)
