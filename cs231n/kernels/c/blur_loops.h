/* Blur of resampling.c, down the columns and then along the rows; included for each kind of sums, which
 * are made of CELLs: floats, or words. */

#define ROWS NAME(blur_rows)

typedef struct {
    ptrdiff_t radius, stride; /* of this image's weights; cells from row to row */
    const CELL *weights;
    CELL *around;  /* BLUR_ROWS rows, and `radius` above and below */
    CELL *line;    /* one row, and `radius` cells to both sides */
    CELL *blurred; /* one row */
} ROWS;

static INLINE void NAME(blur_line)(const CELL *from, ptrdiff_t step, CELL *to, ptrdiff_t count,
                                   const ROWS *b) {
    ptrdiff_t j = 0;
    for (; j + 3 * LENGTH < count; j += 4 * LENGTH)
        SUMS(from + j, step, to + j, b->weights, b->radius, 4);
    if (j + LENGTH < count) {
        SUMS(from + j, step, to + j, b->weights, b->radius, 2);
        j += 2 * LENGTH;
    }
    if (j < count) SUMS(from + j, step, to + j, b->weights, b->radius, 1);
}

/* Bring rows first ... first + count - 1 and those around them. What is needed of the ones before stands
 * there already; a border mirrors rows that are there, whatever has been written to the image since. */
static INLINE void NAME(bring_rows)(const PIXEL *x, ptrdiff_t first, ptrdiff_t count, const ROWS *b,
                                    const blur_task *t) {
    const ptrdiff_t R = b->radius, W = t->W, top = first - R, end = first + count + R;
    const ptrdiff_t known = first ? first + R : 0;
    ptrdiff_t i, j;
    if (first)
        memmove(b->around, b->around + BLUR_ROWS * b->stride,
                (size_t)(2 * R * b->stride) * sizeof(CELL));
    for (i = known; i < end && i < t->H; i++) {
        CELL *to = b->around + (i - top) * b->stride;
        for (j = 0; j < W; j++) to[j] = AS_CELL(x[i * W + j]);
    }
    for (i = first ? known : top; i < end; i++) {
        const ptrdiff_t from = inside(i, t->H, t->border);
        CELL *to = b->around + (i - top) * b->stride;
        if (i >= 0 && i < t->H) continue;
        if (from < 0) {
            memset(to, 0, (size_t)W * sizeof(CELL));
        } else {
            memcpy(to, b->around + (from - top) * b->stride, (size_t)W * sizeof(CELL));
        }
    }
}

static INLINE void NAME(extend_line)(CELL *line, ptrdiff_t R, const blur_task *t) {
    const ptrdiff_t W = t->W;
    ptrdiff_t k;
    if (t->border == BORDER_REFLECT && R < W) { /* as below, without its divisions */
        for (k = 1; k <= R; k++) line[-k] = line[k], line[W - 1 + k] = line[W - 1 - k];
        return;
    }
    for (k = 1; k <= R; k++) {
        const ptrdiff_t before = inside(-k, W, t->border), behind = inside(W - 1 + k, W, t->border);
        line[-k] = before < 0 ? 0 : line[before];
        line[W - 1 + k] = behind < 0 ? 0 : line[behind];
    }
}

static INLINE void NAME(blur_plane)(const PIXEL *x, PIXEL *out, const ROWS *b, const blur_task *t) {
    const ptrdiff_t H = t->H, W = t->W;
    ptrdiff_t first, i, j;
    for (first = 0; first < H; first += BLUR_ROWS) {
        const ptrdiff_t count = H - first < BLUR_ROWS ? H - first : BLUR_ROWS;
        NAME(bring_rows)(x, first, count, b, t);
        for (i = 0; i < count; i++) {
            PIXEL *to = out + (first + i) * W;
            NAME(blur_line)(b->around + (b->radius + i) * b->stride, b->stride, b->line, W, b);
            NAME(extend_line)(b->line, b->radius, t);
            NAME(blur_line)(b->line, 1, b->blurred, W, b);
            for (j = 0; j < W; j++) to[j] = AS_PIXEL(b->blurred[j]);
        }
    }
}

static void NAME(blur)(const PIXEL *x, PIXEL *out, const CELL *weights, blur_task t) {
    const ptrdiff_t plane = t.H * t.W;
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++) {
        CELL *memory = (CELL *)(t.memory + THREAD() * t.memory_of_thread);
        ROWS b;
        ptrdiff_t p;
        b.radius = t.radius;
        b.stride = padded_cells(t.W);
        b.weights = TAKE(weights + n * t.weights_of_image, &b.radius, memory);
        b.blurred = memory + BLUR_PADDING * (t.radius + 1);
        b.line = b.blurred + b.stride + padded_cells(t.radius);
        b.around = b.line + b.stride + padded_cells(t.radius);
        for (p = n * t.C; p < (n + 1) * t.C; p++)
            NAME(blur_plane)(x + p * plane, out + p * plane, &b, &t);
    }
}

#undef ROWS
#undef CELL
#undef LENGTH
#undef SUMS
#undef TAKE
#undef AS_CELL
#undef AS_PIXEL
