"""Matrix product, bias and ReLU in one step."""

from typing import ClassVar

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.steps.base import Need, Step
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
