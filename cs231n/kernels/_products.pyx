# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Typed access to the loops in c/products.c; kernels.products checks the shapes."""

from cs231n.kernels.workspace import workspace

cdef extern from "c/products.h" nogil:
    ctypedef struct product_task:
        Py_ssize_t M, N, K, a_row, a_column, b_row, b_column
        int accumulate, relu, threads

    ctypedef struct products_kernels:
        Py_ssize_t (*product_bytes_f32)(product_task) noexcept nogil
        Py_ssize_t (*product_bytes_f64)(product_task) noexcept nogil
        void (*product_f32)(
            const float *, const float *, const float *, float *, product_task, void *
        ) noexcept nogil
        void (*product_f64)(
            const double *, const double *, const double *, double *, product_task, void *
        ) noexcept nogil

    const products_kernels *products_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const products_kernels *variant = products_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = products_variant(name.encode())


def matmul(
    const real[:, :] a, const real[:, :] b, const real[::1] bias, real[:, ::1] out,
    bint accumulate, bint relu, int threads,
):
    cdef product_task t
    cdef const real *added = &bias[0] if bias is not None else NULL
    cdef unsigned char[::1] memory
    cdef const products_kernels *kernels = variant
    cdef Py_ssize_t size = sizeof(real), needed
    t.M, t.N, t.K = a.shape[0], b.shape[1], a.shape[1]
    t.a_row, t.a_column = a.strides[0] // size, a.strides[1] // size
    t.b_row, t.b_column = b.strides[0] // size, b.strides[1] // size
    t.accumulate, t.relu, t.threads = accumulate, relu, threads
    if real is float:
        needed = kernels.product_bytes_f32(t)
    else:
        needed = kernels.product_bytes_f64(t)
    with workspace(needed) as lent:
        memory = lent
        with nogil:
            if real is float:
                kernels.product_f32(
                    &a[0, 0], &b[0, 0], added, &out[0, 0], t, &memory[0])
            else:
                kernels.product_f64(
                    &a[0, 0], &b[0, 0], added, &out[0, 0], t, &memory[0])
