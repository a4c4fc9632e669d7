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

/* Groups that were described: of these columns, from output or pixel `first` up to `next`. Channels
 * that share their regions use them again. */
typedef struct {
    const ptrdiff_t *cols;
    ptrdiff_t first, next;
    int count;
    NAME(outputs) group[NAME(GROUPS)];
} NAME(output_groups);

typedef struct {
    const ptrdiff_t *cols;
    ptrdiff_t first, next;
    int count;
    NAME(pixels) group[NAME(GROUPS)];
} NAME(pixel_groups);

static ptrdiff_t NAME(outputs_within)(const ptrdiff_t *cols, ptrdiff_t first, ptrdiff_t OW) {
    ptrdiff_t count = 0;
    while (count < VL && first + count < OW &&
           cols[2 * (first + count) + 1] - cols[2 * first] <= 2 * VL)
        count++;
    return count;
}

static void NAME(describe_outputs)(const ptrdiff_t *cols, ptrdiff_t from, ptrdiff_t OW, int most,
                                   NAME(output_groups) *groups) {
    NAME(outputs) *group = groups->group;
    ptrdiff_t *j = &groups->next;
    int n;
    if (groups->cols == cols && groups->first == from) return;
    groups->cols = cols, groups->first = *j = from;
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
    groups->count = n;
}

/* How many pixels from `first` on have all their regions among the VL outputs from `from` on. */
static ptrdiff_t NAME(pixels_within)(const ptrdiff_t *cols, ptrdiff_t first, ptrdiff_t from,
                                     const fractional_geometry *g) {
    const ptrdiff_t count = smaller(VL, g->W - first);
    return from + VL < g->OW ? smaller(count, cols[2 * (from + VL)] - first) : count;
}

static void NAME(describe_pixels)(const ptrdiff_t *cols, ptrdiff_t first,
                                  const fractional_geometry *g, int most,
                                  NAME(pixel_groups) *groups) {
    NAME(pixels) *group = groups->group;
    ptrdiff_t *w = &groups->next, from = 0;
    int n;
    if (groups->cols == cols && groups->first == first) return;
    groups->cols = cols, groups->first = *w = first;
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
    groups->count = n;
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
    return most == 2 ? NAME(widen_8)((const uint8_t *)winners + at)
                     : NAME(widen_16)((const uint16_t *)winners + at);
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

static INLINE INTS NAME(won)(VEC value, VEC top) { return (value == top) | (value != value); }

/* The same for regions of at most 2 rows and columns, whose pixels stay in registers. */
static INLINE void NAME(pool_group_2)(const REAL *line, ptrdiff_t W, ptrdiff_t height,
                                      const NAME(outputs) *group, REAL *out, void *winners,
                                      ptrdiff_t at) {
    const REAL *from = line + group->base, *below = from + (height - 1) * W;
    const VEC a = NAME(load)(from), b = NAME(load)(from + VL);
    const VEC c = NAME(load)(below), d = NAME(load)(below + VL);
    const VEC v0 = NAME(pick)(a, b, group->place[0]), v1 = NAME(pick)(a, b, group->place[1]);
    const VEC v2 = NAME(pick)(c, d, group->place[0]), v3 = NAME(pick)(c, d, group->place[1]);
    const VEC top = NAME(larger_or_nan)(NAME(larger_or_nan)(v0, v1), NAME(larger_or_nan)(v2, v3));
    NAME(store_first)(out + at + group->first, top, group->count);
    if (winners) {
        const INTS bits = (NAME(won)(v0, top) & 1) | (NAME(won)(v1, top) & 2) |
                          (NAME(won)(v2, top) & 4) | (NAME(won)(v3, top) & 8);
        NAME(store_winners)(winners, at + group->first,
                            bits & group->bits & (height == 2 ? 15 : 3), group->count, 2);
    }
}

static INLINE void NAME(pool_plane_by_vectors)(const REAL *x, const ptrdiff_t *rows,
                                               const ptrdiff_t *cols, REAL *out, void *winners,
                                               ptrdiff_t at, const fractional_geometry *g,
                                               int most, NAME(output_groups) *groups) {
    ptrdiff_t j = 0, i;
    for (; j < g->OW; j = groups->next) {
        int n;
        NAME(describe_outputs)(cols, j, g->OW, most, groups);
        for (i = 0; i < g->OH; i++) {
            const REAL *line = x + rows[2 * i] * g->W;
            const ptrdiff_t height = rows[2 * i + 1] - rows[2 * i], to = at + i * g->OW;
            for (n = 0; n < groups->count; n++) {
                const NAME(outputs) *group = groups->group + n;
                if (most == 2)
                    NAME(pool_group_2)(line, g->W, height, group, out, winners, to);
                else
                    NAME(pool_group)(line, g->W, height, group, out, winners, to, most);
            }
        }
    }
}

/* dout / number of winners, without a branch: ties are as frequent as a pooled ReLU's zeros. */
static INLINE VEC NAME(shares)(VEC dout, INTS bits, int most) {
    INTS count;
    if (most == 2) return dout / NAME(count_of_4)(bits);
    count = bits - (bits >> 1 & 0x5555);
    count = (count & 0x3333) + (count >> 2 & 0x3333);
    count = (count + (count >> 4)) & 0x0f0f;
    count = (count + (count >> 8)) & 0x1f;
    return dout / __builtin_convertvector(count, VEC);
}

/* The gradient on one group of pixels of all lines. `sum` holds that of the lines from `line` on, as
 * far as the regions up to row i give to it; a line that no later region reaches is written. What is
 * the same for all rows is copied first: for all the compiler knows, it might lie within dx. */
static INLINE void NAME(unpool_group)(const REAL *dout, const void *winners, ptrdiff_t at,
                                      const ptrdiff_t *rows, const NAME(pixels) *group, REAL *dx,
                                      const fractional_geometry *g, int most, int stream) {
    const ptrdiff_t count = group->count, W = g->W, OW = g->OW;
    const ptrdiff_t *const end = rows + 2 * g->OH;
    const REAL *const last = dx + g->H * W;
    INTS place[4], wanted[4][4]; /* a pixel that is nobody's column kw wants no bit */
    VEC sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0};
    ptrdiff_t line = 0;
    int kh, kw;
    UNROLL_16 for (kw = 0; kw < most; kw++) {
        place[kw] = group->place[kw];
        UNROLL_16 for (kh = 0; kh < most; kh++)
            wanted[kh][kw] = group->taken[kw] & 1 << (kh * most + kw);
    }
#define WRITE_LINE                                              \
    if (stream)                                                 \
        NAME(stream)(dx, sum0);                                 \
    else                                                        \
        NAME(store_first)(dx, sum0, count);                     \
    dx += W, sum0 = sum1, sum1 = sum2, sum2 = sum3, sum3 = (VEC){0};
#define GIVE(kh, kw, sum) \
    if (kh < most) sum = NAME(add_where)(sum, value, bit, wanted[kh][kw]);
#define GIVE_COLUMN(kw)                                                         \
    if (kw < most) {                                                            \
        const VEC value = NAME(reorder)(share, place[kw]);                      \
        const INTS bit = (INTS)NAME(reorder)((VEC)bits, place[kw]);             \
        GIVE(0, kw, sum0) GIVE(1, kw, sum1) GIVE(2, kw, sum2) GIVE(3, kw, sum3) \
    }
    for (; rows < end; rows += 2, at += OW) {
        const INTS bits = NAME(load_winners)(winners, at, most);
        const VEC share = NAME(shares)(NAME(load)(dout + at), bits, most);
        for (; line < rows[0]; line++) { WRITE_LINE }
        GIVE_COLUMN(0) GIVE_COLUMN(1) GIVE_COLUMN(2) GIVE_COLUMN(3)
    }
    while (dx < last) { WRITE_LINE }
#undef WRITE_LINE
#undef GIVE
#undef GIVE_COLUMN
}

static INLINE void NAME(unpool_plane_by_vectors)(const REAL *dout, const void *winners,
                                                 ptrdiff_t at, const ptrdiff_t *rows,
                                                 const ptrdiff_t *cols, REAL *dx,
                                                 const fractional_geometry *g, int most,
                                                 NAME(pixel_groups) *groups) {
    /* Half a cache line cannot be written past the cache. */
    const int stream = VECTOR_BYTES == 64 && g->W % VL == 0 && can_stream(dx) &&
                       g->planes * g->H * g->W >= STREAM_BYTES / (ptrdiff_t)sizeof(REAL);
    ptrdiff_t w = 0;
    for (; w < g->W; w = groups->next) {
        int n;
        NAME(describe_pixels)(cols, w, g, most, groups);
        for (n = 0; n < groups->count; n++) {
            const NAME(pixels) *group = groups->group + n;
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
