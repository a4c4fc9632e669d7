/* Max-pooling that remembers where the maxima were; included for each REAL.
 *
 * A window's winners are bits of a number, of 8 bits or `wide` with 16: the functions are inlined
 * once for each.
 */

/* The windows of one row. */
static INLINE void NAME(winners_row)(const REAL *x, const REAL *out, void *winners,
                                     const pool_geometry *g, pool_range rows, int wide) {
    ptrdiff_t j, kh, kw;
    for (j = 0; j < g->OW; j++) set_bits(winners, j, 0, wide);
    for (kh = rows.first; kh < rows.end; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *shifted = x + kh * g->W + kw;
            const int bit = (int)(kh * g->WW + kw);
            const ptrdiff_t first = first_window(g, kw), end = end_of_windows(g, kw);
            for (j = first; j < end; j++)
                set_bits(winners, j,
                         bits_at(winners, j, wide) |
                             NAME(is_maximum)(shifted[j * g->stride], out[j]) << bit,
                         wide);
        }
}

static INLINE void NAME(winners_of_plane)(const REAL *x, REAL *out, void *winners,
                                          const pool_geometry *g, int wide) {
    ptrdiff_t i;
    for (i = 0; i < g->OH; i++) {
        const ptrdiff_t top = i * g->stride - g->pad, at = i * g->OW;
        const REAL *from = x + top * g->W - g->pad;
        const pool_range rows = inside(top, g->HH, g->H);
        NAME(max_row_of_any)(from, out + at, g, rows, 0);
        NAME(winners_row)(from, out + at, (char *)winners + (at << wide), g, rows, wide);
    }
}

static void NAME(max_pool_winners)(const REAL *x, REAL *out, void *winners, pool_geometry g,
                                   int threads) {
    const int wide = g.HH * g.WW > 8;
    const ptrdiff_t step = planes_of_a_task(&g, threads);
    ptrdiff_t first;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (first = 0; first < g.planes; first += step) {
        const ptrdiff_t planes = g.planes - first < step ? g.planes - first : step;
        const ptrdiff_t map = g.H * g.W, windows = g.OH * g.OW;
        const REAL *from = x + first * map;
        ptrdiff_t i;
#if defined(__GNUC__)
        if (tiles_2x2(&g)) {
            NAME(pool_2x2)(from, out + first * windows, (uint8_t *)winners + first * windows, &g, planes);
            continue;
        }
#endif
        for (i = 0; i < planes; i++, from += map) {
            const ptrdiff_t at = (first + i) * windows;
            if (wide)
                NAME(winners_of_plane)(from, out + at, (uint16_t *)winners + at, &g, 1);
            else
                NAME(winners_of_plane)(from, out + at, (uint8_t *)winners + at, &g, 0);
        }
    }
}

/* Each window's gradient over the number of its maxima. */
static INLINE void NAME(shares)(const REAL *dout, const void *winners, REAL *RESTRICT share,
                                ptrdiff_t begin, ptrdiff_t end, int wide) {
    ptrdiff_t j;
    for (j = begin; j < end; j++) {
        /* Counts in pairs of bits, then in fours, in eights, and in all: the number of maxima. */
        const int bits = bits_at(winners, j, wide);
        int count = bits - (bits >> 1 & 0x5555);
        count = (count & 0x3333) + (count >> 2 & 0x3333);
        count = (count & 0x0f0f) + (count >> 4 & 0x0f0f);
        share[j - begin] = dout[j] / (REAL)((count & 0xff) + (count >> 8));
    }
}

static INLINE void NAME(from_winners_row)(const REAL *dout, const void *winners, REAL *dx,
                                          const pool_geometry *g, pool_range rows,
                                          ptrdiff_t stride, int wide) {
    REAL share[SHARED_AT_ONCE];
    ptrdiff_t begin, j, kh, kw;
    for (begin = 0; begin < g->OW; begin += SHARED_AT_ONCE) {
        const ptrdiff_t end = begin + SHARED_AT_ONCE < g->OW ? begin + SHARED_AT_ONCE : g->OW;
        NAME(shares)(dout, winners, share, begin, end, wide);
        for (kh = rows.first; kh < rows.end; kh++)
            for (kw = 0; kw < g->WW; kw++) {
                const int bit = (int)(kh * g->WW + kw);
                const ptrdiff_t first = first_window(g, kw), last = end_of_windows(g, kw);
                REAL *to = dx + kh * g->W + kw;
                for (j = first > begin ? first : begin; j < (last < end ? last : end); j++)
                    to[j * stride] +=
                        bits_at(winners, j, wide) >> bit & 1 ? share[j - begin] : 0;
            }
    }
}

static INLINE void NAME(from_winners_plane)(const REAL *dout, const void *winners, REAL *dx,
                                            const pool_geometry *g, int wide) {
    ptrdiff_t i;
    memset(dx, 0, (size_t)(g->H * g->W) * sizeof(REAL));
    for (i = 0; i < g->OH; i++) {
        const ptrdiff_t top = i * g->stride - g->pad, at = i * g->OW;
        const pool_range rows = inside(top, g->HH, g->H);
        const void *bits = (const char *)winners + (at << wide);
        REAL *to = dx + top * g->W - g->pad;
        if (g->stride == 1)
            NAME(from_winners_row)(dout + at, bits, to, g, rows, 1, wide);
        else if (g->stride == 2)
            NAME(from_winners_row)(dout + at, bits, to, g, rows, 2, wide);
        else
            NAME(from_winners_row)(dout + at, bits, to, g, rows, g->stride, wide);
    }
}

static void NAME(from_winners)(const REAL *dout, const void *winners, REAL *dx, pool_geometry g,
                               int threads) {
    const int wide = g.HH * g.WW > 8;
    const ptrdiff_t step = planes_of_a_task(&g, threads);
    ptrdiff_t first;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (first = 0; first < g.planes; first += step) {
        const ptrdiff_t planes = g.planes - first < step ? g.planes - first : step;
        const ptrdiff_t map = g.H * g.W, windows = g.OH * g.OW;
        REAL *to = dx + first * map;
        ptrdiff_t i;
#if defined(__GNUC__)
        if (tiles_2x2(&g)) {
            NAME(unpool_2x2)(dout + first * windows, (const uint8_t *)winners + first * windows, to, &g,
                             planes);
            continue;
        }
#endif
        for (i = 0; i < planes; i++, to += map) {
            const ptrdiff_t at = (first + i) * windows;
            if (wide)
                NAME(from_winners_plane)(dout + at, (const uint16_t *)winners + at, to, &g, 1);
            else
                NAME(from_winners_plane)(dout + at, (const uint8_t *)winners + at, to, &g, 0);
        }
    }
    end_streaming();
}
