"""From layers and a batch size to steps on memory that is there already.

The clock of a pass over n steps: step i runs forward at tick i, the loss at tick n; then backward,
two ticks a step, the last step first: one for the gradients on its parameters, one for the gradient
on its input. From the ticks at which an array is written and read follows which may share memory.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from cs231n.kernels.workspace import empty_aligned
from cs231n.nets.memory import Block, arrange
from cs231n.nets.placing import Placed
from cs231n.nets.specs import Shape
from cs231n.nets.steps import Need, Step, fuse
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

    Attributes
    ----------
    steps : list of Step, on whole batches
    trained : int
        The first step with parameters: no gradient goes further back.
    grads : dict
        The gradients on the parameters, by name, of the last pass.
    memory : array of bytes
        Where activations and gradients lie.
    """

    def __init__(
        self, layers: Sequence[Placed], capacity: int, dtype: np.dtype, training: bool
    ) -> None:
        self.layers, self.capacity, self.dtype, self.training = layers, capacity, dtype, training
        self.steps = fuse(layers, dtype, training)
        learning = [i for i, step in enumerate(self.steps) if step.learnt]
        self.trained = learning[0] if learning else len(self.steps)
        self.grads = self._gradients() if training else {}
        self.blocks: list[Block] = []
        activations = self._activation_blocks()
        gradients = self._gradient_blocks() if training else {}
        extras = [self._extra_blocks(i) for i in range(len(self.steps))]
        size = arrange(self.blocks)
        addressable("the plan", (size,), np.dtype(np.uint8))
        self.memory = empty_aligned((size,), np.uint8)
        self._lay_out(activations, gradients, extras)
        self._views: dict[int, list[Step]] = {}

    def on(self, n: int) -> list[Step]:
        """Return the steps for n images, which see the first n of each array."""
        if n not in self._views:
            if len(self._views) >= _SIZES_KEPT:
                self._views.clear()
            self._views[n] = [step.on(n) for step in self.steps]
        return self._views[n]

    @property
    def _shapes(self) -> list[Shape]:
        """The shapes of one image in front of each step, and behind the last."""
        return [*(step.input_shape for step in self.steps), self.layers[-1].output_shape]

    def _tick(self, i: int, need: Need) -> int:
        """Return when step i's backward pass last needs an array."""
        return 2 * (len(self.steps) - i) + len(self.steps) - (1 if need is Need.EARLY else 0)

    def _block(self, shape: Shape, dtype: np.dtype | type, *ticks: int) -> Block:
        size = self.capacity * math.prod(shape) * np.dtype(dtype).itemsize
        block = Block(size, min(ticks), max(ticks))
        self.blocks.append(block)
        return block

    def _activation_blocks(self) -> list[Block]:
        """Return the block of each step's input, and of the scores."""
        shapes = self._shapes
        blocks = [self._block(shapes[0], self.dtype, -1, 0)]
        for i, step in enumerate(self.steps):
            overwrites = step.forward_in_place and not self._is_read_again(i)
            blocks.append(
                blocks[i] if overwrites else self._block(shapes[i + 1], self.dtype, i, i + 1)
            )
            blocks[i + 1].extend(0, i + 1)
        if self.training:
            for i in range(self.trained, len(self.steps)):
                for block, need in (
                    (blocks[i], self.steps[i].needs_x),
                    (blocks[i + 1], self.steps[i].needs_out),
                ):
                    if need is not Need.NOT:
                        block.extend(0, self._tick(i, need))
        return blocks

    def _is_read_again(self, i: int) -> bool:
        """Tell whether a backward pass reads the input of step i."""
        if not self.training or i < self.trained:
            return False
        before = self.steps[i - 1].needs_out if i > self.trained else Need.NOT
        return before is not Need.NOT or self.steps[i].needs_x is not Need.NOT

    def _gradient_blocks(self) -> dict[int, Block]:
        """Return the block of the gradient on each step's output, by the step's number plus 1."""
        n, shapes = len(self.steps), self._shapes
        blocks = {n: self._block(shapes[n], self.dtype, n)}
        for i in reversed(range(self.trained, n)):
            blocks[i + 1].extend(0, self._tick(i, Need.LATE))
            if i == self.trained and not self.steps[i].always_writes_dx:
                break
            in_place = self.steps[i].backward_in_place
            blocks[i] = (
                blocks[i + 1]
                if in_place
                else self._block(shapes[i], self.dtype, self._tick(i, Need.LATE))
            )
        return blocks

    def _extra_blocks(self, i: int) -> dict[str, Block]:
        backward = self.training and i >= self.trained
        ticks = (i, self._tick(i, Need.LATE)) if backward else (i,)
        extra = self.steps[i].extra_arrays()
        return {name: self._block(shape, dtype, *ticks) for name, (shape, dtype) in extra.items()}

    def _gradients(self) -> dict[str, Array]:
        """Allocate the gradients on the parameters, zero where no step writes them."""
        grads = {}
        for layer in self.layers:
            for name, parameter in layer.parameters.items():
                grads[name] = empty_aligned(parameter.shape, self.dtype)
                grads[name][...] = 0
        return grads

    def _lay_out(
        self,
        activations: list[Block],
        gradients: Mapping[int, Block],
        extras: list[dict[str, Block]],
    ) -> None:
        """Set the arrays of each step."""
        for i, step in enumerate(self.steps):
            step.x = self._array(activations[i], step.input_shape)
            step.out = self._array(activations[i + 1], step.output_shape)
            step.extra = {
                name: self._array(extras[i][name], shape, dtype)
                for name, (shape, dtype) in step.extra_arrays().items()
            }
            if self.training and i >= self.trained:
                step.dout = self._array(gradients[i + 1], step.output_shape)
                step.dx = self._array(gradients[i], step.input_shape) if i in gradients else None
                for attribute, name in step.learnt.items():
                    setattr(step, f"d{attribute}", self.grads[name])
        self.input = self._array(activations[0], self.layers[0].input_shape)
        classes = (math.prod(self.layers[-1].output_shape),)
        self.scores = self._array(activations[-1], classes)
        if self.training:
            self.dscores = self._array(gradients[len(self.steps)], classes)

    def _array(self, block: Block, shape: Shape, dtype: np.dtype | type | None = None) -> Array:
        dtype = np.dtype(dtype or self.dtype)
        size = self.capacity * math.prod(shape) * dtype.itemsize
        memory = self.memory[block.offset : block.offset + size]
        return memory.view(dtype).reshape(self.capacity, *shape)
