/* How Winograd's algorithm cuts maps into tiles of 4x4 outputs, and tiles into blocks.
 *
 * A unit is a row of at most MOST_COLUMNS tiles of one image; a block is some consecutive units, as
 * many tiles as the second level of cache holds with all their channels. Consecutive units of one
 * image make a patch, a rectangle of tiles.
 */

enum { MOST_COLUMNS = 64 };

typedef struct {
    ptrdiff_t N, H, W;   /* input maps */
    ptrdiff_t OH, OW;    /* output maps */
    ptrdiff_t pad;
    ptrdiff_t rows, columns, segments;          /* tiles of one image; units of one row of them */
    ptrdiff_t units, units_per_block, blocks;
    ptrdiff_t tiles_per_block;                  /* at most */
} tiling;

typedef struct {
    ptrdiff_t image, row, rows, column, columns;
} patch;


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

static tiling make_tiling(ptrdiff_t N, ptrdiff_t H, ptrdiff_t W, ptrdiff_t pad) {
    tiling g;
    g.N = N, g.H = H, g.W = W, g.pad = pad;
    g.OH = H + 2 * pad - 2, g.OW = W + 2 * pad - 2;
    g.rows = divide_up(g.OH, 4), g.columns = divide_up(g.OW, 4);
    g.segments = divide_up(g.columns, MOST_COLUMNS);
    g.units = N * g.rows * g.segments;
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
