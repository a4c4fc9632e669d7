# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Typed access to the loops in c/im2col.c; shapes are checked by cs231n.kernels.unfolding."""

cdef extern from "c/im2col.h" nogil:
    ctypedef struct im2col_geometry:
        Py_ssize_t N, C, H, W, HH, WW, pad, stride, OH, OW

    ctypedef struct im2col_steps:
        Py_ssize_t row, image, position

    ctypedef struct im2col_kernels:
        void (*im2col_f32)(
            const float *, float *, im2col_geometry, im2col_steps, int
        ) noexcept nogil
        void (*im2col_f64)(
            const double *, double *, im2col_geometry, im2col_steps, int
        ) noexcept nogil
        void (*col2im_f32)(
            const float *, float *, im2col_geometry, im2col_steps, int
        ) noexcept nogil
        void (*col2im_f64)(
            const double *, double *, im2col_geometry, im2col_steps, int
        ) noexcept nogil

    const im2col_kernels *im2col_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const im2col_kernels *variant = im2col_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = im2col_variant(name.encode())


cdef im2col_geometry geometry(
    Py_ssize_t[4] x_shape, Py_ssize_t HH, Py_ssize_t WW, Py_ssize_t pad, Py_ssize_t stride,
    Py_ssize_t positions, Py_ssize_t OW,
) noexcept nogil:
    cdef im2col_geometry g
    g.N, g.C, g.H, g.W = x_shape[0], x_shape[1], x_shape[2], x_shape[3]
    g.HH, g.WW, g.pad, g.stride = HH, WW, pad, stride
    g.OH, g.OW = positions // OW, OW
    return g


cdef im2col_steps steps(Py_ssize_t *strides, Py_ssize_t itemsize) noexcept nogil:
    cdef im2col_steps s
    s.row, s.image, s.position = (
        strides[0] // itemsize, strides[1] // itemsize, strides[2] // itemsize
    )
    return s


def im2col(
    const real[:, :, :, ::1] x, real[:, :, :] cols, Py_ssize_t HH, Py_ssize_t WW,
    Py_ssize_t pad, Py_ssize_t stride, Py_ssize_t OW, int threads,
):
    cdef im2col_geometry g = geometry(x.shape, HH, WW, pad, stride, cols.shape[2], OW)
    cdef im2col_steps s = steps(cols.strides, sizeof(real))
    with nogil:
        if real is float:
            variant.im2col_f32(&x[0, 0, 0, 0], &cols[0, 0, 0], g, s, threads)
        else:
            variant.im2col_f64(&x[0, 0, 0, 0], &cols[0, 0, 0], g, s, threads)


def col2im(
    const real[:, :, :] cols, real[:, :, :, ::1] x, Py_ssize_t HH, Py_ssize_t WW,
    Py_ssize_t pad, Py_ssize_t stride, Py_ssize_t OW, int threads,
):
    cdef im2col_geometry g = geometry(x.shape, HH, WW, pad, stride, cols.shape[2], OW)
    cdef im2col_steps s = steps(cols.strides, sizeof(real))
    with nogil:
        if real is float:
            variant.col2im_f32(&cols[0, 0, 0], &x[0, 0, 0, 0], g, s, threads)
        else:
            variant.col2im_f64(&cols[0, 0, 0], &x[0, 0, 0, 0], g, s, threads)
