# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/resampling.c; arguments are checked by
cs231n.kernels.resampling."""

from libc.stdint cimport int64_t, uint8_t, uint16_t

cdef extern from "c/resampling.h" nogil:
    ctypedef struct warp_task:
        Py_ssize_t N, C, H, W, OH, OW
        int border, interpolation
        Py_ssize_t stages
        const int64_t *kinds
        const double *numbers
        const float *field
        char *memory
        Py_ssize_t memory_of_thread
        int threads

    ctypedef struct blur_task:
        Py_ssize_t N, C, H, W, radius, weights_of_image
        int border, threads
        char *memory
        Py_ssize_t memory_of_thread

    ctypedef struct resampling_kernels:
        void (*warp_u8)(const uint8_t *, uint8_t *, warp_task) noexcept nogil
        void (*warp_f32)(const float *, float *, warp_task) noexcept nogil
        void (*blur_u8)(const uint8_t *, uint8_t *, const float *, blur_task) noexcept nogil
        void (*blur_f32)(const float *, float *, const float *, blur_task) noexcept nogil
        void (*blur_words)(
            const uint8_t *, uint8_t *, const uint16_t *, blur_task) noexcept nogil

    const resampling_kernels *resampling_variant(const char *name)

ctypedef fused pixel:
    uint8_t
    float

cdef const resampling_kernels *variant = resampling_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = resampling_variant(name.encode())


def warp(
    const pixel[:, :, :, ::1] x, const int64_t[::1] kinds, const double[:, :, ::1] numbers,
    const float[:, :, :, ::1] field, int border, int interpolation,
    pixel[:, :, :, ::1] out, uint8_t[:, ::1] memory,
):
    cdef warp_task t
    t.N, t.C, t.H, t.W = x.shape[0], x.shape[1], x.shape[2], x.shape[3]
    t.OH, t.OW = out.shape[2], out.shape[3]
    t.border, t.interpolation = border, interpolation
    t.stages = kinds.shape[0]
    t.kinds, t.numbers, t.field = NULL, NULL, NULL
    if t.stages:
        t.kinds, t.numbers = &kinds[0], &numbers[0, 0, 0]
    if field is not None:
        t.field = &field[0, 0, 0, 0]
    t.memory, t.memory_of_thread = <char *>&memory[0, 0], memory.shape[1]
    t.threads = <int>memory.shape[0]
    with nogil:
        if pixel is uint8_t:
            variant.warp_u8(&x[0, 0, 0, 0], &out[0, 0, 0, 0], t)
        else:
            variant.warp_f32(&x[0, 0, 0, 0], &out[0, 0, 0, 0], t)


cdef blur_task blur_task_of(
    const pixel[:, :, :, ::1] x, Py_ssize_t radius, Py_ssize_t weights, int border,
    uint8_t[:, ::1] memory,
):
    cdef blur_task t
    t.N, t.C, t.H, t.W = x.shape[0], x.shape[1], x.shape[2], x.shape[3]
    t.radius, t.weights_of_image, t.border = radius, weights, border
    t.memory, t.memory_of_thread = <char *>&memory[0, 0], memory.shape[1]
    t.threads = <int>memory.shape[0]
    return t


def blur(
    const pixel[:, :, :, ::1] x, const float[:, ::1] weights, int border,
    pixel[:, :, :, ::1] out, uint8_t[:, ::1] memory,
):
    cdef Py_ssize_t count = weights.shape[1]
    cdef blur_task t = blur_task_of(x, count // 2, count, border, memory)
    with nogil:
        if pixel is uint8_t:
            variant.blur_u8(&x[0, 0, 0, 0], &out[0, 0, 0, 0], &weights[0, 0], t)
        else:
            variant.blur_f32(&x[0, 0, 0, 0], &out[0, 0, 0, 0], &weights[0, 0], t)


def blur_words(
    const uint8_t[:, :, :, ::1] x, const uint16_t[:, ::1] weights, int border,
    uint8_t[:, :, :, ::1] out, uint8_t[:, ::1] memory,
):
    cdef Py_ssize_t count = weights.shape[1]
    cdef blur_task t = blur_task_of(x, count - 1, count, border, memory)
    with nogil:
        variant.blur_words(&x[0, 0, 0, 0], &out[0, 0, 0, 0], &weights[0, 0], t)
