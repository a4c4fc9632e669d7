# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/fractional.c; cs231n.kernels.fractional checks the regions."""

from libc.stdint cimport uint8_t, uint16_t

cdef extern from "c/fractional.h" nogil:
    ctypedef struct fractional_geometry:
        Py_ssize_t planes, channels, H, W, OH, OW, most
        Py_ssize_t rows_image, rows_channel, cols_image, cols_channel

    ctypedef struct fractional_kernels:
        void (*forward_f32)(
            const float *, const Py_ssize_t *, const Py_ssize_t *, float *, void *,
            fractional_geometry, int
        ) noexcept nogil
        void (*forward_f64)(
            const double *, const Py_ssize_t *, const Py_ssize_t *, double *, void *,
            fractional_geometry, int
        ) noexcept nogil
        void (*backward_f32)(
            const float *, const void *, const Py_ssize_t *, const Py_ssize_t *, float *,
            fractional_geometry, int
        ) noexcept nogil
        void (*backward_f64)(
            const double *, const void *, const Py_ssize_t *, const Py_ssize_t *, double *,
            fractional_geometry, int
        ) noexcept nogil

    const fractional_kernels *fractional_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const fractional_kernels *variant = fractional_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = fractional_variant(name.encode())


cdef fractional_geometry geometry(
    Py_ssize_t[4] x_shape, Py_ssize_t[4] rows, Py_ssize_t[4] cols, Py_ssize_t most
) noexcept nogil:
    cdef fractional_geometry g
    g.planes, g.channels = x_shape[0] * x_shape[1], x_shape[1]
    g.H, g.W = x_shape[2], x_shape[3]
    g.OH, g.OW, g.most = rows[2], cols[2], most
    g.rows_channel = 2 * g.OH if rows[1] > 1 else 0
    g.rows_image = 2 * g.OH * rows[1] if rows[0] > 1 else 0
    g.cols_channel = 2 * g.OW if cols[1] > 1 else 0
    g.cols_image = 2 * g.OW * cols[1] if cols[0] > 1 else 0
    return g


cdef const void *winners_of(object winners, Py_ssize_t most):
    """Return where the winners stand, which are bytes or pairs of bytes."""
    cdef const uint8_t[:, :, :, ::1] narrow
    cdef const uint16_t[:, :, :, ::1] wide
    if winners is None:
        return NULL
    if most == 2:
        narrow = winners
        return &narrow[0, 0, 0, 0]
    wide = winners
    return &wide[0, 0, 0, 0]


def forward(
    const real[:, :, :, ::1] x, const Py_ssize_t[:, :, :, ::1] rows,
    const Py_ssize_t[:, :, :, ::1] cols, real[:, :, :, ::1] out, winners, Py_ssize_t most,
    int threads,
):
    cdef fractional_geometry g = geometry(x.shape, rows.shape, cols.shape, most)
    cdef void *bits = <void *>winners_of(winners, most)
    with nogil:
        if real is float:
            variant.forward_f32(
                &x[0, 0, 0, 0], &rows[0, 0, 0, 0], &cols[0, 0, 0, 0], &out[0, 0, 0, 0], bits, g,
                threads)
        else:
            variant.forward_f64(
                &x[0, 0, 0, 0], &rows[0, 0, 0, 0], &cols[0, 0, 0, 0], &out[0, 0, 0, 0], bits, g,
                threads)


def backward(
    const real[:, :, :, ::1] dout, winners, const Py_ssize_t[:, :, :, ::1] rows,
    const Py_ssize_t[:, :, :, ::1] cols, real[:, :, :, ::1] dx, Py_ssize_t most, int threads,
):
    cdef fractional_geometry g = geometry(dx.shape, rows.shape, cols.shape, most)
    cdef const void *bits = winners_of(winners, most)
    with nogil:
        if real is float:
            variant.backward_f32(
                &dout[0, 0, 0, 0], bits, &rows[0, 0, 0, 0], &cols[0, 0, 0, 0], &dx[0, 0, 0, 0], g,
                threads)
        else:
            variant.backward_f64(
                &dout[0, 0, 0, 0], bits, &rows[0, 0, 0, 0], &cols[0, 0, 0, 0], &dx[0, 0, 0, 0], g,
                threads)
