# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/activations.c; kernels.activations checks the shapes."""

from libc.stdint cimport uint64_t

cdef extern from "c/activations.h" nogil:
    ctypedef struct activations_kernels:
        void (*relu_forward_f32)(const float *, float *, Py_ssize_t, int) noexcept nogil
        void (*relu_forward_f64)(const double *, double *, Py_ssize_t, int) noexcept nogil
        void (*relu_backward_f32)(
            const float *, const float *, float *, Py_ssize_t, int
        ) noexcept nogil
        void (*relu_backward_f64)(
            const double *, const double *, double *, Py_ssize_t, int
        ) noexcept nogil
        void (*leaky_relu_forward_f32)(
            const float *, float *, Py_ssize_t, double, int
        ) noexcept nogil
        void (*leaky_relu_backward_f32)(
            const float *, const float *, float *, Py_ssize_t, double, int
        ) noexcept nogil
        void (*gelu_forward_f32)(const float *, float *, Py_ssize_t, int) noexcept nogil
        void (*gelu_backward_f32)(
            const float *, const float *, float *, Py_ssize_t, int
        ) noexcept nogil
        void (*add_f32)(
            const float *, const float *, float *, Py_ssize_t, int, int
        ) noexcept nogil
        void (*leaky_relu_forward_f64)(
            const double *, double *, Py_ssize_t, double, int
        ) noexcept nogil
        void (*leaky_relu_backward_f64)(
            const double *, const double *, double *, Py_ssize_t, double, int
        ) noexcept nogil
        void (*gelu_forward_f64)(const double *, double *, Py_ssize_t, int) noexcept nogil
        void (*gelu_backward_f64)(
            const double *, const double *, double *, Py_ssize_t, int
        ) noexcept nogil
        void (*add_f64)(
            const double *, const double *, double *, Py_ssize_t, int, int
        ) noexcept nogil
        void (*dropout_f32)(
            const float *, float *, Py_ssize_t, uint64_t, uint64_t, double, int
        ) noexcept nogil
        void (*dropout_f64)(
            const double *, double *, Py_ssize_t, uint64_t, uint64_t, double, int
        ) noexcept nogil
        void (*softmax_f32)(
            const float *, const Py_ssize_t *, double *, float *, Py_ssize_t, Py_ssize_t, int
        ) noexcept nogil
        void (*softmax_f64)(
            const double *, const Py_ssize_t *, double *, double *, Py_ssize_t, Py_ssize_t, int
        ) noexcept nogil

    const activations_kernels *activations_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const activations_kernels *variant = activations_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = activations_variant(name.encode())


def relu_forward(const real[::1] x, real[::1] out, int threads):
    with nogil:
        if real is float:
            variant.relu_forward_f32(&x[0], &out[0], x.shape[0], threads)
        else:
            variant.relu_forward_f64(&x[0], &out[0], x.shape[0], threads)


def relu_backward(const real[::1] dout, const real[::1] y, real[::1] dx, int threads):
    with nogil:
        if real is float:
            variant.relu_backward_f32(&dout[0], &y[0], &dx[0], dx.shape[0], threads)
        else:
            variant.relu_backward_f64(&dout[0], &y[0], &dx[0], dx.shape[0], threads)


def leaky_relu_forward(const real[::1] x, real[::1] out, double slope, int threads):
    with nogil:
        if real is float:
            variant.leaky_relu_forward_f32(&x[0], &out[0], x.shape[0], slope, threads)
        else:
            variant.leaky_relu_forward_f64(&x[0], &out[0], x.shape[0], slope, threads)


def leaky_relu_backward(
    const real[::1] dout, const real[::1] y, real[::1] dx, double slope, int threads
):
    with nogil:
        if real is float:
            variant.leaky_relu_backward_f32(
                &dout[0], &y[0], &dx[0], dx.shape[0], slope, threads)
        else:
            variant.leaky_relu_backward_f64(
                &dout[0], &y[0], &dx[0], dx.shape[0], slope, threads)


def gelu_forward(const real[::1] x, real[::1] out, int threads):
    with nogil:
        if real is float:
            variant.gelu_forward_f32(&x[0], &out[0], x.shape[0], threads)
        else:
            variant.gelu_forward_f64(&x[0], &out[0], x.shape[0], threads)


def gelu_backward(const real[::1] dout, const real[::1] x, real[::1] dx, int threads):
    with nogil:
        if real is float:
            variant.gelu_backward_f32(&dout[0], &x[0], &dx[0], dx.shape[0], threads)
        else:
            variant.gelu_backward_f64(&dout[0], &x[0], &dx[0], dx.shape[0], threads)


def add(const real[::1] a, const real[::1] b, real[::1] out, bint relu, int threads):
    with nogil:
        if real is float:
            variant.add_f32(&a[0], &b[0], &out[0], out.shape[0], relu, threads)
        else:
            variant.add_f64(&a[0], &b[0], &out[0], out.shape[0], relu, threads)


def dropout(
    const real[::1] x, real[::1] out, uint64_t key, uint64_t threshold, double scale, int threads
):
    with nogil:
        if real is float:
            variant.dropout_f32(&x[0], &out[0], x.shape[0], key, threshold, scale, threads)
        else:
            variant.dropout_f64(&x[0], &out[0], x.shape[0], key, threshold, scale, threads)


def softmax(
    const real[:, ::1] scores, const Py_ssize_t[::1] y, double[::1] losses,
    real[:, ::1] dscores, int threads,
):
    cdef Py_ssize_t N = scores.shape[0], C = scores.shape[1]
    with nogil:
        if real is float:
            variant.softmax_f32(
                &scores[0, 0], &y[0], &losses[0], &dscores[0, 0], N, C, threads)
        else:
            variant.softmax_f64(
                &scores[0, 0], &y[0], &losses[0], &dscores[0, 0], N, C, threads)
