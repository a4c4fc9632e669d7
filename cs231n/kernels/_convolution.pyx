# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/convolution.c; kernels.convolution checks the shapes."""

from cs231n.kernels.workspace import workspace

cdef extern from "Python.h":
    # Declared without an exception value: the exception stays set until raise_pending.
    int PyErr_CheckSignals() noexcept
    void *PyErr_Occurred() noexcept

cdef extern from "c/convolution.h" nogil:
    ctypedef struct winograd_geometry:
        Py_ssize_t N, C, H, W, F, pad

    ctypedef struct convolution_kernels:
        Py_ssize_t (*winograd_convolve_bytes)(winograd_geometry, int) noexcept nogil
        Py_ssize_t (*winograd_weights_bytes)(winograd_geometry, int) noexcept nogil
        void (*winograd_convolve)(
            const float *, const float *, const float *, float *, winograd_geometry, int, int,
            void *, int, int (*)() noexcept nogil
        ) noexcept nogil
        void (*winograd_weights)(
            const float *, const float *, float *, winograd_geometry, void *, int,
            int (*)() noexcept nogil
        ) noexcept nogil
        void (*bias_gradient_f32)(
            const float *, float *, Py_ssize_t, Py_ssize_t, Py_ssize_t, int
        ) noexcept nogil
        void (*bias_gradient_f64)(
            const double *, double *, Py_ssize_t, Py_ssize_t, Py_ssize_t, int
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


def winograd_convolve(
    const float[:, :, :, ::1] x, const float[:, :, :, ::1] w, const float[::1] b,
    float[:, :, :, ::1] out, Py_ssize_t pad, bint turned, bint relu, int threads,
):
    cdef winograd_geometry g
    g.N, g.C, g.H, g.W, g.F, g.pad = (
        x.shape[0], x.shape[1], x.shape[2], x.shape[3], out.shape[1], pad
    )
    cdef unsigned char[::1] memory
    cdef const convolution_kernels *kernels = variant
    with workspace(kernels.winograd_convolve_bytes(g, threads)) as lent:
        memory = lent
        with nogil:
            kernels.winograd_convolve(
                &x[0, 0, 0, 0], &w[0, 0, 0, 0], &b[0], &out[0, 0, 0, 0], g, turned, relu,
                &memory[0], threads, interrupted)
        raise_pending()


def winograd_weights(
    const float[:, :, :, ::1] dout, const float[:, :, :, ::1] x, float[:, :, :, ::1] dw,
    Py_ssize_t pad, int threads,
):
    cdef winograd_geometry g
    g.N, g.C, g.H, g.W, g.F, g.pad = (
        x.shape[0], x.shape[1], x.shape[2], x.shape[3], dout.shape[1], pad
    )
    cdef unsigned char[::1] memory
    cdef const convolution_kernels *kernels = variant
    with workspace(kernels.winograd_weights_bytes(g, threads)) as lent:
        memory = lent
        with nogil:
            kernels.winograd_weights(
                &dout[0, 0, 0, 0], &x[0, 0, 0, 0], &dw[0, 0, 0, 0], g, &memory[0], threads,
                interrupted)
        raise_pending()


def bias_gradient(const real[:, :, ::1] dout, real[::1] db, int threads):
    cdef Py_ssize_t N = dout.shape[0], F = dout.shape[1], P = dout.shape[2]
    with nogil:
        if real is float:
            variant.bias_gradient_f32(&dout[0, 0, 0], &db[0], N, F, P, threads)
        else:
            variant.bias_gradient_f64(&dout[0, 0, 0], &db[0], N, F, P, threads)
