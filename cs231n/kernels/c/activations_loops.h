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

/* One of two is 0: compilers make vectors of the choice of a number, but not of a product. */
static void NAME(leaky_relu_forward)(const REAL *x, REAL *out, ptrdiff_t count, double slope,
                                     int threads) {
    const REAL factor = (REAL)slope;
    ptrdiff_t i;
    (void)threads;
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++) {
        const REAL above = x[i] < 0 ? 0 : x[i], below = x[i] < 0 ? x[i] : 0;
        out[i] = above + factor * below;
    }
}

static void NAME(leaky_relu_backward)(const REAL *dout, const REAL *y, REAL *dx, ptrdiff_t count,
                                      double slope, int threads) {
    const REAL factor = (REAL)slope;
    ptrdiff_t i;
    (void)threads;
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++) {
        const REAL above = y[i] > 0 ? dout[i] : 0, below = y[i] > 0 ? 0 : dout[i];
        dx[i] = above + factor * below;
    }
}

static void NAME(gelu_forward)(const REAL *x, REAL *out, ptrdiff_t count, int threads) {
    ptrdiff_t i;
    (void)threads;
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++) {
        REAL bell;
        out[i] = x[i] * NAME(normal)(x[i], &bell);
    }
}

/* d/dx of x P(x) = P(x) + x p(x), with the density p */
static void NAME(gelu_backward)(const REAL *dout, const REAL *x, REAL *dx, ptrdiff_t count,
                                int threads) {
    ptrdiff_t i;
    (void)threads;
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++) {
        REAL bell;
        const REAL below = NAME(normal)(x[i], &bell);
        dx[i] = dout[i] * (below + x[i] * bell * (REAL)ONE_OVER_ROOT_TWO_PI);
    }
}

static void NAME(add)(const REAL *a, const REAL *b, REAL *out, ptrdiff_t count, int relu,
                      int threads) {
    const REAL least = relu ? 0 : -(REAL)INFINITY;
    ptrdiff_t i;
    (void)threads;
#pragma omp parallel for simd num_threads(threads) if (parallel : threads > 1) schedule(static)
    for (i = 0; i < count; i++) {
        const REAL sum = a[i] + b[i];
        out[i] = sum < least ? least : sum; /* NaN stays NaN */
    }
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
