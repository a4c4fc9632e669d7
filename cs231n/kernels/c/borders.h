/* What stands outside an image: pixels of a constant, the image's edge, or its mirror image. */
#ifndef CS231N_BORDERS_H
#define CS231N_BORDERS_H

#include <stddef.h>

enum { BORDER_CONSTANT, BORDER_EDGE, BORDER_REFLECT };

/* Where to look for pixel i of an axis of n pixels; -1 is nowhere. */
static inline ptrdiff_t inside(ptrdiff_t i, ptrdiff_t n, int border) {
    ptrdiff_t period;
    if (i >= 0 && i < n) return i;
    if (border == BORDER_CONSTANT) return -1;
    if (border == BORDER_EDGE) return i < 0 ? 0 : n - 1;
    if (n == 1) return 0;
    period = 2 * (n - 1);
    i %= period;
    if (i < 0) i += period;
    return i < n ? i : period - i;
}

#endif
