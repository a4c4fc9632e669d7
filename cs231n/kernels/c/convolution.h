#ifndef CS231N_CONVOLUTION_H
#define CS231N_CONVOLUTION_H
#include "variant.h"
typedef struct {
    ptrdiff_t N, C, H, W, F, HH, WW, stride, pad, OH, OW;
} conv_geometry;
#endif
