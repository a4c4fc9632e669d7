/* Max-pooling that remembers where the maxima were, and average pooling; included for each REAL. */

static void NAME(max_pool_winners)(const REAL *x, const REAL *out, uint8_t *winners, pool_geometry g,
                                   int threads) {
    ptrdiff_t plane;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i, j, kh, kw;
        for (i = 0; i < g.OH; i++) {
            const REAL *from = x + (plane * g.H + i * g.stride) * g.W;
            const REAL *top = out + (plane * g.OH + i) * g.OW;
            uint8_t *RESTRICT to = winners + (plane * g.OH + i) * g.OW;
            memset(to, 0, (size_t)g.OW);
            for (kh = 0; kh < g.HH; kh++)
                for (kw = 0; kw < g.WW; kw++) {
                    const REAL *shifted = from + kh * g.W + kw;
                    const int bit = (int)(kh * g.WW + kw);
                    for (j = 0; j < g.OW; j++)
                        to[j] |= (uint8_t)(NAME(is_maximum)(shifted[j * g.stride], top[j]) << bit);
                }
        }
    }
}

static void NAME(from_winners)(const REAL *dout, const uint8_t *winners, REAL *dx, pool_geometry g,
                               int threads) {
    ptrdiff_t plane;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g.planes; plane++) {
        ptrdiff_t i, j, kh, kw;
        memset(dx + plane * g.H * g.W, 0, (size_t)(g.H * g.W) * sizeof(REAL));
        for (i = 0; i < g.OH; i++) {
            const uint8_t *won = winners + (plane * g.OH + i) * g.OW;
            const REAL *from = dout + (plane * g.OH + i) * g.OW;
            REAL *to = dx + (plane * g.H + i * g.stride) * g.W;
            for (j = 0; j < g.OW; j++) {
                /* Halves of 8 bits, then of 4, then of 2: the number of maxima. */
                int bits = won[j] - (won[j] >> 1 & 0x55), bit = 0;
                REAL share;
                bits = (bits & 0x33) + (bits >> 2 & 0x33);
                share = from[j] / (REAL)((bits & 0x0f) + (bits >> 4));
                for (kh = 0; kh < g.HH; kh++)
                    for (kw = 0; kw < g.WW; kw++, bit++)
                        to[kh * g.W + j * g.stride + kw] += won[j] >> bit & 1 ? share : 0;
            }
        }
    }
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
