/* The loops of activations.c, written once and included for each REAL. */

static void NAME(relu_forward)(const REAL *x, REAL *out, ptrdiff_t count, int threads) {
    ptrdiff_t i;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++) out[i] = x[i] < 0 ? 0 : x[i]; /* NaN stays NaN */
}

static void NAME(relu_backward)(const REAL *dout, const REAL *y, REAL *dx, ptrdiff_t count,
                                int threads) {
    ptrdiff_t i;
    (void)threads;
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++) dx[i] = y[i] > 0 ? dout[i] : 0;
}

static void NAME(dropout)(const REAL *x, REAL *out, ptrdiff_t count, uint64_t key,
                          uint64_t threshold, double scale, int threads) {
    const REAL factor = (REAL)scale;
    ptrdiff_t i;
    (void)threads;
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++)
        out[i] = mix(key, (uint64_t)i) >> 32 < threshold ? x[i] * factor : 0;
}

static void NAME(softmax)(const REAL *scores, const ptrdiff_t *y, double *losses, REAL *dscores,
                          ptrdiff_t N, ptrdiff_t C, int threads) {
    ptrdiff_t n;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (n = 0; n < N; n++) {
        const REAL *row = scores + n * C;
        REAL *to = dscores + n * C;
        double top = (double)row[0], sum = 0;
        ptrdiff_t c;
        for (c = 1; c < C; c++) top = (double)row[c] > top ? (double)row[c] : top;
        for (c = 0; c < C; c++) sum += exp((double)row[c] - top);
        losses[n] = log(sum) - ((double)row[y[n]] - top);
        for (c = 0; c < C; c++)
            to[c] = (REAL)((exp((double)row[c] - top) / sum - (c == y[n])) / (double)N);
    }
}
