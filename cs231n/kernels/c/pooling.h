/* Max-pooling. Shapes: x, dx (planes, H, W); out, dout, share (planes, OH, OW); all contiguous. */
#ifndef CS231N_POOLING_H
#define CS231N_POOLING_H

#include <stdint.h>

#include "variant.h"

typedef struct {
    ptrdiff_t planes, H, W; /* planes = images * channels */
    ptrdiff_t HH, WW, stride;
    ptrdiff_t OH, OW;
} pool_geometry;

typedef struct {
    void (*max_pool_forward_f32)(const float *x, float *out, pool_geometry g, int threads);
    void (*max_pool_forward_f64)(const double *x, double *out, pool_geometry g, int threads);
    /* Maxima that tie share dout equally; share is workspace, dx is overwritten. */
    void (*max_pool_backward_f32)(const float *dout, const float *x, const float *out, float *share,
                                  float *dx, pool_geometry g, int threads);
    void (*max_pool_backward_f64)(const double *dout, const double *x, const double *out,
                                  double *share, double *dx, pool_geometry g, int threads);
    /* winners: bit kh * WW + kw of a window's byte is set where its maximum is; HH * WW <= 8. */
    void (*max_pool_winners_f32)(const float *x, float *out, uint8_t *winners, pool_geometry g,
                                 int threads);
    void (*max_pool_winners_f64)(const double *x, double *out, uint8_t *winners, pool_geometry g,
                                 int threads);
    void (*from_winners_f32)(const float *dout, const uint8_t *winners, float *dx, pool_geometry g,
                             int threads);
    void (*from_winners_f64)(const double *dout, const uint8_t *winners, double *dx, pool_geometry g,
                             int threads);
    void (*avg_pool_forward_f32)(const float *x, float *out, pool_geometry g, int threads);
    void (*avg_pool_forward_f64)(const double *x, double *out, pool_geometry g, int threads);
    void (*avg_pool_backward_f32)(const float *dout, float *dx, pool_geometry g, int threads);
    void (*avg_pool_backward_f64)(const double *dout, double *dx, pool_geometry g, int threads);
} pooling_kernels;

DECLARE_KERNELS(pooling)

#endif
