# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to c/updates.c; arguments are checked by cs231n.kernels.updates."""

from libc.string cimport memset

cdef extern from "c/updates.h" nogil:
    ctypedef struct update_task:
        Py_ssize_t count
        double learning_rate, weight_decay, first, second, first_correction, second_correction
        double epsilon
        int nesterov, threads

    ctypedef struct updates_kernels:
        void (*sgd_f32)(float *, const float *, update_task) noexcept nogil
        void (*sgd_f64)(double *, const double *, update_task) noexcept nogil
        void (*momentum_f32)(float *, const float *, float *, update_task) noexcept nogil
        void (*momentum_f64)(double *, const double *, double *, update_task) noexcept nogil
        void (*rmsprop_f32)(float *, const float *, float *, update_task) noexcept nogil
        void (*rmsprop_f64)(double *, const double *, double *, update_task) noexcept nogil
        void (*adam_f32)(float *, const float *, float *, float *, update_task) noexcept nogil
        void (*adam_f64)(double *, const double *, double *, double *, update_task) noexcept nogil

    const updates_kernels *updates_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const updates_kernels *variant = updates_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = updates_variant(name.encode())


cdef update_task task(
    Py_ssize_t count, double learning_rate, double weight_decay, int threads
) noexcept nogil:
    cdef update_task t
    memset(&t, 0, sizeof(t))
    t.count, t.threads = count, threads
    t.learning_rate, t.weight_decay = learning_rate, weight_decay
    return t


def sgd(real[::1] w, const real[::1] dw, double learning_rate, double weight_decay, int threads):
    cdef update_task t = task(w.shape[0], learning_rate, weight_decay, threads)
    with nogil:
        if real is float:
            variant.sgd_f32(&w[0], &dw[0], t)
        else:
            variant.sgd_f64(&w[0], &dw[0], t)


def momentum(
    real[::1] w, const real[::1] dw, real[::1] velocity, double learning_rate, double momentum,
    bint nesterov, double weight_decay, int threads,
):
    cdef update_task t = task(w.shape[0], learning_rate, weight_decay, threads)
    t.first, t.nesterov = momentum, nesterov
    with nogil:
        if real is float:
            variant.momentum_f32(&w[0], &dw[0], &velocity[0], t)
        else:
            variant.momentum_f64(&w[0], &dw[0], &velocity[0], t)


def rmsprop(
    real[::1] w, const real[::1] dw, real[::1] cache, double learning_rate, double decay_rate,
    double epsilon, double weight_decay, int threads,
):
    cdef update_task t = task(w.shape[0], learning_rate, weight_decay, threads)
    t.first, t.epsilon = decay_rate, epsilon
    with nogil:
        if real is float:
            variant.rmsprop_f32(&w[0], &dw[0], &cache[0], t)
        else:
            variant.rmsprop_f64(&w[0], &dw[0], &cache[0], t)


def adam(
    real[::1] w, const real[::1] dw, real[::1] m, real[::1] v, long long t, double learning_rate,
    double beta1, double beta2, double epsilon, double weight_decay, int threads,
):
    cdef update_task rule = task(w.shape[0], learning_rate, weight_decay, threads)
    rule.first, rule.second, rule.epsilon = beta1, beta2, epsilon
    rule.first_correction, rule.second_correction = 1 - beta1 ** <double>t, 1 - beta2 ** <double>t
    with nogil:
        if real is float:
            variant.adam_f32(&w[0], &dw[0], &m[0], &v[0], rule)
        else:
            variant.adam_f64(&w[0], &dw[0], &m[0], &v[0], rule)
