/* Average pooling, of those pixels of a window that lie in the map; included for each REAL. */

/* 1 / the pixels of a window: its rows in the map times its columns there. */
static INLINE REAL NAME(over_pixels)(const pool_geometry *g, ptrdiff_t j, pool_range rows) {
    const pool_range columns = inside(j * g->stride - g->pad, g->WW, g->W);
    return 1 / (REAL)((rows.end - rows.first) * (columns.end - columns.first));
}

/* to = from over the pixels, for windows from `begin` to `end` of a row. */
static INLINE void NAME(divide_row)(const REAL *from, REAL *to, const pool_geometry *g,
                                    pool_range rows, ptrdiff_t begin, ptrdiff_t end) {
    const REAL scale = 1 / (REAL)((rows.end - rows.first) * g->WW);
    const ptrdiff_t first = first_window(g, 0), last = end_of_windows(g, g->WW - 1);
    ptrdiff_t j = begin;
    for (; j < (first < end ? first : end); j++) to[j - begin] = from[j] * NAME(over_pixels)(g, j, rows);
    for (; j < (last < end ? last : end); j++) to[j - begin] = from[j] * scale; /* all columns */
    for (; j < end; j++) to[j - begin] = from[j] * NAME(over_pixels)(g, j, rows);
}

static void NAME(avg_pool_forward)(const REAL *x, REAL *out, pool_geometry g, int threads) {
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i, j, kh, kw;
        for (i = 0; i < g.OH; i++) {
            const ptrdiff_t top = i * g.stride - g.pad;
            const REAL *from = x + (plane * g.H + top) * g.W - g.pad;
            const pool_range rows = inside(top, g.HH, g.H);
            REAL *to = out + (plane * g.OH + i) * g.OW;
            for (j = 0; j < g.OW; j++) to[j] = 0;
            for (kh = rows.first; kh < rows.end; kh++)
                for (kw = 0; kw < g.WW; kw++) {
                    const ptrdiff_t end = end_of_windows(&g, kw);
                    for (j = first_window(&g, kw); j < end; j++)
                        to[j] += from[kh * g.W + j * g.stride + kw];
                }
            NAME(divide_row)(to, to, &g, rows, 0, g.OW);
        }
    }
}

static INLINE void NAME(spread_row)(const REAL *dout, REAL *dx, const pool_geometry *g,
                                    pool_range rows) {
    REAL share[SHARED_AT_ONCE];
    ptrdiff_t begin, j, kh, kw;
    for (begin = 0; begin < g->OW; begin += SHARED_AT_ONCE) {
        const ptrdiff_t end = begin + SHARED_AT_ONCE < g->OW ? begin + SHARED_AT_ONCE : g->OW;
        NAME(divide_row)(dout, share, g, rows, begin, end);
        for (kh = rows.first; kh < rows.end; kh++)
            for (kw = 0; kw < g->WW; kw++) {
                const ptrdiff_t first = first_window(g, kw), last = end_of_windows(g, kw);
                for (j = first > begin ? first : begin; j < (last < end ? last : end); j++)
                    dx[kh * g->W + j * g->stride + kw] += share[j - begin];
            }
    }
}

static void NAME(avg_pool_backward)(const REAL *dout, REAL *dx, pool_geometry g, int threads) {
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i;
        memset(dx + plane * g.H * g.W, 0, (size_t)(g.H * g.W) * sizeof(REAL));
        for (i = 0; i < g.OH; i++) {
            const ptrdiff_t top = i * g.stride - g.pad;
            NAME(spread_row)(dout + (plane * g.OH + i) * g.OW,
                             dx + (plane * g.H + top) * g.W - g.pad, &g, inside(top, g.HH, g.H));
        }
    }
}
