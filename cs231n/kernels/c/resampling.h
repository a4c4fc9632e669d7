/* Images (N, C, H, W) looked up at other places than their pixels: warps of all kinds, and blur. */
#ifndef CS231N_RESAMPLING_H
#define CS231N_RESAMPLING_H

#include <stdint.h>

#include "variant.h"

enum { NEAREST, BILINEAR, BICUBIC };
enum { MATRIX, LENS };
enum { STAGE_NUMBERS = 9 };

/* Where output pixel (i, j) of image n comes from: (x, y) = (j, i), first moved by the field where
 * there is one, then by each stage. A stage has STAGE_NUMBERS numbers for each image:
 *   MATRIX  a projective map, row by row
 *   LENS    centre x and y, q, c1 ... c6: what lies at d from the centre comes from
 *           d (1 + c1 s + ... + c6 s^6), s = min(q |d|^2, 1) */
typedef struct {
    ptrdiff_t N, C, H, W, OH, OW;
    int border, interpolation;
    ptrdiff_t stages;
    const int64_t *kinds;  /* (stages,) */
    const double *numbers; /* (stages, N, STAGE_NUMBERS) */
    const float *field;    /* (N, 2, OH, OW): x, then y; or NULL */
    char *memory;          /* aligned to 64 bytes: memory_of_thread for each of the threads */
    ptrdiff_t memory_of_thread;
    int threads;
} warp_task;

enum { BLUR_ROWS = 16 }; /* that are blurred before the rows around them move up */

typedef struct {
    ptrdiff_t N, C, H, W, radius, weights_of_image;
    int border, threads;
    char *memory; /* aligned to 64 bytes: memory_of_thread for each of the threads */
    ptrdiff_t memory_of_thread;
} blur_task;

typedef struct {
    void (*warp_u8)(const uint8_t *x, uint8_t *out, warp_task t);
    void (*warp_f32)(const float *x, float *out, warp_task t);
    /* Weights (N, 2 radius + 1). */
    void (*blur_u8)(const uint8_t *x, uint8_t *out, const float *weights, blur_task t);
    void (*blur_f32)(const float *x, float *out, const float *weights, blur_task t);
    /* Weights (N, radius + 1) of 2^16: the middle's, then those of two pixels together. */
    void (*blur_words)(const uint8_t *x, uint8_t *out, const uint16_t *weights, blur_task t);
} resampling_kernels;

DECLARE_KERNELS(resampling)

#endif
