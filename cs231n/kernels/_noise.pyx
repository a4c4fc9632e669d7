# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/noise.c; arguments are checked by cs231n.kernels.noise."""

from libc.stdint cimport uint8_t, uint64_t

cdef extern from "c/noise.h" nogil:
    ctypedef struct noise_task:
        Py_ssize_t N, pixels
        int threads

    ctypedef struct noise_kernels:
        void (*add_u8)(
            const uint8_t *, const uint64_t *, const float *, uint8_t *, noise_task
        ) noexcept nogil
        void (*add_f32)(
            const float *, const uint64_t *, const float *, float *, noise_task
        ) noexcept nogil

    const noise_kernels *noise_variant(const char *name)

ctypedef fused pixel:
    uint8_t
    float

cdef const noise_kernels *variant = noise_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = noise_variant(name.encode())


def add(
    const pixel[:, ::1] x, const uint64_t[::1] seeds, const float[::1] strengths,
    pixel[:, ::1] out, int threads,
):
    cdef noise_task t
    t.N, t.pixels, t.threads = x.shape[0], x.shape[1], threads
    with nogil:
        if pixel is uint8_t:
            variant.add_u8(&x[0, 0], &seeds[0], &strengths[0], &out[0, 0], t)
        else:
            variant.add_f32(&x[0, 0], &seeds[0], &strengths[0], &out[0, 0], t)
