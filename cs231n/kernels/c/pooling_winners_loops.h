/* Max-pooling that remembers where the maxima were, and average pooling; included for each REAL. */

/* Windows from `first` on of one row. */
static INLINE void NAME(winners_row)(const REAL *x, const REAL *out, uint8_t *RESTRICT winners,
                                     ptrdiff_t first, const pool_geometry *g) {
    ptrdiff_t j, kh, kw;
    for (j = first; j < g->OW; j++) winners[j] = 0;
    for (kh = 0; kh < g->HH; kh++)
        for (kw = 0; kw < g->WW; kw++) {
            const REAL *shifted = x + kh * g->W + kw;
            const int bit = (int)(kh * g->WW + kw);
            for (j = first; j < g->OW; j++)
                winners[j] |= (uint8_t)(NAME(is_maximum)(shifted[j * g->stride], out[j]) << bit);
        }
}

static void NAME(max_pool_winners)(const REAL *x, REAL *out, uint8_t *winners, pool_geometry g,
                                   int threads) {
    const int tiles_2x2 = g.HH == 2 && g.WW == 2 && g.stride == 2;
    const ptrdiff_t step = tiles_2x2 ? NAME(rows_together)(&g) : 1;
    ptrdiff_t plane;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i;
        for (i = 0; i < g.OH; i += step) {
            const REAL *from = x + (plane * g.H + i * g.stride) * g.W;
            const ptrdiff_t at = (plane * g.OH + i) * g.OW;
            const ptrdiff_t done =
                tiles_2x2 ? NAME(pool_row_2x2)(from, out + at, winners + at, &g) : 0;
            if (done < g.OW) {
                pool_geometry rest = g;
                rest.OW = g.OW - done;
                NAME(max_row)(from + done * g.stride, out + at + done, &rest, g.stride);
                NAME(winners_row)(from, out + at, winners + at, done, &g);
            }
        }
    }
}

static INLINE void NAME(from_winners_row)(const REAL *dout, const uint8_t *winners, REAL *dx,
                                          ptrdiff_t first, const pool_geometry *g) {
    ptrdiff_t j, kh, kw;
    for (j = first; j < g->OW; j++) {
        /* Counts in pairs of bits, then in fours, then in all eight: the number of maxima. */
        int count = winners[j] - (winners[j] >> 1 & 0x55), bit = 0;
        REAL share;
        count = (count & 0x33) + (count >> 2 & 0x33);
        share = dout[j] / (REAL)((count & 0x0f) + (count >> 4));
        for (kh = 0; kh < g->HH; kh++)
            for (kw = 0; kw < g->WW; kw++, bit++)
                dx[kh * g->W + j * g->stride + kw] += winners[j] >> bit & 1 ? share : 0;
    }
}

static void NAME(from_winners)(const REAL *dout, const uint8_t *winners, REAL *dx, pool_geometry g,
                               int threads) {
    const int tiles_2x2 = g.HH == 2 && g.WW == 2 && g.stride == 2;
    const ptrdiff_t step = tiles_2x2 ? NAME(rows_together)(&g) : 1;
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i, written = 0; /* lines that are written as a whole need no zeros before */
        REAL *map = dx + plane * g.H * g.W;
        if (!tiles_2x2 || g.W != 2 * g.OW || (step == 1 && g.OW % NAME(VL)))
            memset(map, 0, (size_t)(g.H * g.W) * sizeof(REAL));
        else
            written = 2 * g.OH;
        if (written && written < g.H)
            memset(map + written * g.W, 0, (size_t)((g.H - written) * g.W) * sizeof(REAL));
        for (i = 0; i < g.OH; i += step) {
            const ptrdiff_t at = (plane * g.OH + i) * g.OW;
            REAL *to = map + i * g.stride * g.W;
            const ptrdiff_t done =
                tiles_2x2 ? NAME(unpool_row_2x2)(dout + at, winners + at, to, &g) : 0;
            if (done < g.OW) NAME(from_winners_row)(dout + at, winners + at, to, done, &g);
        }
    }
    end_streaming();
}

static void NAME(avg_pool_forward)(const REAL *x, REAL *out, pool_geometry g, int threads) {
    const REAL scale = 1 / (REAL)(g.HH * g.WW);
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i, j, kh, kw;
        for (i = 0; i < g.OH; i++) {
            const REAL *from = x + (plane * g.H + i * g.stride) * g.W;
            REAL *RESTRICT to = out + (plane * g.OH + i) * g.OW;
            for (j = 0; j < g.OW; j++) to[j] = 0;
            for (kh = 0; kh < g.HH; kh++)
                for (kw = 0; kw < g.WW; kw++)
                    for (j = 0; j < g.OW; j++) to[j] += from[kh * g.W + j * g.stride + kw];
            for (j = 0; j < g.OW; j++) to[j] *= scale;
        }
    }
}

static void NAME(avg_pool_backward)(const REAL *dout, REAL *dx, pool_geometry g, int threads) {
    const REAL scale = 1 / (REAL)(g.HH * g.WW);
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i, j, kh, kw;
        memset(dx + plane * g.H * g.W, 0, (size_t)(g.H * g.W) * sizeof(REAL));
        for (i = 0; i < g.OH; i++) {
            const REAL *from = dout + (plane * g.OH + i) * g.OW;
            REAL *to = dx + (plane * g.H + i * g.stride) * g.W;
            for (kh = 0; kh < g.HH; kh++)
                for (kw = 0; kw < g.WW; kw++)
                    for (j = 0; j < g.OW; j++)
                        to[kh * g.W + j * g.stride + kw] += from[j] * scale;
        }
    }
}
