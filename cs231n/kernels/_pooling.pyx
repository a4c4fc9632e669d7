# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/pooling.c; shapes are checked by cs231n.kernels.pooling."""

from libc.stdint cimport uint8_t, uint16_t

cdef extern from "c/pooling.h" nogil:
    ctypedef struct pool_geometry:
        Py_ssize_t planes, H, W, HH, WW, stride, pad, OH, OW

    ctypedef struct pooling_kernels:
        void (*max_pool_forward_f32)(const float *, float *, pool_geometry, int) noexcept nogil
        void (*max_pool_forward_f64)(const double *, double *, pool_geometry, int) noexcept nogil
        void (*max_pool_backward_f32)(
            const float *, const float *, const float *, float *, float *, pool_geometry, int
        ) noexcept nogil
        void (*max_pool_backward_f64)(
            const double *, const double *, const double *, double *, double *, pool_geometry, int
        ) noexcept nogil
        void (*max_pool_winners_f32)(
            const float *, float *, void *, pool_geometry, int
        ) noexcept nogil
        void (*max_pool_winners_f64)(
            const double *, double *, void *, pool_geometry, int
        ) noexcept nogil
        void (*from_winners_f32)(
            const float *, const void *, float *, pool_geometry, int
        ) noexcept nogil
        void (*from_winners_f64)(
            const double *, const void *, double *, pool_geometry, int
        ) noexcept nogil
        void (*avg_pool_forward_f32)(const float *, float *, pool_geometry, int) noexcept nogil
        void (*avg_pool_forward_f64)(const double *, double *, pool_geometry, int) noexcept nogil
        void (*avg_pool_backward_f32)(const float *, float *, pool_geometry, int) noexcept nogil
        void (*avg_pool_backward_f64)(const double *, double *, pool_geometry, int) noexcept nogil

    const pooling_kernels *pooling_variant(const char *name)

ctypedef fused real:
    float
    double

ctypedef fused bits:
    uint8_t
    uint16_t

cdef const pooling_kernels *variant = pooling_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = pooling_variant(name.encode())


cdef pool_geometry geometry(
    Py_ssize_t[4] x_shape, Py_ssize_t[4] out_shape, Py_ssize_t HH, Py_ssize_t WW,
    Py_ssize_t stride, Py_ssize_t pad,
) noexcept nogil:
    cdef pool_geometry g
    g.planes, g.H, g.W = x_shape[0] * x_shape[1], x_shape[2], x_shape[3]
    g.HH, g.WW, g.stride, g.pad = HH, WW, stride, pad
    g.OH, g.OW = out_shape[2], out_shape[3]
    return g


def max_pool_forward(
    const real[:, :, :, ::1] x, real[:, :, :, ::1] out, Py_ssize_t HH, Py_ssize_t WW,
    Py_ssize_t stride, Py_ssize_t pad, int threads,
):
    cdef pool_geometry g = geometry(x.shape, out.shape, HH, WW, stride, pad)
    with nogil:
        if real is float:
            variant.max_pool_forward_f32(&x[0, 0, 0, 0], &out[0, 0, 0, 0], g, threads)
        else:
            variant.max_pool_forward_f64(&x[0, 0, 0, 0], &out[0, 0, 0, 0], g, threads)


def max_pool_backward(
    const real[:, :, :, ::1] dout, const real[:, :, :, ::1] x, const real[:, :, :, ::1] out,
    real[:, :, :, ::1] share, real[:, :, :, ::1] dx, Py_ssize_t HH, Py_ssize_t WW,
    Py_ssize_t stride, Py_ssize_t pad, int threads,
):
    cdef pool_geometry g = geometry(x.shape, out.shape, HH, WW, stride, pad)
    with nogil:
        if real is float:
            variant.max_pool_backward_f32(
                &dout[0, 0, 0, 0], &x[0, 0, 0, 0], &out[0, 0, 0, 0], &share[0, 0, 0, 0],
                &dx[0, 0, 0, 0], g, threads)
        else:
            variant.max_pool_backward_f64(
                &dout[0, 0, 0, 0], &x[0, 0, 0, 0], &out[0, 0, 0, 0], &share[0, 0, 0, 0],
                &dx[0, 0, 0, 0], g, threads)


def max_pool_winners(
    const real[:, :, :, ::1] x, real[:, :, :, ::1] out, bits[:, :, :, ::1] winners,
    Py_ssize_t HH, Py_ssize_t WW, Py_ssize_t stride, Py_ssize_t pad, int threads,
):
    cdef pool_geometry g = geometry(x.shape, out.shape, HH, WW, stride, pad)
    with nogil:
        if real is float:
            variant.max_pool_winners_f32(
                &x[0, 0, 0, 0], &out[0, 0, 0, 0], &winners[0, 0, 0, 0], g, threads)
        else:
            variant.max_pool_winners_f64(
                &x[0, 0, 0, 0], &out[0, 0, 0, 0], &winners[0, 0, 0, 0], g, threads)


def from_winners(
    const real[:, :, :, ::1] dout, const bits[:, :, :, ::1] winners,
    real[:, :, :, ::1] dx, Py_ssize_t HH, Py_ssize_t WW, Py_ssize_t stride, Py_ssize_t pad,
    int threads,
):
    cdef pool_geometry g = geometry(dx.shape, dout.shape, HH, WW, stride, pad)
    with nogil:
        if real is float:
            variant.from_winners_f32(
                &dout[0, 0, 0, 0], &winners[0, 0, 0, 0], &dx[0, 0, 0, 0], g, threads)
        else:
            variant.from_winners_f64(
                &dout[0, 0, 0, 0], &winners[0, 0, 0, 0], &dx[0, 0, 0, 0], g, threads)


def avg_pool_forward(
    const real[:, :, :, ::1] x, real[:, :, :, ::1] out, Py_ssize_t HH, Py_ssize_t WW,
    Py_ssize_t stride, Py_ssize_t pad, int threads,
):
    cdef pool_geometry g = geometry(x.shape, out.shape, HH, WW, stride, pad)
    with nogil:
        if real is float:
            variant.avg_pool_forward_f32(&x[0, 0, 0, 0], &out[0, 0, 0, 0], g, threads)
        else:
            variant.avg_pool_forward_f64(&x[0, 0, 0, 0], &out[0, 0, 0, 0], g, threads)


def avg_pool_backward(
    const real[:, :, :, ::1] dout, real[:, :, :, ::1] dx, Py_ssize_t HH, Py_ssize_t WW,
    Py_ssize_t stride, Py_ssize_t pad, int threads,
):
    cdef pool_geometry g = geometry(dx.shape, dout.shape, HH, WW, stride, pad)
    with nogil:
        if real is float:
            variant.avg_pool_backward_f32(&dout[0, 0, 0, 0], &dx[0, 0, 0, 0], g, threads)
        else:
            variant.avg_pool_backward_f64(&dout[0, 0, 0, 0], &dx[0, 0, 0, 0], g, threads)
