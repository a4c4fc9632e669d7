"""A ReLU that stands alone, and dropout."""

from collections.abc import Mapping

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import Dropout
from cs231n.nets.steps.base import Need, Step
from cs231n.validation import Array

_64_BITS = 2**64 - 1


class ReLUStep(Step):
    """In place, forward and backward."""

    needs_out = Need.LATE
    forward_in_place = True
    backward_in_place = True

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        kernels.relu_forward(self.x, out=self.out)

    def backward(self) -> None:
        """Set `dout` to zero where `out` is."""
        kernels.relu_backward(self.dout, self.out, out=self.dout)


class DropoutStep(Step):
    """In place; the mask is computed from a key again, and not kept."""

    forward_in_place = True
    backward_in_place = True

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        assert isinstance(placed.spec, Dropout)
        self.keep = placed.spec.keep
        self.key = 0

    def bind(self, params: Mapping[str, Array], state: Mapping[str, Array]) -> None:
        """Take the key of this layer in this pass."""
        self.key = mix(int(state["noise"][0]) + self.placed.index)

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        kernels.dropout_forward(self.x, self.keep, self.key, out=self.out)

    def backward(self) -> None:
        """Mask `dout` as the forward pass did."""
        kernels.dropout_backward(self.dout, self.keep, self.key, out=self.dout)


def mix(counter: int) -> int:
    """Return 64 bits that look random, and differ wherever the counters do.

    Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
    https://doi.org/10.1145/2660193.2660195

    Examples
    --------
    >>> mix(0) != mix(1)
    True
    """
    z = (counter + 1) * 0x9E3779B97F4A7C15 & _64_BITS
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _64_BITS
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _64_BITS
    return z ^ z >> 31
