# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/crops.c; arguments are checked by cs231n.kernels.crops."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from "c/crops.h" nogil:
    ctypedef struct crop_task:
        Py_ssize_t N, C, H, W, OH, OW
        int border, threads

    ctypedef struct crops_kernels:
        void (*crop_8)(const uint8_t *, const int64_t *, uint8_t *, crop_task) noexcept nogil
        void (*crop_16)(const uint16_t *, const int64_t *, uint16_t *, crop_task) noexcept nogil
        void (*crop_32)(const uint32_t *, const int64_t *, uint32_t *, crop_task) noexcept nogil
        void (*crop_64)(const uint64_t *, const int64_t *, uint64_t *, crop_task) noexcept nogil

    const crops_kernels *crops_variant(const char *name)

ctypedef fused pixel:
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef const crops_kernels *variant = crops_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = crops_variant(name.encode())


def crop(
    const pixel[:, :, :, ::1] x, const int64_t[:, ::1] starts, pixel[:, :, :, ::1] out,
    int border, int threads,
):
    cdef crop_task t
    t.N, t.C, t.H, t.W = x.shape[0], x.shape[1], x.shape[2], x.shape[3]
    t.OH, t.OW = out.shape[2], out.shape[3]
    t.border, t.threads = border, threads
    with nogil:
        if pixel is uint8_t:
            variant.crop_8(&x[0, 0, 0, 0], &starts[0, 0], &out[0, 0, 0, 0], t)
        elif pixel is uint16_t:
            variant.crop_16(&x[0, 0, 0, 0], &starts[0, 0], &out[0, 0, 0, 0], t)
        elif pixel is uint32_t:
            variant.crop_32(&x[0, 0, 0, 0], &starts[0, 0], &out[0, 0, 0, 0], t)
        else:
            variant.crop_64(&x[0, 0, 0, 0], &starts[0, 0], &out[0, 0, 0, 0], t)
