/* Batch normalisation: threads share out channels, or the images of each where channels are few. */

/* Of the images; 1 where there are channels enough, or columns. */
static INLINE int NAME(parts_of)(const norm_task *t) {
    const ptrdiff_t most = SMALLER(SMALLER(t->threads, MOST_PARTS), t->N);
    return t->M > 1 && t->C < t->threads ? (int)most : 1;
}

static INLINE int NAME(streams)(const norm_task *t) {
    return t->N * t->C * t->M >= STREAM_BYTES / (ptrdiff_t)sizeof(REAL);
}

/* How many channels a thread takes at a time: one; or columns, whole vectors, where M is 1. */
static INLINE ptrdiff_t NAME(columns_of)(const norm_task *t) {
    const ptrdiff_t share = (t->C + t->threads - 1) / t->threads;
    if (t->M > 1) return 1;
    return SMALLER((share + NAME(VL) - 1) / NAME(VL) * NAME(VL), MOST_COLUMNS);
}

static void NAME(channel_statistics)(const REAL *x, REAL *mean, REAL *var, const norm_task *t,
                                     int parts) {
    const ptrdiff_t N = t->N, M = t->M, stride = t->C * M;
    const double count = (double)N * (double)M;
    const REAL shift = NAME(shift_of)(x[0]);
    double totals[MOST_PARTS], total = 0;
    int p;
    EACH_PART(p, parts, {
        const ptrdiff_t first = N * p / parts;
        totals[p] = NAME(sum_runs)(x + first * stride, N * (p + 1) / parts - first, M, stride,
                                   shift, 0);
    })
    for (p = 0; p < parts; p++) total += totals[p];
    *mean = (REAL)(shift + total / count);
    EACH_PART(p, parts, {
        const ptrdiff_t first = N * p / parts;
        totals[p] = NAME(sum_runs)(x + first * stride, N * (p + 1) / parts - first, M, stride,
                                   *mean, 1);
    })
    for (total = 0, p = 0; p < parts; p++) total += totals[p];
    *var = (REAL)(total / count);
}

static void NAME(forward_channel)(const REAL *x, REAL gamma, REAL beta, REAL *out, REAL *mean,
                                  REAL *var, ptrdiff_t ahead, const norm_task *t, int parts) {
    const ptrdiff_t stride = t->C * t->M;
    NAME(norm_line) line;
    int p;
    NAME(channel_statistics)(x, mean, var, t, parts);
    line = NAME(line_of)(gamma, beta, *mean, *var, t->eps);
    EACH_PART(p, parts, {
        const ptrdiff_t first = t->N * p / parts;
        NAME(write_maps)(x + first * stride, out + first * stride,
                         t->N * (p + 1) / parts - first, ahead, t, line, NAME(streams)(t));
    })
}

static void NAME(batchnorm_forward)(const REAL *x, const REAL *gamma, const REAL *beta, REAL *out,
                                    REAL *mean, REAL *var, norm_task t) {
    const ptrdiff_t step = NAME(columns_of)(&t);
    const int parts = NAME(parts_of)(&t);
    ptrdiff_t c;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1 && parts == 1) schedule(static)
    for (c = 0; c < t.C; c += step) {
        if (t.M == 1) {
            const ptrdiff_t width = SMALLER(step, t.C - c);
            NAME(column_statistics)(x + c, mean + c, var + c, &t, width);
            NAME(write_columns)(x + c, gamma + c, beta + c, mean + c, var + c, out + c, &t, width);
        } else {
            NAME(forward_channel)(x + c * t.M, gamma[c], beta[c], out + c * t.M, mean + c, var + c,
                                  NAME(ahead)(&t, c, 1), &t, parts);
        }
    }
}

static void NAME(batchnorm_inference)(const REAL *x, const REAL *gamma, const REAL *beta,
                                      const REAL *mean, const REAL *var, REAL *out, norm_task t) {
    const ptrdiff_t step = NAME(columns_of)(&t);
    const ptrdiff_t images = t.M == 1 ? 1 : t.N, blocks = (t.C + step - 1) / step;
    ptrdiff_t unit;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (unit = 0; unit < images * blocks; unit++) {
        const ptrdiff_t c = unit % blocks * step, at = (unit / blocks * t.C + c) * t.M;
        if (t.M == 1)
            NAME(write_columns)(x + c, gamma + c, beta + c, mean + c, var + c, out + c, &t,
                                SMALLER(step, t.C - c));
        else
            NAME(write_maps)(x + at, out + at, 1, 0, &t,
                             NAME(line_of)(gamma[c], beta[c], mean[c], var[c], t.eps),
                             NAME(streams)(&t));
    }
}

static void NAME(backward_channel)(const REAL *dout, const REAL *x, NAME(norm_line) line, REAL var,
                                   REAL *dx, REAL *dgamma, REAL *dbeta, ptrdiff_t ahead,
                                   const norm_task *t, int parts) {
    const ptrdiff_t N = t->N, stride = t->C * t->M;
    const double count = (double)N * (double)t->M;
    const double inverse = NAME(inverse_deviation)(var, t->eps);
    double totals[MOST_PARTS][2], g_total = 0, product_total = 0;
    REAL g_mean, slope;
    int p;
    EACH_PART(p, parts, {
        const ptrdiff_t first = N * p / parts;
        const ptrdiff_t images = N * (p + 1) / parts - first;
        if (t->relu)
            NAME(sum_gradients)(dout + first * stride, x + first * stride, images, t, line,
                                totals[p], 1);
        else
            NAME(sum_gradients)(dout + first * stride, x + first * stride, images, t, line,
                                totals[p], 0);
    })
    for (p = 0; p < parts; p++) {
        g_total += totals[p][0];
        product_total += totals[p][1];
    }
    *dbeta = (REAL)g_total;
    *dgamma = (REAL)(product_total * inverse);
    g_mean = (REAL)(g_total / count);
    slope = (REAL)(product_total / count * inverse * inverse);
    EACH_PART(p, parts, {
        const ptrdiff_t first = N * p / parts;
        NAME(write_dx)(dout + first * stride, x + first * stride, dx + first * stride,
                       N * (p + 1) / parts - first, ahead, t, line, g_mean, slope,
                       NAME(streams)(t));
    })
}

static void NAME(batchnorm_backward)(const REAL *dout, const REAL *x, const REAL *gamma,
                                     const REAL *beta, const REAL *mean, const REAL *var, REAL *dx,
                                     REAL *dgamma, REAL *dbeta, norm_task t) {
    const ptrdiff_t step = NAME(columns_of)(&t);
    const int parts = NAME(parts_of)(&t);
    ptrdiff_t c;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1 && parts == 1) schedule(static)
    for (c = 0; c < t.C; c += step) {
        const ptrdiff_t at = c * t.M;
        if (t.M == 1)
            NAME(backward_columns)(dout + c, x + c, gamma + c, beta + c, mean + c, var + c, dx + c,
                                   dgamma + c, dbeta + c, &t, SMALLER(step, t.C - c));
        else
            NAME(backward_channel)(dout + at, x + at,
                                   NAME(line_of)(gamma[c], beta[c], mean[c], var[c], t.eps), var[c],
                                   dx + at, dgamma + c, dbeta + c, NAME(ahead)(&t, c, 2), &t,
                                   parts);
    }
}
