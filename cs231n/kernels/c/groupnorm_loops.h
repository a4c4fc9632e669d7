/* Group normalisation: the C channels of an image, M pixels each, in t.groups groups; mean and var
 * (N, groups). Channels of a group lie side by side, so a group is one run of numbers. */

static void NAME(groupnorm_forward)(const REAL *x, const REAL *gamma, const REAL *beta, REAL *out,
                                    REAL *mean, REAL *var, norm_task t) {
    const ptrdiff_t width = t.C / t.groups, count = width * t.M;
    ptrdiff_t group;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (group = 0; group < t.N * t.groups; group++) {
        const REAL *from = x + group * count;
        const REAL shift = NAME(shift_of)(from[0]);
        const ptrdiff_t channel = group % t.groups * width;
        REAL *to = out + group * count;
        ptrdiff_t c;
        mean[group] =
            (REAL)(shift + NAME(sum_runs)(from, 1, count, count, shift, 0) / (double)count);
        var[group] =
            (REAL)(NAME(sum_runs)(from, 1, count, count, mean[group], 1) / (double)count);
        for (c = 0; c < width; c++) {
            const NAME(norm_line) line = NAME(line_of)(gamma[channel + c], beta[channel + c],
                                                       mean[group], var[group], t.eps);
            if (t.relu)
                NAME(write_run)(from + c * t.M, to + c * t.M, t.M, 0, line, 1, 0);
            else
                NAME(write_run)(from + c * t.M, to + c * t.M, t.M, 0, line, 0, 0);
        }
    }
}

/* dx = scale g - g_mean - slope (x - mean): gamma differs from channel to channel. */
static INLINE void NAME(write_group_dx)(const REAL *dout, const REAL *x, REAL *dx, ptrdiff_t count,
                                        NAME(norm_line) line, REAL g_mean, REAL slope, int relu) {
    const NAME(vec) mean = NAME(broadcast)(line.mean), scale = NAME(broadcast)(line.scale);
    const NAME(vec) beta = NAME(broadcast)(line.beta);
    const NAME(vec) slopes = NAME(broadcast)(slope), g_means = NAME(broadcast)(g_mean);
    ptrdiff_t i = 0;
    for (; i + NAME(VL) <= count; i += NAME(VL)) {
        const NAME(vec) values = NAME(load)(x + i);
        NAME(vec) g = NAME(load)(dout + i);
        if (relu) g = NAME(where_positive)(NAME(normalise)(values, mean, scale, beta), g);
        NAME(store)(dx + i, scale * g - g_means - slopes * (values - mean));
    }
    for (; i < count; i++) {
        const REAL y = NAME(normalise_one)(x[i], line.mean, line.scale, line.beta);
        const REAL g = !relu || y > 0 ? dout[i] : 0;
        dx[i] = line.scale * g - g_mean - slope * (x[i] - line.mean);
    }
}

/* One group of one image; sums (C of the group, 2) become those of g, and of g (x - mean). */
static INLINE void NAME(groupnorm_group)(const REAL *dout, const REAL *x, const REAL *gamma,
                                         const REAL *beta, REAL mean, REAL var, REAL *dx,
                                         double *sums, const norm_task *t, int relu) {
    norm_task one = *t;
    const ptrdiff_t width = t->C / t->groups;
    const double count = (double)(width * t->M), inverse = NAME(inverse_deviation)(var, t->eps);
    double g_total = 0, product_total = 0;
    ptrdiff_t c;
    one.C = 1; /* the channels of one image follow each other without a gap */
    for (c = 0; c < width; c++) {
        const NAME(norm_line) line = NAME(line_of)(gamma[c], beta[c], mean, var, t->eps);
        NAME(sum_gradients)(dout + c * t->M, x + c * t->M, 1, &one, line, sums + 2 * c, relu);
        g_total += (double)gamma[c] * sums[2 * c];
        product_total += (double)gamma[c] * sums[2 * c + 1];
    }
    for (c = 0; c < width; c++) {
        const NAME(norm_line) line = NAME(line_of)(gamma[c], beta[c], mean, var, t->eps);
        NAME(write_group_dx)(dout + c * t->M, x + c * t->M, dx + c * t->M, t->M, line,
                             (REAL)(g_total / count * inverse),
                             (REAL)(product_total / count * inverse * inverse * inverse), relu);
    }
}

/* sums (N, C, 2) is workspace. */
static void NAME(groupnorm_backward)(const REAL *dout, const REAL *x, const REAL *gamma,
                                     const REAL *beta, const REAL *mean, const REAL *var, REAL *dx,
                                     REAL *dgamma, REAL *dbeta, double *sums, norm_task t) {
    const ptrdiff_t width = t.C / t.groups, count = width * t.M;
    ptrdiff_t group, c;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (group = 0; group < t.N * t.groups; group++) {
        const ptrdiff_t at = group * count, channel = group % t.groups * width;
        double *own = sums + 2 * group * width;
        if (t.relu)
            NAME(groupnorm_group)(dout + at, x + at, gamma + channel, beta + channel, mean[group],
                                  var[group], dx + at, own, &t, 1);
        else
            NAME(groupnorm_group)(dout + at, x + at, gamma + channel, beta + channel, mean[group],
                                  var[group], dx + at, own, &t, 0);
    }
    for (c = 0; c < t.C; c++) {
        double g_total = 0, product_total = 0;
        ptrdiff_t n;
        for (n = 0; n < t.N; n++) {
            const double *own = sums + 2 * (n * t.C + c);
            g_total += own[0];
            product_total +=
                own[1] * NAME(inverse_deviation)(var[n * t.groups + c / width], t.eps);
        }
        dbeta[c] = (REAL)g_total;
        dgamma[c] = (REAL)product_total;
    }
}
