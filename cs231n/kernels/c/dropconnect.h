/* Products of matrices whose terms are kept or dropped one by one, each by a bit of its own.
 *
 * The bits of row n of x and row d of w are `words` numbers of 64 bits, from number (n D + d) words
 * on; they are computed where they are needed and never stored. */
#ifndef CS231N_DROPCONNECT_H
#define CS231N_DROPCONNECT_H

#include <stdint.h>

#include "variant.h"

typedef struct {
    uint64_t key;
    unsigned keep; /* the probability of a bit, in 65536ths: from 1 to 65535 */
} mask_rule;

typedef struct {
    ptrdiff_t N, D, M;
    int threads;
} dropconnect_task;

/* x (N, D), w and dw (D, M), out and dout (N, M), dx (N, D); all contiguous. */
#define DECLARE_FOR(REAL, suffix)                                                                   \
    /* out += x @ w, product: sum over d */                                                         \
    void (*product_##suffix)(const REAL *x, const REAL *w, REAL *out, mask_rule rule,               \
                             dropconnect_task t);                                                   \
    void (*input_##suffix)(const REAL *dout, const REAL *w, REAL *dx, mask_rule rule,               \
                           dropconnect_task t);                                                     \
    /* dw += x' @ dout */                                                                           \
    void (*weights_##suffix)(const REAL *x, const REAL *dout, REAL *dw, mask_rule rule,             \
                             dropconnect_task t);

typedef struct {
    DECLARE_FOR(float, f32)
    DECLARE_FOR(double, f64)
} dropconnect_kernels;

DECLARE_KERNELS(dropconnect)

#endif
