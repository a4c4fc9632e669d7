/* The loops of pooling.c, written once and included for each REAL.
 *
 * The innermost loops run along a row of the output map. Compilers make vectors of them where they
 * know the stride, so the forward is inlined once for stride 2 and once for any, and the backward
 * has a row of its own for the 2x2 windows of nearly every network. A pointer to a row's pixels
 * points at the first window's upper left corner, which may lie outside the map.
 */

/* A window with a NaN has the maximum NaN, which equals nothing: its NaNs count as maxima. */
static INLINE int NAME(is_maximum)(REAL value, REAL maximum) {
    return (value == maximum) | (value != value);
}

/* The windows of one row, from `begin` on; `rows` of each are in the map. */
static INLINE void NAME(max_row)(const REAL *x, REAL *RESTRICT out, const pool_geometry *g,
                                 pool_range rows, ptrdiff_t stride, ptrdiff_t begin) {
    ptrdiff_t kh, kw, j;
    for (j = begin; j < g->OW; j++) out[j] = -(REAL)INFINITY;
    for (kh = rows.first; kh < rows.end; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *from = x + kh * g->W + kw;
            const ptrdiff_t first = first_window(g, kw), end = end_of_windows(g, kw);
            for (j = first > begin ? first : begin; j < end; j++) {
                const REAL value = from[j * stride];
                out[j] = (value > out[j]) | (value != value) ? value : out[j];
            }
        }
}

static void NAME(max_row_of_any)(const REAL *x, REAL *out, const pool_geometry *g, pool_range rows,
                                 ptrdiff_t begin) {
    if (g->OW - begin < 8) /* too short for vectors */
        NAME(max_row)(x, out, g, rows, g->stride, begin);
    else if (g->stride == 2)
        NAME(max_row)(x, out, g, rows, 2, begin);
    else if (g->stride == 1)
        NAME(max_row)(x, out, g, rows, 1, begin);
    else
        NAME(max_row)(x, out, g, rows, g->stride, begin);
}

static void NAME(max_pool_forward)(const REAL *x, REAL *out, pool_geometry g, int threads) {
    ptrdiff_t plane;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i;
        for (i = 0; i < g.OH; i++) {
            const ptrdiff_t top = i * g.stride - g.pad;
            NAME(max_row_of_any)(x + (plane * g.H + top) * g.W - g.pad,
                                 out + (plane * g.OH + i) * g.OW, &g, inside(top, g.HH, g.H), 0);
        }
    }
}

/* One row of 2x2 windows with stride 2: each pixel is in one window, so nothing is added up. */
static void NAME(backward_row_2x2)(const REAL *dout, const REAL *x, const REAL *out,
                                   REAL *RESTRICT dx, const pool_geometry *g) {
    const REAL *below = x + g->W;
    REAL *RESTRICT dx_below = dx + g->W;
    ptrdiff_t j;
    for (j = 0; j < g->OW; j++) {
        const REAL a = (REAL)NAME(is_maximum)(x[2 * j], out[j]);
        const REAL b = (REAL)NAME(is_maximum)(x[2 * j + 1], out[j]);
        const REAL c = (REAL)NAME(is_maximum)(below[2 * j], out[j]);
        const REAL d = (REAL)NAME(is_maximum)(below[2 * j + 1], out[j]);
        const REAL share = dout[j] / (a + b + c + d);
        dx[2 * j] = a != 0 ? share : 0;
        dx[2 * j + 1] = b != 0 ? share : 0;
        dx_below[2 * j] = c != 0 ? share : 0;
        dx_below[2 * j + 1] = d != 0 ? share : 0;
    }
}

/* share = dout / number of maxima, for one row of windows. */
static void NAME(share_row)(const REAL *dout, const REAL *x, const REAL *out, REAL *RESTRICT share,
                            const pool_geometry *g, pool_range rows) {
    ptrdiff_t kh, kw, j;
    for (j = 0; j < g->OW; j++) share[j] = 0;
    for (kh = rows.first; kh < rows.end; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *from = x + kh * g->W + kw;
            const ptrdiff_t end = end_of_windows(g, kw);
            for (j = first_window(g, kw); j < end; j++)
                share[j] += (REAL)NAME(is_maximum)(from[j * g->stride], out[j]);
        }
    for (j = 0; j < g->OW; j++) share[j] = dout[j] / share[j];
}

static void NAME(scatter_row)(const REAL *x, const REAL *out, const REAL *share, REAL *RESTRICT dx,
                              const pool_geometry *g, pool_range rows) {
    ptrdiff_t kh, kw, j;
    for (kh = rows.first; kh < rows.end; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *from = x + kh * g->W + kw;
            REAL *to = dx + kh * g->W + kw;
            const ptrdiff_t end = end_of_windows(g, kw);
            for (j = first_window(g, kw); j < end; j++)
                to[j * g->stride] += NAME(is_maximum)(from[j * g->stride], out[j]) ? share[j] : 0;
        }
}

static void NAME(max_pool_backward)(const REAL *dout, const REAL *x, const REAL *out, REAL *share,
                                    REAL *dx, pool_geometry g, int threads) {
    const int tiles = tiles_2x2(&g);
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i;
        memset(dx + plane * g.H * g.W, 0, (size_t)(g.H * g.W) * sizeof(REAL));
        for (i = 0; i < g.OH; i++) {
            const ptrdiff_t top = i * g.stride - g.pad, in = (plane * g.H + top) * g.W - g.pad;
            const ptrdiff_t at = (plane * g.OH + i) * g.OW;
            const pool_range rows = inside(top, g.HH, g.H);
            if (tiles) {
                NAME(backward_row_2x2)(dout + at, x + in, out + at, dx + in, &g);
            } else {
                NAME(share_row)(dout + at, x + in, out + at, share + at, &g, rows);
                NAME(scatter_row)(x + in, out + at, share + at, dx + in, &g, rows);
            }
        }
    }
}
