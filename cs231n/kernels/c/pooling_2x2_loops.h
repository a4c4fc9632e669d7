/* Max-pooling of 2x2 windows with stride 2, a vector of windows at a time; included for each REAL.
 *
 * Where a row of windows fills vectors, two vectors of a line hold the left and right pixels of VL
 * windows. A narrow map is a run of lines: four vectors hold the lines of VL windows, which are first
 * taken apart pixel by pixel, then line by line.
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

/* The maximum of windows whose pixels are v[0] v[1] above v[2] v[3], and which pixels it is. */
static INLINE VEC NAME(pool_pixels)(const VEC v[4], NAME(bytes) * winners) {
    const VEC top = NAME(larger_or_nan)(NAME(larger_or_nan)(v[0], v[1]), NAME(larger_or_nan)(v[2], v[3]));
    const INTS bits = (NAME(won)(v[0], top) & 1) | (NAME(won)(v[1], top) & 2) |
                      (NAME(won)(v[2], top) & 4) | (NAME(won)(v[3], top) & 8);
    *winners = __builtin_convertvector(bits, NAME(bytes));
    return top;
}

/* Each window's gradient, at its winners. */
static INLINE void NAME(unpool_pixels)(VEC dout, NAME(bytes) winners, VEC v[4]) {
    const INTS bits = __builtin_convertvector(winners, INTS);
    const INTS m0 = -(bits & 1), m1 = -(bits >> 1 & 1), m2 = -(bits >> 2 & 1), m3 = -(bits >> 3 & 1);
    const VEC share = dout / __builtin_convertvector(-(m0 + m1 + m2 + m3), VEC);
    v[0] = (VEC)((INTS)share & m0), v[1] = (VEC)((INTS)share & m1);
    v[2] = (VEC)((INTS)share & m2), v[3] = (VEC)((INTS)share & m3);
}

static INLINE void NAME(store_winners)(NAME(bytes) bits, uint8_t *to, ptrdiff_t count) {
    ptrdiff_t i;
    if (count == VL)
        *(NAME(bytes) *)to = bits;
    else
        for (i = 0; i < count; i++) to[i] = bits[i];
}

/* Windows beyond `count` have one winner, so that nothing is divided by zero. */
static INLINE NAME(bytes) NAME(load_winners)(const uint8_t *from, ptrdiff_t count) {
    NAME(bytes) bits;
    ptrdiff_t i;
    if (count == VL) return *(const NAME(bytes) *)from;
    for (i = 0; i < VL; i++) bits[i] = i < count ? from[i] : 1;
    return bits;
}

/* One row of windows. */
static INLINE void NAME(pool_row_2x2)(const REAL *x, REAL *out, uint8_t *winners,
                                      const pool_geometry *g) {
    const REAL *below = x + g->W;
    ptrdiff_t j;
    for (j = 0; j < g->OW; j += VL) {
        const ptrdiff_t count = g->OW - j < VL ? g->OW - j : VL;
        const ptrdiff_t first = 2 * count < VL ? 2 * count : VL, second = 2 * count - first;
        VEC a, b, c, d, v[4];
        NAME(bytes) bits;
        if (count == VL) {
            a = NAME(load)(x + 2 * j), b = NAME(load)(x + 2 * j + VL);
            c = NAME(load)(below + 2 * j), d = NAME(load)(below + 2 * j + VL);
        } else {
            a = NAME(load_part)(x + 2 * j, first), b = NAME(load_part)(x + 2 * j + first, second);
            c = NAME(load_part)(below + 2 * j, first), d = NAME(load_part)(below + 2 * j + first, second);
        }
        v[0] = NAME(even)(a, b), v[1] = NAME(odd)(a, b), v[2] = NAME(even)(c, d), v[3] = NAME(odd)(c, d);
        NAME(store_part)(out + j, NAME(pool_pixels)(v, &bits), count);
        NAME(store_winners)(bits, winners + j, count);
    }
}

static INLINE void NAME(put)(REAL *to, VEC v, int stream) {
    if (stream)
        NAME(stream)(to, v);
    else
        NAME(store)(to, v);
}

static INLINE void NAME(unpool_row_2x2)(const REAL *dout, const uint8_t *winners, REAL *dx,
                                        const pool_geometry *g, int stream) {
    REAL *below = dx + g->W;
    ptrdiff_t j;
    for (j = 0; j < g->OW; j += VL) {
        const ptrdiff_t count = g->OW - j < VL ? g->OW - j : VL;
        const ptrdiff_t first = 2 * count < VL ? 2 * count : VL, second = 2 * count - first;
        VEC v[4];
        NAME(unpool_pixels)(NAME(load_part)(dout + j, count), NAME(load_winners)(winners + j, count), v);
        if (count == VL) {
            NAME(put)(dx + 2 * j, NAME(zip_low)(v[0], v[1]), stream);
            NAME(put)(dx + 2 * j + VL, NAME(zip_high)(v[0], v[1]), stream);
            NAME(put)(below + 2 * j, NAME(zip_low)(v[2], v[3]), stream);
            NAME(put)(below + 2 * j + VL, NAME(zip_high)(v[2], v[3]), stream);
        } else {
            NAME(store_part)(dx + 2 * j, NAME(zip_low)(v[0], v[1]), first);
            NAME(store_part)(dx + 2 * j + first, NAME(zip_high)(v[0], v[1]), second);
            NAME(store_part)(below + 2 * j, NAME(zip_low)(v[2], v[3]), first);
            NAME(store_part)(below + 2 * j + first, NAME(zip_high)(v[2], v[3]), second);
        }
    }
}

/* Whether the rows of windows lie in a run of lines that vectors can be cut from. */
static INLINE int NAME(is_narrow)(const pool_geometry *g) {
    return g->OW > 0 && g->W == 2 * g->OW && 2 * g->OW <= VL && VL % g->OW == 0;
}

/* `windows` windows of rows of `width`: 4 times as many pixels. */
static INLINE void NAME(pool_run_2x2)(const REAL *x, REAL *out, uint8_t *winners, ptrdiff_t windows,
                                      int width) {
    ptrdiff_t j, i;
    for (j = 0; j < windows; j += VL) {
        const ptrdiff_t count = windows - j < VL ? windows - j : VL;
        VEC line[4], v[4];
        NAME(bytes) bits;
        for (i = 0; i < 4; i++) {
            const ptrdiff_t left = 4 * count - i * VL;
            line[i] = count == VL ? NAME(load)(x + 4 * j + i * VL)
                      : left > 0  ? NAME(load_part)(x + 4 * j + i * VL, left < VL ? left : VL)
                                  : (VEC){0};
        }
        for (i = 0; i < 2; i++) {
            const VEC a = i ? NAME(odd)(line[0], line[1]) : NAME(even)(line[0], line[1]);
            const VEC b = i ? NAME(odd)(line[2], line[3]) : NAME(even)(line[2], line[3]);
            v[i] = NAME(even_groups)(a, b, width), v[2 + i] = NAME(odd_groups)(a, b, width);
        }
        NAME(store_part)(out + j, NAME(pool_pixels)(v, &bits), count);
        NAME(store_winners)(bits, winners + j, count);
    }
}

static INLINE void NAME(unpool_run_2x2)(const REAL *dout, const uint8_t *winners, REAL *dx,
                                        ptrdiff_t windows, int width, int stream) {
    ptrdiff_t j, i;
    for (j = 0; j < windows; j += VL) {
        const ptrdiff_t count = windows - j < VL ? windows - j : VL;
        VEC v[4], line[4], a[2], b[2];
        NAME(unpool_pixels)(NAME(load_part)(dout + j, count), NAME(load_winners)(winners + j, count), v);
        for (i = 0; i < 2; i++) {
            a[i] = NAME(zip_low_groups)(v[i], v[2 + i], width);
            b[i] = NAME(zip_high_groups)(v[i], v[2 + i], width);
        }
        line[0] = NAME(zip_low)(a[0], a[1]), line[1] = NAME(zip_high)(a[0], a[1]);
        line[2] = NAME(zip_low)(b[0], b[1]), line[3] = NAME(zip_high)(b[0], b[1]);
        for (i = 0; i < 4; i++) {
            const ptrdiff_t left = 4 * count - i * VL;
            if (count == VL)
                NAME(put)(dx + 4 * j + i * VL, line[i], stream);
            else if (left > 0)
                NAME(store_part)(dx + 4 * j + i * VL, line[i], left < VL ? left : VL);
        }
    }
}

/* A compiler knows each width of a run by its number. */
#define FOR_WIDTH(width, call) \
    switch (width) {           \
    case 1: call(1); break;    \
    case 2: call(2); break;    \
    case 4: call(4); break;    \
    default: call(8); break;   \
    }

/* All windows of `planes` maps, with the lines that no window has left as they are. */
static void NAME(pool_2x2)(const REAL *x, REAL *out, uint8_t *winners, const pool_geometry *g,
                           ptrdiff_t planes) {
    const ptrdiff_t together = g->H == 2 * g->OH ? planes : 1, windows = together * g->OH * g->OW;
    ptrdiff_t plane, i;
    for (plane = 0; plane < planes; plane += together) {
        const REAL *from = x + plane * g->H * g->W;
        REAL *to = out + plane * g->OH * g->OW;
        uint8_t *bits = winners + plane * g->OH * g->OW;
        if (NAME(is_narrow)(g)) {
#define CALL(width) NAME(pool_run_2x2)(from, to, bits, windows, width)
            FOR_WIDTH(g->OW, CALL)
#undef CALL
        } else {
            for (i = 0; i < together * g->OH; i++)
                NAME(pool_row_2x2)(from + 2 * i * g->W, to + i * g->OW, bits + i * g->OW, g);
        }
    }
}

static void NAME(unpool_2x2)(const REAL *dout, const uint8_t *winners, REAL *dx,
                             const pool_geometry *g, ptrdiff_t planes) {
    const ptrdiff_t together = g->H == 2 * g->OH ? planes : 1, windows = together * g->OH * g->OW;
    const int stream = g->planes * g->H * g->W >= STREAM_BYTES / (ptrdiff_t)sizeof(REAL) &&
                       can_stream(dx) && (NAME(is_narrow)(g) ? together == planes : g->W % VL == 0);
    ptrdiff_t plane, i;
    if (g->W != 2 * g->OW || g->H != 2 * g->OH)
        memset(dx, 0, (size_t)(planes * g->H * g->W) * sizeof(REAL));
    for (plane = 0; plane < planes; plane += together) {
        REAL *to = dx + plane * g->H * g->W;
        const REAL *from = dout + plane * g->OH * g->OW;
        const uint8_t *bits = winners + plane * g->OH * g->OW;
        if (NAME(is_narrow)(g)) {
#define CALL(width) NAME(unpool_run_2x2)(from, bits, to, windows, width, stream)
            FOR_WIDTH(g->OW, CALL)
#undef CALL
        } else {
            for (i = 0; i < together * g->OH; i++)
                NAME(unpool_row_2x2)(from + i * g->OW, bits + i * g->OW, to + 2 * i * g->W, g, stream);
        }
    }
}

#undef FOR_WIDTH
#undef VL
#undef VEC
#undef INTS
#endif
