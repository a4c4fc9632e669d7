/* Direct convolution, written once and included for each REAL. See direct.h for the layout. */

#define VL NAME(VL)
#define VEC NAME(vec)

/* One line of the unfolded: outputs j see input j * stride + kw - pad_w. */
static INLINE void NAME(unfold_line)(const REAL *line, REAL *to, ptrdiff_t first_input,
                                     const direct_geometry *g) {
    const ptrdiff_t s = g->stride;
    const ptrdiff_t begin = first_input >= 0 ? 0 : smaller(g->OW, divide_up(-first_input, s));
    const ptrdiff_t reach = g->W - first_input;
    const ptrdiff_t end = reach <= 0 ? begin : larger(begin, smaller(g->OW, divide_up(reach, s)));
    const REAL *from = line + first_input;
    ptrdiff_t j;
    for (j = 0; j < begin; j++) to[j] = 0;
    if (s == 1)
        for (j = begin; j < end; j++) to[j] = from[j];
    else
        for (j = begin; j < end; j++) to[j] = from[j * s];
    for (j = end; j < g->OW; j++) to[j] = 0;
}

/* Unfolds `images` images from the first output row of a block on. */
static void NAME(unfold_block)(const direct_plan *p, const REAL *x, ptrdiff_t images, ptrdiff_t row,
                               REAL *to) {
    const direct_geometry *g = &p->g;
    ptrdiff_t plane, kw, phase, i;
    for (plane = 0; plane < images * g->C; plane++)
        for (kw = 0; kw < g->WW; kw++)
            for (phase = 0; phase < p->phases; phase++) {
                REAL *lines = to + ((plane * g->WW + kw) * p->phases + phase) * p->plane;
                for (i = 0; i < p->lines; i++) {
                    const ptrdiff_t y = (row + i) * g->stride + phase - g->pad_h;
                    if (y < 0 || y >= g->H)
                        memset(lines + i * g->OW, 0, (size_t)g->OW * sizeof(REAL));
                    else
                        NAME(unfold_line)(x + (plane * g->H + y) * g->W, lines + i * g->OW,
                                          kw - g->pad_w, g);
                }
            }
}

/* packed[panel][k][filter of the panel] */
static void NAME(pack_filters)(const REAL *w, ptrdiff_t F, ptrdiff_t K, REAL *packed) {
    const ptrdiff_t panels = divide_up(F, TOGETHER);
    ptrdiff_t panel, f, k;
    for (panel = 0; panel < panels; panel++) {
        const ptrdiff_t first = panel_start(F, panels, panel);
        const ptrdiff_t count = panel_start(F, panels, panel + 1) - first;
        for (f = 0; f < count; f++)
            for (k = 0; k < K; k++) packed[first * K + k * count + f] = w[(first + f) * K + k];
    }
}

/* Where a vector of outputs comes from and goes to. */
typedef struct {
    const REAL *from;
    REAL *to;        /* of the first filter */
    ptrdiff_t count; /* of the vector's outputs that there are */
} NAME(output_vector);

static INLINE void NAME(store_outputs)(VEC v, REAL *to, ptrdiff_t count, int relu, int stream) {
    if (relu) v = NAME(maximum)(v, (VEC){0});
    if (count == VL) {
        if (stream && can_stream(to))
            NAME(stream)(to, v);
        else
            NAME(store)(to, v);
    } else {
        REAL lanes[VL];
        ptrdiff_t i;
        NAME(store)(lanes, v);
        for (i = 0; i < count; i++) to[i] = lanes[i];
    }
}

/* Two vectors of outputs of a few filters, `step` apart. */
static INLINE void NAME(correlate)(int filters, const REAL *w, const ptrdiff_t *places, ptrdiff_t K,
                                   const NAME(output_vector) * pair, const REAL *b, int relu,
                                   int stream, ptrdiff_t step) {
    VEC sum[TOGETHER][2];
    const REAL *low = pair[0].from, *high = pair[1].from;
    ptrdiff_t k;
    int f;
    UNROLL_16 for (f = 0; f < filters; f++) sum[f][0] = sum[f][1] = NAME(broadcast)(b[f]);
    for (k = 0; k < K; k++) {
        const VEC v0 = NAME(load)(low + places[k]), v1 = NAME(load)(high + places[k]);
        UNROLL_16 for (f = 0; f < filters; f++) {
            const VEC weight = NAME(broadcast)(w[f]);
            sum[f][0] += weight * v0;
            sum[f][1] += weight * v1;
        }
        w += filters;
    }
    UNROLL_16 for (f = 0; f < filters; f++) {
        NAME(store_outputs)(sum[f][0], pair[0].to + f * step, pair[0].count, relu, stream);
        NAME(store_outputs)(sum[f][1], pair[1].to + f * step, pair[1].count, relu, stream);
    }
}

static void NAME(correlate_pair)(const direct_plan *p, const REAL *packed, const ptrdiff_t *places,
                                 NAME(output_vector) * pair, const REAL *b, int relu) {
    const ptrdiff_t F = p->g.F, panels = divide_up(F, TOGETHER), step = p->g.OH * p->g.OW;
    const int stream = p->g.N * F * step * (ptrdiff_t)sizeof(REAL) >= STREAM_BYTES;
    ptrdiff_t panel;
    for (panel = 0; panel < panels; panel++) {
        const ptrdiff_t first = panel_start(F, panels, panel);
        NAME(output_vector) here[2] = {pair[0], pair[1]};
        here[0].to += first * step;
        here[1].to += first * step;
        switch (panel_start(F, panels, panel + 1) - first) {
#define CASE(n)                                                                                  \
    case n:                                                                                      \
        NAME(correlate)(n, packed + first * p->K, places, p->K, here, b + first, relu, stream,   \
                        step);                                                                   \
        break;
            FOR_EACH_COUNT(CASE)
#undef CASE
        }
    }
}

/* The outputs of one block, in pairs of vectors; one that is left over is computed twice. */
static void NAME(direct_block)(const direct_plan *p, ptrdiff_t block, const REAL *x,
                               const REAL *packed, const ptrdiff_t *places, const REAL *b, int relu,
                               REAL *out, REAL *unfolded) {
    const direct_geometry *g = &p->g;
    const ptrdiff_t first = block / p->bands * p->images, row = block % p->bands * p->rows;
    const ptrdiff_t images = smaller(p->images, g->N - first);
    const ptrdiff_t outputs = smaller(p->rows, g->OH - row) * g->OW;
    const ptrdiff_t vectors = divide_up(outputs, VL);
    ptrdiff_t v, i;
    NAME(unfold_block)(p, x + first * g->C * g->H * g->W, images, row, unfolded);
    for (v = 0; v < images * vectors; v += 2) {
        NAME(output_vector) pair[2];
        for (i = 0; i < 2; i++) {
            const ptrdiff_t at = smaller(v + i, images * vectors - 1);
            const ptrdiff_t image = at / vectors, place = at % vectors * VL;
            pair[i].from = unfolded + image * p->image + place;
            pair[i].to = out + ((first + image) * g->F * g->OH + row) * g->OW + place;
            pair[i].count = smaller(VL, outputs - place);
        }
        NAME(correlate_pair)(p, packed, places, pair, b, relu);
    }
}

/* memory: places, packed filters, one unfolded block a thread */
static ptrdiff_t NAME(direct_numbers)(const direct_plan *p) {
    return divide_up(p->images * p->image, SLACK) * SLACK + SLACK;
}

static ptrdiff_t NAME(direct_bytes)(direct_geometry g, int threads) {
    const direct_plan p = plan_direct(g, sizeof(REAL));
    return 2 * 64 + p.K * (ptrdiff_t)sizeof(ptrdiff_t) +
           (g.F * p.K + threads * NAME(direct_numbers)(&p)) * (ptrdiff_t)sizeof(REAL);
}

static void NAME(direct_convolve)(direct_geometry g, const REAL *x, const REAL *w, const REAL *b,
                                  int relu, REAL *out, void *memory, work *job) {
    const direct_plan p = plan_direct(g, sizeof(REAL));
    ptrdiff_t *places = (ptrdiff_t *)memory;
    REAL *packed = (REAL *)(places + p.K), *unfolded = (REAL *)to_cache_line(packed + g.F * p.K);
    ptrdiff_t block;
    direct_places(&p, places);
    NAME(pack_filters)(w, g.F, p.K, packed);
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(dynamic)
    for (block = 0; block < p.blocks; block++)
        if (!should_stop(job))
            NAME(direct_block)(&p, block, x, packed, places, b, relu, out,
                               unfolded + THREAD() * NAME(direct_numbers)(&p));
    end_streaming();
}

#undef VL
#undef VEC
