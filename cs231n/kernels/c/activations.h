/* ReLU, dropout and the softmax loss: passes over `count` numbers, or N rows of C scores. */
#ifndef CS231N_ACTIVATIONS_H
#define CS231N_ACTIVATIONS_H

#include <stdint.h>

#include "variant.h"

#define DECLARE_FOR(REAL, suffix)                                                                  \
    void (*relu_forward_##suffix)(const REAL *x, REAL *out, ptrdiff_t count, int threads);         \
    /* dx = dout where y, the ReLU's output, is positive. */                                       \
    void (*relu_backward_##suffix)(const REAL *dout, const REAL *y, REAL *dx, ptrdiff_t count,     \
                                   int threads);                                                   \
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
