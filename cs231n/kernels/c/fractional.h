/* Max-pooling over given regions. Shapes: x, dx (planes, H, W); out, dout, winners (planes, OH, OW);
 * rows (1 or images, 1 or channels, OH, 2) and cols (..., OW, 2): first pixel, and behind the last. */
#ifndef CS231N_FRACTIONAL_H
#define CS231N_FRACTIONAL_H

#include <stdint.h>

#include "variant.h"

typedef struct {
    ptrdiff_t planes, channels, H, W, OH, OW; /* planes = images * channels */
    ptrdiff_t most;                           /* rows or columns of a region: 2, 3 or 4 */
    /* How far on the next image's intervals are, and the next channel's; 0 where they are shared. */
    ptrdiff_t rows_image, rows_channel, cols_image, cols_channel;
} fractional_geometry;

/* winners: bit kh * most + kw of a region's number is set where its maximum is; uint8_t if most is 2,
 * else uint16_t. They may be null in the forward pass. */
typedef struct {
    void (*forward_f32)(const float *x, const ptrdiff_t *rows, const ptrdiff_t *cols, float *out,
                        void *winners, fractional_geometry g, int threads);
    void (*forward_f64)(const double *x, const ptrdiff_t *rows, const ptrdiff_t *cols, double *out,
                        void *winners, fractional_geometry g, int threads);
    /* Maxima that tie share dout equally; dx is overwritten. */
    void (*backward_f32)(const float *dout, const void *winners, const ptrdiff_t *rows,
                         const ptrdiff_t *cols, float *dx, fractional_geometry g, int threads);
    void (*backward_f64)(const double *dout, const void *winners, const ptrdiff_t *rows,
                         const ptrdiff_t *cols, double *dx, fractional_geometry g, int threads);
} fractional_kernels;

DECLARE_KERNELS(fractional)

#endif
