/* The gradients of direct convolution, written once and included for each REAL. */

#define VL NAME(VL)
#define VEC NAME(vec)

/* The gradient on the input: for each phase of the rows and columns a convolution of dout with some
 * of the weights, turned by half a turn, whose outputs are then put in their places. With stride 1
 * there is one phase, and its outputs are dx. */
static direct_geometry NAME(phase_geometry)(const direct_geometry *g, input_phase y, input_phase x) {
    const direct_geometry turned = {g->N,   g->F,  g->OH, g->OW,  g->C,    y.taps,
                                    x.taps, 1,     y.pad, x.pad,  y.count, x.count};
    return turned;
}

/* turned[channel][filter][taps of y][taps of x] */
static void NAME(turn_filters)(const direct_geometry *g, const REAL *w, ptrdiff_t phase_y,
                               ptrdiff_t phase_x, input_phase y, input_phase x, REAL *turned) {
    ptrdiff_t c, f, i, j;
    for (c = 0; c < g->C; c++)
        for (f = 0; f < g->F; f++)
            for (i = y.taps - 1; i >= 0; i--)
                for (j = x.taps - 1; j >= 0; j--)
                    *turned++ = w[((f * g->C + c) * g->HH + phase_y + g->stride * i) * g->WW +
                                  phase_x + g->stride * j];
}

static void NAME(scatter)(const direct_geometry *g, input_phase y, input_phase x, const REAL *from,
                          REAL *dx, int threads) {
    ptrdiff_t plane;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (plane = 0; plane < g->N * g->C; plane++) {
        ptrdiff_t i, j;
        for (i = 0; i < y.count; i++) {
            const REAL *line = from + (plane * y.count + i) * x.count;
            REAL *to = dx + (plane * g->H + y.first + i * g->stride) * g->W + x.first;
            for (j = 0; j < x.count; j++) to[j * g->stride] = line[j];
        }
    }
}

static ptrdiff_t NAME(direct_input_bytes)(direct_geometry g, int threads) {
    ptrdiff_t most = 0, a, b;
    for (a = 0; a < g.stride; a++)
        for (b = 0; b < g.stride; b++) {
            const input_phase y = phase_of(a, g.H, g.HH, g.stride, g.pad_h);
            const input_phase x = phase_of(b, g.W, g.WW, g.stride, g.pad_w);
            if (y.taps && x.taps && y.count && x.count)
                most = larger(most, NAME(direct_bytes)(NAME(phase_geometry)(&g, y, x), threads));
        }
    return divide_up(most, 64) * 64 +
           (g.C + g.F * g.C * g.HH * g.WW + g.N * g.C * divide_up(g.H, g.stride) * divide_up(g.W, g.stride)) *
               (ptrdiff_t)sizeof(REAL);
}

static void NAME(direct_input)(direct_geometry g, const REAL *dout, const REAL *w, REAL *dx,
                               void *memory, work *job) {
    REAL *zeros = (REAL *)memory, *turned = zeros + g.C, *maps = turned + g.F * g.C * g.HH * g.WW;
    REAL *rest = maps + g.N * g.C * divide_up(g.H, g.stride) * divide_up(g.W, g.stride);
    ptrdiff_t a, b;
    rest = (REAL *)to_cache_line(rest);
    memset(zeros, 0, (size_t)g.C * sizeof(REAL));
    for (a = 0; a < g.stride; a++)
        for (b = 0; b < g.stride && !job->stop; b++) {
            const input_phase y = phase_of(a, g.H, g.HH, g.stride, g.pad_h);
            const input_phase x = phase_of(b, g.W, g.WW, g.stride, g.pad_w);
            REAL *to = g.stride == 1 ? dx : maps;
            if (!y.count || !x.count) continue;
            if (y.taps && x.taps) {
                NAME(turn_filters)(&g, w, a, b, y, x, turned);
                NAME(direct_convolve)(NAME(phase_geometry)(&g, y, x), dout, turned, zeros, 0, to, rest,
                                      job);
            } else {
                memset(to, 0, (size_t)(g.N * g.C * y.count * x.count) * sizeof(REAL));
            }
            if (g.stride > 1) NAME(scatter)(&g, y, x, maps, dx, job->threads);
        }
}

/* du[k][filter vectors] += sum over outputs of unfolded[k][output] * dout[output][filter]: a few k
 * times two vectors of filters, dout's outputs one after the other. */
static INLINE void NAME(correlate_outputs)(int count, const REAL *const *from, const VEC *low,
                                           const VEC *high, ptrdiff_t outputs, VEC *du,
                                           ptrdiff_t step) {
    VEC sum[TOGETHER][2];
    ptrdiff_t p;
    int k;
    UNROLL_16 for (k = 0; k < count; k++) sum[k][0] = sum[k][1] = (VEC){0};
    for (p = 0; p < outputs; p++) {
        const VEC v0 = low[p], v1 = high[p];
        UNROLL_16 for (k = 0; k < count; k++) {
            const VEC value = NAME(broadcast)(from[k][p]);
            sum[k][0] += value * v0;
            sum[k][1] += value * v1;
        }
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

static NAME(direct_weights_plan) NAME(plan_direct_weights)(direct_geometry g, int threads) {
    NAME(direct_weights_plan) q;
    q.p = plan_direct(g, sizeof(REAL));
    q.pairs = divide_up(g.F, 2 * VL);
    q.du = q.p.K * q.pairs * 2 * VL;
    q.strips = q.p.images * q.p.rows * g.OW * q.pairs * 2 * VL;
    q.thread_numbers = q.du + q.strips + divide_up(NAME(direct_numbers)(&q.p), VL) * VL;
    q.parts = smaller(threads, q.p.blocks);
    q.blocks_per_part = divide_up(q.p.blocks, q.parts);
    return q;
}

static ptrdiff_t NAME(direct_weights_bytes)(direct_geometry g, int threads) {
    const NAME(direct_weights_plan) q = NAME(plan_direct_weights)(g, threads);
    return q.parts * q.thread_numbers * (ptrdiff_t)sizeof(REAL) +
           q.p.K * (ptrdiff_t)sizeof(ptrdiff_t);
}

static void NAME(add_block)(const NAME(direct_weights_plan) * q, const ptrdiff_t *places,
                            const REAL *unfolded, const VEC *strips, ptrdiff_t outputs, VEC *du) {
    const ptrdiff_t K = q->p.K, panels = divide_up(K, TOGETHER);
    ptrdiff_t task, run;
    for (run = 0; run < outputs; run += RUN)
        for (task = 0; task < q->pairs * panels; task++) {
            const ptrdiff_t pair = task / panels, panel = task % panels;
            const ptrdiff_t first = panel_start(K, panels, panel), length = smaller(RUN, outputs - run);
            const ptrdiff_t count = panel_start(K, panels, panel + 1) - first;
            const VEC *low = strips + 2 * pair * outputs + run, *high = low + outputs;
            const REAL *from[TOGETHER];
            VEC *to = du + first * q->pairs * 2 + 2 * pair;
            ptrdiff_t k;
            for (k = 0; k < count; k++) from[k] = unfolded + places[first + k] + run;
            switch (count) {
#define CASE(n)                                                                          \
    case n:                                                                              \
        NAME(correlate_outputs)(n, from, low, high, length, to, q->pairs * 2);           \
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
    const direct_geometry *g = &p->g;
    REAL *strips = memory + q->du, *unfolded = strips + q->strips;
    const ptrdiff_t end = smaller(p->blocks, (part + 1) * q->blocks_per_part);
    ptrdiff_t block, image, v;
    memset(memory, 0, (size_t)q->du * sizeof(REAL));
    for (block = part * q->blocks_per_part; block < end && !should_stop(job); block++) {
        const ptrdiff_t first = block / p->bands * p->images, row = block % p->bands * p->rows;
        const ptrdiff_t images = smaller(p->images, g->N - first);
        const ptrdiff_t outputs = smaller(p->rows, g->OH - row) * g->OW;
        NAME(unfold_block)(p, x + first * g->C * g->H * g->W, images, row, unfolded);
        for (image = 0; image < images; image++) {
            for (v = 0; v < 2 * q->pairs; v++) {
                const ptrdiff_t f = v * VL, map = g->OH * g->OW;
                NAME(to_strip)(dout + ((first + image) * g->F + smaller(f, g->F)) * map + row * g->OW,
                               map, larger(0, smaller(VL, g->F - f)), outputs,
                               strips + v * outputs * VL, outputs, outputs);
            }
            NAME(add_block)(q, places, unfolded + image * p->image, (const VEC *)strips, outputs,
                            (VEC *)memory);
        }
    }
}

static void NAME(direct_weights)(direct_geometry g, const REAL *dout, const REAL *x, REAL *dw,
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
