/* How Winograd's algorithm cuts maps into tiles of 4x4 outputs, tiles into blocks, and filters into
 * pieces of 3x3 weights.
 *
 * A larger filter is a sum of pieces, each of which sees the map 3 pixels further on; what a piece
 * lacks is zero. A piece is transformed like a 3x3 filter, and its products are summed with those of
 * the others before the way back: 2.25 products an output and piece.
 *
 * A unit is a row of at most MOST_COLUMNS tiles of one image; a block is some consecutive units, as
 * many tiles as the second level of cache holds with all their channels. Consecutive units of one
 * image make a patch, a rectangle of tiles.
 */

enum { MOST_COLUMNS = 64 };

typedef struct {
    ptrdiff_t N, H, W;   /* input maps */
    ptrdiff_t OH, OW;    /* output maps */
    ptrdiff_t HH, WW, pad_h, pad_w;
    ptrdiff_t pieces_down, pieces_across, pieces;
    ptrdiff_t rows, columns, segments;          /* tiles of one image; units of one row of them */
    ptrdiff_t units, units_per_block, blocks;
    ptrdiff_t tiles_per_block;                  /* at most */
} tiling;

typedef struct {
    ptrdiff_t image, row, rows, column, columns;
} patch;

/* Lines that `tiles` tiles in a row see, with all the pieces of a filter. */
static ptrdiff_t seen(ptrdiff_t tiles, ptrdiff_t pieces) { return 4 * tiles + 2 + 3 * (pieces - 1); }

/* Blocks of about `tiles` tiles, which waste as little as possible of multiples of `together`. */
static void set_blocks(tiling *g, ptrdiff_t tiles, ptrdiff_t together) {
    const ptrdiff_t unit = smaller(g->columns, MOST_COLUMNS);
    ptrdiff_t count, best = 1;
    double best_waste = 1e9;
    if (g->segments == 1)
        for (count = 1; count <= larger(1, tiles / unit); count++) {
            const ptrdiff_t used = count * unit;
            const double waste = (double)(divide_up(used, together) * together) / (double)used;
            if (waste <= best_waste + (used * 2 <= tiles ? 1e9 : 1e-9)) {
                best = count;
                best_waste = waste;
            }
        }
    g->units_per_block = best;
    g->tiles_per_block = best * unit;
    g->blocks = divide_up(g->units, best);
}

static tiling make_tiling(const convolution_geometry *of) {
    tiling g;
    g.N = of->N, g.H = of->H, g.W = of->W, g.OH = of->OH, g.OW = of->OW;
    g.HH = of->HH, g.WW = of->WW, g.pad_h = of->pad_h, g.pad_w = of->pad_w;
    g.pieces_down = divide_up(g.HH, 3), g.pieces_across = divide_up(g.WW, 3);
    g.pieces = g.pieces_down * g.pieces_across;
    g.rows = divide_up(g.OH, 4), g.columns = divide_up(g.OW, 4);
    g.segments = divide_up(g.columns, MOST_COLUMNS);
    g.units = g.N * g.rows * g.segments;
    return g;
}

/* Sets the patch that begins with this unit, and returns the unit after it. */
static ptrdiff_t next_patch(const tiling *g, ptrdiff_t unit, ptrdiff_t end, patch *p) {
    const ptrdiff_t row = unit / g->segments, segment = unit % g->segments;
    p->image = row / g->rows;
    p->row = row % g->rows;
    p->column = segment * MOST_COLUMNS;
    p->columns = smaller(MOST_COLUMNS, g->columns - p->column);
    p->rows = g->segments > 1 ? 1 : smaller(g->rows - p->row, end - unit);
    return unit + p->rows;
}

/* One piece of 3x3 weights out of a filter of HH x WW, `turned` by half a turn. */
static void take_piece(const tiling *g, ptrdiff_t piece, const V *filter, int turned, V *to) {
    const ptrdiff_t top = piece / g->pieces_across * 3, left = piece % g->pieces_across * 3;
    ptrdiff_t i, j;
    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) {
            const ptrdiff_t y = top + i, x = left + j, at = y * g->WW + x;
            const int is_there = y < g->HH && x < g->WW;
            to[3 * i + j] = is_there ? filter[turned ? g->HH * g->WW - 1 - at : at] : (V){0};
        }
}
