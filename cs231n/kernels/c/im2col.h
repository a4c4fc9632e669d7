/* Unfold images into columns and back. Shapes, with P = OH * OW output positions:
 *
 *   x     (N, C, H, W)            contiguous
 *   cols  (C * HH * WW, N, P)     any layout: element (r, n, p) lies at
 *                                 cols[r * row_step + n * image_step + p * position_step]
 */
#ifndef CS231N_IM2COL_H
#define CS231N_IM2COL_H

#include "variant.h"

typedef struct {
    ptrdiff_t N, C, H, W; /* images */
    ptrdiff_t HH, WW;     /* filter */
    ptrdiff_t pad, stride;
    ptrdiff_t OH, OW; /* output map */
} im2col_geometry;

typedef struct {
    ptrdiff_t row, image, position;
} im2col_steps;

typedef struct {
    void (*im2col_f32)(const float *x, float *cols, im2col_geometry g, im2col_steps step, int threads);
    void (*im2col_f64)(const double *x, double *cols, im2col_geometry g, im2col_steps step, int threads);
    /* Adds every column back to where it came from; x is overwritten. */
    void (*col2im_f32)(const float *cols, float *x, im2col_geometry g, im2col_steps step, int threads);
    void (*col2im_f64)(const double *cols, double *x, im2col_geometry g, im2col_steps step, int threads);
} im2col_kernels;

DECLARE_KERNELS(im2col)

#endif
