/* Normal noise on images (N, pixels), made of each image's seed; no number of it is ever stored.
 *
 * A block of 2 PAIRS pixels takes PAIRS words of SplitMix64, from word b PAIRS on in block b. Each
 * word gives two normal numbers: one for a pixel of the block's first half, one for its second. Two
 * images share words only where one's seed is the other's plus less than an image's worth of
 * SplitMix64's steps; neighbouring seeds, 0, 1, 2, share none. */
#ifndef CS231N_NOISE_H
#define CS231N_NOISE_H

#include <stdint.h>

#include "variant.h"

enum { PAIRS = 128 };

typedef struct {
    ptrdiff_t N, pixels;
    int threads;
} noise_task;

typedef struct {
    /* out = x + strengths[n] z; x and out may be the same; bytes are rounded, and end at 0 and 255 */
    void (*add_u8)(const uint8_t *x, const uint64_t *seeds, const float *strengths, uint8_t *out,
                   noise_task t);
    void (*add_f32)(const float *x, const uint64_t *seeds, const float *strengths, float *out,
                    noise_task t);
} noise_kernels;

DECLARE_KERNELS(noise)

#endif
