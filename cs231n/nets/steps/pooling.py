"""Max-pooling and average pooling."""

from typing import TypedDict

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import GlobalAvgPool
from cs231n.nets.specs.pooling import Pool
from cs231n.nets.steps.base import Need, Step


class Beyond(TypedDict):
    """Where windows reach beyond the map."""

    pad: int
    ceil: bool


def window_of(placed: Placed) -> tuple[int, int, int]:
    """Return the window's height and width, and the stride."""
    rows, columns = placed.spec.windows(placed.input_shape)
    return int(rows.size), int(columns.size), int(rows.stride)


class PoolStep(Step):
    """What both kinds know."""

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        spec = placed.spec
        assert isinstance(spec, Pool | GlobalAvgPool)
        self.window = window_of(placed)
        self.beyond: Beyond = {"pad": 0, "ceil": False}
        if isinstance(spec, Pool):
            self.beyond = {"pad": spec.pad, "ceil": spec.ceil}


class MaxPoolStep(PoolStep):
    """A bit a place of each window says which of them won: the input is not kept.

    Windows of more than 16 places keep input and output instead.
    """

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        self.winners = kernels.winners_dtype(*self.window[:2])
        if self.winners is None:
            self.needs_x = self.needs_out = Need.LATE
        self.algorithm = "input kept" if self.winners is None else "winners"

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return the place of the winners."""
        return {} if self.winners is None else {"winners": (self.output_shape, self.winners)}

    def forward(self) -> None:
        """Fill `out` and the winners."""
        winners = self.extra.get("winners")
        kernels.max_pool_forward(self.x, *self.window, **self.beyond, out=self.out, winners=winners)

    def backward(self) -> None:
        """Fill dx; maxima that tie share the gradient."""
        if self.dx is None:
            return
        if self.winners is None:
            kernels.max_pool_backward(
                self.dout, self.x, self.out, *self.window, **self.beyond, out=self.dx
            )
        else:
            winners, shape = self.extra["winners"], self.x.shape
            kernels.max_pool_backward_winners(
                self.dout, winners, shape, *self.window, **self.beyond, out=self.dx
            )


class MaxPoolInference(MaxPoolStep):
    """Max-pooling without winners."""

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return nothing: there is no backward pass."""
        return {}


class AvgPoolStep(PoolStep):
    """The gradient needs nothing of the forward pass."""

    def forward(self) -> None:
        """Fill `out`."""
        kernels.avg_pool_forward(self.x, *self.window, **self.beyond, out=self.out)

    def backward(self) -> None:
        """Fill dx."""
        if self.dx is not None:
            kernels.avg_pool_backward(
                self.dout, self.x.shape, *self.window, **self.beyond, out=self.dx
            )
