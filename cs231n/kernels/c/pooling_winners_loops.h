/* Max-pooling that remembers where the maxima were; included for each REAL.
 *
 * A window's winners are bits of a number, of 8 bits or `wide` with 16: the functions are inlined
 * once for each.
 */

/* Windows from `begin` on of one row. */
static INLINE void NAME(winners_row)(const REAL *x, const REAL *out, void *winners, ptrdiff_t begin,
                                     const pool_geometry *g, pool_range rows, int wide) {
    ptrdiff_t j, kh, kw;
    for (j = begin; j < g->OW; j++) set_bits(winners, j, 0, wide);
    for (kh = rows.first; kh < rows.end; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *shifted = x + kh * g->W + kw;
            const int bit = (int)(kh * g->WW + kw);
            const ptrdiff_t first = first_window(g, kw), end = end_of_windows(g, kw);
            for (j = first > begin ? first : begin; j < end; j++)
                set_bits(winners, j,
                         bits_at(winners, j, wide) |
                             NAME(is_maximum)(shifted[j * g->stride], out[j]) << bit,
                         wide);
        }
}

static INLINE void NAME(winners_of_plane)(const REAL *x, REAL *out, void *winners,
                                          const pool_geometry *g, int wide) {
    const int tiles = tiles_2x2(g);
    const ptrdiff_t step = tiles ? NAME(rows_together)(g) : 1;
    ptrdiff_t i;
    for (i = 0; i < g->OH; i += step) {
        const ptrdiff_t top = i * g->stride - g->pad, at = i * g->OW;
        const REAL *from = x + top * g->W - g->pad;
        const pool_range rows = inside(top, g->HH, g->H);
        void *bits = (char *)winners + (at << wide);
        const ptrdiff_t done = tiles ? NAME(pool_row_2x2)(from, out + at, bits, g) : 0;
        if (done < g->OW) {
            NAME(max_row_of_any)(from, out + at, g, rows, done);
            NAME(winners_row)(from, out + at, bits, done, g, rows, wide);
        }
    }
}

static void NAME(max_pool_winners)(const REAL *x, REAL *out, void *winners, pool_geometry g,
                                   int threads) {
    const int wide = g.HH * g.WW > 8;
    ptrdiff_t plane;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        const REAL *from = x + plane * g.H * g.W;
        const ptrdiff_t at = plane * g.OH * g.OW;
        if (wide)
            NAME(winners_of_plane)(from, out + at, (uint16_t *)winners + at, &g, 1);
        else
            NAME(winners_of_plane)(from, out + at, (uint8_t *)winners + at, &g, 0);
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
                                          ptrdiff_t done, const pool_geometry *g, pool_range rows,
                                          ptrdiff_t stride, int wide) {
    REAL share[SHARED_AT_ONCE];
    ptrdiff_t begin, j, kh, kw;
    for (begin = done; begin < g->OW; begin += SHARED_AT_ONCE) {
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
    const int tiles = tiles_2x2(g);
    const ptrdiff_t step = tiles ? NAME(rows_together)(g) : 1;
    ptrdiff_t i, written = 0; /* lines that are written as a whole need no zeros before */
    if (!tiles || g->W != 2 * g->OW || (step == 1 && g->OW % NAME(VL)))
        memset(dx, 0, (size_t)(g->H * g->W) * sizeof(REAL));
    else
        written = 2 * g->OH;
    if (written && written < g->H)
        memset(dx + written * g->W, 0, (size_t)((g->H - written) * g->W) * sizeof(REAL));
    for (i = 0; i < g->OH; i += step) {
        const ptrdiff_t top = i * g->stride - g->pad, at = i * g->OW;
        const pool_range rows = inside(top, g->HH, g->H);
        const void *bits = (const char *)winners + (at << wide);
        REAL *to = dx + top * g->W - g->pad;
        const ptrdiff_t done = tiles ? NAME(unpool_row_2x2)(dout + at, bits, to, g) : 0;
        if (done >= g->OW) continue;
        if (g->stride == 1)
            NAME(from_winners_row)(dout + at, bits, to, done, g, rows, 1, wide);
        else if (g->stride == 2)
            NAME(from_winners_row)(dout + at, bits, to, done, g, rows, 2, wide);
        else
            NAME(from_winners_row)(dout + at, bits, to, done, g, rows, g->stride, wide);
    }
}

static void NAME(from_winners)(const REAL *dout, const void *winners, REAL *dx, pool_geometry g,
                               int threads) {
    const int wide = g.HH * g.WW > 8;
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        const ptrdiff_t at = plane * g.OH * g.OW;
        REAL *to = dx + plane * g.H * g.W;
        if (wide)
            NAME(from_winners_plane)(dout + at, (const uint16_t *)winners + at, to, &g, 1);
        else
            NAME(from_winners_plane)(dout + at, (const uint8_t *)winners + at, to, &g, 0);
    }
    end_streaming();
}
