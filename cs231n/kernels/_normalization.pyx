# cython: language_level=3, boundscheck=False, wraparound=False
"""Typed access to c/normalization.c; shapes are checked by cs231n.kernels.normalization."""

cdef extern from "c/normalization.h" nogil:
    ctypedef struct norm_task:
        Py_ssize_t N, C, M
        double eps
        int relu, threads
        Py_ssize_t groups

    ctypedef struct response_task:
        Py_ssize_t N, C, M, size
        double alpha, beta, k

    enum:
        PIXELS

    ctypedef struct normalization_kernels:
        void (*batchnorm_forward_f32)(
            const float *, const float *, const float *, float *, float *, float *, norm_task
        ) noexcept nogil
        void (*batchnorm_forward_f64)(
            const double *, const double *, const double *, double *, double *, double *,
            norm_task
        ) noexcept nogil
        void (*batchnorm_inference_f32)(
            const float *, const float *, const float *, const float *, const float *, float *,
            norm_task
        ) noexcept nogil
        void (*batchnorm_inference_f64)(
            const double *, const double *, const double *, const double *, const double *, double
            *, norm_task
        ) noexcept nogil
        void (*batchnorm_backward_f32)(
            const float *, const float *, const float *, const float *, const float *, const float
            *, float *, float *, float *, norm_task
        ) noexcept nogil
        void (*batchnorm_backward_f64)(
            const double *, const double *, const double *, const double *, const double *, const
            double *, double *, double *, double *, norm_task
        ) noexcept nogil
        void (*layernorm_forward_f32)(
            const float *, const float *, const float *, float *, float *, float *, norm_task
        ) noexcept nogil
        void (*layernorm_forward_f64)(
            const double *, const double *, const double *, double *, double *, double *,
            norm_task
        ) noexcept nogil
        void (*layernorm_backward_f32)(
            const float *, const float *, const float *, const float *, const float *, float *,
            float *, float *, norm_task
        ) noexcept nogil
        void (*layernorm_backward_f64)(
            const double *, const double *, const double *, const double *, const double *, double
            *, double *, double *, norm_task
        ) noexcept nogil
        void (*groupnorm_forward_f32)(
            const float *, const float *, const float *, float *, float *, float *, norm_task
        ) noexcept nogil
        void (*groupnorm_backward_f32)(
            const float *, const float *, const float *, const float *, const float *, const float
            *, float *, float *, float *, double *, norm_task
        ) noexcept nogil
        void (*response_forward_f32)(
            const float *, float *, float *, response_task
        ) noexcept nogil
        void (*response_backward_f32)(
            const float *, const float *, float *, float *, response_task
        ) noexcept nogil
        void (*groupnorm_forward_f64)(
            const double *, const double *, const double *, double *, double *, double *, norm_task
        ) noexcept nogil
        void (*groupnorm_backward_f64)(
            const double *, const double *, const double *, const double *, const double *,
            const double *, double *, double *, double *, double *, norm_task
        ) noexcept nogil
        void (*response_forward_f64)(
            const double *, double *, double *, response_task
        ) noexcept nogil
        void (*response_backward_f64)(
            const double *, const double *, double *, double *, response_task
        ) noexcept nogil

    const normalization_kernels *normalization_variant(const char *name)

ctypedef fused real:
    float
    double

cdef const normalization_kernels *variant = normalization_variant(b"baseline")


def use(name):
    """Take the kernels that were compiled for this instruction set."""
    global variant
    variant = normalization_variant(name.encode())


cdef norm_task task(Py_ssize_t[3] shape, double eps, bint relu, int threads) noexcept nogil:
    cdef norm_task t
    t.N, t.C, t.M = shape[0], shape[1], shape[2]
    t.eps, t.relu, t.threads, t.groups = eps, relu, threads, 1
    return t


def batchnorm_forward(
    const real[:, :, ::1] x, const real[::1] gamma, const real[::1] beta, real[:, :, ::1] out,
    real[::1] mean, real[::1] var, double eps, bint relu, int threads,
):
    cdef norm_task t = task(x.shape, eps, relu, threads)
    with nogil:
        if real is float:
            variant.batchnorm_forward_f32(
                &x[0, 0, 0], &gamma[0], &beta[0], &out[0, 0, 0], &mean[0], &var[0], t)
        else:
            variant.batchnorm_forward_f64(
                &x[0, 0, 0], &gamma[0], &beta[0], &out[0, 0, 0], &mean[0], &var[0], t)


def batchnorm_inference(
    const real[:, :, ::1] x, const real[::1] gamma, const real[::1] beta, const real[::1] mean,
    const real[::1] var, real[:, :, ::1] out, double eps, bint relu, int threads,
):
    cdef norm_task t = task(x.shape, eps, relu, threads)
    with nogil:
        if real is float:
            variant.batchnorm_inference_f32(
                &x[0, 0, 0], &gamma[0], &beta[0], &mean[0], &var[0], &out[0, 0, 0], t)
        else:
            variant.batchnorm_inference_f64(
                &x[0, 0, 0], &gamma[0], &beta[0], &mean[0], &var[0], &out[0, 0, 0], t)


def batchnorm_backward(
    const real[:, :, ::1] dout, const real[:, :, ::1] x, const real[::1] gamma,
    const real[::1] beta, const real[::1] mean, const real[::1] var, real[:, :, ::1] dx,
    real[::1] dgamma, real[::1] dbeta, double eps, bint relu, int threads,
):
    cdef norm_task t = task(x.shape, eps, relu, threads)
    with nogil:
        if real is float:
            variant.batchnorm_backward_f32(
                &dout[0, 0, 0], &x[0, 0, 0], &gamma[0], &beta[0], &mean[0], &var[0], &dx[0, 0, 0],
                &dgamma[0], &dbeta[0], t)
        else:
            variant.batchnorm_backward_f64(
                &dout[0, 0, 0], &x[0, 0, 0], &gamma[0], &beta[0], &mean[0], &var[0], &dx[0, 0, 0],
                &dgamma[0], &dbeta[0], t)


def layernorm_forward(
    const real[:, :, ::1] x, const real[::1] gamma, const real[::1] beta, real[:, :, ::1] out,
    real[::1] mean, real[::1] var, double eps, int threads,
):
    cdef norm_task t = task(x.shape, eps, False, threads)
    with nogil:
        if real is float:
            variant.layernorm_forward_f32(
                &x[0, 0, 0], &gamma[0], &beta[0], &out[0, 0, 0], &mean[0], &var[0], t)
        else:
            variant.layernorm_forward_f64(
                &x[0, 0, 0], &gamma[0], &beta[0], &out[0, 0, 0], &mean[0], &var[0], t)


def layernorm_backward(
    const real[:, :, ::1] dout, const real[:, :, ::1] x, const real[::1] gamma,
    const real[::1] mean, const real[::1] var, real[:, :, ::1] dx, real[::1] dgamma,
    real[::1] dbeta, double eps, int threads,
):
    cdef norm_task t = task(x.shape, eps, False, threads)
    with nogil:
        if real is float:
            variant.layernorm_backward_f32(
                &dout[0, 0, 0], &x[0, 0, 0], &gamma[0], &mean[0], &var[0], &dx[0, 0, 0],
                &dgamma[0], &dbeta[0], t)
        else:
            variant.layernorm_backward_f64(
                &dout[0, 0, 0], &x[0, 0, 0], &gamma[0], &mean[0], &var[0], &dx[0, 0, 0],
                &dgamma[0], &dbeta[0], t)


def groupnorm_forward(
    const real[:, :, ::1] x, const real[::1] gamma, const real[::1] beta, real[:, :, ::1] out,
    real[:, ::1] mean, real[:, ::1] var, double eps, bint relu, int threads,
):
    cdef norm_task t = task(x.shape, eps, relu, threads)
    t.groups = mean.shape[1]
    with nogil:
        if real is float:
            variant.groupnorm_forward_f32(
                &x[0, 0, 0], &gamma[0], &beta[0], &out[0, 0, 0], &mean[0, 0], &var[0, 0], t)
        else:
            variant.groupnorm_forward_f64(
                &x[0, 0, 0], &gamma[0], &beta[0], &out[0, 0, 0], &mean[0, 0], &var[0, 0], t)


def groupnorm_backward(
    const real[:, :, ::1] dout, const real[:, :, ::1] x, const real[::1] gamma,
    const real[::1] beta, const real[:, ::1] mean, const real[:, ::1] var, real[:, :, ::1] dx,
    real[::1] dgamma, real[::1] dbeta, double[:, :, ::1] sums, double eps, bint relu, int threads,
):
    cdef norm_task t = task(x.shape, eps, relu, threads)
    t.groups = mean.shape[1]
    with nogil:
        if real is float:
            variant.groupnorm_backward_f32(
                &dout[0, 0, 0], &x[0, 0, 0], &gamma[0], &beta[0], &mean[0, 0], &var[0, 0],
                &dx[0, 0, 0], &dgamma[0], &dbeta[0], &sums[0, 0, 0], t)
        else:
            variant.groupnorm_backward_f64(
                &dout[0, 0, 0], &x[0, 0, 0], &gamma[0], &beta[0], &mean[0, 0], &var[0, 0],
                &dx[0, 0, 0], &dgamma[0], &dbeta[0], &sums[0, 0, 0], t)


cdef response_task response(
    Py_ssize_t[3] shape, Py_ssize_t size, double alpha, double beta, double k
) noexcept nogil:
    cdef response_task t
    t.N, t.C, t.M, t.size = shape[0], shape[1], shape[2], size
    t.alpha, t.beta, t.k = alpha, beta, k
    return t


def response_work(shape):
    """Return how many numbers of workspace arrays of this shape (N, C, M) need."""
    return 2 * shape[1] * PIXELS


def response_forward(
    const real[:, :, ::1] x, real[:, :, ::1] out, real[::1] work, Py_ssize_t size, double alpha,
    double beta, double k,
):
    cdef response_task t = response(x.shape, size, alpha, beta, k)
    with nogil:
        if real is float:
            variant.response_forward_f32(&x[0, 0, 0], &out[0, 0, 0], &work[0], t)
        else:
            variant.response_forward_f64(&x[0, 0, 0], &out[0, 0, 0], &work[0], t)


def response_backward(
    const real[:, :, ::1] dout, const real[:, :, ::1] x, real[:, :, ::1] dx, real[::1] work,
    Py_ssize_t size, double alpha, double beta, double k,
):
    cdef response_task t = response(x.shape, size, alpha, beta, k)
    with nogil:
        if real is float:
            variant.response_backward_f32(
                &dout[0, 0, 0], &x[0, 0, 0], &dx[0, 0, 0], &work[0], t)
        else:
            variant.response_backward_f64(
                &dout[0, 0, 0], &x[0, 0, 0], &dx[0, 0, 0], &work[0], t)
