"""Which arrays of a plan may lie in the same memory: those that do not live at the same time."""

from dataclasses import dataclass

from cs231n.kernels.workspace import ALIGNMENT


@dataclass
class Block:
    """Memory that is in use from one tick of the plan's clock to another, both included.

    Attributes
    ----------
    size : int
        Bytes.
    first, last : int
        Ticks.
    offset : int
        Where it begins, once :func:`arrange` has found a place.
    """

    size: int
    first: int
    last: int
    offset: int = 0

    def extend(self, size: int, tick: int) -> None:
        """Let the block hold so many bytes, and live at this tick, too."""
        self.size = max(self.size, size)
        self.first, self.last = min(self.first, tick), max(self.last, tick)


def arrange(blocks: list[Block]) -> int:
    """Give every block an offset, and return how many bytes they need together.

    The largest come first, each to the lowest place that is free as long as it lives.

    Examples
    --------
    >>> blocks = [Block(128, 0, 1), Block(64, 1, 2), Block(128, 2, 3)]
    >>> arrange(blocks), [block.offset for block in blocks]
    (192, [0, 128, 0])
    """
    settled: list[Block] = []
    for block in sorted(blocks, key=lambda block: (-block.size, block.first)):
        block.size += -block.size % ALIGNMENT
        block.offset = 0
        for other in sorted(settled, key=lambda other: other.offset):
            meets = other.first <= block.last and block.first <= other.last
            if meets and other.offset < block.offset + block.size:
                block.offset = max(block.offset, other.offset + other.size)
        settled.append(block)
    return max((block.offset + block.size for block in settled), default=0)
