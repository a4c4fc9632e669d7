/* Convolution with stride 1 by Winograd's algorithm F(4x4, 3x3), in float32.
 *
 * A block of tiles stays in cache on its whole way: channels are brought next to each other, the
 * tiles transformed, multiplied by the transformed filters at each of their 36 positions, and
 * transformed back into the output, with the bias and ReLU. Planes, the data of one position, lie a
 * cache line more than needed apart, since powers of two fall into the same lines of the cache.
 */

/* FILTER_STRIP: weights of one filter, at most, and of several channels where they are fewer. */
enum { PLANE_GAP = 64 / VECTOR_BYTES, PAIRS_TOGETHER = 2, FILTER_STRIP = 196 };

typedef struct {
    tiling t;
    ptrdiff_t channels, filters;          /* in and out */
    ptrdiff_t groups, pairs;              /* of VL channels, of 2 VL filters */
    ptrdiff_t u_plane, v_plane, m_plane;  /* vectors */
    ptrdiff_t strip;                      /* vectors */
    ptrdiff_t splits, pairs_per_split;    /* tasks that a block makes */
} winograd_plan;

static ptrdiff_t strip_vectors(const tiling *t) {
    const ptrdiff_t columns = smaller(t->columns, MOST_COLUMNS);
    const ptrdiff_t rows = smaller(t->rows, t->units_per_block);
    return seen(rows, t->pieces_down) * seen(columns, t->pieces_across);
}

static winograd_plan plan_winograd(const convolution_geometry *g, int threads) {
    winograd_plan p;
    const ptrdiff_t channels = g->C, filters = g->F;
    ptrdiff_t channel_bytes;
    p.t = make_tiling(g);
    channel_bytes = 36 * 4 * channels * p.t.pieces;
    if (p.t.units * p.t.columns <= 8 * TOGETHER) {
        /* Few tiles: the filters are most of the data, and are read once if all tiles are together. */
        set_blocks(&p.t, 8 * TOGETHER, TOGETHER);
    } else {
        set_blocks(&p.t, larger(2 * TOGETHER, smaller(48, 600000 / channel_bytes)), TOGETHER);
    }
    p.channels = channels, p.filters = filters;
    p.groups = divide_up(channels, VL_f32), p.pairs = divide_up(filters, 2 * VL_f32);
    p.u_plane = p.pairs * p.t.pieces * channels * 2 + PLANE_GAP;
    p.v_plane = p.t.pieces * p.groups * p.t.tiles_per_block + PLANE_GAP;
    p.m_plane = p.t.tiles_per_block * 2 * PAIRS_TOGETHER + PLANE_GAP;
    p.strip = strip_vectors(&p.t);
    p.splits = smaller(divide_up(p.pairs, PAIRS_TOGETHER), divide_up(2 * threads, p.t.blocks));
    if (threads == 1) p.splits = 1;
    p.pairs_per_split = divide_up(divide_up(p.pairs, p.splits), PAIRS_TOGETHER) * PAIRS_TOGETHER;
    p.splits = divide_up(p.pairs, p.pairs_per_split);
    return p;
}

static ptrdiff_t winograd_thread_vectors(const winograd_plan *p) {
    return 36 * (p->v_plane + p->m_plane) + p->strip;
}

static ptrdiff_t winograd_vectors(const winograd_plan *p, int threads) {
    return 36 * p->u_plane + threads * winograd_thread_vectors(p);
}

/* The filters, transformed: u[position][pair][piece][channel][2 vectors of filters]. With `turned`,
 * w is (channels, filters, HH, WW), its filters turned by half a turn: the input's gradient. */
static void transform_filters(const winograd_plan *p, const float *w, int turned, V *u, int threads) {
    const ptrdiff_t size = p->t.HH * p->t.WW, together = larger(1, FILTER_STRIP / size);
    const ptrdiff_t halves = 2 * p->pairs, chunks = divide_up(p->channels, together);
    ptrdiff_t task;
    (void)threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (task = 0; task < halves * chunks; task++) {
        const ptrdiff_t half = task % halves, first = task / halves * together;
        const ptrdiff_t f = half * VL_f32, lanes = larger(0, smaller(VL_f32, p->filters - f));
        const ptrdiff_t count = smaller(together, p->channels - first);
        ptrdiff_t c, piece;
        V strip[FILTER_STRIP];
        if (!turned && lanes > 0)
            to_strip_f32(w + (f * p->channels + first) * size, p->channels * size, lanes,
                         count * size, (float *)strip, count * size, count * size);
        for (c = 0; c < count; c++) {
            const V *filter = turned ? strip : strip + c * size;
            if (turned && lanes > 0)
                to_strip_f32(w + ((first + c) * p->filters + f) * size, size, lanes, size,
                             (float *)strip, size, size);
            for (piece = 0; piece < p->t.pieces; piece++) {
                V g[9], *to = u + ((half / 2 * p->t.pieces + piece) * p->channels + first + c) * 2 +
                              half % 2;
                int i;
                if (lanes > 0) {
                    take_piece(&p->t, piece, filter, turned, g);
                    transform_filter(g, 3, to, p->u_plane);
                } else {
                    for (i = 0; i < 36; i++) to[i * p->u_plane] = (V){0};
                }
            }
        }
    }
}

/* Brings a rectangle of VL channels of a map (H, W) into a strip, zeros where it reaches beyond. */
static void fill_strip(const float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t lanes, ptrdiff_t top,
                       ptrdiff_t left, ptrdiff_t rows, ptrdiff_t columns, V *strip) {
    const ptrdiff_t y0 = smaller(larger(0, top), H), y1 = larger(y0, smaller(H, top + rows));
    const ptrdiff_t x0 = smaller(larger(0, left), W), x1 = larger(x0, smaller(W, left + columns));
    const ptrdiff_t before = x0 - left, after = smaller(columns, left + columns - x1);
    ptrdiff_t y, i;
    for (i = 0; i < (y0 - top) * columns; i++) strip[i] = (V){0};
    for (i = larger(0, y1 - top) * columns; i < rows * columns; i++) strip[i] = (V){0};
    for (y = y0; y < y1; y++) {
        V *line = strip + (y - top) * columns;
        for (i = 0; i < before; i++) line[i] = (V){0};
        for (i = 0; i < after; i++) line[columns - 1 - i] = (V){0};
    }
    if (x1 - x0 == W) {
        V *inside = strip + (y0 - top) * columns + before;
        to_strip_f32(x + y0 * W, H * W, lanes, (y1 - y0) * W, (float *)inside, W, columns);
    } else if (x1 > x0) {
        for (y = y0; y < y1; y++)
            to_strip_f32(x + y * W + x0, H * W, lanes, x1 - x0,
                         (float *)(strip + (y - top) * columns + before), x1 - x0, columns);
    }
}

/* v[position][piece][group][tile] of the tiles from unit to end; returns how many there are. */
static ptrdiff_t transform_inputs(const tiling *t, ptrdiff_t unit, ptrdiff_t end, const float *x,
                                  ptrdiff_t all_channels, ptrdiff_t channels, V *strip, V *v,
                                  ptrdiff_t plane, ptrdiff_t group_step) {
    const ptrdiff_t groups = divide_up(channels, VL_f32), map = t->H * t->W;
    ptrdiff_t g, piece, i, j, tile = 0;
    for (g = 0; g < groups; g++) {
        const ptrdiff_t lanes = smaller(VL_f32, channels - g * VL_f32);
        ptrdiff_t next = unit;
        tile = 0;
        while (next < end) {
            patch p;
            next = next_patch(t, next, end, &p);
            const ptrdiff_t pitch = seen(p.columns, t->pieces_across);
            fill_strip(x + (p.image * all_channels + g * VL_f32) * map, t->H, t->W, lanes,
                       4 * p.row - t->pad_h, 4 * p.column - t->pad_w, seen(p.rows, t->pieces_down),
                       pitch, strip);
            for (piece = 0; piece < t->pieces; piece++) {
                const V *from = strip + piece / t->pieces_across * 3 * pitch + piece % t->pieces_across * 3;
                V *to = v + (piece * groups + g) * group_step + tile;
                for (i = 0; i < p.rows; i++)
                    for (j = 0; j < p.columns; j++)
                        transform_input(from + 4 * i * pitch + 4 * j, pitch, to++, plane);
            }
            tile += p.rows * p.columns;
        }
    }
    return tile;
}

/* One row of tiles, transformed back: a strip of lines of `width` pixels, of which `height`. */
static void transform_row_back(const V *m, ptrdiff_t plane, ptrdiff_t columns, ptrdiff_t width,
                               ptrdiff_t height, V bias, int relu, V *strip) {
    ptrdiff_t tile, i, j;
    for (tile = 0; tile < columns; tile++) {
        const ptrdiff_t used = smaller(4, width - 4 * tile);
        V y[16];
        transform_output(m + tile * 2 * PAIRS_TOGETHER, plane, y);
        for (i = 0; i < 16; i++) {
            y[i] += bias;
            if (relu) y[i] = maximum_f32(y[i], (V){0});
        }
        for (i = 0; i < height; i++) {
            V *line = strip + i * width + 4 * tile;
            if (used == 4) {
                line[0] = y[4 * i], line[1] = y[4 * i + 1], line[2] = y[4 * i + 2], line[3] = y[4 * i + 3];
            } else {
                for (j = 0; j < used; j++) line[j] = y[4 * i + j];
            }
        }
    }
}

/* The products m[position][tile][vector of filters], transformed back into the output. */
static void transform_back(const winograd_plan *plan, ptrdiff_t unit, ptrdiff_t end, const V *m,
                           ptrdiff_t filter, const float *b, int relu, V *strip, float *out,
                           int stream) {
    const tiling *t = &plan->t;
    const ptrdiff_t lanes = smaller(VL_f32, plan->filters - filter);
    ptrdiff_t i, lane;
    float bias[VL_f32];
    for (lane = 0; lane < VL_f32; lane++) bias[lane] = b && lane < lanes ? b[filter + lane] : 0;
    while (unit < end) {
        patch p;
        unit = next_patch(t, unit, end, &p);
        for (i = 0; i < p.rows; i++) {
            const ptrdiff_t row = 4 * (p.row + i), column = 4 * p.column;
            const ptrdiff_t height = smaller(4, t->OH - row);
            const ptrdiff_t width = smaller(4 * p.columns, t->OW - column);
            float *to = out + ((p.image * plan->filters + filter) * t->OH + row) * t->OW + column;
            transform_row_back(m, plan->m_plane, p.columns, width, height, load_f32(bias), relu, strip);
            m += p.columns * 2 * PAIRS_TOGETHER;
            if (width == t->OW) {
                from_strip_f32((float *)strip, height * width, to, t->OH * t->OW, lanes, stream);
            } else {
                ptrdiff_t y;
                for (y = 0; y < height; y++)
                    from_strip_f32((float *)(strip + y * width), width, to + y * t->OW,
                                   t->OH * t->OW, lanes, stream);
            }
        }
    }
}

/* One block of tiles, some of the filters. */
static void winograd_block(const winograd_plan *p, ptrdiff_t block, ptrdiff_t first_pair, const float *x,
                           const V *u, const float *b, int relu, float *out, V *memory) {
    const ptrdiff_t unit = block * p->t.units_per_block;
    const ptrdiff_t end = smaller(p->t.units, unit + p->t.units_per_block);
    const ptrdiff_t end_pair = smaller(p->pairs, first_pair + p->pairs_per_split);
    const int stream = p->t.N * p->filters * p->t.OH * p->t.OW > (1 << 20);
    V *v = memory, *m = v + 36 * p->v_plane, *strip = m + 36 * p->m_plane;
    const ptrdiff_t tiles = transform_inputs(&p->t, unit, end, x, p->channels, p->channels,
                                             strip, v, p->v_plane, p->t.tiles_per_block);
    ptrdiff_t pair, i, k;
    for (pair = first_pair; pair < end_pair; pair += PAIRS_TOGETHER) {
        const ptrdiff_t pairs = smaller(PAIRS_TOGETHER, end_pair - pair);
        for (i = 0; i < 36; i++)
            for (k = 0; k < pairs; k++)
                multiply_plane(tiles, v + i * p->v_plane, p->t.tiles_per_block,
                               u + i * p->u_plane + (pair + k) * p->t.pieces * p->channels * 2,
                               p->channels, p->t.pieces, m + i * p->m_plane + 2 * k,
                               2 * PAIRS_TOGETHER);
        for (k = 0; k < 2 * pairs; k++) {
            const ptrdiff_t filter = (2 * pair + k) * VL_f32;
            if (filter < p->filters)
                transform_back(p, unit, end, m + k, filter, b, relu, strip, out, stream);
        }
    }
    if (stream) end_streaming();
}

/* out = x convolved with w, or, turned, the gradient on the input of such a convolution. */
static void winograd_convolve(const winograd_plan *p, const float *x, const float *w, const float *b,
                              int turned, int relu, float *out, V *memory, work *job) {
    V *u = memory;
    ptrdiff_t task;
    transform_filters(p, w, turned, u, job->threads);
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(dynamic)
    for (task = 0; task < p->t.blocks * p->splits; task++) {
        V *mine = memory + 36 * p->u_plane + THREAD() * winograd_thread_vectors(p);
        if (!should_stop(job))
            winograd_block(p, task / p->splits, task % p->splits * p->pairs_per_split, x, u, b, relu,
                           out, mine);
    }
}
