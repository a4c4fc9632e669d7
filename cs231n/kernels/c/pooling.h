/* Max-pooling and average pooling. Shapes: x, dx (planes, H, W); out, dout, share, winners
 * (planes, OH, OW); all contiguous. Windows begin `pad` pixels before the map and may reach beyond
 * it: what lies outside does not count. Every window has a pixel of the map. */
#ifndef CS231N_POOLING_H
#define CS231N_POOLING_H

#include <stdint.h>

#include "variant.h"

typedef struct {
    ptrdiff_t planes, H, W; /* planes = images * channels */
    ptrdiff_t HH, WW, stride, pad;
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
    /* winners: bit kh * WW + kw of a window's number is set where its maximum is; the numbers are
     * uint8_t if HH * WW <= 8, else uint16_t. */
    void (*max_pool_winners_f32)(const float *x, float *out, void *winners, pool_geometry g,
                                 int threads);
    void (*max_pool_winners_f64)(const double *x, double *out, void *winners, pool_geometry g,
                                 int threads);
    void (*from_winners_f32)(const float *dout, const void *winners, float *dx, pool_geometry g,
                             int threads);
    void (*from_winners_f64)(const double *dout, const void *winners, double *dx, pool_geometry g,
                             int threads);
    void (*avg_pool_forward_f32)(const float *x, float *out, pool_geometry g, int threads);
    void (*avg_pool_forward_f64)(const double *x, double *out, pool_geometry g, int threads);
    void (*avg_pool_backward_f32)(const float *dout, float *dx, pool_geometry g, int threads);
    void (*avg_pool_backward_f64)(const double *dout, double *dx, pool_geometry g, int threads);
} pooling_kernels;

DECLARE_KERNELS(pooling)

#endif
