/* Blur of bytes by weights that are the same to both sides: down the columns, then along the rows.
 *
 * Pixels are words with 8 bits behind the point. The two pixels k from the middle are averaged, and the
 * upper half of the product with twice their weight is added up, which loses half a step a product on
 * average: so sums begin with as many halves. */

#include "words.h"

enum { BLUR_ROWS = 16 }; /* that are blurred before the rows around them move up */

typedef struct {
    ptrdiff_t radius, stride; /* of this image's weights; words from row to row */
    uint16_t *weights;        /* WORDS times each */
    uint16_t *rows;           /* BLUR_ROWS, and `radius` above and below */
    uint16_t *line;           /* one row, and `radius` words to both sides */
    uint16_t *blurred;        /* one row */
} byte_blur;

static INLINE ptrdiff_t whole_words(ptrdiff_t n) { return (n + 31) / 32 * 32; }

/* A stretch of `vectors` vectors: in the middle, and `step` words farther to both sides for each weight. */
static INLINE void blur_words(const uint16_t *middle_one, ptrdiff_t step, uint16_t *to,
                              const byte_blur *b, int vectors) {
    const words first = load_words(b->weights);
    const words halves = (words){0} + (uint16_t)((b->radius + 1) / 2);
    words sum[4];
    ptrdiff_t k;
    int v;
    for (v = 0; v < vectors; v++)
        sum[v] = halves + upper(load_words(middle_one + v * WORDS), first);
    for (k = 1; k <= b->radius; k++) {
        const uint16_t *before = middle_one - k * step, *behind = middle_one + k * step;
        const words weight = load_words(b->weights + k * WORDS);
        for (v = 0; v < vectors; v++)
            sum[v] += upper(middle(load_words(before + v * WORDS), load_words(behind + v * WORDS)),
                            weight);
    }
    for (v = 0; v < vectors; v++) store_words(to + v * WORDS, sum[v]);
}

static INLINE void blur_line(const uint16_t *from, ptrdiff_t step, uint16_t *to, ptrdiff_t count,
                             const byte_blur *b) {
    ptrdiff_t j = 0;
    for (; j + 3 * WORDS < count; j += 4 * WORDS) blur_words(from + j, step, to + j, b, 4);
    if (j + WORDS < count) {
        blur_words(from + j, step, to + j, b, 2);
        j += 2 * WORDS;
    }
    if (j < count) blur_words(from + j, step, to + j, b, 1);
}

/* Bring rows first ... first + BLUR_ROWS - 1 and those around them. All that are below stand there
 * already; a border mirrors rows that are there, whatever has been written to the image since. */
static INLINE void bring_rows(const uint8_t *x, ptrdiff_t first, ptrdiff_t count, byte_blur *b,
                              const byte_blur_task *t) {
    const ptrdiff_t R = b->radius, top = first - R, end = first + count + R;
    const ptrdiff_t known = first ? first + R : 0;
    ptrdiff_t i, j;
    if (first)
        memmove(b->rows, b->rows + BLUR_ROWS * b->stride,
                (size_t)(2 * R * b->stride) * sizeof(uint16_t));
    for (i = known; i < end && i < t->H; i++) {
        uint16_t *to = b->rows + (i - top) * b->stride;
        for (j = 0; j < t->W; j++) to[j] = (uint16_t)(x[i * t->W + j] << 8);
    }
    for (i = first ? known : top; i < end; i++) {
        const ptrdiff_t from = inside(i, t->H, t->border);
        uint16_t *to = b->rows + (i - top) * b->stride;
        if (i >= 0 && i < t->H) continue;
        if (from < 0) {
            memset(to, 0, (size_t)t->W * sizeof(uint16_t));
        } else {
            memcpy(to, b->rows + (from - top) * b->stride, (size_t)t->W * sizeof(uint16_t));
        }
    }
}

static INLINE void extend_line(uint16_t *line, ptrdiff_t R, const byte_blur_task *t) {
    const ptrdiff_t W = t->W;
    ptrdiff_t k;
    if (t->border == BORDER_REFLECT && R < W) {
        for (k = 1; k <= R; k++) line[-k] = line[k], line[W - 1 + k] = line[W - 1 - k];
        return;
    }
    for (k = 1; k <= R; k++) {
        const ptrdiff_t before = inside(-k, W, t->border), behind = inside(W - 1 + k, W, t->border);
        line[-k] = before < 0 ? 0 : line[before];
        line[W - 1 + k] = behind < 0 ? 0 : line[behind];
    }
}

static INLINE void blur_plane_of_bytes(const uint8_t *x, uint8_t *out, byte_blur *b,
                                       const byte_blur_task *t) {
    const ptrdiff_t W = t->W;
    ptrdiff_t first, i, j;
    for (first = 0; first < t->H; first += BLUR_ROWS) {
        const ptrdiff_t count = t->H - first < BLUR_ROWS ? t->H - first : BLUR_ROWS;
        bring_rows(x, first, count, b, t);
        for (i = 0; i < count; i++) {
            uint8_t *to = out + (first + i) * W;
            blur_line(b->rows + (b->radius + i) * b->stride, b->stride, b->line, W, b);
            extend_line(b->line, b->radius, t);
            blur_line(b->line, 1, b->blurred, W, b);
            for (j = 0; j < W; j++) to[j] = (uint8_t)((b->blurred[j] + 128) >> 8);
        }
    }
}

/* The image's own radius, and its weights as vectors. */
static INLINE void take_weights(const uint16_t *weights, uint16_t *memory, byte_blur *b,
                                const byte_blur_task *t) {
    const ptrdiff_t R = t->radius;
    ptrdiff_t k, v;
    b->radius = R;
    while (b->radius > 0 && weights[b->radius] == 0) b->radius--;
    b->stride = whole_words(t->W);
    b->weights = memory;
    b->blurred = b->weights + 32 * (R + 1);
    b->line = b->blurred + b->stride + whole_words(R);
    b->rows = b->line + b->stride + whole_words(R);
    for (k = 0; k <= b->radius; k++)
        for (v = 0; v < WORDS; v++) b->weights[k * WORDS + v] = weights[k];
}

static void blur_bytes(const uint8_t *x, uint8_t *out, byte_blur_task t) {
    const ptrdiff_t plane = t.H * t.W;
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++) {
        byte_blur b;
        ptrdiff_t p;
        take_weights(t.weights + n * (t.radius + 1), t.memory + THREAD() * t.memory_of_thread, &b, &t);
        for (p = n * t.C; p < (n + 1) * t.C; p++)
            blur_plane_of_bytes(x + p * plane, out + p * plane, &b, &t);
    }
}
