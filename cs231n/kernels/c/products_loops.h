/* The loops of products.c, written once and included for each REAL.
 *
 * Rows of a and columns of b are packed in the order in which the innermost loop reads them, whatever
 * their steps; then it keeps a tile of the result in registers over the whole depth. Goto & van de
 * Geijn, "Anatomy of high-performance matrix multiplication", 2008,
 * https://doi.org/10.1145/1356052.1356053
 */

#define VL NAME(VL)
#define VEC NAME(vec)
#define PANEL (2 * VL)

/* rows[panel][k][TOGETHER]: the last panel is narrower, not padded. */
static void NAME(pack_rows)(const REAL *a, ptrdiff_t row_step, ptrdiff_t column_step, ptrdiff_t rows,
                            ptrdiff_t depth, REAL *to) {
    ptrdiff_t first, k, i;
    for (first = 0; first < rows; first += TOGETHER) {
        const ptrdiff_t count = smaller(TOGETHER, rows - first);
        if (row_step == 1) {
            for (k = 0; k < depth; k++)
                for (i = 0; i < count; i++) to[k * count + i] = a[first + i + k * column_step];
        } else {
            for (i = 0; i < count; i++) {
                const REAL *from = a + (first + i) * row_step;
                for (k = 0; k < depth; k++) to[k * count + i] = from[k * column_step];
            }
        }
        to += count * depth;
    }
}

/* columns[panel][k][PANEL]: the last panel is filled with zeros. */
static void NAME(pack_columns)(const REAL *b, ptrdiff_t row_step, ptrdiff_t column_step,
                               ptrdiff_t columns, ptrdiff_t depth, REAL *to) {
    ptrdiff_t first, k, j;
    for (first = 0; first < columns; first += PANEL) {
        const ptrdiff_t count = smaller(PANEL, columns - first);
        const REAL *from = b + first * column_step;
        if (column_step == 1 && count == PANEL) {
            for (k = 0; k < depth; k++) {
                *(VEC *)(to + k * PANEL) = NAME(load)(from + k * row_step);
                *(VEC *)(to + k * PANEL + VL) = NAME(load)(from + k * row_step + VL);
            }
        } else {
            for (j = 0; j < count; j++)
                for (k = 0; k < depth; k++)
                    to[k * PANEL + j] = from[k * row_step + j * column_step];
            for (k = 0; k < depth; k++)
                for (j = count; j < PANEL; j++) to[k * PANEL + j] = 0;
        }
        to += depth * PANEL;
    }
}

/* A tile of the result: `add` what is there, or the bias; the ReLU after the last depth. */
static INLINE void NAME(multiply)(int rows, const REAL *a, const REAL *b, ptrdiff_t depth,
                                  const REAL *bias, int add, int relu, REAL *out, ptrdiff_t step,
                                  ptrdiff_t columns) {
    VEC sum[TOGETHER][2];
    ptrdiff_t k, j;
    int i;
    UNROLL_16 for (i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (VEC){0};
    for (k = 0; k < depth; k++) {
        const VEC b0 = *(const VEC *)b, b1 = *(const VEC *)(b + VL);
        UNROLL_16 for (i = 0; i < rows; i++) {
            const VEC value = NAME(broadcast)(a[i]);
            sum[i][0] += value * b0;
            sum[i][1] += value * b1;
        }
        a += rows;
        b += PANEL;
    }
    UNROLL_16 for (i = 0; i < rows; i++) {
        REAL *to = out + i * step;
        if (columns == PANEL) {
            VEC low = sum[i][0], high = sum[i][1];
            if (bias) low += NAME(load)(bias), high += NAME(load)(bias + VL);
            if (add) low += NAME(load)(to), high += NAME(load)(to + VL);
            if (relu) low = NAME(maximum)(low, (VEC){0}), high = NAME(maximum)(high, (VEC){0});
            NAME(store)(to, low);
            NAME(store)(to + VL, high);
        } else {
            REAL line[PANEL];
            NAME(store)(line, sum[i][0]);
            NAME(store)(line + VL, sum[i][1]);
            for (j = 0; j < columns; j++) {
                REAL value = line[j];
                if (bias) value += bias[j];
                if (add) value += to[j];
                to[j] = relu && value < 0 ? 0 : value;
            }
        }
    }
}

/* One block of the result, with the products from `first` to `last` of each sum. */
static void NAME(multiply_block)(const REAL *a, const REAL *b, const REAL *bias, REAL *out,
                                 const product_task *t, ptrdiff_t row, ptrdiff_t column,
                                 ptrdiff_t first, ptrdiff_t last, REAL *memory) {
    const ptrdiff_t rows = smaller(BLOCK_ROWS, t->M - row);
    const ptrdiff_t columns = smaller(BLOCK_PANELS * PANEL, t->N - column);
    REAL *packed_b = memory, *packed_a = memory + BLOCK_PANELS * PANEL * DEPTH;
    ptrdiff_t k, i, j;
    for (k = first; k < last; k += DEPTH) {
        const ptrdiff_t depth = smaller(DEPTH, last - k);
        const int add = k > first || t->accumulate, relu = t->relu && k + depth == last;
        NAME(pack_columns)(b + k * t->b_row + column * t->b_column, t->b_row, t->b_column, columns,
                           depth, packed_b);
        NAME(pack_rows)(a + row * t->a_row + k * t->a_column, t->a_row, t->a_column, rows, depth,
                        packed_a);
        for (j = 0; j < columns; j += PANEL) {
            const REAL *added = bias && k == first ? bias + column + j : 0;
            const ptrdiff_t width = smaller(PANEL, columns - j);
            for (i = 0; i < rows; i += TOGETHER) {
                REAL *to = out + (row + i) * t->N + column + j;
                const REAL *from = packed_a + i * depth, *panel = packed_b + j * depth;
                switch (smaller(TOGETHER, rows - i)) {
#define CASE(n)                                                                              \
    case n:                                                                                  \
        NAME(multiply)(n, from, panel, depth, added, add, relu, to, t->N, width);            \
        break;
                    FOR_EACH_COUNT(CASE)
#undef CASE
                }
            }
        }
    }
}

/* How many parts the sums are cut into: where the blocks are fewer than the threads. */
static ptrdiff_t NAME(parts_of)(const product_task *t) {
    const ptrdiff_t blocks = divide_up(t->M, BLOCK_ROWS) * divide_up(t->N, BLOCK_PANELS * PANEL);
    return blocks >= t->threads ? 1 : smaller(t->threads, divide_up(t->K, DEPTH / 2));
}

static ptrdiff_t NAME(packed_numbers)(void) {
    return (BLOCK_PANELS * PANEL + BLOCK_ROWS) * DEPTH;
}

static ptrdiff_t NAME(product_bytes)(product_task t) {
    const ptrdiff_t parts = NAME(parts_of)(&t);
    return (t.threads * NAME(packed_numbers)() + (parts - 1) * t.M * t.N) * (ptrdiff_t)sizeof(REAL);
}

/* The first part stands in out; the others are added to it in their order. */
static void NAME(add_parts)(REAL *out, const REAL *parts, ptrdiff_t count, const product_task *t) {
    ptrdiff_t i, p;
    for (i = 0; i < t->M * t->N; i++) {
        REAL value = out[i];
        for (p = 0; p < count; p++) value += parts[p * t->M * t->N + i];
        out[i] = t->relu && value < 0 ? 0 : value;
    }
}

static void NAME(product)(const REAL *a, const REAL *b, const REAL *bias, REAL *out, product_task t,
                          void *memory) {
    const ptrdiff_t parts = NAME(parts_of)(&t), wide = BLOCK_PANELS * PANEL;
    const ptrdiff_t columns = divide_up(t.N, wide), blocks = divide_up(t.M, BLOCK_ROWS) * columns;
    const ptrdiff_t share = divide_up(divide_up(t.K, parts), DEPTH / 2) * (DEPTH / 2);
    REAL *rest = (REAL *)memory + t.threads * NAME(packed_numbers)();
    ptrdiff_t task;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (task = 0; task < blocks * parts; task++) {
        const ptrdiff_t part = task / blocks, block = task % blocks;
        REAL *to = part ? rest + (part - 1) * t.M * t.N : out;
        product_task mine = t;
        if (part) mine.accumulate = 0;
        if (parts > 1) mine.relu = 0;
        NAME(multiply_block)(a, b, part ? 0 : bias, to, &mine, block / columns * BLOCK_ROWS,
                             block % columns * wide, smaller(t.K, part * share),
                             smaller(t.K, (part + 1) * share),
                             (REAL *)memory + THREAD() * NAME(packed_numbers)());
    }
    if (parts > 1) NAME(add_parts)(out, rest, parts - 1, &t);
}

#undef VL
#undef VEC
#undef PANEL
