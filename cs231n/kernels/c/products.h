/* out (M, N) = a (M, K) @ b (K, N), with any steps between the numbers of a and b. */
#ifndef CS231N_PRODUCTS_H
#define CS231N_PRODUCTS_H

#include "variant.h"

typedef struct {
    ptrdiff_t M, N, K;
    ptrdiff_t a_row, a_column, b_row, b_column; /* steps, in numbers; out is contiguous */
    int accumulate, relu;                       /* add to what out holds; negative numbers become 0 */
    int threads;
} product_task;

typedef struct {
    /* Bytes, aligned to 64, that the product works in. */
    ptrdiff_t (*product_bytes_f32)(product_task t);
    ptrdiff_t (*product_bytes_f64)(product_task t);
    /* bias (N,) is added to each row; it may be NULL. */
    void (*product_f32)(const float *a, const float *b, const float *bias, float *out,
                        product_task t, void *memory);
    void (*product_f64)(const double *a, const double *b, const double *bias, double *out,
                        product_task t, void *memory);
} products_kernels;

DECLARE_KERNELS(products)

#endif
