/* The gradient on filters by Winograd's algorithm: G' [ sum over tiles (A dY A') * (B' d B) ] G for
 * each piece of 3x3 weights.
 *
 * The 36 planes of products for at most MOST_SIDE filters times MOST_SIDE channels stay in cache
 * while all tiles are added, block by block. Where these squares are too few for the threads, each
 * thread adds its own part of the tiles, and the parts are added in a fixed order.
 */

enum { MOST_SIDE = 128, WEIGHT_TILES = 48 };

typedef struct {
    tiling t;                                     /* as if the filters were one piece */
    ptrdiff_t C, F, HH, WW, pieces_across;
    ptrdiff_t c_side, f_side, c_squares, squares; /* a square: a piece, c_side channels, f_side filters */
    ptrdiff_t splits, blocks_per_split;
    ptrdiff_t c_pairs, f_blocks;       /* of a square: 2 VL channels, FILTERS_TOGETHER filters */
    ptrdiff_t v_plane, y_plane, du_plane, strip; /* vectors */
} weights_plan;

/* Equal parts of at most `most`, each a multiple of `step`. */
static ptrdiff_t equal_parts(ptrdiff_t count, ptrdiff_t most, ptrdiff_t step) {
    return divide_up(divide_up(count, divide_up(count, most)), step) * step;
}

static weights_plan plan_weights(const convolution_geometry *g, int threads) {
    const ptrdiff_t C = g->C, F = g->F;
    weights_plan p;
    p.t = make_tiling(g);
    p.C = C, p.F = F, p.HH = g->HH, p.WW = g->WW, p.pieces_across = p.t.pieces_across;
    p.c_side = equal_parts(C, MOST_SIDE, 2 * VL_f32);
    p.f_side = equal_parts(F, MOST_SIDE, VL_f32);
    p.c_squares = divide_up(C, p.c_side);
    p.squares = p.c_squares * divide_up(F, p.f_side) * p.t.pieces;
    p.t.pieces = p.t.pieces_down = p.t.pieces_across = 1;
    set_blocks(&p.t, WEIGHT_TILES, 1);
    p.splits = p.squares % threads == 0 || p.squares >= 4 * threads ? 1 : smaller(threads, p.t.blocks);
    p.blocks_per_split = divide_up(p.t.blocks, p.splits);
    p.c_pairs = divide_up(smaller(C, p.c_side), 2 * VL_f32);
    p.f_blocks = divide_up(smaller(F, p.f_side), FILTERS_TOGETHER);
    p.v_plane = divide_up(smaller(C, p.c_side), VL_f32) * p.t.tiles_per_block + PLANE_GAP;
    p.y_plane = divide_up(smaller(F, p.f_side), VL_f32) * p.t.tiles_per_block + PLANE_GAP;
    p.du_plane = p.f_blocks * p.c_pairs * FILTERS_TOGETHER * 2 + PLANE_GAP;
    p.strip = strip_vectors(&p.t);
    return p;
}

static ptrdiff_t weights_thread_vectors(const weights_plan *p) {
    return 36 * (p->v_plane + p->y_plane) + p->strip;
}

/* With splits every part of every square is kept until all are there; else one for each thread. */
static ptrdiff_t weights_parts(const weights_plan *p, int threads) {
    return p->splits > 1 ? p->squares * p->splits : threads;
}

static ptrdiff_t weights_vectors(const weights_plan *p, int threads) {
    return weights_parts(p, threads) * 36 * p->du_plane + threads * weights_thread_vectors(p);
}

/* y[position][group][tile]: the gradients on the outputs, F of them from this filter on. */
static void transform_gradients(const tiling *t, ptrdiff_t unit, ptrdiff_t end, const float *dout,
                                ptrdiff_t all_filters, ptrdiff_t filters, V *strip, V *y,
                                ptrdiff_t plane, ptrdiff_t group_step) {
    const ptrdiff_t map = t->OH * t->OW;
    ptrdiff_t g, i, j;
    for (g = 0; g < divide_up(filters, VL_f32); g++) {
        const ptrdiff_t lanes = smaller(VL_f32, filters - g * VL_f32);
        ptrdiff_t next = unit, tile = 0;
        while (next < end) {
            patch p;
            next = next_patch(t, next, end, &p);
            fill_strip(dout + (p.image * all_filters + g * VL_f32) * map, t->OH, t->OW, lanes,
                       4 * p.row, 4 * p.column, 4 * p.rows, 4 * p.columns, strip);
            for (i = 0; i < p.rows; i++)
                for (j = 0; j < p.columns; j++)
                    transform_gradient(strip + 16 * i * p.columns + 4 * j, 4 * p.columns,
                                       y + g * group_step + tile++, plane);
        }
    }
}

typedef struct {
    ptrdiff_t c0, f0, channels, filters, top, left; /* where its piece begins in the filter */
} weights_square;

static weights_square square_at(const weights_plan *p, ptrdiff_t square) {
    const ptrdiff_t of_piece = p->c_squares * divide_up(p->F, p->f_side);
    const ptrdiff_t piece = square / of_piece, place = square % of_piece;
    weights_square s;
    s.c0 = place % p->c_squares * p->c_side, s.f0 = place / p->c_squares * p->f_side;
    s.channels = smaller(p->c_side, p->C - s.c0), s.filters = smaller(p->f_side, p->F - s.f0);
    s.top = piece / p->pieces_across * 3, s.left = piece % p->pieces_across * 3;
    return s;
}

/* One split of one square: du = the sum over its tiles. */
static void add_square(const weights_plan *p, ptrdiff_t square, ptrdiff_t split, const float *dout,
                       const float *x, V *du, V *memory, work *job) {
    const weights_square s = square_at(p, square);
    const ptrdiff_t c_groups = divide_up(s.channels, VL_f32), step = p->t.tiles_per_block;
    const ptrdiff_t end = smaller(p->t.blocks, (split + 1) * p->blocks_per_split);
    V *v = memory, *y = v + 36 * p->v_plane, *strip = y + 36 * p->y_plane;
    tiling t = p->t;
    ptrdiff_t block, i, pair, f;
    t.pad_h -= s.top, t.pad_w -= s.left;
    for (block = split * p->blocks_per_split; block < end && !should_stop(job); block++) {
        const ptrdiff_t unit = block * p->t.units_per_block;
        const ptrdiff_t last = smaller(p->t.units, unit + p->t.units_per_block);
        const ptrdiff_t tiles = transform_inputs(&t, unit, last, x + s.c0 * t.H * t.W, p->C,
                                                 s.channels, strip, v, p->v_plane, step);
        const int fresh = block == split * p->blocks_per_split;
        transform_gradients(&t, unit, last, dout + s.f0 * t.OH * t.OW, p->F, s.filters, strip, y,
                            p->y_plane, step);
        for (i = 0; i < 36; i++)
            for (f = 0; f * FILTERS_TOGETHER < s.filters; f++)
                for (pair = 0; 2 * pair < c_groups; pair++)
                    multiply_filters(
                        (const V *)((const float *)(y + i * p->y_plane + f * FILTERS_TOGETHER / VL_f32 * step) +
                                    f * FILTERS_TOGETHER % VL_f32),
                        v + i * p->v_plane + 2 * pair * step, 2 * pair + 1 < c_groups ? step : 0, tiles,
                        du + i * p->du_plane + (f * p->c_pairs + pair) * FILTERS_TOGETHER * 2, 2, fresh);
    }
}

/* dw of one filter of a square, from the sum of `parts` du that lie `part_step` apart. */
static void transform_weights_back(const weights_plan *p, ptrdiff_t square, ptrdiff_t filter,
                                   const V *du, ptrdiff_t parts, ptrdiff_t part_step, float *dw) {
    const weights_square s = square_at(p, square);
    const ptrdiff_t height = smaller(3, p->HH - s.top), width = smaller(3, p->WW - s.left);
    const ptrdiff_t block = filter / FILTERS_TOGETHER, place = filter % FILTERS_TOGETHER;
    ptrdiff_t c, lane, part, y, x;
    int i;
    for (c = 0; c < s.channels; c += VL_f32) {
        const V *from = du + (block * p->c_pairs + c / (2 * VL_f32)) * FILTERS_TOGETHER * 2 +
                        2 * place + c / VL_f32 % 2;
        const ptrdiff_t lanes = smaller(VL_f32, s.channels - c);
        float *to = dw + (((s.f0 + filter) * p->C + s.c0 + c) * p->HH + s.top) * p->WW + s.left;
        V sum[36], g[9];
        for (i = 0; i < 36; i++) {
            sum[i] = from[i * p->du_plane];
            for (part = 1; part < parts; part++) sum[i] += from[i * p->du_plane + part * part_step];
        }
        transform_filter_gradient(sum, 1, g);
        for (lane = 0; lane < lanes; lane++)
            for (y = 0; y < height; y++)
                for (x = 0; x < width; x++)
                    to[(lane * p->HH + y) * p->WW + x] = ((const float *)(g + 3 * y + x))[lane];
    }
}

static void winograd_weights(const weights_plan *p, const float *dout, const float *x, float *dw,
                             V *memory, work *job) {
    const ptrdiff_t part = 36 * p->du_plane, tasks = p->squares * p->splits;
    V *scratch = memory + weights_parts(p, job->threads) * part;
    ptrdiff_t task;
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(dynamic)
    for (task = 0; task < tasks; task++) {
        const ptrdiff_t square = task / p->splits;
        V *du = memory + (p->splits > 1 ? task : THREAD()) * part;
        ptrdiff_t f;
        if (should_stop(job)) continue;
        add_square(p, square, task % p->splits, dout, x, du,
                       scratch + THREAD() * weights_thread_vectors(p), job);
        for (f = 0; p->splits == 1 && f < square_at(p, square).filters; f++)
            transform_weights_back(p, square, f, du, 1, 0, dw);
    }
    if (p->splits == 1 || should_stop(job)) return;
#pragma omp parallel for num_threads(job->threads) if (job->threads > 1) schedule(static)
    for (task = 0; task < p->squares * p->f_side; task++) {
        const ptrdiff_t square = task / p->f_side, filter = task % p->f_side;
        if (filter < square_at(p, square).filters)
            transform_weights_back(p, square, filter, memory + square * p->splits * part, p->splits,
                                   part, dw);
    }
}
