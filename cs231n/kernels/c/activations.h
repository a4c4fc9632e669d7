/* ReLU and its kin, sums, dropout and the softmax loss: passes over `count` numbers, or N rows of C scores. */
#ifndef CS231N_ACTIVATIONS_H
#define CS231N_ACTIVATIONS_H

#include <stdint.h>

#include "variant.h"

#define DECLARE_FOR(REAL, suffix)                                                                  \
    void (*relu_forward_##suffix)(const REAL *x, REAL *out, ptrdiff_t count, int threads);         \
    /* dx = dout where y, the ReLU's output, is positive. */                                       \
    void (*relu_backward_##suffix)(const REAL *dout, const REAL *y, REAL *dx, ptrdiff_t count,     \
                                   int threads);                                                   \
    /* dx = dout where y, the leaky ReLU's output, is positive, else slope dout; slope >= 0. */       \
    void (*leaky_relu_forward_##suffix)(const REAL *x, REAL *out, ptrdiff_t count, double slope,   \
                                        int threads);                                              \
    void (*leaky_relu_backward_##suffix)(const REAL *dout, const REAL *y, REAL *dx,                \
                                         ptrdiff_t count, double slope, int threads);              \
    /* x P(Z <= x) with Z standard normal; dx may be dout. */                                      \
    void (*gelu_forward_##suffix)(const REAL *x, REAL *out, ptrdiff_t count, int threads);         \
    void (*gelu_backward_##suffix)(const REAL *dout, const REAL *x, REAL *dx, ptrdiff_t count,     \
                                   int threads);                                                   \
    /* out = a + b, or its ReLU. */                                                                \
    void (*add_##suffix)(const REAL *a, const REAL *b, REAL *out, ptrdiff_t count, int relu,       \
                         int threads);                                                             \
    /* Keeps a number, times scale, where the upper half of its hash is below the threshold. */    \
    void (*dropout_##suffix)(const REAL *x, REAL *out, ptrdiff_t count, uint64_t key,              \
                             uint64_t threshold, double scale, int threads);                       \
    /* losses (N,) are not divided by N; dscores are. */                                           \
    void (*softmax_##suffix)(const REAL *scores, const ptrdiff_t *y, double *losses, REAL *dscores, \
                             ptrdiff_t N, ptrdiff_t C, int threads);

typedef struct {
    DECLARE_FOR(float, f32)
    DECLARE_FOR(double, f64)
} activations_kernels;

DECLARE_KERNELS(activations)

#endif
