/* The gradients of direct convolution, written once and included for each REAL. */

#define VL NAME(VL)
#define VEC NAME(vec)

/* The gradient on the input: for each phase of the rows and columns a convolution of dout with some
 * of the weights, turned by half a turn, whose outputs are then put in their places. With stride 1
 * there is one phase, and its outputs are dx. */
static convolution_geometry NAME(phase_geometry)(const convolution_geometry *g, ptrdiff_t images,
                                                 input_phase y, input_phase x) {
    const convolution_geometry turned = {images, g->F, g->OH, g->OW, g->C,    y.taps, x.taps,
                                         1,      1,    y.pad, x.pad, y.count, x.count};
    return turned;
}

/* turned[channel][filter][taps of y][taps of x] */
static void NAME(turn_filters)(const convolution_geometry *g, const REAL *w, ptrdiff_t phase_y,
                               ptrdiff_t phase_x, input_phase y, input_phase x, REAL *turned) {
    ptrdiff_t c, f, i, j;
    for (c = 0; c < g->C; c++)
        for (f = 0; f < g->F; f++)
            for (i = y.taps - 1; i >= 0; i--)
                for (j = x.taps - 1; j >= 0; j--)
                    *turned++ = w[((f * g->C + c) * g->HH + phase_y + g->stride * i) * g->WW +
                                  phase_x + g->stride * j];
}

static convolution_geometry NAME(whole_geometry)(const convolution_geometry *g) {
    const convolution_geometry turned = {
        g->N, g->F,        g->OH, g->OW, g->C, g->HH, g->WW, 1, g->dilation, g->dilation * (g->HH - 1) - g->pad_h,
        g->dilation * (g->WW - 1) - g->pad_w, g->H, g->W};
    return turned;
}

/* Some images at a time, so that the phases' maps stay in cache until they are put together. */
typedef struct {
    ptrdiff_t images, map;               /* together; numbers of a phase's map, of all of them */
    ptrdiff_t filter_bytes, thread_numbers;
} NAME(strided_plan);

static NAME(strided_plan) NAME(plan_strided)(const convolution_geometry *g) {
    const ptrdiff_t one = g->C * divide_up(g->H, g->stride) * divide_up(g->W, g->stride);
    NAME(strided_plan) s = {1, 0, 0, 0};
    ptrdiff_t a, b;
    s.images = larger(1, smaller(smaller(16, g->N), STRIDED_NUMBERS / one));
    s.map = divide_up(s.images * one, SLACK) * SLACK;
    for (a = 0; a < g->stride; a++)
        for (b = 0; b < g->stride; b++) {
            const input_phase y = phase_of(a, g->H, g->HH, g->stride, g->pad_h);
            const input_phase x = phase_of(b, g->W, g->WW, g->stride, g->pad_w);
            if (y.taps && x.taps && y.count && x.count) {
                const direct_plan p = plan_direct(NAME(phase_geometry)(g, s.images, y, x), sizeof(REAL));
                s.filter_bytes = larger(s.filter_bytes, NAME(filter_bytes)(&p));
                s.thread_numbers = larger(s.thread_numbers, NAME(direct_numbers)(&p));
            }
        }
    s.thread_numbers = divide_up(s.thread_numbers, SLACK) * SLACK + g->stride * s.map;
    return s;
}

/* Lines of dx from one number of each phase's line in turn; a phase begins at its first input. */
static void NAME(interleave)(const convolution_geometry *g, const input_phase *x, const REAL *const *lines,
                             REAL *to) {
    ptrdiff_t b, j = 0;
#if defined(__GNUC__)
    if (g->stride == 2) {
        const int swapped = x[0].first > x[1].first;
        const REAL *low = lines[swapped], *high = lines[!swapped];
        for (; 2 * (j + VL) <= g->W; j += VL) {
            const VEC even = NAME(load)(low + j), odd = NAME(load)(high + j);
            NAME(store)(to + 2 * j, NAME(zip_low)(even, odd));
            NAME(store)(to + 2 * j + VL, NAME(zip_high)(even, odd));
        }
    }
#endif
    for (b = 0; b < g->stride; b++) {
        ptrdiff_t i;
        for (i = j; i < x[b].count; i++) to[x[b].first + i * g->stride] = lines[b][i];
    }
}

/* The rows of one phase of some images. */
static void NAME(strided_rows)(const convolution_geometry *g, const NAME(strided_plan) * s, ptrdiff_t a,
                               ptrdiff_t images, const REAL *dout, const char *filters,
                               const REAL *zeros, REAL *dx, REAL *memory, work *job) {
    const input_phase y = phase_of(a, g->H, g->HH, g->stride, g->pad_h);
    REAL *rest = memory + g->stride * s->map;
    input_phase x[MOST_STRIDE];
    ptrdiff_t b, plane, i, block;
    for (b = 0; b < g->stride; b++) {
        REAL *map = memory + b * s->map;
        x[b] = phase_of(b, g->W, g->WW, g->stride, g->pad_w);
        if (y.taps && x[b].taps && y.count && x[b].count) {
            const direct_plan p = plan_direct(NAME(phase_geometry)(g, images, y, x[b]), sizeof(REAL));
            const NAME(direct_filters) f = NAME(filters_in)(&p, zeros, 0, 0, filters + b * s->filter_bytes);
            for (block = 0; block < p.blocks && !should_stop(job); block++)
                NAME(direct_block)(&p, block, dout, &f, map, rest);
        } else {
            memset(map, 0, (size_t)(images * g->C * y.count * x[b].count) * sizeof(REAL));
        }
    }
    for (plane = 0; plane < images * g->C; plane++)
        for (i = 0; i < y.count; i++) {
            const REAL *lines[MOST_STRIDE];
            for (b = 0; b < g->stride; b++)
                lines[b] = memory + b * s->map + (plane * y.count + i) * x[b].count;
            NAME(interleave)(g, x, lines, dx + (plane * g->H + y.first + i * g->stride) * g->W);
        }
}

static ptrdiff_t NAME(direct_input_bytes)(convolution_geometry g, int threads) {
    const ptrdiff_t filters = g.F * g.C * g.HH * g.WW, real = sizeof(REAL);
    const ptrdiff_t before = divide_up((g.C + filters) * real, 64) * 64;
    if (g.stride == 1) return before + NAME(direct_bytes)(NAME(whole_geometry)(&g), threads);
    {
        const NAME(strided_plan) s = NAME(plan_strided)(&g);
        return before + g.stride * g.stride * s.filter_bytes + threads * s.thread_numbers * real;
    }
}

static void NAME(strided_input)(const convolution_geometry *g, const REAL *dout, const REAL *w,
                                const REAL *zeros, REAL *turned, REAL *dx, char *memory, work *job) {
    const NAME(strided_plan) s = NAME(plan_strided)(g);
    REAL *rest = (REAL *)(memory + g->stride * g->stride * s.filter_bytes);
    ptrdiff_t a, b, first;
    for (a = 0; a < g->stride; a++)
        for (b = 0; b < g->stride; b++) {
            const input_phase y = phase_of(a, g->H, g->HH, g->stride, g->pad_h);
            const input_phase x = phase_of(b, g->W, g->WW, g->stride, g->pad_w);
            if (y.taps && x.taps && y.count && x.count) {
                const direct_plan p = plan_direct(NAME(phase_geometry)(g, s.images, y, x), sizeof(REAL));
                NAME(turn_filters)(g, w, a, b, y, x, turned);
                NAME(prepare_filters)(&p, turned, memory + (a * g->stride + b) * s.filter_bytes);
            }
        }
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(dynamic)
    for (first = 0; first < g->N; first += s.images) {
        ptrdiff_t row;
        for (row = 0; row < g->stride && !should_stop(job); row++)
            NAME(strided_rows)(g, &s, row, smaller(s.images, g->N - first),
                               dout + first * g->F * g->OH * g->OW,
                               memory + row * g->stride * s.filter_bytes, zeros,
                               dx + first * g->C * g->H * g->W, rest + THREAD() * s.thread_numbers, job);
    }
}

static void NAME(direct_input)(convolution_geometry g, const REAL *dout, const REAL *w, REAL *dx,
                               void *memory, work *job) {
    const input_phase all = {g.HH, 0, g.H, 0}, across = {g.WW, 0, g.W, 0};
    REAL *zeros = (REAL *)memory, *turned = zeros + g.C;
    char *rest = (char *)to_cache_line(turned + g.F * g.C * g.HH * g.WW);
    memset(zeros, 0, (size_t)g.C * sizeof(REAL));
    if (g.stride > 1) {
        NAME(strided_input)(&g, dout, w, zeros, turned, dx, rest, job);
    } else {
        NAME(turn_filters)(&g, w, 0, 0, all, across, turned);
        NAME(direct_convolve)(NAME(whole_geometry)(&g), dout, turned, zeros, 0, dx, rest, job);
    }
}

/* du[k][filter vectors] += sum over outputs of maps[k][output] * dout[output][filter]: a few k times
 * two vectors of filters, dout's outputs one after the other, those of several images in turn. */
static INLINE void NAME(correlate_outputs)(int count, const REAL *const *from, ptrdiff_t images,
                                           ptrdiff_t image_step, const VEC *low, const VEC *high,
                                           ptrdiff_t outputs, VEC *du, ptrdiff_t step) {
    VEC sum[TOGETHER][2];
    const REAL *at[TOGETHER];
    ptrdiff_t p, image;
    int k;
    UNROLL_16 for (k = 0; k < count; k++) sum[k][0] = sum[k][1] = (VEC){0};
    UNROLL_16 for (k = 0; k < count; k++) at[k] = from[k];
    for (image = 0; image < images; image++) {
        for (p = 0; p < outputs; p++) {
            const VEC v0 = *low++, v1 = *high++;
            UNROLL_16 for (k = 0; k < count; k++) {
                const VEC value = NAME(broadcast)(at[k][p]);
                sum[k][0] += value * v0;
                sum[k][1] += value * v1;
            }
        }
        UNROLL_16 for (k = 0; k < count; k++) at[k] += image_step;
    }
    UNROLL_16 for (k = 0; k < count; k++) {
        du[k * step] += sum[k][0];
        du[k * step + 1] += sum[k][1];
    }
}
typedef struct {
    direct_plan p;
    ptrdiff_t pairs;                      /* of two vectors of filters */
    ptrdiff_t du, strips, thread_numbers; /* numbers of a thread's sums, of dout's strips, of all */
    ptrdiff_t parts, blocks_per_part;
} NAME(direct_weights_plan);

static NAME(direct_weights_plan) NAME(plan_direct_weights)(convolution_geometry g, int threads) {
    NAME(direct_weights_plan) q;
    q.p = plan_direct(g, sizeof(REAL));
    q.pairs = divide_up(g.F, 2 * VL);
    q.du = q.p.K * q.pairs * 2 * VL;
    q.strips = larger(RUN, q.p.rows * g.OW) * q.pairs * 2 * VL;
    q.thread_numbers = q.du + q.strips + (q.p.is_plain ? 0 : NAME(unfolded_numbers)(&q.p));
    q.parts = smaller(threads, q.p.blocks);
    q.blocks_per_part = divide_up(q.p.blocks, q.parts);
    return q;
}

static ptrdiff_t NAME(direct_weights_bytes)(convolution_geometry g, int threads) {
    const NAME(direct_weights_plan) q = NAME(plan_direct_weights)(g, threads);
    return q.parts * q.thread_numbers * (ptrdiff_t)sizeof(REAL) +
           q.p.K * (ptrdiff_t)sizeof(ptrdiff_t);
}

/* Adds a run of outputs of each of some images: strips[vector of filters][output], of all of them. */
static void NAME(add_run)(const NAME(direct_weights_plan) * q, const ptrdiff_t *places, const REAL *maps,
                          ptrdiff_t images, const VEC *strips, ptrdiff_t strip, ptrdiff_t outputs,
                          VEC *du) {
    const direct_plan *p = &q->p;
    const ptrdiff_t panels = divide_up(p->K, TOGETHER);
    const ptrdiff_t image_step = p->is_plain ? p->g.C * p->plane : p->image;
    ptrdiff_t task;
    for (task = 0; task < q->pairs * panels; task++) {
        const ptrdiff_t pair = task / panels, panel = task % panels;
        const ptrdiff_t first = panel_start(p->K, panels, panel);
        const ptrdiff_t count = panel_start(p->K, panels, panel + 1) - first;
        const VEC *low = strips + 2 * pair * strip, *high = low + strip;
        const REAL *from[TOGETHER];
        VEC *to = du + first * q->pairs * 2 + 2 * pair;
        ptrdiff_t k;
        for (k = 0; k < count; k++) from[k] = maps + places[first + k];
        switch (count) {
#define CASE(n)                                                                                     \
    case n:                                                                                         \
        NAME(correlate_outputs)(n, from, images, image_step, low, high, outputs, to, q->pairs * 2); \
        break;
            FOR_EACH_COUNT(CASE)
#undef CASE
        }
    }
}

/* The sums over the blocks of one part. */
static void NAME(weights_part)(const NAME(direct_weights_plan) * q, ptrdiff_t part, const REAL *dout,
                               const REAL *x, const ptrdiff_t *places, REAL *memory, work *job) {
    const direct_plan *p = &q->p;
    const convolution_geometry *g = &p->g;
    REAL *strips = memory + q->du, *unfolded = strips + q->strips;
    const ptrdiff_t end = smaller(p->blocks, (part + 1) * q->blocks_per_part), map = g->OH * g->OW;
    const ptrdiff_t image_step = p->is_plain ? g->C * p->plane : p->image;
    ptrdiff_t block, image, v, i, run;
    memset(memory, 0, (size_t)q->du * sizeof(REAL));
    for (block = part * q->blocks_per_part; block < end && !should_stop(job); block++) {
        const ptrdiff_t first = block / p->bands * p->images, row = block % p->bands * p->rows;
        const ptrdiff_t images = smaller(p->images, g->N - first);
        const ptrdiff_t outputs = smaller(p->rows, g->OH - row) * g->OW;
        const ptrdiff_t together = larger(1, RUN / outputs);
        const REAL *maps = x + first * g->C * g->H * g->W + (p->is_plain ? row * g->W : 0);
        if (!p->is_plain) {
            NAME(unfold_block)(p, maps, images, row, unfolded);
            maps = unfolded;
        }
        for (image = 0; image < images; image += together) {
            const ptrdiff_t count = smaller(together, images - image), strip = count * outputs;
            const REAL *from = maps + image * image_step;
            for (v = 0; v < 2 * q->pairs; v++)
                for (i = 0; i < count; i++) {
                    const ptrdiff_t f = smaller(v * VL, g->F);
                    const REAL *lines = dout + ((first + image + i) * g->F + f) * map + row * g->OW;
                    NAME(to_strip)(lines, map, smaller(VL, g->F - f), outputs,
                                   strips + (v * strip + i * outputs) * VL, outputs, outputs);
                }
            for (run = 0; run < outputs; run += RUN) /* one run, if there are several images */
                NAME(add_run)(q, places, from + run, count, (const VEC *)strips + run, strip,
                              smaller(RUN, outputs - run), (VEC *)memory);
        }
    }
}

static void NAME(direct_weights)(convolution_geometry g, const REAL *dout, const REAL *x, REAL *dw,
                                 void *memory, work *job) {
    const NAME(direct_weights_plan) q = NAME(plan_direct_weights)(g, job->threads);
    REAL *numbers = (REAL *)memory;
    ptrdiff_t *places = (ptrdiff_t *)(numbers + q.parts * q.thread_numbers);
    ptrdiff_t part, f;
    direct_places(&q.p, places);
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(static)
    for (part = 0; part < q.parts; part++)
        NAME(weights_part)(&q, part, dout, x, places, numbers + part * q.thread_numbers, job);
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(static)
    for (f = 0; f < g.F; f++) {
        ptrdiff_t k, other;
        for (k = 0; k < q.p.K; k++) {
            const REAL *sums = numbers + k * q.pairs * 2 * VL + f;
            REAL total = sums[0];
            for (other = 1; other < q.parts; other++) total += sums[other * q.thread_numbers];
            dw[f * q.p.K + k] = total;
        }
    }
}

#undef VL
#undef VEC
