/* Fractional max-pooling of all planes; included for each REAL.
 *
 * The vectors read up to 2 VL numbers beyond a row, so the last planes go region by region.
 */

#if HAS_GATHER
static INLINE int NAME(reads_beyond)(ptrdiff_t plane, ptrdiff_t numbers,
                                     const fractional_geometry *g) {
    return (g->planes - plane - 1) * numbers < 2 * NAME(VL);
}
#endif

static INLINE void NAME(forward_most)(const REAL *x, const ptrdiff_t *rows, const ptrdiff_t *cols,
                                      REAL *out, void *winners, const fractional_geometry *g,
                                      int threads, int most) {
    (void)threads; /* unused without OpenMP */
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        ptrdiff_t plane;
#if HAS_GATHER
        NAME(output_groups) groups;
        groups.cols = 0;
#endif
#pragma omp for schedule(static)
        for (plane = 0; plane < g->planes; plane++) {
            const REAL *from = x + plane * g->H * g->W;
            const ptrdiff_t *mine = rows_of(rows, plane, g), *across = cols_of(cols, plane, g);
            const ptrdiff_t at = plane * g->OH * g->OW;
#if HAS_GATHER
            if (!NAME(reads_beyond)(plane, g->H * g->W, g)) {
                NAME(pool_plane_by_vectors)(from, mine, across, out, winners, at, g, most, &groups);
                continue;
            }
#endif
            NAME(pool_plane)(from, mine, across, out, winners, at, g, most);
        }
    }
}

static INLINE void NAME(backward_most)(const REAL *dout, const void *winners, const ptrdiff_t *rows,
                                       const ptrdiff_t *cols, REAL *dx,
                                       const fractional_geometry *g, int threads, int most) {
    (void)threads;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        ptrdiff_t plane;
#if HAS_GATHER
        NAME(pixel_groups) groups;
        groups.cols = 0;
#endif
#pragma omp for schedule(static)
        for (plane = 0; plane < g->planes; plane++) {
            REAL *to = dx + plane * g->H * g->W;
            const ptrdiff_t *mine = rows_of(rows, plane, g), *across = cols_of(cols, plane, g);
            const ptrdiff_t at = plane * g->OH * g->OW;
#if HAS_GATHER
            if (!NAME(reads_beyond)(plane, g->OH * g->OW, g)) {
                NAME(unpool_plane_by_vectors)(dout, winners, at, mine, across, to, g, most, &groups);
                continue;
            }
#endif
            NAME(unpool_plane)(dout, winners, at, mine, across, to, g, most);
        }
        end_streaming(); /* by each thread, of its own stores */
    }
}

#define FOR_EACH_MOST(call)          \
    switch (g.most) {                \
        case 2: call(2); break;      \
        case 3: call(3); break;      \
        default: call(4); break;     \
    }

static void NAME(forward)(const REAL *x, const ptrdiff_t *rows, const ptrdiff_t *cols, REAL *out,
                          void *winners, fractional_geometry g, int threads) {
#define CALL(most) NAME(forward_most)(x, rows, cols, out, winners, &g, threads, most)
    FOR_EACH_MOST(CALL)
#undef CALL
}

static void NAME(backward)(const REAL *dout, const void *winners, const ptrdiff_t *rows,
                           const ptrdiff_t *cols, REAL *dx, fractional_geometry g, int threads) {
#define CALL(most) NAME(backward_most)(dout, winners, rows, cols, dx, &g, threads, most)
    FOR_EACH_MOST(CALL)
#undef CALL
}

#undef FOR_EACH_MOST
