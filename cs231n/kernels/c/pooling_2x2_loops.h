/* Max-pooling of 2x2 windows with stride 2, a vector of windows at a time; included for each REAL.
 *
 * Two vectors of a line hold the left and right pixels of VL windows. Where a row has only half as
 * many windows, the second vector is taken from the next row of windows: `next` says how far on.
 */

#if defined(__GNUC__)
#define VL NAME(VL)
#define VEC NAME(vec)
#define INTS NAME(int)

static INLINE VEC NAME(choose)(INTS mask, VEC yes, VEC no) {
    return (VEC)(((INTS)yes & mask) | ((INTS)no & ~mask));
}

/* The larger one, or NaN if either is. */
static INLINE VEC NAME(larger_or_nan)(VEC a, VEC b) {
    return NAME(choose)(b != b, b, NAME(maximum)(a, b));
}

static INLINE INTS NAME(won)(VEC value, VEC top) { return (value == top) | (value != value); }

static INLINE void NAME(pool_2x2)(const REAL *x, ptrdiff_t below, ptrdiff_t next, REAL *out,
                                  uint8_t *winners) {
    const VEC a = NAME(load)(x), b = NAME(load)(x + next);
    const VEC c = NAME(load)(x + below), d = NAME(load)(x + below + next);
    const VEC v0 = NAME(even)(a, b), v1 = NAME(odd)(a, b);
    const VEC v2 = NAME(even)(c, d), v3 = NAME(odd)(c, d);
    const VEC top = NAME(larger_or_nan)(NAME(larger_or_nan)(v0, v1), NAME(larger_or_nan)(v2, v3));
    const INTS bits = (NAME(won)(v0, top) & 1) | (NAME(won)(v1, top) & 2) |
                      (NAME(won)(v2, top) & 4) | (NAME(won)(v3, top) & 8);
    NAME(store)(out, top);
    *(NAME(bytes) *)winners = __builtin_convertvector(bits, NAME(bytes));
}

static INLINE void NAME(unpool_2x2)(const REAL *dout, const uint8_t *winners, REAL *dx,
                                    ptrdiff_t below, ptrdiff_t next, int stream) {
    const INTS bits = __builtin_convertvector(*(const NAME(bytes) *)winners, INTS);
    const INTS m0 = -(bits & 1), m1 = -(bits >> 1 & 1), m2 = -(bits >> 2 & 1), m3 = -(bits >> 3 & 1);
    const VEC share = NAME(load)(dout) / __builtin_convertvector(-(m0 + m1 + m2 + m3), VEC);
    const VEC v0 = (VEC)((INTS)share & m0), v1 = (VEC)((INTS)share & m1);
    const VEC v2 = (VEC)((INTS)share & m2), v3 = (VEC)((INTS)share & m3);
    if (stream) {
        NAME(stream)(dx, NAME(zip_low)(v0, v1));
        NAME(stream)(dx + next, NAME(zip_high)(v0, v1));
        NAME(stream)(dx + below, NAME(zip_low)(v2, v3));
        NAME(stream)(dx + below + next, NAME(zip_high)(v2, v3));
    } else {
        NAME(store)(dx, NAME(zip_low)(v0, v1));
        NAME(store)(dx + next, NAME(zip_high)(v0, v1));
        NAME(store)(dx + below, NAME(zip_low)(v2, v3));
        NAME(store)(dx + below + next, NAME(zip_high)(v2, v3));
    }
}

/* How many rows of windows are taken together: 2 where half a vector is a row, else 1. */
static INLINE ptrdiff_t NAME(rows_together)(const pool_geometry *g) {
    return 2 * g->OW == VL && g->W == VL && g->OH % 2 == 0 ? 2 : 1;
}

/* Both return how many windows of the row they took. */
static ptrdiff_t NAME(pool_row_2x2)(const REAL *x, REAL *out, uint8_t *winners,
                                    const pool_geometry *g) {
    const ptrdiff_t rows = NAME(rows_together)(g), next = rows == 2 ? 2 * g->W : VL;
    ptrdiff_t j;
    for (j = 0; j + VL <= rows * g->OW; j += VL)
        NAME(pool_2x2)(x + 2 * j, g->W, next, out + j, winners + j);
    return j;
}

static ptrdiff_t NAME(unpool_row_2x2)(const REAL *dout, const uint8_t *winners, REAL *dx,
                                      const pool_geometry *g) {
    const ptrdiff_t rows = NAME(rows_together)(g), next = rows == 2 ? 2 * g->W : VL;
    const int stream = g->planes * g->H * g->W >= STREAM_BYTES / (ptrdiff_t)sizeof(REAL) &&
                       can_stream(dx) && g->W % VL == 0;
    ptrdiff_t j;
    for (j = 0; j + VL <= rows * g->OW; j += VL) {
        if (stream)
            NAME(unpool_2x2)(dout + j, winners + j, dx + 2 * j, g->W, next, 1);
        else
            NAME(unpool_2x2)(dout + j, winners + j, dx + 2 * j, g->W, next, 0);
    }
    return j;
}

#undef VL
#undef VEC
#undef INTS
#else
static INLINE ptrdiff_t NAME(rows_together)(const pool_geometry *g) { return g->OW < 0 ? 2 : 1; }
static INLINE ptrdiff_t NAME(pool_row_2x2)(const REAL *x, REAL *out, uint8_t *winners,
                                           const pool_geometry *g) {
    (void)x, (void)out, (void)winners, (void)g;
    return 0;
}
static INLINE ptrdiff_t NAME(unpool_row_2x2)(const REAL *dout, const uint8_t *winners, REAL *dx,
                                             const pool_geometry *g) {
    (void)dout, (void)winners, (void)dx, (void)g;
    return 0;
}
#endif
