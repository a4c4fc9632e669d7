/* Channels next to each other instead of pixels, and back; written once, included for each REAL.
 *
 * A strip holds VL channels of some pixels, one vector a pixel: strip[pixel][lane]. Blocks of VL
 * pixels of VL channels are transposed in registers, by log2(VL) rounds of zipping two halves.
 */

#define VL NAME(VL)
#define VEC NAME(vec)

#if defined(__GNUC__)
static INLINE void NAME(transpose)(VEC v[VL]) {
    VEC t[VL];
    int round, i;
#pragma GCC unroll 8
    for (round = 1; round < VL; round *= 2) {
#pragma GCC unroll 16
        for (i = 0; i < VL / 2; i++) {
            t[2 * i] = NAME(zip_low)(v[i], v[i + VL / 2]);
            t[2 * i + 1] = NAME(zip_high)(v[i], v[i + VL / 2]);
        }
#pragma GCC unroll 16
        for (i = 0; i < VL; i++) v[i] = t[i];
    }
}
#else
static INLINE void NAME(transpose)(VEC v[VL]) { (void)v; } /* vectors of one number */
#endif

/* Where pixel `first` of lines of `width` pixels lies in a strip whose lines are `pitch` apart. */
static INLINE ptrdiff_t NAME(strip_place)(ptrdiff_t first, ptrdiff_t width, ptrdiff_t pitch) {
    return (first / width * pitch + first % width) * VL;
}

/* Moves `count` consecutive pixels of `lanes` channels, `step` apart, into a strip whose lines hold
 * `width` of them and are `pitch` apart. Lanes that have no channel become zero. */
static void NAME(to_strip)(const REAL *from, ptrdiff_t step, ptrdiff_t lanes, ptrdiff_t count,
                           REAL *strip, ptrdiff_t width, ptrdiff_t pitch) {
    ptrdiff_t first, lane, j;
    if (count < VL) {
        for (j = 0; j < count; j++) {
            REAL *to = strip + NAME(strip_place)(j, width, pitch);
            for (lane = 0; lane < VL; lane++) to[lane] = lane < lanes ? from[lane * step + j] : 0;
        }
        return;
    }
    for (first = 0; first < count; first += VL) {
        VEC v[VL];
        ptrdiff_t column;
        REAL *to;
        if (first > count - VL) first = count - VL; /* the last block overlaps the one before */
        if (lanes == VL) {
#pragma GCC unroll 16
            for (lane = 0; lane < VL; lane++) v[lane] = NAME(load)(from + lane * step + first);
        } else {
            for (lane = 0; lane < VL; lane++)
                v[lane] = lane < lanes ? NAME(load)(from + lane * step + first) : (VEC){0};
        }
        NAME(transpose)(v);
        to = strip + NAME(strip_place)(first, width, pitch);
        column = first % width;
        if (column + VL <= width) {
#pragma GCC unroll 16
            for (j = 0; j < VL; j++) *(VEC *)(to + j * VL) = v[j];
        } else {
#pragma GCC unroll 16
            for (j = 0; j < VL; j++) {
                *(VEC *)to = v[j];
                to += VL;
                if (++column == width) {
                    column = 0;
                    to += (pitch - width) * VL;
                }
            }
        }
    }
}

/* The reverse, from a strip without gaps; past the cache where that is asked for and can be done. */
MAYBE_UNUSED static void NAME(from_strip)(const REAL *strip, ptrdiff_t count, REAL *to,
                                          ptrdiff_t step, ptrdiff_t lanes, int stream) {
    ptrdiff_t first, lane, j;
    if (count < VL) {
        for (lane = 0; lane < lanes; lane++)
            for (j = 0; j < count; j++) to[lane * step + j] = strip[j * VL + lane];
        return;
    }
    stream = stream && can_stream(to) && step % VL == 0;
    for (first = 0; first < count; first += VL) {
        VEC v[VL];
        if (first > count - VL) {
            first = count - VL;
            stream = 0;
        }
#pragma GCC unroll 16
        for (j = 0; j < VL; j++) v[j] = *(const VEC *)(strip + (first + j) * VL);
        NAME(transpose)(v);
        if (stream && lanes == VL) {
#pragma GCC unroll 16
            for (lane = 0; lane < VL; lane++) NAME(stream)(to + lane * step + first, v[lane]);
        } else if (lanes == VL) {
#pragma GCC unroll 16
            for (lane = 0; lane < VL; lane++) NAME(store)(to + lane * step + first, v[lane]);
        } else {
            for (lane = 0; lane < lanes; lane++) NAME(store)(to + lane * step + first, v[lane]);
        }
    }
}

#undef VL
#undef VEC
