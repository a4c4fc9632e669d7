/* Fractional max-pooling of all planes; included for each REAL.
 *
 * The vectors read up to 2 VL numbers beyond a row, so the last planes go region by region.
 */

static INLINE int NAME(reads_beyond)(ptrdiff_t plane, ptrdiff_t numbers,
                                     const fractional_geometry *g) {
    return (g->planes - plane - 1) * numbers < 2 * NAME(VL);
}

static INLINE void NAME(forward_most)(const REAL *x, const ptrdiff_t *rows, const ptrdiff_t *cols,
                                      REAL *out, void *winners, const fractional_geometry *g,
                                      int threads, int most) {
    ptrdiff_t plane;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g->planes; plane++) {
        const REAL *map = x + plane * g->H * g->W;
        const ptrdiff_t *rows_here = rows_of(rows, plane, g), *cols_here = cols_of(cols, plane, g);
        const ptrdiff_t at = plane * g->OH * g->OW;
#if HAS_GATHER
        if (!NAME(reads_beyond)(plane, g->H * g->W, g)) {
            NAME(pool_plane_by_vectors)(map, rows_here, cols_here, out, winners, at, g, most);
            continue;
        }
#endif
        NAME(pool_plane)(map, rows_here, cols_here, out, winners, at, g, most);
    }
}

static INLINE void NAME(backward_most)(const REAL *dout, const void *winners, const ptrdiff_t *rows,
                                       const ptrdiff_t *cols, REAL *dx,
                                       const fractional_geometry *g, int threads, int most) {
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g->planes; plane++) {
        REAL *map = dx + plane * g->H * g->W;
        const ptrdiff_t *rows_here = rows_of(rows, plane, g), *cols_here = cols_of(cols, plane, g);
        const ptrdiff_t at = plane * g->OH * g->OW;
#if HAS_GATHER
        if (!NAME(reads_beyond)(plane, g->OH * g->OW, g)) {
            NAME(unpool_plane_by_vectors)(dout, winners, at, rows_here, cols_here, map, g, most);
            continue;
        }
#endif
        NAME(unpool_plane)(dout, winners, at, rows_here, cols_here, map, g, most);
    }
    end_streaming();
}

static void NAME(forward)(const REAL *x, const ptrdiff_t *rows, const ptrdiff_t *cols, REAL *out,
                          void *winners, fractional_geometry g, int threads) {
    if (g.most == 2)
        NAME(forward_most)(x, rows, cols, out, winners, &g, threads, 2);
    else if (g.most == 3)
        NAME(forward_most)(x, rows, cols, out, winners, &g, threads, 3);
    else
        NAME(forward_most)(x, rows, cols, out, winners, &g, threads, 4);
}

static void NAME(backward)(const REAL *dout, const void *winners, const ptrdiff_t *rows,
                           const ptrdiff_t *cols, REAL *dx, fractional_geometry g, int threads) {
    if (g.most == 2)
        NAME(backward_most)(dout, winners, rows, cols, dx, &g, threads, 2);
    else if (g.most == 3)
        NAME(backward_most)(dout, winners, rows, cols, dx, &g, threads, 3);
    else
        NAME(backward_most)(dout, winners, rows, cols, dx, &g, threads, 4);
}
