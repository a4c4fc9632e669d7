/* Fractional max-pooling of all planes; included for each REAL.
 *
 * The vectors read up to 2 VL numbers beyond a row, so the last planes go region by region.
 */

/* What a thread has worked out about the columns, which is of use again to the next channel. */
#if HAS_GATHER
typedef union {
    NAME(output_groups) outputs;
    NAME(pixel_groups) pixels;
} NAME(scratch);

static INLINE int NAME(reads_beyond)(ptrdiff_t plane, ptrdiff_t numbers,
                                     const fractional_geometry *g) {
    return (g->planes - plane - 1) * numbers < 2 * NAME(VL);
}
#else
typedef int NAME(scratch);
#endif

static INLINE void NAME(forward_plane)(const REAL *x, const ptrdiff_t *rows, const ptrdiff_t *cols,
                                       REAL *out, void *winners, ptrdiff_t plane,
                                       const fractional_geometry *g, NAME(scratch) *groups,
                                       int most) {
    const ptrdiff_t at = plane * g->OH * g->OW;
    x += plane * g->H * g->W;
#if HAS_GATHER
    if (!NAME(reads_beyond)(plane, g->H * g->W, g)) {
        NAME(pool_plane_by_vectors)(x, rows, cols, out, winners, at, g, most, &groups->outputs);
        return;
    }
#endif
    (void)groups;
    NAME(pool_plane)(x, rows, cols, out, winners, at, g, most);
}

static INLINE void NAME(backward_plane)(const REAL *dout, const void *winners,
                                        const ptrdiff_t *rows, const ptrdiff_t *cols, REAL *dx,
                                        ptrdiff_t plane, const fractional_geometry *g,
                                        NAME(scratch) *groups, int most) {
    const ptrdiff_t at = plane * g->OH * g->OW;
    dx += plane * g->H * g->W;
#if HAS_GATHER
    if (!NAME(reads_beyond)(plane, g->OH * g->OW, g)) {
        NAME(unpool_plane_by_vectors)(dout, winners, at, rows, cols, dx, g, most, &groups->pixels);
        return;
    }
#endif
    (void)groups;
    NAME(unpool_plane)(dout, winners, at, rows, cols, dx, g, most);
}

/* What is known when this is compiled stays known in the loops only if it is said within the parallel
 * region, which is a function of its own: hence the choice at each plane. */
#define FOR_MOST(most, call)         \
    switch (most) {                  \
        case 2: call(2); break;      \
        case 3: call(3); break;      \
        default: call(4); break;     \
    }

static void NAME(forward)(const REAL *x, const ptrdiff_t *rows, const ptrdiff_t *cols, REAL *out,
                          void *winners, fractional_geometry g, int threads) {
    (void)threads; /* unused without OpenMP */
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        ptrdiff_t plane;
        NAME(scratch) groups;
        memset(&groups, 0, sizeof groups); /* of no columns yet */
#pragma omp for schedule(static)
        for (plane = 0; plane < g.planes; plane++) {
            const ptrdiff_t *down = rows_of(rows, plane, &g), *across = cols_of(cols, plane, &g);
#define CALL(most) NAME(forward_plane)(x, down, across, out, winners, plane, &g, &groups, most)
            FOR_MOST(g.most, CALL)
#undef CALL
        }
    }
}

static void NAME(backward)(const REAL *dout, const void *winners, const ptrdiff_t *rows,
                           const ptrdiff_t *cols, REAL *dx, fractional_geometry g, int threads) {
    (void)threads;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        ptrdiff_t plane;
        NAME(scratch) groups;
        memset(&groups, 0, sizeof groups); /* of no columns yet */
#pragma omp for schedule(static)
        for (plane = 0; plane < g.planes; plane++) {
            const ptrdiff_t *down = rows_of(rows, plane, &g), *across = cols_of(cols, plane, &g);
#define CALL(most) NAME(backward_plane)(dout, winners, down, across, dx, plane, &g, &groups, most)
            FOR_MOST(g.most, CALL)
#undef CALL
        }
        end_streaming(); /* by each thread, of its own stores */
    }
}

#undef FOR_MOST
