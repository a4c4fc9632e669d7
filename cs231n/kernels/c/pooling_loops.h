/* The loops of pooling.c, written once and included for each REAL.
 *
 * The innermost loops run along a row of the output map, so that compilers make vectors of them.
 */

/* A window with a NaN has the maximum NaN, which equals nothing: its NaNs count as maxima. */
static int NAME(is_maximum)(REAL value, REAL maximum) {
    return (value == maximum) | (value != value);
}

static void NAME(max_row)(const REAL *x, REAL *out, const pool_geometry *g) {
    ptrdiff_t kh, kw, j;
    for (j = 0; j < g->OW; j++) out[j] = x[j * g->stride];
    for (kh = 0; kh < g->HH; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *from = x + kh * g->W + kw;
            for (j = 0; j < g->OW; j++) {
                const REAL value = from[j * g->stride];
                out[j] = (value > out[j]) | (value != value) ? value : out[j];
            }
        }
}

void NAME(max_pool_forward)(const REAL *x, REAL *out, pool_geometry g, int threads) {
    ptrdiff_t plane;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i;
        for (i = 0; i < g.OH; i++)
            NAME(max_row)(x + (plane * g.H + i * g.stride) * g.W, out + (plane * g.OH + i) * g.OW, &g);
    }
}

/* share = dout / number of maxima, for one row of windows. */
static void NAME(share_row)(const REAL *dout, const REAL *x, const REAL *out, REAL *share,
                            const pool_geometry *g) {
    ptrdiff_t kh, kw, j;
    for (j = 0; j < g->OW; j++) share[j] = 0;
    for (kh = 0; kh < g->HH; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *from = x + kh * g->W + kw;
            for (j = 0; j < g->OW; j++)
                share[j] += (REAL)NAME(is_maximum)(from[j * g->stride], out[j]);
        }
    for (j = 0; j < g->OW; j++) share[j] = dout[j] / share[j];
}

static void NAME(scatter_row)(const REAL *x, const REAL *out, const REAL *share, REAL *dx,
                              const pool_geometry *g) {
    ptrdiff_t kh, kw, j;
    for (kh = 0; kh < g->HH; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *from = x + kh * g->W + kw;
            REAL *to = dx + kh * g->W + kw;
            for (j = 0; j < g->OW; j++)
                to[j * g->stride] += NAME(is_maximum)(from[j * g->stride], out[j]) ? share[j] : 0;
        }
}

void NAME(max_pool_backward)(const REAL *dout, const REAL *x, const REAL *out, REAL *share, REAL *dx,
                             pool_geometry g, int threads) {
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i;
        memset(dx + plane * g.H * g.W, 0, (size_t)(g.H * g.W) * sizeof(REAL));
        for (i = 0; i < g.OH; i++) {
            const ptrdiff_t in = (plane * g.H + i * g.stride) * g.W;
            const ptrdiff_t at = (plane * g.OH + i) * g.OW;
            NAME(share_row)(dout + at, x + in, out + at, share + at, &g);
            NAME(scatter_row)(x + in, out + at, share + at, dx + in, &g);
        }
    }
}
