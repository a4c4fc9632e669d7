/* Local response normalisation: of each number by those at the same pixel in the channels near by.
 *
 * A few pixels of all C channels at a time, so that what is computed from them stays in cache.
 * Channel c sees those from c - size / 2 to c + (size - 1) / 2.
 */

/* v = v ** -beta, for a number of vectors; the common exponent without a call for each number. */
static INLINE void NAME(negative_powers)(REAL *v, ptrdiff_t count, double beta) {
    ptrdiff_t i;
    if (beta == 0.75) {
        for (i = 0; i < count; i += NAME(VL)) {
            const NAME(vec) root = NAME(square_root)(NAME(load)(v + i));
            NAME(store)(v + i, NAME(broadcast)(1) / (root * NAME(square_root)(root)));
        }
    } else {
        for (i = 0; i < count; i++) v[i] = (REAL)pow((double)v[i], -beta);
    }
}

/* sums[c] = start + scale times the sum of those rows of `from` that channel c sees. */
static INLINE void NAME(sums_over_channels)(const REAL *from, REAL *sums, ptrdiff_t C, ptrdiff_t c,
                                            ptrdiff_t before, ptrdiff_t behind, REAL start,
                                            REAL scale) {
    const ptrdiff_t first = c > before ? c - before : 0, last = SMALLER(c + behind, C - 1);
    ptrdiff_t j, p;
    for (p = 0; p < PIXELS; p++) sums[p] = 0;
    for (j = first; j <= last; j++)
        for (p = 0; p < PIXELS; p++) sums[p] += from[j * PIXELS + p];
    for (p = 0; p < PIXELS; p++) sums[p] = start + scale * sums[p];
}

/* Squares (C, PIXELS) of some pixels of all channels, and from them d ** -beta. */
static INLINE void NAME(response_powers)(const REAL *x, REAL *squares, REAL *powers, ptrdiff_t pixels,
                                         const response_task *t) {
    ptrdiff_t c, p;
    for (c = 0; c < t->C; c++) {
        REAL *to = squares + c * PIXELS;
        for (p = 0; p < pixels; p++) to[p] = x[c * t->M + p] * x[c * t->M + p];
        for (; p < PIXELS; p++) to[p] = 0;
    }
    for (c = 0; c < t->C; c++) {
        REAL *to = powers + c * PIXELS;
        NAME(sums_over_channels)(squares, to, t->C, c, t->size / 2, (t->size - 1) / 2, (REAL)t->k,
                                 (REAL)t->alpha);
    }
}

static void NAME(response_forward)(const REAL *x, REAL *out, REAL *work, response_task t) {
    const ptrdiff_t parts = (t.M + PIXELS - 1) / PIXELS;
    REAL *squares = work, *powers = work + t.C * PIXELS;
    ptrdiff_t part;
    for (part = 0; part < t.N * parts; part++) {
        const ptrdiff_t first = part % parts * PIXELS, pixels = SMALLER(PIXELS, t.M - first);
        const ptrdiff_t at = part / parts * t.C * t.M + first;
        ptrdiff_t c, p;
        NAME(response_powers)(x + at, squares, powers, pixels, &t);
        NAME(negative_powers)(powers, t.C * PIXELS, t.beta);
        for (c = 0; c < t.C; c++)
            for (p = 0; p < pixels; p++)
                out[at + c * t.M + p] = x[at + c * t.M + p] * powers[c * PIXELS + p];
    }
}

/* dx = dout d^-beta - 2 alpha beta x sum of (dout x d^(-beta - 1)) of the channels that see it. */
static void NAME(response_backward)(const REAL *dout, const REAL *x, REAL *dx, REAL *work,
                                    response_task t) {
    const ptrdiff_t parts = (t.M + PIXELS - 1) / PIXELS;
    const REAL factor = (REAL)(-2 * t.alpha * t.beta);
    REAL *products = work, *powers = work + t.C * PIXELS;
    ptrdiff_t part;
    for (part = 0; part < t.N * parts; part++) {
        const ptrdiff_t first = part % parts * PIXELS, pixels = SMALLER(PIXELS, t.M - first);
        const ptrdiff_t at = part / parts * t.C * t.M + first;
        ptrdiff_t c, p;
        NAME(response_powers)(x + at, products, powers, pixels, &t);
        memcpy(products, powers, (size_t)(t.C * PIXELS) * sizeof(REAL)); /* d, once more */
        NAME(negative_powers)(powers, t.C * PIXELS, t.beta);
        for (c = 0; c < t.C; c++) {
            REAL *to = products + c * PIXELS;
            const ptrdiff_t here = at + c * t.M;
            for (p = 0; p < pixels; p++)
                to[p] = dout[here + p] * x[here + p] * powers[c * PIXELS + p] / to[p];
        }
        for (c = 0; c < t.C; c++) {
            const ptrdiff_t here = at + c * t.M;
            REAL sums[PIXELS];
            NAME(sums_over_channels)(products, sums, t.C, c, (t.size - 1) / 2, t.size / 2, 0,
                                     factor);
            for (p = 0; p < pixels; p++)
                dx[here + p] = dout[here + p] * powers[c * PIXELS + p] + x[here + p] * sums[p];
        }
    }
}
