"""Matrix product, bias and ReLU in one step; the same with weights that are dropped."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import DropConnect
from cs231n.nets.steps.base import Need, Step
from cs231n.nets.steps.noise import mix
from cs231n.validation import Array


class AffineStep(Step):
    """The ReLU's mask is read off the output, so nothing between the two is kept."""

    needs_x = Need.EARLY
    stems: ClassVar = {"w": "W", "b": "b"}
    w: Array
    b: Array | None = None
    dw: Array
    db: Array | None = None

    def __init__(self, placed: Placed, relu: bool, bias_counts: bool) -> None:
        super().__init__(placed, relu)
        self.masks_dout = relu
        self.needs_out = Need.EARLY if relu else Need.NOT
        self.bias_counts = bias_counts

    def forward(self) -> None:
        """Fill `out` = relu(x w + b)."""
        kernels.matmul(self.x, self.w, bias=self.b, relu=self.relu, out=self.out)

    def backward(self) -> None:
        """Fill dw and db first: from then on x's memory is free, and dx may be written there."""
        dout = self.dout_before_relu()
        kernels.matmul(self.x.T, dout, out=self.dw)  # (D, N) @ (N, M) -> (D, M)
        if self.bias_counts and self.db is not None:
            maps = dout[:, :, None, None]  # (N, M) -> (N, M, 1, 1)
            kernels.bias_gradient(maps, out=self.db)
        if self.dx is not None:
            kernels.matmul(dout, self.w.T, out=self.dx)  # (N, M) @ (M, D) -> (N, D)


class DropConnectStep(AffineStep):
    """``out = relu(x (w mask / keep) + b)`` with a mask for each image, of which none is stored."""

    def __init__(self, placed: Placed, relu: bool, bias_counts: bool) -> None:
        super().__init__(placed, relu, bias_counts)
        assert isinstance(placed.spec, DropConnect)
        self.masks_dout = True  # it is divided by `keep`, too
        self.keep = kernels.rounded_keep(placed.spec.keep)
        self.key = 0

    def bind(self, params: Mapping[str, Array], state: Mapping[str, Array], noise: int) -> None:
        """Take the parameters, and the key of this layer in this pass."""
        super().bind(params, state, noise)
        self.key = mix(noise + self.placed.index)

    def forward(self) -> None:
        """Fill `out`."""
        self.out[...] = 0
        kernels.dropconnect_product(self.x, self.w, self.keep, self.key, out=self.out)
        self.out *= 1 / self.keep
        if self.b is not None:
            self.out += self.b
        if self.relu:
            kernels.relu_forward(self.out, out=self.out)

    def backward(self) -> None:
        """Fill dw and db, then dx."""
        dout = self.dout_before_relu() if self.relu else self.dout
        if self.bias_counts and self.db is not None:
            kernels.bias_gradient(dout[:, :, None, None], out=self.db)  # (N, M) -> (N, M, 1, 1)
        dout = np.multiply(dout, 1 / self.keep, out=self.masked)
        kernels.dropconnect_weights(self.x, dout, self.keep, self.key, out=self.dw)
        if self.dx is not None:
            kernels.dropconnect_input(dout, self.w, self.keep, self.key, out=self.dx)
