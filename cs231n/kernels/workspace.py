"""Memory that kernels work in: aligned to cache lines, and kept from call to call.

Fresh memory costs a page fault for every 4 KB that is touched first, which for a convolution's
workspace is more than the arithmetic on it. So each thread keeps the largest that it needed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from cs231n.validation import Array

ALIGNMENT = 64  # bytes: a cache line, and the widest vector

_kept = threading.local()


def empty_aligned(shape: tuple[int, ...], dtype: np.dtype | type) -> Array:
    """Return an uninitialised array that begins on a cache line.

    Examples
    --------
    >>> empty_aligned((3, 5), np.float32).ctypes.data % ALIGNMENT
    0
    """
    dtype = np.dtype(dtype)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    memory = np.empty(size + ALIGNMENT, dtype=np.uint8)
    first = -memory.ctypes.data % ALIGNMENT
    return memory[first : first + size].view(dtype).reshape(shape)


@contextmanager
def workspace(size: int, name: str = "kernel") -> Iterator[Array]:
    """Lend at least `size` bytes, aligned; memory of another name may be lent at the same time.

    They are this thread's own, and nobody else's until they are given back: a signal handler that
    runs during a long kernel, and calls another one, gets memory of its own.
    """
    memory: Array | None = _kept.__dict__.pop(name, None)
    if memory is None or memory.size < size:
        memory = None  # give the smaller one back before asking for the larger
        memory = empty_aligned((max(size, 1),), np.uint8)
    try:
        yield memory
    finally:
        _kept.__dict__[name] = memory
