/* Batch normalisation of features (N, D): a thread goes down the rows of a few columns at a time.
 * All arrays point at the first of these `width` columns; rows are C apart. */

/* Sums of x - centre, or of its square, down each column. */
static INLINE void NAME(sum_columns)(const REAL *x, const norm_task *t, ptrdiff_t width,
                                     const REAL *centre, double *totals, int squared) {
    REAL sums[MOST_COLUMNS];
    ptrdiff_t row, n, j;
    for (j = 0; j < width; j++) totals[j] = 0;
    for (row = 0; row < t->N; row += RUN_LENGTH) {
        const ptrdiff_t last = SMALLER(row + RUN_LENGTH, t->N);
        for (j = 0; j < width; j++) sums[j] = 0;
        for (n = row; n < last; n++)
            for (j = 0; j < width; j++) {
                const REAL d = x[n * t->C + j] - centre[j];
                sums[j] += squared ? d * d : d;
            }
        for (j = 0; j < width; j++) totals[j] += sums[j];
    }
}

static void NAME(column_statistics)(const REAL *x, REAL *mean, REAL *var, const norm_task *t,
                                    ptrdiff_t width) {
    const double count = (double)t->N;
    REAL shift[MOST_COLUMNS];
    double totals[MOST_COLUMNS];
    ptrdiff_t j;
    for (j = 0; j < width; j++) shift[j] = NAME(shift_of)(x[j]);
    NAME(sum_columns)(x, t, width, shift, totals, 0);
    for (j = 0; j < width; j++) mean[j] = (REAL)(shift[j] + totals[j] / count);
    NAME(sum_columns)(x, t, width, mean, totals, 1);
    for (j = 0; j < width; j++) var[j] = (REAL)(totals[j] / count);
}

static void NAME(write_columns)(const REAL *x, const REAL *gamma, const REAL *beta,
                                const REAL *mean, const REAL *var, REAL *out, const norm_task *t,
                                ptrdiff_t width) {
    const int relu = t->relu;
    REAL scale[MOST_COLUMNS];
    ptrdiff_t n, j;
    for (j = 0; j < width; j++)
        scale[j] = NAME(line_of)(gamma[j], beta[j], mean[j], var[j], t->eps).scale;
    for (n = 0; n < t->N; n++) {
        const REAL *from = x + n * t->C;
        REAL *to = out + n * t->C;
#pragma omp simd
        for (j = 0; j < width; j++) {
            const REAL y = NAME(normalise_one)(from[j], mean[j], scale[j], beta[j]);
            to[j] = relu ? NAME(relu_one)(y) : y;
        }
    }
}

/* The sums of the gradient g behind the ReLU, and of g (x - mean), down each column. */
static void NAME(sum_column_gradients)(const REAL *dout, const REAL *x, const REAL *mean,
                                       const REAL *scale, const REAL *beta, double *g_totals,
                                       double *product_totals, const norm_task *t,
                                       ptrdiff_t width) {
    const int relu = t->relu;
    REAL g_sums[MOST_COLUMNS], product_sums[MOST_COLUMNS];
    ptrdiff_t row, n, j;
    for (j = 0; j < width; j++) g_totals[j] = product_totals[j] = 0;
    for (row = 0; row < t->N; row += RUN_LENGTH) {
        const ptrdiff_t last = SMALLER(row + RUN_LENGTH, t->N);
        for (j = 0; j < width; j++) g_sums[j] = product_sums[j] = 0;
        for (n = row; n < last; n++) {
            const REAL *values = x + n * t->C, *gradients = dout + n * t->C;
#pragma omp simd
            for (j = 0; j < width; j++) {
                const REAL y = NAME(normalise_one)(values[j], mean[j], scale[j], beta[j]);
                const REAL g = !relu || y > 0 ? gradients[j] : 0;
                g_sums[j] += g;
                product_sums[j] += g * (values[j] - mean[j]);
            }
        }
        for (j = 0; j < width; j++) {
            g_totals[j] += g_sums[j];
            product_totals[j] += product_sums[j];
        }
    }
}

static void NAME(backward_columns)(const REAL *dout, const REAL *x, const REAL *gamma,
                                   const REAL *beta, const REAL *mean, const REAL *var, REAL *dx,
                                   REAL *dgamma, REAL *dbeta, const norm_task *t,
                                   ptrdiff_t width) {
    const double count = (double)t->N;
    const int relu = t->relu;
    REAL scale[MOST_COLUMNS], g_mean[MOST_COLUMNS], slope[MOST_COLUMNS];
    double g_totals[MOST_COLUMNS], product_totals[MOST_COLUMNS];
    ptrdiff_t n, j;
    for (j = 0; j < width; j++)
        scale[j] = NAME(line_of)(gamma[j], beta[j], mean[j], var[j], t->eps).scale;
    NAME(sum_column_gradients)(dout, x, mean, scale, beta, g_totals, product_totals, t, width);
    for (j = 0; j < width; j++) {
        const double inverse = NAME(inverse_deviation)(var[j], t->eps);
        dbeta[j] = (REAL)g_totals[j];
        dgamma[j] = (REAL)(product_totals[j] * inverse);
        g_mean[j] = (REAL)(g_totals[j] / count);
        slope[j] = (REAL)(product_totals[j] / count * inverse * inverse);
    }
    for (n = 0; n < t->N; n++) {
        const REAL *values = x + n * t->C, *gradients = dout + n * t->C;
        REAL *to = dx + n * t->C;
#pragma omp simd
        for (j = 0; j < width; j++) {
            const REAL y = NAME(normalise_one)(values[j], mean[j], scale[j], beta[j]);
            const REAL g = !relu || y > 0 ? gradients[j] : 0;
            to[j] = scale[j] * (g - g_mean[j] - slope[j] * (values[j] - mean[j]));
        }
    }
}
