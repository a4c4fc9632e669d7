/* Fractional max-pooling of one plane, a vector of regions at a time; included for each REAL.
 *
 * Where the columns of a plane's regions are is the same for all its rows, so it is written down once
 * as vectors of places. Forward, each output picks its pixels from two vectors of a line; backward,
 * each pixel picks the outputs whose region has it as column kw: starts increase, so there is at
 * most one for each kw, and those of a vector of pixels stand side by side.
 */

#if HAS_GATHER
#define VL NAME(VL)
#define VEC NAME(vec)
#define INTS NAME(int)

enum { NAME(GROUPS) = 8 };

/* Up to VL outputs of a row; their columns are within the 2 VL pixels from `base` on. */
typedef struct {
    ptrdiff_t first, count, base;
    INTS place[4]; /* of column kw, or of the last column once more where there are fewer */
    INTS bits;     /* of the columns that there are, in all rows */
} NAME(outputs);

/* Up to VL pixels of a row. Their regions are among the VL outputs from `from` on. */
typedef struct {
    ptrdiff_t first, count, from;
    INTS place[4], taken[4]; /* whose column kw a pixel is, counted from there; all ones if any's */
} NAME(pixels);

static ptrdiff_t NAME(outputs_within)(const ptrdiff_t *cols, ptrdiff_t first, ptrdiff_t OW) {
    ptrdiff_t count = 0;
    while (count < VL && first + count < OW &&
           cols[2 * (first + count) + 1] - cols[2 * first] <= 2 * VL)
        count++;
    return count;
}

/* Describes up to GROUPS groups from output j on, moves j behind them, returns how many they are. */
static int NAME(describe_outputs)(const ptrdiff_t *cols, ptrdiff_t *j, ptrdiff_t OW, int most,
                                  NAME(outputs) *group) {
    int n;
    for (n = 0; n < NAME(GROUPS) && *j < OW; n++, group++) {
        ptrdiff_t first = *j, count = NAME(outputs_within)(cols, first, OW), i, kh, kw;
        *j = first + count;
        /* A vector that is not full takes outputs of the one before once more. */
        if (*j == OW && OW >= VL && NAME(outputs_within)(cols, OW - VL, OW) == VL)
            first = OW - VL, count = VL;
        memset(group, 0, sizeof *group);
        group->first = first, group->count = count, group->base = cols[2 * first];
        for (i = 0; i < count; i++) {
            const ptrdiff_t *ends = cols + 2 * (first + i);
            for (kw = 0; kw < most; kw++) {
                const int inside = ends[0] + kw < ends[1];
                group->place[kw][i] = (inside ? ends[0] + kw : ends[1] - 1) - group->base;
                for (kh = 0; kh < most; kh++) group->bits[i] |= inside << (kh * most + kw);
            }
        }
    }
    return n;
}

/* How many pixels from `first` on have all their regions among the VL outputs from `from` on. */
static ptrdiff_t NAME(pixels_within)(const ptrdiff_t *cols, ptrdiff_t first, ptrdiff_t from,
                                     const fractional_geometry *g) {
    const ptrdiff_t count = smaller(VL, g->W - first);
    return from + VL < g->OW ? smaller(count, cols[2 * (from + VL)] - first) : count;
}

static int NAME(describe_pixels)(const ptrdiff_t *cols, ptrdiff_t *w, const fractional_geometry *g,
                                 int most, NAME(pixels) *group) {
    int n;
    ptrdiff_t from = 0;
    for (n = 0; n < NAME(GROUPS) && *w < g->W; n++, group++) {
        ptrdiff_t j, kw;
        while (from < g->OW - 1 && cols[2 * from] + most <= *w) from++;
        memset(group, 0, sizeof *group);
        group->first = *w, group->from = from;
        group->count = NAME(pixels_within)(cols, *w, from, g);
        for (j = from; j < g->OW && cols[2 * j] < *w + group->count; j++)
            for (kw = 0; kw < most; kw++) {
                const ptrdiff_t i = cols[2 * j] + kw - *w;
                if (i < 0 || i >= group->count) continue;
                group->place[kw][i] = j - from;
                group->taken[kw][i] = -1;
            }
        *w += group->count;
    }
    return n;
}

/* The larger one, or NaN if either is. */
static INLINE VEC NAME(larger_or_nan)(VEC a, VEC b) {
    const INTS is_nan = b != b;
    return (VEC)(((INTS)b & is_nan) | ((INTS)NAME(maximum)(a, b) & ~is_nan));
}

static INLINE void NAME(store_winners)(void *winners, ptrdiff_t at, INTS bits, ptrdiff_t count,
                                       int most) {
    if (most == 2) {
        const NAME(bytes) narrow = __builtin_convertvector(bits, NAME(bytes));
        if (count == VL)
            *(NAME(bytes) *)((uint8_t *)winners + at) = narrow;
        else
            memcpy((uint8_t *)winners + at, &narrow, (size_t)count);
    } else {
        const NAME(shorts) narrow = __builtin_convertvector(bits, NAME(shorts));
        if (count == VL)
            *(NAME(shorts) *)((uint16_t *)winners + at) = narrow;
        else
            memcpy((uint16_t *)winners + at, &narrow, 2 * (size_t)count);
    }
}

static INLINE INTS NAME(load_winners)(const void *winners, ptrdiff_t at, int most) {
    if (most == 2)
        return __builtin_convertvector(*(const NAME(bytes) *)((const uint8_t *)winners + at), INTS);
    return __builtin_convertvector(*(const NAME(shorts) *)((const uint16_t *)winners + at), INTS);
}

/* One row of regions, `height` lines from `line` on, of one group. */
static INLINE void NAME(pool_group)(const REAL *line, ptrdiff_t W, ptrdiff_t height,
                                    const NAME(outputs) *group, REAL *out, void *winners,
                                    ptrdiff_t at, int most) {
    VEC value[4][4], top = {0};
    int kh, kw;
    UNROLL_16 for (kh = 0; kh < most; kh++) {
        /* A region with fewer lines has its last one once more. */
        const REAL *from = line + smaller(kh, height - 1) * W + group->base;
        const VEC a = NAME(load)(from), b = NAME(load)(from + VL);
        UNROLL_16 for (kw = 0; kw < most; kw++) {
            const VEC v = value[kh][kw] = NAME(pick)(a, b, group->place[kw]);
            top = kh + kw == 0 ? v : NAME(larger_or_nan)(top, v);
        }
    }
    NAME(store_first)(out + at + group->first, top, group->count);
    if (winners) {
        INTS bits = {0};
        UNROLL_16 for (kh = 0; kh < most; kh++)
            UNROLL_16 for (kw = 0; kw < most; kw++) {
                const VEC v = value[kh][kw];
                bits |= ((v == top) | (v != v)) & (1 << (kh * most + kw));
            }
        bits &= group->bits & bits_of_rows(height, most);
        NAME(store_winners)(winners, at + group->first, bits, group->count, most);
    }
}

static INLINE void NAME(pool_plane_by_vectors)(const REAL *x, const ptrdiff_t *rows,
                                               const ptrdiff_t *cols, REAL *out, void *winners,
                                               ptrdiff_t at, const fractional_geometry *g,
                                               int most) {
    NAME(outputs) groups[NAME(GROUPS)];
    ptrdiff_t j = 0, i;
    while (j < g->OW) {
        const int count = NAME(describe_outputs)(cols, &j, g->OW, most, groups);
        int n;
        for (i = 0; i < g->OH; i++)
            for (n = 0; n < count; n++)
                NAME(pool_group)(x + rows[2 * i] * g->W, g->W, rows[2 * i + 1] - rows[2 * i],
                                 groups + n, out, winners, at + i * g->OW, most);
    }
}

/* dout / number of winners */
static INLINE VEC NAME(shares)(VEC dout, INTS bits, int most) {
    INTS count = bits - (bits >> 1 & 0x5555);
    count = (count & 0x3333) + (count >> 2 & 0x3333);
    if (most > 2) {
        count = (count + (count >> 4)) & 0x0f0f;
        count = (count + (count >> 8)) & 0x1f;
    }
    return dout / __builtin_convertvector(count, VEC);
}

/* The gradient on one group of pixels of all lines. `sum` holds that of the lines from `line` on, as
 * far as the regions up to row i give to it; a line that no later region reaches is written. */
static INLINE void NAME(unpool_group)(const REAL *dout, const void *winners, ptrdiff_t at,
                                      const ptrdiff_t *rows, const NAME(pixels) *group, REAL *dx,
                                      const fractional_geometry *g, int most, int stream) {
    VEC sum[4] = {{0}};
    ptrdiff_t i, line = 0;
    int kh, kw;
#define WRITE_LINES_BEFORE(end)                                                   \
    for (; line < (end); line++) {                                                \
        if (stream)                                                               \
            NAME(stream)(dx + line * g->W, sum[0]);                               \
        else                                                                      \
            NAME(store_first)(dx + line * g->W, sum[0], group->count);            \
        UNROLL_16 for (kh = 0; kh + 1 < most; kh++) sum[kh] = sum[kh + 1];        \
        sum[most - 1] = (VEC){0};                                                 \
    }
    for (i = 0; i < g->OH; i++, at += g->OW) {
        const INTS bits = NAME(load_winners)(winners, at, most);
        const VEC share = NAME(shares)(NAME(load)(dout + at), bits, most);
        WRITE_LINES_BEFORE(rows[2 * i])
        UNROLL_16 for (kw = 0; kw < most; kw++) {
            const INTS value = (INTS)NAME(reorder)(share, group->place[kw]);
            const INTS mine =
                (INTS)NAME(reorder)((VEC)bits, group->place[kw]) & group->taken[kw];
            UNROLL_16 for (kh = 0; kh < most; kh++)
                sum[kh] += (VEC)(value & -(mine >> (kh * most + kw) & 1));
        }
    }
    WRITE_LINES_BEFORE(g->H)
#undef WRITE_LINES_BEFORE
}

static INLINE void NAME(unpool_plane_by_vectors)(const REAL *dout, const void *winners,
                                                 ptrdiff_t at, const ptrdiff_t *rows,
                                                 const ptrdiff_t *cols, REAL *dx,
                                                 const fractional_geometry *g, int most) {
    /* Half a cache line cannot be written past the cache. */
    const int stream = VECTOR_BYTES == 64 && g->W % VL == 0 && can_stream(dx) &&
                       g->planes * g->H * g->W >= STREAM_BYTES / (ptrdiff_t)sizeof(REAL);
    NAME(pixels) groups[NAME(GROUPS)];
    ptrdiff_t w = 0;
    while (w < g->W) {
        const int count = NAME(describe_pixels)(cols, &w, g, most, groups);
        int n;
        for (n = 0; n < count; n++) {
            const NAME(pixels) *group = groups + n;
            REAL *to = dx + group->first;
            if (stream && group->count == VL && group->first % VL == 0)
                NAME(unpool_group)(dout, winners, at + group->from, rows, group, to, g, most, 1);
            else
                NAME(unpool_group)(dout, winners, at + group->from, rows, group, to, g, most, 0);
        }
    }
}

#undef VL
#undef VEC
#undef INTS
#endif
