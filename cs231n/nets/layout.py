"""From steps to blocks of memory, by when each array is written and last read.

The clock of a pass over n steps: step i runs forward at tick i, the loss at tick n; then backward,
two ticks a step, the last step first: one for the gradients on its parameters, one for the gradient
on its input. From the ticks at which an array is written and read follows which may share memory.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cs231n.nets.memory import Block
from cs231n.nets.specs import Shape
from cs231n.nets.steps import Need, Step


@dataclass
class Slots:
    """The blocks of one step's arrays; those that it has no use for are None."""

    x: Block
    out: Block
    other: Block | None = None
    dout: Block | None = None
    masked: Block | None = None
    dx: Block | None = None
    sums: list[tuple[Block, Block, Block]] = field(default_factory=list)
    extra: dict[str, Block] = field(default_factory=dict)
    scratch: dict[bool, dict[str, Block]] = field(default_factory=dict)


class Layout:
    """The blocks of all arrays of a pass.

    Parameters
    ----------
    steps : in the order in which they run forward
    input_shape : of one image
    capacity : int
        Images.
    dtype : of activations and gradients
    training : bool
        Whether there is a backward pass.

    Attributes
    ----------
    learning : tuple of int
        The steps that have a backward pass: those with parameters, and those behind them.
    slots : list of Slots, one a step
    input, scores, dscores : Block
    blocks : list of all Blocks
    """

    def __init__(
        self,
        steps: Sequence[Step],
        input_shape: Shape,
        capacity: int,
        dtype: np.dtype,
        training: bool,
    ) -> None:
        self.steps, self.capacity, self.dtype = steps, capacity, dtype
        self.blocks: list[Block] = []
        self.wanted: set[int] = set()  # activations on which a gradient is needed
        self.learning = self._learning() if training else ()
        last = steps[-1].writes if steps else 0
        self.activations = {0: self._block(input_shape, dtype, -1, 0)}
        self.slots = [self._forward(i) for i in range(len(steps))]
        for i in self.learning:
            self._keep(i)
        self.input, self.scores = self.activations[0], self.activations[last]
        self.scores.extend(0, len(steps))
        shape = steps[-1].output_shape if steps else input_shape
        self.dscores = self._block(shape, dtype, len(steps))
        # Where the gradient on an activation lies, as far as it is known, and how many activations
        # have theirs in a block and are not through with it.
        self.gradients = {last: self.dscores}
        self.owed: Counter[int] = Counter([id(self.dscores)])
        for i in reversed(self.learning):
            self._backward(i)
        for i in range(len(steps)):
            self._extra(i)

    def _learning(self) -> tuple[int, ...]:
        learning = []
        for i, step in enumerate(self.steps):
            if step.learnt or self.wanted.intersection(step.reads):
                learning.append(i)
                self.wanted.add(step.writes)
        return tuple(learning)

    def _tick(self, i: int, need: Need) -> int:
        """Return when step i's backward pass last needs an array."""
        return 2 * (len(self.steps) - i) + len(self.steps) - (1 if need is Need.EARLY else 0)

    def _block(self, shape: Shape, dtype: np.dtype | type, *ticks: int) -> Block:
        size = self.capacity * math.prod(shape) * np.dtype(dtype).itemsize
        block = Block(size, min(ticks), max(ticks))
        self.blocks.append(block)
        return block

    def _forward(self, i: int) -> Slots:
        """Find a place for what step i makes: where one of its inputs lies, or a new one."""
        step = self.steps[i]
        inputs = [self.activations[r] for r in step.reads]
        for block in inputs:
            block.extend(0, i)
        free = [r for r in step.reads if step.forward_in_place and not self._is_read_again(r, i)]
        out = self.activations[free[0]] if free else self._block(step.output_shape, self.dtype, i)
        out.extend(0, i)
        self.activations[step.writes] = out
        return Slots(inputs[0], out, other=inputs[1] if len(inputs) > 1 else None)

    def _is_read_again(self, activation: int, i: int) -> bool:
        """Tell whether anybody reads an activation once step i has run."""
        for j, step in enumerate(self.steps):
            if activation in step.reads and (j > i or self._needs(j, step.needs_x)):
                return True
            if activation == step.writes and self._needs(j, step.needs_out):
                return True
        return False

    def _needs(self, j: int, need: Need) -> bool:
        return j in self.learning and need is not Need.NOT

    def _keep(self, i: int) -> None:
        """Let activations live until step i's backward pass has read them."""
        step, slots = self.steps[i], self.slots[i]
        for block, need in ((slots.x, step.needs_x), (slots.out, step.needs_out)):
            if need is not Need.NOT:
                block.extend(0, self._tick(i, need))

    def _backward(self, i: int) -> None:
        """Find places for the gradients that step i makes."""
        step, slots = self.steps[i], self.slots[i]
        early, late = self._tick(i, Need.EARLY), self._tick(i, Need.LATE)
        slots.dout = self.gradients[step.writes]
        slots.dout.extend(0, late)
        self.owed[id(slots.dout)] -= 1
        slots.masked = slots.dout
        if step.masks_dout and self.owed[id(slots.dout)]:
            slots.masked = self._block(step.output_shape, self.dtype, early, late)
        if len(step.reads) > 1:
            for r in step.reads:  # the same gradient for each of them
                if r in self.wanted:
                    self._give(i, r, slots.masked, may_overwrite=False)
        elif step.reads[0] in self.wanted or step.always_writes_dx:
            in_place = step.backward_in_place and not self.owed[id(slots.masked)]
            slots.dx = slots.masked if in_place else self._block(step.input_shape, self.dtype, late)
            if step.reads[0] in self.wanted:
                self._give(i, step.reads[0], slots.dx, may_overwrite=True)

    def _give(self, i: int, activation: int, given: Block, may_overwrite: bool) -> None:
        """Take what step i gives to the gradient on an activation; others may have given some."""
        before = self.gradients.get(activation)
        total = given
        if before is not None:
            self.owed[id(before)] -= 1
            late = self._tick(i, Need.LATE)
            if not self.owed[id(before)] and before is not given:
                total = before
            elif not may_overwrite:
                total = self._block(self.steps[i].input_shape, self.dtype, late)
            for block in (before, given, total):
                block.extend(0, late)
            self.slots[i].sums.append((before, given, total))
        self.gradients[activation] = total
        self.owed[id(total)] += 1

    def _extra(self, i: int) -> None:
        """Find places for what step i leaves for its backward pass, and for what it works in."""
        step, slots = self.steps[i], self.slots[i]
        directions: dict[bool, tuple[int, ...]] = {False: (i,)}
        kept: tuple[int, ...] = (i,)
        if i in self.learning:
            directions[True] = (self._tick(i, Need.EARLY), self._tick(i, Need.LATE))
            kept = (i, self._tick(i, Need.LATE))
        for name, (shape, kind) in step.extra_arrays().items():
            slots.extra[name] = self._block(shape, kind, *kept)
        for backward, ticks in directions.items():
            slots.scratch[backward] = {
                name: self._block(shape, dtype, *ticks)
                for name, (shape, dtype) in step.scratch_arrays(backward).items()
            }
