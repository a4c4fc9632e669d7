/* Windows out of images (N, C, H, W), mirrored or not, in one pass over memory. */
#ifndef CS231N_CROPS_H
#define CS231N_CROPS_H

#include <stdint.h>

#include "variant.h"

typedef struct {
    ptrdiff_t N, C, H, W, OH, OW;
    int border, threads;
} crop_task;

/* Image n's output pixel (i, j) is its pixel (start[0] + start[1] * i, start[2] + start[3] * j)
 * with start = starts + 4 * n; both steps are 1 or -1. A pixel is of 8, 16, 32 or 64 bits, which
 * nobody looks into. x and out do not overlap. */
typedef struct {
    void (*crop_8)(const uint8_t *x, const int64_t *starts, uint8_t *out, crop_task t);
    void (*crop_16)(const uint16_t *x, const int64_t *starts, uint16_t *out, crop_task t);
    void (*crop_32)(const uint32_t *x, const int64_t *starts, uint32_t *out, crop_task t);
    void (*crop_64)(const uint64_t *x, const int64_t *starts, uint64_t *out, crop_task t);
} crops_kernels;

DECLARE_KERNELS(crops)

#endif
