"""Max-pooling and average pooling."""

import numpy as np

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import GlobalAvgPool
from cs231n.nets.specs.pooling import Pool
from cs231n.nets.steps.base import Need, Step

WINNER_BITS = 8  # a window with more places than a byte has bits keeps its input instead


def window_of(placed: Placed) -> tuple[int, int, int]:
    """Return the window's height and width, and the stride."""
    rows, columns = placed.spec.windows(placed.input_shape)
    return int(rows.size), int(columns.size), int(rows.stride)


class MaxPoolStep(Step):
    """A byte an output says which places of the window won: the input is not kept."""

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        assert isinstance(placed.spec, Pool)
        self.window = window_of(placed)
        self.by_winners = self.window[0] * self.window[1] <= WINNER_BITS
        if not self.by_winners:
            self.needs_x = self.needs_out = Need.LATE
        self.algorithm = "winners" if self.by_winners else "input kept"

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return the place of the winners."""
        return {"winners": (self.output_shape, np.uint8)} if self.by_winners else {}

    def forward(self) -> None:
        """Fill `out` and the winners."""
        kernels.max_pool_forward(
            self.x, *self.window, out=self.out, winners=self.extra.get("winners")
        )

    def backward(self) -> None:
        """Fill dx; maxima that tie share the gradient."""
        if self.dx is None:
            return
        if self.by_winners:
            kernels.max_pool_backward_winners(
                self.dout, self.extra["winners"], self.x.shape, *self.window, out=self.dx
            )
        else:
            self.dx[...] = kernels.max_pool_backward(self.dout, self.x, self.out, *self.window)


class MaxPoolInference(MaxPoolStep):
    """Max-pooling without winners."""

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return nothing: there is no backward pass."""
        return {}


class AvgPoolStep(Step):
    """The gradient needs nothing of the forward pass."""

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        assert isinstance(placed.spec, Pool | GlobalAvgPool)
        self.window = window_of(placed)

    def forward(self) -> None:
        """Fill `out`."""
        kernels.avg_pool_forward(self.x, *self.window, out=self.out)

    def backward(self) -> None:
        """Fill dx."""
        if self.dx is not None:
            kernels.avg_pool_backward(self.dout, self.x.shape, *self.window, out=self.dx)
