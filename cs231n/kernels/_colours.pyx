# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/colours.c; arguments are checked by cs231n.kernels.colours."""

from libc.stdint cimport int64_t, uint8_t

cdef extern from "c/colours.h" nogil:
    ctypedef struct colour_task:
        Py_ssize_t N, C, pixels
        int threads

    ctypedef struct colours_kernels:
        void (*matrix_u8)(
            const uint8_t *, const float *, uint8_t *, colour_task
        ) noexcept nogil
        void (*matrix_f32)(const float *, const float *, float *, colour_task) noexcept nogil
        void (*hsv_u8)(const uint8_t *, const float *, uint8_t *, colour_task) noexcept nogil
        void (*hsv_f32)(const float *, const float *, float *, colour_task) noexcept nogil
        void (*shade_u8)(
            const uint8_t *, const float *, const float *, uint8_t *, colour_task
        ) noexcept nogil
        void (*shade_f32)(
            const float *, const float *, const float *, float *, colour_task
        ) noexcept nogil
        void (*mix_u8)(
            const uint8_t *, const int64_t *, const float *, uint8_t *, colour_task
        ) noexcept nogil
        void (*mix_f32)(
            const float *, const int64_t *, const float *, float *, colour_task
        ) noexcept nogil
        void (*means_u8)(const uint8_t *, double *, colour_task) noexcept nogil
        void (*means_f32)(const float *, double *, colour_task) noexcept nogil
        void (*look_up)(const uint8_t *, const uint8_t *, uint8_t *, colour_task) noexcept nogil

    const colours_kernels *colours_variant(const char *name)

ctypedef fused pixel:
    uint8_t
    float

cdef const colours_kernels *variant = colours_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = colours_variant(name.encode())


cdef colour_task task(Py_ssize_t N, Py_ssize_t C, Py_ssize_t pixels, int threads) noexcept nogil:
    cdef colour_task t
    t.N, t.C, t.pixels, t.threads = N, C, pixels, threads
    return t


def matrix(
    const pixel[:, :, ::1] x, const float[:, :, ::1] matrices, pixel[:, :, ::1] out, int threads,
):
    cdef colour_task t = task(x.shape[0], x.shape[1], x.shape[2], threads)
    with nogil:
        if pixel is uint8_t:
            variant.matrix_u8(&x[0, 0, 0], &matrices[0, 0, 0], &out[0, 0, 0], t)
        else:
            variant.matrix_f32(&x[0, 0, 0], &matrices[0, 0, 0], &out[0, 0, 0], t)


def hsv(
    const pixel[:, :, ::1] x, const float[:, ::1] changes, pixel[:, :, ::1] out, int threads,
):
    cdef colour_task t = task(x.shape[0], x.shape[1], x.shape[2], threads)
    with nogil:
        if pixel is uint8_t:
            variant.hsv_u8(&x[0, 0, 0], &changes[0, 0], &out[0, 0, 0], t)
        else:
            variant.hsv_f32(&x[0, 0, 0], &changes[0, 0], &out[0, 0, 0], t)


def shade(
    const pixel[:, :, ::1] x, const float[::1] strengths, const float[::1] mask,
    pixel[:, :, ::1] out, int threads,
):
    cdef colour_task t = task(x.shape[0], x.shape[1], x.shape[2], threads)
    with nogil:
        if pixel is uint8_t:
            variant.shade_u8(&x[0, 0, 0], &strengths[0], &mask[0], &out[0, 0, 0], t)
        else:
            variant.shade_f32(&x[0, 0, 0], &strengths[0], &mask[0], &out[0, 0, 0], t)


def mix(
    const pixel[:, :, ::1] x, const int64_t[::1] others, const float[::1] shares,
    pixel[:, :, ::1] out, int threads,
):
    cdef colour_task t = task(x.shape[0], x.shape[1], x.shape[2], threads)
    with nogil:
        if pixel is uint8_t:
            variant.mix_u8(&x[0, 0, 0], &others[0], &shares[0], &out[0, 0, 0], t)
        else:
            variant.mix_f32(&x[0, 0, 0], &others[0], &shares[0], &out[0, 0, 0], t)


def means(const pixel[:, :, ::1] x, double[:, ::1] out, int threads):
    cdef colour_task t = task(x.shape[0], x.shape[1], x.shape[2], threads)
    with nogil:
        if pixel is uint8_t:
            variant.means_u8(&x[0, 0, 0], &out[0, 0], t)
        else:
            variant.means_f32(&x[0, 0, 0], &out[0, 0], t)


def look_up(
    const uint8_t[:, :, ::1] x, const uint8_t[:, ::1] tables, uint8_t[:, :, ::1] out, int threads,
):
    cdef colour_task t = task(x.shape[0], x.shape[1], x.shape[2], threads)
    with nogil:
        variant.look_up(&x[0, 0, 0], &tables[0, 0], &out[0, 0, 0], t)
