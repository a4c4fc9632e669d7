/* Layer normalisation: N rows of C numbers each; M is 1. */

static void NAME(layernorm_forward)(const REAL *x, const REAL *gamma, const REAL *beta, REAL *out,
                                    REAL *mean, REAL *var, norm_task t) {
    const double count = (double)t.C;
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++) {
        const REAL *from = x + n * t.C;
        const REAL shift = NAME(shift_of)(from[0]);
        REAL *to = out + n * t.C, centre, inverse;
        ptrdiff_t j;
        centre = (REAL)(shift + NAME(sum_runs)(from, 1, t.C, t.C, shift, 0) / count);
        mean[n] = centre;
        var[n] = (REAL)(NAME(sum_runs)(from, 1, t.C, t.C, centre, 1) / count);
        inverse = (REAL)NAME(inverse_deviation)(var[n], t.eps);
#pragma omp simd
        for (j = 0; j < t.C; j++) to[j] = (from[j] - centre) * inverse * gamma[j] + beta[j];
    }
}

/* The gradients on gamma and beta of a few columns, over all rows. */
static void NAME(layernorm_parameters)(const REAL *dout, const REAL *x, const REAL *mean,
                                       const REAL *var, REAL *dgamma, REAL *dbeta,
                                       const norm_task *t, ptrdiff_t width) {
    double gamma_totals[MOST_COLUMNS], beta_totals[MOST_COLUMNS];
    REAL gamma_sums[MOST_COLUMNS], beta_sums[MOST_COLUMNS];
    ptrdiff_t row, n, j;
    for (j = 0; j < width; j++) gamma_totals[j] = beta_totals[j] = 0;
    for (row = 0; row < t->N; row += RUN_LENGTH) {
        const ptrdiff_t last = SMALLER(row + RUN_LENGTH, t->N);
        for (j = 0; j < width; j++) gamma_sums[j] = beta_sums[j] = 0;
        for (n = row; n < last; n++) {
            const REAL *values = x + n * t->C, *gradients = dout + n * t->C, centre = mean[n];
            const REAL inverse = (REAL)NAME(inverse_deviation)(var[n], t->eps);
#pragma omp simd
            for (j = 0; j < width; j++) {
                gamma_sums[j] += gradients[j] * ((values[j] - centre) * inverse);
                beta_sums[j] += gradients[j];
            }
        }
        for (j = 0; j < width; j++) {
            gamma_totals[j] += gamma_sums[j];
            beta_totals[j] += beta_sums[j];
        }
    }
    for (j = 0; j < width; j++) {
        dgamma[j] = (REAL)gamma_totals[j];
        dbeta[j] = (REAL)beta_totals[j];
    }
}

static void NAME(layernorm_row)(const REAL *dout, const REAL *x, const REAL *gamma, REAL mean,
                                REAL var, REAL *dx, const norm_task *t) {
    const double inverse = NAME(inverse_deviation)(var, t->eps);
    const REAL scale = (REAL)inverse;
    const ptrdiff_t most = RUN_LENGTH * NAME(VL);
    double g_total = 0, product_total = 0;
    REAL g_mean, slope;
    ptrdiff_t i, j;
    for (i = 0; i < t->C; i += most) {
        const ptrdiff_t last = SMALLER(i + most, t->C);
        REAL g_sum = 0, product_sum = 0;
#pragma omp simd reduction(+ : g_sum, product_sum)
        for (j = i; j < last; j++) {
            const REAL g = dout[j] * gamma[j];
            g_sum += g;
            product_sum += g * (x[j] - mean);
        }
        g_total += g_sum;
        product_total += product_sum;
    }
    g_mean = (REAL)(g_total / (double)t->C);
    slope = (REAL)(product_total / (double)t->C * inverse * inverse);
#pragma omp simd
    for (j = 0; j < t->C; j++)
        dx[j] = scale * (dout[j] * gamma[j] - g_mean - slope * (x[j] - mean));
}

static void NAME(layernorm_backward)(const REAL *dout, const REAL *x, const REAL *gamma,
                                     const REAL *mean, const REAL *var, REAL *dx, REAL *dgamma,
                                     REAL *dbeta, norm_task t) {
    const ptrdiff_t step = NAME(columns_of)(&t);
    ptrdiff_t c, n;
    /* First what reads dout, because dx may take its place. */
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (c = 0; c < t.C; c += step)
        NAME(layernorm_parameters)(dout + c, x + c, mean, var, dgamma + c, dbeta + c, &t,
                                   SMALLER(step, t.C - c));
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++)
        NAME(layernorm_row)(dout + n * t.C, x + n * t.C, gamma, mean[n], var[n], dx + n * t.C, &t);
}
