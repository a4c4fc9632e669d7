/* Direct convolution, written once and included for each REAL. See direct.h for the layout. */

#define VL NAME(VL)
#define VEC NAME(vec)

/* One line of the unfolded. Whole vectors are stored, beyond its end: what follows is written later.
 * Whole vectors are loaded, too, up to the end of all maps, `last`. */
static INLINE void NAME(unfold_line)(const REAL *line, const REAL *last, REAL *to,
                                     const unfolded_column *c, const convolution_geometry *g) {
    const ptrdiff_t s = g->stride;
    const REAL *from = line + c->first;
    ptrdiff_t j;
    for (j = 0; j < c->begin; j++) to[j] = 0;
#if defined(__GNUC__)
    if (s == 1)
        for (; j < c->end && from + j + VL <= last; j += VL) NAME(store)(to + j, NAME(load)(from + j));
    if (s == 2)
        for (; j < c->end && from + 2 * (j + VL) <= last; j += VL)
            NAME(store)(to + j, NAME(even)(NAME(load)(from + 2 * j), NAME(load)(from + 2 * j + VL)));
#endif
    for (; j < c->end; j++) to[j] = from[j * s];
    for (j = c->end; j < g->OW; j++) to[j] = 0;
}

/* Unfolds `images` images from the first output row of a block on. */
static void NAME(unfold_block)(const direct_plan *p, const REAL *x, ptrdiff_t images, ptrdiff_t row,
                               REAL *to) {
    const convolution_geometry *g = &p->g;
    const REAL *last = x + images * g->C * g->H * g->W;
    ptrdiff_t plane, kw, phase, i;
    for (plane = 0; plane < images * g->C; plane++)
        for (kw = 0; kw < g->WW; kw++) {
            const unfolded_column column = column_at(g, kw);
            for (phase = 0; phase < p->phases; phase++) {
                REAL *lines = to + ((plane * g->WW + kw) * p->phases + phase) * p->plane;
                for (i = 0; i < p->lines; i++) {
                    const ptrdiff_t y = (row + i) * g->stride + phase - g->pad_h;
                    if (y < 0 || y >= g->H)
                        memset(lines + i * g->OW, 0, (size_t)g->OW * sizeof(REAL));
                    else
                        NAME(unfold_line)(x + (plane * g->H + y) * g->W, last, lines + i * g->OW,
                                          &column, g);
                }
            }
        }
}

static ptrdiff_t NAME(unfolded_numbers)(const direct_plan *p) {
    return divide_up(p->images * p->image, SLACK) * SLACK + SLACK;
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
    VEC sum[TOGETHER][2], total[TOGETHER][2];
    const REAL *low = pair[0].from, *high = pair[1].from;
    ptrdiff_t k = 0, end;
    int f;
    UNROLL_16 for (f = 0; f < filters; f++) total[f][0] = total[f][1] = NAME(broadcast)(b[f]);
    for (end = smaller(K, DEPTH_RUN);; end = smaller(K, end + DEPTH_RUN)) {
        UNROLL_16 for (f = 0; f < filters; f++) sum[f][0] = sum[f][1] = (VEC){0};
        for (; k < end; k++) {
            const VEC v0 = NAME(load)(low + places[k]), v1 = NAME(load)(high + places[k]);
            UNROLL_16 for (f = 0; f < filters; f++) {
                const VEC weight = NAME(broadcast)(w[f]);
                sum[f][0] += weight * v0;
                sum[f][1] += weight * v1;
            }
            w += filters;
        }
        UNROLL_16 for (f = 0; f < filters; f++) {
            total[f][0] += sum[f][0];
            total[f][1] += sum[f][1];
        }
        if (end == K) break;
    }
    UNROLL_16 for (f = 0; f < filters; f++) {
        NAME(store_outputs)(total[f][0], pair[0].to + f * step, pair[0].count, relu, stream);
        NAME(store_outputs)(total[f][1], pair[1].to + f * step, pair[1].count, relu, stream);
    }
}

/* One panel of filters at a pair of vectors of outputs. */
static void NAME(correlate_panel)(const direct_plan *p, ptrdiff_t panel, const REAL *packed,
                                  const ptrdiff_t *places, const NAME(output_vector) * pair,
                                  const REAL *b, int relu, int stream) {
    const ptrdiff_t panels = divide_up(p->g.F, TOGETHER), step = p->g.OH * p->g.OW;
    const ptrdiff_t first = panel_start(p->g.F, panels, panel);
    NAME(output_vector) here[2] = {pair[0], pair[1]};
    here[0].to += first * step;
    here[1].to += first * step;
    switch (panel_start(p->g.F, panels, panel + 1) - first) {
#define CASE(n)                                                                              \
    case n:                                                                                  \
        NAME(correlate)(n, packed + first * p->K, places, p->K, here, b + first, relu, stream, step); \
        break;
        FOR_EACH_COUNT(CASE)
#undef CASE
    }
}

/* Brings what a pair of vectors of outputs sees next to each other: to[k][2 VL]. */
static void NAME(pack_pair)(const direct_plan *p, const ptrdiff_t *places, NAME(output_vector) * pair,
                            REAL *to) {
    ptrdiff_t i, j, k;
    for (i = 0; i < 2; i++) {
        const REAL *from = pair[i].from;
        /* Behind the last output of maps that are not unfolded there may be nothing to load. */
        if (p->is_plain && pair[i].count < VL) {
            for (k = 0; k < p->K; k++)
                for (j = 0; j < VL; j++)
                    to[(2 * k + i) * VL + j] = j < pair[i].count ? from[places[k] + j] : 0;
        } else {
            for (k = 0; k < p->K; k++)
                NAME(store)(to + (2 * k + i) * VL, NAME(load)(from + places[k]));
        }
        pair[i].from = to + i * VL;
    }
}

static ptrdiff_t NAME(pairs_together)(const direct_plan *p) {
    const ptrdiff_t bytes = p->K * 2 * VL * (ptrdiff_t)sizeof(REAL);
    if (!p->is_plain && divide_up(p->g.F, TOGETHER) < PANELS_TO_PACK) return 0;
    return larger(1, smaller(MOST_PAIRS, PACKED_BYTES / larger(bytes, 1)));
}

/* A pair of vectors of a block's outputs; one that is left over is computed twice. */
static void NAME(find_pair)(const direct_plan *p, ptrdiff_t first, ptrdiff_t row, ptrdiff_t images,
                            ptrdiff_t v, const REAL *maps, REAL *out, NAME(output_vector) * pair) {
    const convolution_geometry *g = &p->g;
    const ptrdiff_t outputs = smaller(p->rows, g->OH - row) * g->OW, vectors = divide_up(outputs, VL);
    const ptrdiff_t image_step = p->is_plain ? g->C * p->plane : p->image;
    int i;
    for (i = 0; i < 2; i++) {
        const ptrdiff_t at = smaller(v + i, images * vectors - 1);
        const ptrdiff_t image = at / vectors, place = at % vectors * VL;
        pair[i].from = maps + image * image_step + place;
        pair[i].to = out + ((first + image) * g->F * g->OH + row) * g->OW + place;
        pair[i].count = smaller(VL, outputs - place);
    }
}

/* What direct convolution reads besides the images, and how it treats what it computes. */
typedef struct {
    const ptrdiff_t *places; /* in the unfolded, and in the packed */
    const ptrdiff_t *packed_places;
    const REAL *packed, *b;
    int relu, stream;
} NAME(direct_filters);

/* The outputs of one block. */
static void NAME(direct_block)(const direct_plan *p, ptrdiff_t block, const REAL *x,
                               const NAME(direct_filters) * f, REAL *out, REAL *memory) {
    const convolution_geometry *g = &p->g;
    const ptrdiff_t first = block / p->bands * p->images, row = block % p->bands * p->rows;
    const ptrdiff_t images = smaller(p->images, g->N - first), panels = divide_up(g->F, TOGETHER);
    const ptrdiff_t vectors = images * divide_up(smaller(p->rows, g->OH - row) * g->OW, VL);
    const ptrdiff_t together = NAME(pairs_together)(p), most = larger(1, together);
    const REAL *maps = x + first * g->C * g->H * g->W + (p->is_plain ? row * g->W : 0);
    REAL *packed = memory;
    ptrdiff_t v, panel, i, pairs;
    if (!p->is_plain) {
        NAME(unfold_block)(p, maps, images, row, memory);
        maps = memory;
        packed += NAME(unfolded_numbers)(p);
    }
    for (v = 0; v < vectors; v += 2 * pairs) {
        NAME(output_vector) pair[MOST_PAIRS][2];
        pairs = smaller(most, divide_up(vectors - v, 2));
        for (i = 0; i < pairs; i++) {
            NAME(find_pair)(p, first, row, images, v + 2 * i, maps, out, pair[i]);
            if (together) NAME(pack_pair)(p, f->places, pair[i], packed + i * p->K * 2 * VL);
        }
        for (panel = 0; panel < panels; panel++)
            for (i = 0; i < pairs; i++)
                NAME(correlate_panel)(p, panel, f->packed, together ? f->packed_places : f->places,
                                      pair[i], f->b, f->relu, f->stream);
    }
}

/* memory: places, packed filters; for each thread an unfolded block and packed pairs */
static ptrdiff_t NAME(direct_numbers)(const direct_plan *p) {
    return (p->is_plain ? 0 : NAME(unfolded_numbers)(p)) + NAME(pairs_together)(p) * p->K * 2 * VL;
}

static ptrdiff_t NAME(filter_bytes)(const direct_plan *p) {
    const ptrdiff_t bytes = 2 * p->K * (ptrdiff_t)sizeof(ptrdiff_t) + p->g.F * p->K * (ptrdiff_t)sizeof(REAL);
    return divide_up(bytes, 64) * 64;
}

/* Where prepare_filters has put them. */
static NAME(direct_filters) NAME(filters_in)(const direct_plan *p, const REAL *b, int relu, int stream,
                                             const void *memory) {
    const ptrdiff_t *places = (const ptrdiff_t *)memory;
    const NAME(direct_filters) f = {
        places, places + p->K, (const REAL *)(places + 2 * p->K), b, relu, stream};
    return f;
}

/* Fills memory of filter_bytes. */
static void NAME(prepare_filters)(const direct_plan *p, const REAL *w, void *memory) {
    ptrdiff_t *places = (ptrdiff_t *)memory, k;
    direct_places(p, places);
    for (k = 0; k < p->K; k++) places[p->K + k] = 2 * VL * k;
    NAME(pack_filters)(w, p->g.F, p->K, (REAL *)(places + 2 * p->K));
}

static ptrdiff_t NAME(direct_bytes)(convolution_geometry g, int threads) {
    const direct_plan p = plan_direct(g, sizeof(REAL));
    return NAME(filter_bytes)(&p) + threads * NAME(direct_numbers)(&p) * (ptrdiff_t)sizeof(REAL);
}

static void NAME(direct_convolve)(convolution_geometry g, const REAL *x, const REAL *w, const REAL *b,
                                  int relu, REAL *out, void *memory, work *job) {
    const direct_plan p = plan_direct(g, sizeof(REAL));
    const int stream = g.N * g.F * g.OH * g.OW * (ptrdiff_t)sizeof(REAL) >= STREAM_BYTES;
    const NAME(direct_filters) filters = NAME(filters_in)(&p, b, relu, stream, memory);
    REAL *rest = (REAL *)((char *)memory + NAME(filter_bytes)(&p));
    ptrdiff_t block;
    NAME(prepare_filters)(&p, w, memory);
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(dynamic)
    for (block = 0; block < p.blocks; block++)
        if (!should_stop(job))
            NAME(direct_block)(&p, block, x, &filters, out, rest + THREAD() * NAME(direct_numbers)(&p));
    end_streaming();
}

#undef VL
#undef VEC
