/* Batch normalisation of maps, channel by channel: the passes after the first find the channel in
 * the second level of cache. x, out, dout and dx point at the channel's map of the first image of a
 * part; `images` maps of M pixels follow, C * M apart. While a channel is written, what lies
 * `ahead` is fetched: the next channel, or nothing new. */

static INLINE ptrdiff_t NAME(ahead)(const norm_task *t, ptrdiff_t c, int arrays) {
    const ptrdiff_t bytes = 2 * arrays * t->N * t->M * (ptrdiff_t)sizeof(REAL);
    return c + 1 < t->C && bytes <= CACHE_BYTES ? t->M : 0;
}

static INLINE void NAME(write_run)(const REAL *x, REAL *out, ptrdiff_t count, ptrdiff_t ahead,
                                   NAME(norm_line) line, int relu, int stream) {
    const NAME(vec) mean = NAME(broadcast)(line.mean), scale = NAME(broadcast)(line.scale);
    const NAME(vec) beta = NAME(broadcast)(line.beta), zero = NAME(broadcast)(0);
    ptrdiff_t i = 0;
    for (; i + NAME(VL) <= count; i += NAME(VL)) {
        NAME(vec) y = NAME(normalise)(NAME(load)(x + i), mean, scale, beta);
        PREFETCH(x + i + ahead);
        if (relu) y = NAME(maximum)(y, zero);
        if (stream)
            NAME(stream)(out + i, y);
        else
            NAME(store)(out + i, y);
    }
    for (; i < count; i++) {
        const REAL y = NAME(normalise_one)(x[i], line.mean, line.scale, line.beta);
        out[i] = relu ? NAME(relu_one)(y) : y;
    }
}

static void NAME(write_maps)(const REAL *x, REAL *out, ptrdiff_t images, ptrdiff_t ahead,
                             const norm_task *t, NAME(norm_line) line, int stream) {
    ptrdiff_t n;
    for (n = 0; n < images; n++, x += t->C * t->M, out += t->C * t->M) {
        if (stream && can_stream(out)) {
            if (t->relu)
                NAME(write_run)(x, out, t->M, ahead, line, 1, 1);
            else
                NAME(write_run)(x, out, t->M, ahead, line, 0, 1);
        } else if (t->relu) {
            NAME(write_run)(x, out, t->M, ahead, line, 1, 0);
        } else {
            NAME(write_run)(x, out, t->M, ahead, line, 0, 0);
        }
    }
    if (stream) end_streaming();
}

/* Adds one vector of the gradient g behind the ReLU, and of g (x - mean). */
static INLINE void NAME(add_gradients)(NAME(vec) * g_sum, NAME(vec) * product_sum,
                                       const REAL *dout, const REAL *x, NAME(norm_line) line,
                                       int relu) {
    const NAME(vec) mean = NAME(broadcast)(line.mean), values = NAME(load)(x);
    NAME(vec) g = NAME(load)(dout);
    if (relu)
        g = NAME(where_positive)(NAME(normalise)(values, mean, NAME(broadcast)(line.scale),
                                                 NAME(broadcast)(line.beta)), g);
    *g_sum += g;
    *product_sum += g * (values - mean);
}

static INLINE void NAME(add_gradient_run)(NAME(vec) * sums, double *rest, const REAL *dout,
                                          const REAL *x, ptrdiff_t count, NAME(norm_line) line,
                                          int relu) {
    ptrdiff_t i = 0;
    int k;
    for (; i + SUMS * NAME(VL) <= count; i += SUMS * NAME(VL))
        for (k = 0; k < SUMS; k++)
            NAME(add_gradients)(sums + k, sums + SUMS + k, dout + i + k * NAME(VL),
                                x + i + k * NAME(VL), line, relu);
    for (; i + NAME(VL) <= count; i += NAME(VL))
        NAME(add_gradients)(sums, sums + SUMS, dout + i, x + i, line, relu);
    for (; i < count; i++) {
        const REAL y = NAME(normalise_one)(x[i], line.mean, line.scale, line.beta);
        const REAL g = !relu || y > 0 ? dout[i] : 0;
        rest[0] += g;
        rest[1] += (double)g * ((double)x[i] - (double)line.mean);
    }
}

static INLINE void NAME(sum_gradients)(const REAL *dout, const REAL *x, ptrdiff_t images,
                                       const norm_task *t, NAME(norm_line) line, double *totals,
                                       int relu) {
    const ptrdiff_t most = (ptrdiff_t)RUN_LENGTH * SUMS * NAME(VL), stride = t->C * t->M;
    const ptrdiff_t together = t->M < most ? most / t->M : 1;
    ptrdiff_t image, i;
    totals[0] = totals[1] = 0;
    for (image = 0; image < images; image += together) {
        const ptrdiff_t last = SMALLER(image + together, images);
        for (i = 0; i < t->M; i += most) {
            NAME(vec) sums[2 * SUMS] = {{0}};
            ptrdiff_t n;
            for (n = image; n < last; n++)
                NAME(add_gradient_run)(sums, totals, dout + n * stride + i, x + n * stride + i,
                                       SMALLER(most, t->M - i), line, relu);
            totals[0] += NAME(total)(sums);
            totals[1] += NAME(total)(sums + SUMS);
        }
    }
}

/* dx = scale (g - g_mean - slope (x - mean)), in this order: a constant g gives 0. */
static INLINE void NAME(write_dx_run)(const REAL *dout, const REAL *x, REAL *dx, ptrdiff_t count,
                                      ptrdiff_t ahead, NAME(norm_line) line, REAL g_mean,
                                      REAL slope, int relu, int stream) {
    const NAME(vec) mean = NAME(broadcast)(line.mean), scale = NAME(broadcast)(line.scale);
    const NAME(vec) beta = NAME(broadcast)(line.beta);
    const NAME(vec) slopes = NAME(broadcast)(slope), g_means = NAME(broadcast)(g_mean);
    ptrdiff_t i = 0;
    for (; i + NAME(VL) <= count; i += NAME(VL)) {
        const NAME(vec) values = NAME(load)(x + i);
        NAME(vec) g = NAME(load)(dout + i);
        PREFETCH(x + i + ahead);
        PREFETCH(dout + i + ahead);
        if (relu) g = NAME(where_positive)(NAME(normalise)(values, mean, scale, beta), g);
        g = scale * (g - g_means - slopes * (values - mean));
        if (stream)
            NAME(stream)(dx + i, g);
        else
            NAME(store)(dx + i, g);
    }
    for (; i < count; i++) {
        const REAL y = NAME(normalise_one)(x[i], line.mean, line.scale, line.beta);
        const REAL g = !relu || y > 0 ? dout[i] : 0;
        dx[i] = line.scale * (g - g_mean - slope * (x[i] - line.mean));
    }
}

static void NAME(write_dx)(const REAL *dout, const REAL *x, REAL *dx, ptrdiff_t images,
                           ptrdiff_t ahead, const norm_task *t, NAME(norm_line) line, REAL g_mean,
                           REAL slope, int stream) {
    const ptrdiff_t stride = t->C * t->M;
    ptrdiff_t n;
    for (n = 0; n < images; n++, dout += stride, x += stride, dx += stride) {
        if (stream && can_stream(dx)) {
            if (t->relu)
                NAME(write_dx_run)(dout, x, dx, t->M, ahead, line, g_mean, slope, 1, 1);
            else
                NAME(write_dx_run)(dout, x, dx, t->M, ahead, line, g_mean, slope, 0, 1);
        } else if (t->relu) {
            NAME(write_dx_run)(dout, x, dx, t->M, ahead, line, g_mean, slope, 1, 0);
        } else {
            NAME(write_dx_run)(dout, x, dx, t->M, ahead, line, g_mean, slope, 0, 0);
        }
    }
    if (stream) end_streaming();
}
