#include "im2col.h"

/* The outputs j in [first, last) whose input j * stride + k - pad lies inside [0, size). */
typedef struct {
    ptrdiff_t first, last;
} span;

static ptrdiff_t clamp(ptrdiff_t value, ptrdiff_t low, ptrdiff_t high) {
    return value < low ? low : value > high ? high : value;
}

static span inside(ptrdiff_t k, ptrdiff_t pad, ptrdiff_t stride, ptrdiff_t size, ptrdiff_t outputs) {
    const ptrdiff_t before = pad - k;       /* inputs missing on the left */
    const ptrdiff_t reach = size + pad - k; /* first input position that is too far */
    span s;
    s.first = before <= 0 ? 0 : clamp((before + stride - 1) / stride, 0, outputs);
    s.last = reach <= 0 ? s.first : clamp((reach + stride - 1) / stride, s.first, outputs);
    return s;
}

#define REAL float
#define NAME(stem) stem##_f32
#include "im2col_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "im2col_loops.h"
#undef REAL
#undef NAME

const im2col_kernels KERNELS(im2col) = {im2col_f32, im2col_f64, col2im_f32, col2im_f64};
