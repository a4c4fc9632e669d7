"""From layers and a batch size to steps on memory that is there already."""

import math
from collections.abc import Sequence

import numpy as np

from cs231n.kernels.workspace import empty_aligned
from cs231n.nets.layout import Layout, Slots
from cs231n.nets.memory import Block, arrange
from cs231n.nets.placing import Placed
from cs231n.nets.specs import Shape
from cs231n.nets.steps import Step, fuse
from cs231n.validation import Array, addressable

_SIZES_KEPT = 8  # batch sizes whose views are remembered


class Plan:
    """Everything that a pass over up to `capacity` images needs, allocated once.

    Parameters
    ----------
    layers : what :func:`~cs231n.nets.placing.place` returned
    capacity : int
        The largest batch.
    dtype : of all arrays
    training : bool
        Whether there is a backward pass.
    noisy : bool, optional
        Whether layers with noise draw it; as in `training` by default.

    Attributes
    ----------
    steps : list of Step, on whole batches
    learning : tuple of int
        The steps that have a backward pass.
    grads : dict
        The gradients on the parameters, by name, of the last pass.
    memory : array of bytes
        Where activations and gradients lie.
    """

    def __init__(
        self,
        layers: Sequence[Placed],
        capacity: int,
        dtype: np.dtype,
        training: bool,
        noisy: bool | None = None,
    ) -> None:
        self.layers, self.capacity, self.dtype, self.training = layers, capacity, dtype, training
        self.steps = fuse(layers, dtype, training, training if noisy is None else noisy)
        self.grads = self._gradients() if training else {}
        layout = Layout(self.steps, layers[0].input_shape, capacity, dtype, training)
        self.learning, self.blocks = layout.learning, layout.blocks
        size = arrange(self.blocks)
        addressable("the plan", (size,), np.dtype(np.uint8))
        self.memory = empty_aligned((size,), np.uint8)
        self._lay_out(layout)
        self._views: dict[int, list[Step]] = {}

    def on(self, n: int) -> list[Step]:
        """Return the steps for n images, which see the first n of each array."""
        if n not in self._views:
            if len(self._views) >= _SIZES_KEPT:
                self._views.clear()
            self._views[n] = [step.on(n) for step in self.steps]
        return self._views[n]

    def _gradients(self) -> dict[str, Array]:
        """Allocate the gradients on the parameters, zero where no step writes them."""
        grads = {}
        for layer in self.layers:
            for name, parameter in layer.parameters.items():
                grads[name] = empty_aligned(parameter.shape, self.dtype)
                grads[name][...] = 0
        return grads

    def _lay_out(self, layout: Layout) -> None:
        """Set the arrays of each step."""
        for i, (step, slots) in enumerate(zip(self.steps, layout.slots, strict=True)):
            self._set_arrays(step, slots)
            if i in self.learning:
                for attribute, name in step.learnt.items():
                    setattr(step, f"d{attribute}", self.grads[name])
        self.input = self._array(layout.input, self.layers[0].input_shape)
        classes = (math.prod(self.layers[-1].output_shape),)
        self.scores = self._array(layout.scores, classes)
        if self.training:
            self.dscores = self._array(layout.dscores, classes)

    def _set_arrays(self, step: Step, slots: Slots) -> None:
        read, written = step.input_shape, step.output_shape
        for name, block, shape in (
            ("x", slots.x, read),
            ("other", slots.other, read),
            ("out", slots.out, written),
            ("dout", slots.dout, written),
            ("masked", slots.masked, written),
            ("dx", slots.dx, read),
        ):
            setattr(step, name, None if block is None else self._array(block, shape))
        step.sums = [tuple(self._array(block, read) for block in sums) for sums in slots.sums]
        step.extra = {
            name: self._array(slots.extra[name], shape, dtype)
            for name, (shape, dtype) in step.extra_arrays().items()
        }
        step.scratch = {
            backward: {
                name: self._array(blocks[name], shape, dtype)
                for name, (shape, dtype) in step.scratch_arrays(backward).items()
            }
            for backward, blocks in slots.scratch.items()
        }

    def _array(self, block: Block, shape: Shape, dtype: np.dtype | type | None = None) -> Array:
        dtype = np.dtype(dtype or self.dtype)
        size = self.capacity * math.prod(shape) * dtype.itemsize
        memory = self.memory[block.offset : block.offset + size]
        return memory.view(dtype).reshape(self.capacity, *shape)
