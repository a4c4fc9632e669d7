# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/convolution.c; kernels.convolution checks the shapes."""

from cs231n.kernels.workspace import workspace

cdef extern from "Python.h":
    # Declared without an exception value: the exception stays set until raise_pending.
    int PyErr_CheckSignals() noexcept
    void *PyErr_Occurred() noexcept

cdef extern from "c/convolution.h" nogil:
    ctypedef struct convolution_geometry:
        Py_ssize_t N, C, H, W, F, HH, WW, stride, dilation, pad_h, pad_w, OH, OW

    ctypedef struct convolution_kernels:
        Py_ssize_t (*winograd_convolve_bytes)(convolution_geometry, int) noexcept nogil
        Py_ssize_t (*winograd_weights_bytes)(convolution_geometry, int) noexcept nogil
        void (*winograd_convolve)(
            convolution_geometry, const float *, const float *, const float *, float *, int, int,
            void *, int, int (*)() noexcept nogil
        ) noexcept nogil
        void (*winograd_weights)(
            convolution_geometry, const float *, const float *, float *, void *, int,
            int (*)() noexcept nogil
        ) noexcept nogil
        void (*bias_gradient_f32)(
            const float *, float *, Py_ssize_t, Py_ssize_t, Py_ssize_t, int
        ) noexcept nogil
        void (*bias_gradient_f64)(
            const double *, double *, Py_ssize_t, Py_ssize_t, Py_ssize_t, int
        ) noexcept nogil
        Py_ssize_t (*direct_convolve_bytes_f32)(convolution_geometry, int) noexcept nogil
        Py_ssize_t (*direct_input_bytes_f32)(convolution_geometry, int) noexcept nogil
        Py_ssize_t (*direct_weights_bytes_f32)(convolution_geometry, int) noexcept nogil
        void (*direct_convolve_f32)(
            convolution_geometry, const float *, const float *, const float *, int, float *, void *,
            int, int (*)() noexcept nogil
        ) noexcept nogil
        void (*direct_input_f32)(
            convolution_geometry, const float *, const float *, float *, void *, int,
            int (*)() noexcept nogil
        ) noexcept nogil
        void (*direct_weights_f32)(
            convolution_geometry, const float *, const float *, float *, void *, int,
            int (*)() noexcept nogil
        ) noexcept nogil
        Py_ssize_t (*direct_convolve_bytes_f64)(convolution_geometry, int) noexcept nogil
        Py_ssize_t (*direct_input_bytes_f64)(convolution_geometry, int) noexcept nogil
        Py_ssize_t (*direct_weights_bytes_f64)(convolution_geometry, int) noexcept nogil
        void (*direct_convolve_f64)(
            convolution_geometry, const double *, const double *, const double *, int, double *,
            void *, int, int (*)() noexcept nogil
        ) noexcept nogil
        void (*direct_input_f64)(
            convolution_geometry, const double *, const double *, double *, void *, int,
            int (*)() noexcept nogil
        ) noexcept nogil
        void (*direct_weights_f64)(
            convolution_geometry, const double *, const double *, double *, void *, int,
            int (*)() noexcept nogil
        ) noexcept nogil

    const convolution_kernels *convolution_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const convolution_kernels *variant = convolution_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = convolution_variant(name.encode())


cdef int interrupted() noexcept nogil:
    with gil:
        return PyErr_CheckSignals()


cdef int raise_pending() except -1:
    return -1 if PyErr_Occurred() else 0


cdef convolution_geometry geometry(
    Py_ssize_t[4] x, Py_ssize_t[4] w, Py_ssize_t[4] out, Py_ssize_t stride, Py_ssize_t dilation,
    Py_ssize_t pad_h, Py_ssize_t pad_w,
) noexcept nogil:
    cdef convolution_geometry g
    g.N, g.C, g.H, g.W = x[0], x[1], x[2], x[3]
    g.F, g.HH, g.WW = out[1], w[2], w[3]
    g.stride, g.dilation, g.pad_h, g.pad_w = stride, dilation, pad_h, pad_w
    g.OH, g.OW = out[2], out[3]
    return g


def winograd_convolve(
    const float[:, :, :, ::1] x, const float[:, :, :, ::1] w, const float[::1] b,
    float[:, :, :, ::1] out, Py_ssize_t pad_h, Py_ssize_t pad_w, bint turned, bint relu,
    int threads,
):
    cdef convolution_geometry g = geometry(x.shape, w.shape, out.shape, 1, 1, pad_h, pad_w)
    cdef unsigned char[::1] memory
    cdef const convolution_kernels *kernels = variant
    with workspace(kernels.winograd_convolve_bytes(g, threads)) as lent:
        memory = lent
        with nogil:
            kernels.winograd_convolve(
                g, &x[0, 0, 0, 0], &w[0, 0, 0, 0], &b[0], &out[0, 0, 0, 0], turned, relu,
                &memory[0], threads, interrupted)
        raise_pending()


def winograd_weights(
    const float[:, :, :, ::1] dout, const float[:, :, :, ::1] x, float[:, :, :, ::1] dw,
    Py_ssize_t pad, int threads,
):
    cdef convolution_geometry g = geometry(x.shape, dw.shape, dout.shape, 1, 1, pad, pad)
    cdef unsigned char[::1] memory
    cdef const convolution_kernels *kernels = variant
    with workspace(kernels.winograd_weights_bytes(g, threads)) as lent:
        memory = lent
        with nogil:
            kernels.winograd_weights(
                g, &dout[0, 0, 0, 0], &x[0, 0, 0, 0], &dw[0, 0, 0, 0], &memory[0], threads,
                interrupted)
        raise_pending()


def bias_gradient(const real[:, :, ::1] dout, real[::1] db, int threads):
    cdef Py_ssize_t N = dout.shape[0], F = dout.shape[1], P = dout.shape[2]
    with nogil:
        if real is float:
            variant.bias_gradient_f32(&dout[0, 0, 0], &db[0], N, F, P, threads)
        else:
            variant.bias_gradient_f64(&dout[0, 0, 0], &db[0], N, F, P, threads)


def direct_forward(
    const real[:, :, :, ::1] x, const real[:, :, :, ::1] w, const real[::1] b,
    real[:, :, :, ::1] out, Py_ssize_t stride, Py_ssize_t dilation, Py_ssize_t pad, bint relu,
    int threads,
):
    cdef convolution_geometry g = geometry(
        x.shape, w.shape, out.shape, stride, dilation, pad, pad)
    cdef unsigned char[::1] memory
    cdef const convolution_kernels *kernels = variant
    if real is float:
        needed = kernels.direct_convolve_bytes_f32(g, threads)
    else:
        needed = kernels.direct_convolve_bytes_f64(g, threads)
    with workspace(needed) as lent:
        memory = lent
        with nogil:
            if real is float:
                kernels.direct_convolve_f32(
                    g, &x[0, 0, 0, 0], &w[0, 0, 0, 0], &b[0], relu, &out[0, 0, 0, 0],
                    &memory[0], threads, interrupted)
            else:
                kernels.direct_convolve_f64(
                    g, &x[0, 0, 0, 0], &w[0, 0, 0, 0], &b[0], relu, &out[0, 0, 0, 0],
                    &memory[0], threads, interrupted)
        raise_pending()


def direct_backward_input(
    const real[:, :, :, ::1] dout, const real[:, :, :, ::1] w, real[:, :, :, ::1] dx,
    Py_ssize_t stride, Py_ssize_t dilation, Py_ssize_t pad, int threads,
):
    cdef convolution_geometry g = geometry(
        dx.shape, w.shape, dout.shape, stride, dilation, pad, pad)
    cdef unsigned char[::1] memory
    cdef const convolution_kernels *kernels = variant
    if real is float:
        needed = kernels.direct_input_bytes_f32(g, threads)
    else:
        needed = kernels.direct_input_bytes_f64(g, threads)
    with workspace(needed) as lent:
        memory = lent
        with nogil:
            if real is float:
                kernels.direct_input_f32(
                    g, &dout[0, 0, 0, 0], &w[0, 0, 0, 0], &dx[0, 0, 0, 0], &memory[0],
                    threads, interrupted)
            else:
                kernels.direct_input_f64(
                    g, &dout[0, 0, 0, 0], &w[0, 0, 0, 0], &dx[0, 0, 0, 0], &memory[0],
                    threads, interrupted)
        raise_pending()


def direct_backward_weights(
    const real[:, :, :, ::1] dout, const real[:, :, :, ::1] x, real[:, :, :, ::1] dw,
    Py_ssize_t stride, Py_ssize_t dilation, Py_ssize_t pad, int threads,
):
    cdef convolution_geometry g = geometry(
        x.shape, dw.shape, dout.shape, stride, dilation, pad, pad)
    cdef unsigned char[::1] memory
    cdef const convolution_kernels *kernels = variant
    if real is float:
        needed = kernels.direct_weights_bytes_f32(g, threads)
    else:
        needed = kernels.direct_weights_bytes_f64(g, threads)
    with workspace(needed) as lent:
        memory = lent
        with nogil:
            if real is float:
                kernels.direct_weights_f32(
                    g, &dout[0, 0, 0, 0], &x[0, 0, 0, 0], &dw[0, 0, 0, 0], &memory[0],
                    threads, interrupted)
            else:
                kernels.direct_weights_f64(
                    g, &dout[0, 0, 0, 0], &x[0, 0, 0, 0], &dw[0, 0, 0, 0], &memory[0],
                    threads, interrupted)
        raise_pending()
