"""Aligned memory, kept from call to call."""

import threading

import numpy as np
import pytest

from cs231n.kernels.workspace import ALIGNMENT, empty_aligned, workspace


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 5, 7), (2, 0, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_aligned_arrays(shape, dtype):
    array = empty_aligned(shape, dtype)
    assert (array.shape, array.dtype) == (shape, dtype)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.ctypes.data % ALIGNMENT == 0 or array.size == 0


def test_the_same_memory_serves_again():
    with workspace(1000) as first:
        assert first.size >= 1000
        address = first.ctypes.data
    with workspace(10) as second:
        assert second.ctypes.data == address


def test_what_is_lent_is_lent_once():
    with workspace(1000) as outer, workspace(1000) as inner:
        assert not np.shares_memory(outer, inner)


def test_memory_of_several_names_is_kept():
    with workspace(100, "one") as one, workspace(100, "other") as other:
        assert not np.shares_memory(one, other)
        addresses = one.ctypes.data, other.ctypes.data
    with workspace(10, "one") as one, workspace(10, "other") as other:
        assert (one.ctypes.data, other.ctypes.data) == addresses


def test_every_thread_has_its_own():
    lent = []

    def borrow():
        with workspace(1000) as memory:
            lent.append(memory)
            barrier.wait(timeout=20)

    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=borrow) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not np.shares_memory(*lent)
