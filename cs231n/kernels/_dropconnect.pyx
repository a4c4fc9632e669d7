# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to the loops in c/dropconnect.c; kernels.dropconnect checks the shapes."""

from libc.stdint cimport uint64_t

cdef extern from "c/dropconnect.h" nogil:
    ctypedef struct mask_rule:
        uint64_t key
        unsigned keep

    ctypedef struct dropconnect_task:
        Py_ssize_t N, D, M
        int threads

    ctypedef struct dropconnect_kernels:
        void (*product_f32)(
            const float *, const float *, float *, mask_rule, dropconnect_task
        ) noexcept nogil
        void (*product_f64)(
            const double *, const double *, double *, mask_rule, dropconnect_task
        ) noexcept nogil
        void (*input_f32)(
            const float *, const float *, float *, mask_rule, dropconnect_task
        ) noexcept nogil
        void (*input_f64)(
            const double *, const double *, double *, mask_rule, dropconnect_task
        ) noexcept nogil
        void (*weights_f32)(
            const float *, const float *, float *, mask_rule, dropconnect_task
        ) noexcept nogil
        void (*weights_f64)(
            const double *, const double *, double *, mask_rule, dropconnect_task
        ) noexcept nogil

    const dropconnect_kernels *dropconnect_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const dropconnect_kernels *variant = dropconnect_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = dropconnect_variant(name.encode())


cdef dropconnect_task task_of(Py_ssize_t N, Py_ssize_t D, Py_ssize_t M, int threads) noexcept nogil:
    cdef dropconnect_task t
    t.N, t.D, t.M, t.threads = N, D, M, threads
    return t


cdef mask_rule rule_of(uint64_t key, unsigned keep) noexcept nogil:
    cdef mask_rule rule
    rule.key, rule.keep = key, keep
    return rule


def product(
    const real[:, ::1] x, const real[:, ::1] w, real[:, ::1] out, uint64_t key, unsigned keep,
    int threads,
):
    cdef dropconnect_task t = task_of(x.shape[0], x.shape[1], w.shape[1], threads)
    cdef mask_rule rule = rule_of(key, keep)
    with nogil:
        if real is float:
            variant.product_f32(&x[0, 0], &w[0, 0], &out[0, 0], rule, t)
        else:
            variant.product_f64(&x[0, 0], &w[0, 0], &out[0, 0], rule, t)


def input_gradient(
    const real[:, ::1] dout, const real[:, ::1] w, real[:, ::1] dx, uint64_t key, unsigned keep,
    int threads,
):
    cdef dropconnect_task t = task_of(dout.shape[0], w.shape[0], w.shape[1], threads)
    cdef mask_rule rule = rule_of(key, keep)
    with nogil:
        if real is float:
            variant.input_f32(&dout[0, 0], &w[0, 0], &dx[0, 0], rule, t)
        else:
            variant.input_f64(&dout[0, 0], &w[0, 0], &dx[0, 0], rule, t)


def weight_gradient(
    const real[:, ::1] x, const real[:, ::1] dout, real[:, ::1] dw, uint64_t key, unsigned keep,
    int threads,
):
    cdef dropconnect_task t = task_of(x.shape[0], x.shape[1], dout.shape[1], threads)
    cdef mask_rule rule = rule_of(key, keep)
    with nogil:
        if real is float:
            variant.weights_f32(&x[0, 0], &dout[0, 0], &dw[0, 0], rule, t)
        else:
            variant.weights_f64(&x[0, 0], &dout[0, 0], &dw[0, 0], rule, t)
