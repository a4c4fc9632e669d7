/* Bilinear warps that turn nothing, like resized crops, in resampling.c: what lies between two rows
 * first, for a whole row at once, then what lies between its pixels. The bits are warp_image's. */

/* What lies between two rows, from pixel `first` on, and the pixels around the row. */
static INLINE void NAME(fill_between)(const PIXEL *plane, const PIXEL *zeros, ROW *row,
                                      const axis *rows, ptrdiff_t i, ptrdiff_t first,
                                      ptrdiff_t last, const warp_task *t) {
    const ptrdiff_t from = rows->whole[i];
    const ptrdiff_t above = inside(from, t->H, t->border), below = inside(from + 1, t->H, t->border);
    const PIXEL *top = above < 0 ? zeros : plane + above * t->W;
    const PIXEL *bottom = below < 0 ? zeros : plane + below * t->W;
    const ptrdiff_t behind = inside(t->W, t->W, t->border);
    NAME(between_rows)(top + first, bottom + first, row + first, last - first, rows, i);
    row[t->W] = behind < 0 ? 0 : row[behind];
    row[-1] = row[t->W + 1] = 0; /* reached by a constant border alone */
}

static void NAME(stretch_plane)(const PIXEL *plane, PIXEL *out, const PIXEL *zeros, ROW *row,
                                const double *m, const warp_task *t) {
    ptrdiff_t i, j, k;
    axis columns, rows;
    shuffles order;
    for (j = 0; j < t->OW; j += CHUNK) {
        const ptrdiff_t width = t->OW - j < CHUNK ? t->OW - j : CHUNK;
        ptrdiff_t first = t->W, last = 0;
        find_axis(&columns, m[0], m[2], j, width, t->W, sizeof(PIXEL) == 1, t->border);
        for (k = 0; k < width; k++) {
            if (columns.whole[k] < first) first = columns.whole[k];
            if (columns.whole[k] > last) last = columns.whole[k];
        }
        /* With a neighbour to each side, because the pixel behind the last mirrors the one before. */
        first = first > 1 ? first - 1 : 0;
        last = last + 2 < t->W ? last + 2 : t->W;
        NAME(find_order)(&order, &columns, width);
        for (i = 0; i < t->OH; i++) {
            if (i % CHUNK == 0)
                find_axis(&rows, m[4], m[5], i, t->OH - i < CHUNK ? t->OH - i : CHUNK, t->H,
                          sizeof(PIXEL) == 1, t->border);
            NAME(fill_between)(plane, zeros, row, &rows, i % CHUNK, first, last, t);
            NAME(between_columns)(row, out + i * t->OW + j, width, &columns, &order);
        }
    }
}

static void NAME(stretch_image)(const PIXEL *x, PIXEL *out, ptrdiff_t n, PIXEL *memory,
                                const warp_task *t) {
    const ptrdiff_t plane = t->H * t->W, out_plane = t->OH * t->OW;
    PIXEL *copy = memory, *zeros = copy + plane;
    ROW *row = (ROW *)(zeros + t->W + (plane + t->W) % 2) + FRAME;
    ptrdiff_t c;
    memset(zeros, 0, (size_t)t->W * sizeof(PIXEL));
    for (c = n * t->C; c < (n + 1) * t->C; c++) {
        const PIXEL *from = x + c * plane;
        if (x == out) from = memcpy(copy, from, (size_t)plane * sizeof(PIXEL));
        NAME(stretch_plane)(from, out + c * out_plane, zeros, row,
                            t->numbers + n * STAGE_NUMBERS, t);
    }
}
