"""Convolution, bias and ReLU in one step."""

from typing import ClassVar

import numpy as np

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import Conv
from cs231n.nets.steps.base import Need, Step
from cs231n.validation import Array


class ConvStep(Step):
    """The ReLU's mask is read off the output, so nothing between the two is kept."""

    stems: ClassVar = {"w": "W", "b": "b"}
    kept_stems: ClassVar = {"w": "W"}  # where it is frozen
    w: Array
    b: Array | None = None
    dw: Array
    db: Array | None = None

    def __init__(self, placed: Placed, relu: bool, dtype: np.dtype, bias_counts: bool) -> None:
        super().__init__(placed, relu)
        assert isinstance(placed.spec, Conv)
        self.masks_dout = relu
        self.needs_x = Need.NOT if placed.spec.frozen else Need.EARLY
        self.needs_out = Need.EARLY if relu else Need.NOT
        self.bias_counts = bias_counts
        arrays = {**placed.parameters, **placed.running}
        self.w_shape = arrays[placed.names["W"]].shape
        self.stride, self.pad = placed.spec.stride, placed.spec.padding
        x_shape = (1, *placed.input_shape)
        fast = kernels.winograd_pays(x_shape, self.w_shape, self.stride, self.pad, dtype)
        self.algorithm = "winograd" if fast else "direct"

    def forward(self) -> None:
        """Fill `out` = relu(x * w + b)."""
        kernels.conv_forward(
            self.x,
            self.w,
            self.b,
            self.stride,
            self.pad,
            algorithm=self.algorithm,
            relu=self.relu,
            out=self.out,
        )

    def backward(self) -> None:
        """Fill dw and db first: from then on x's memory is free, and dx may be written there."""
        place, algorithm = (self.stride, self.pad), self.algorithm
        dout = self.dout_before_relu()
        if "w" in self.learnt:
            kernels.conv_backward_weights(
                dout, self.x, self.w_shape, *place, algorithm=algorithm, out=self.dw
            )
        if self.bias_counts and self.db is not None:
            kernels.bias_gradient(dout, out=self.db)
        if self.dx is not None:
            kernels.conv_backward_input(
                dout, self.w, self.dx.shape, *place, algorithm=algorithm, out=self.dx
            )
