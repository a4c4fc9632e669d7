/* Changes of colour of images (N, C, H, W), each image by its own numbers. x and out may be the
 * same, except where mix reads other images. */
#ifndef CS231N_COLOURS_H
#define CS231N_COLOURS_H

#include <stdint.h>

#include "variant.h"

typedef struct {
    ptrdiff_t N, C, pixels;
    int threads;
} colour_task;

typedef struct {
    /* out = matrix x + offset: (N, C, C + 1), and only their diagonals where C is not 3 */
    void (*matrix_u8)(const uint8_t *x, const float *matrices, uint8_t *out, colour_task t);
    void (*matrix_f32)(const float *x, const float *matrices, float *out, colour_task t);
    /* hue turned, saturation and value multiplied: (N, 3); C is 3 */
    void (*hsv_u8)(const uint8_t *x, const float *changes, uint8_t *out, colour_task t);
    void (*hsv_f32)(const float *x, const float *changes, float *out, colour_task t);
    /* out = x (1 - strength[n] mask): (N,), (pixels,) */
    void (*shade_u8)(const uint8_t *x, const float *strengths, const float *mask, uint8_t *out,
                     colour_task t);
    void (*shade_f32)(const float *x, const float *strengths, const float *mask, float *out,
                      colour_task t);
    /* out[n] = share[n] x[n] + (1 - share[n]) x[other[n]] */
    void (*mix_u8)(const uint8_t *x, const int64_t *others, const float *shares, uint8_t *out,
                   colour_task t);
    void (*mix_f32)(const float *x, const int64_t *others, const float *shares, float *out,
                    colour_task t);
    /* means (N, C) */
    void (*means_u8)(const uint8_t *x, double *means, colour_task t);
    void (*means_f32)(const float *x, double *means, colour_task t);
    /* out = tables[n][x]: (N, 256) */
    void (*look_up)(const uint8_t *x, const uint8_t *tables, uint8_t *out, colour_task t);
} colours_kernels;

DECLARE_KERNELS(colours)

#endif
