"""Max-pooling, average pooling, and fractional max-pooling."""

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np

from cs231n import kernels
from cs231n.layers.fractional_regions import Regions, fractional_regions
from cs231n.nets.placing import Placed
from cs231n.nets.specs import FractionalMaxPool, GlobalAvgPool
from cs231n.nets.specs.pooling import Pool
from cs231n.nets.steps.base import Need, Step
from cs231n.nets.steps.noise import mix
from cs231n.validation import Array


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


class FractionalMaxPoolStep(Step):
    """Regions are drawn in each pass, for each image its own; bits say which places won.

    Without noise all images share the regions, so that the scores of an image do not depend on
    where it stands in a batch.
    """

    algorithm = "winners"
    regions: Regions

    def __init__(self, placed: Placed, training: bool, noisy: bool) -> None:
        super().__init__(placed)
        self.training, spec = training, placed.spec
        assert isinstance(spec, FractionalMaxPool)
        self.param: dict[str, Any] = {
            "output_size": placed.output_shape[1:],
            "sequence": spec.mode,
            "overlapping": spec.overlapping,
            "sharing": "image" if noisy else "batch",
        }
        if spec.overlapping:
            self.param["window"] = 2

    def bind(self, params: Mapping[str, Array], state: Mapping[str, Array], noise: int) -> None:
        """Draw the regions of this pass."""
        rng = np.random.default_rng(mix(noise + self.placed.index))
        self.regions = fractional_regions(self.x.shape, {**self.param, "seed": rng})

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return the place of the winners: a region has at most 2 rows and columns."""
        return {"winners": (self.output_shape, np.uint8)} if self.training else {}

    def forward(self) -> None:
        """Fill `out`, and in training the winners."""
        kernels.fractional_max_pool_forward(
            self.x, *self.regions, out=self.out, winners=self.extra.get("winners")
        )

    def backward(self) -> None:
        """Fill dx; maxima that tie share the gradient."""
        if self.dx is not None:
            kernels.fractional_max_pool_backward(
                self.dout, self.extra["winners"], self.x.shape, *self.regions, out=self.dx
            )
