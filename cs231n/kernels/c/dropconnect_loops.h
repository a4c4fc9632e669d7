/* The loops of dropconnect.c, written once and included for each REAL.
 *
 * A tile is four vectors wide, which divides a word of bits; the words of a tile are hashed together,
 * just before they are used.
 */

#define VL NAME(VL)
#define VEC NAME(vec)
enum { NAME(TILE) = 4 * VL };

/* sum + a b in the lanes whose bit is set. */
#if defined(__GNUC__) && !defined(__AVX512F__)
typedef INT NAME(lanes) __attribute__((vector_size(VECTOR_BYTES)));
static INLINE VEC NAME(add_kept)(VEC sum, VEC a, VEC b, uint64_t bits) {
    NAME(lanes) lane = {0}, all = {0};
    int k;
    UNROLL_16 for (k = 0; k < VL; k++) lane[k] = (INT)1 << k;
    all += (INT)(bits & ((1 << VL) - 1));
    return sum + a * (VEC)((NAME(lanes))b & ((all & lane) == lane));
}
#elif !defined(__GNUC__)
static INLINE VEC NAME(add_kept)(VEC sum, VEC a, VEC b, uint64_t bits) {
    return bits & 1 ? sum + a * b : sum;
}
#endif

/* columns[k][WORD]: a word's columns of b, filled up with zeros. */
static void NAME(pack)(const REAL *b, ptrdiff_t M, ptrdiff_t column, ptrdiff_t depth, REAL *to) {
    const ptrdiff_t count = smaller(WORD, M - column);
    ptrdiff_t k, m;
    for (k = 0; k < depth; k++) {
        for (m = 0; m < count; m++) to[k * WORD + m] = b[k * M + column + m];
        for (; m < WORD; m++) to[k * WORD + m] = 0;
    }
}

/* out[r][m] += sum over k of a[r][k] b[k][m] where bit m of words[r][k] is set. */
static INLINE void NAME(multiply)(int rows, const REAL *a, ptrdiff_t a_row, ptrdiff_t a_depth,
                                  const REAL *b, const uint64_t *words, ptrdiff_t depth, REAL *out,
                                  ptrdiff_t step, ptrdiff_t columns) {
    int part, r, v;
    for (part = 0; part < WORD && part < columns; part += NAME(TILE)) {
        VEC sum[ROWS][4];
        ptrdiff_t k, m;
        UNROLL_16 for (r = 0; r < rows; r++)
            UNROLL_16 for (v = 0; v < 4; v++) sum[r][v] = (VEC){0};
        for (k = 0; k < depth; k++) {
            const REAL *line = b + k * WORD + part;
            VEC factor[4];
            UNROLL_16 for (v = 0; v < 4; v++) factor[v] = NAME(load)(line + v * VL);
            UNROLL_16 for (r = 0; r < rows; r++) {
                const VEC value = NAME(broadcast)(a[r * a_row + k * a_depth]);
                const uint64_t bits = words[r * DEPTH + k] >> part;
                UNROLL_16 for (v = 0; v < 4; v++)
                    sum[r][v] = NAME(add_kept)(sum[r][v], value, factor[v], bits >> v * VL);
            }
        }
        UNROLL_16 for (r = 0; r < rows; r++) {
            REAL line[4 * VL], *to = out + r * step + part;
            const ptrdiff_t width = smaller(NAME(TILE), columns - part);
            UNROLL_16 for (v = 0; v < 4; v++) NAME(store)(line + v * VL, sum[r][v]);
            for (m = 0; m < width; m++) to[m] += line[m];
        }
    }
}

/* out (R, M) += the kept terms of a (R, K) @ b (K, M); word j of row r and depth k has the number
 * r word_row + k word_depth + j. */
static void NAME(kept_product)(const REAL *a, ptrdiff_t a_row, ptrdiff_t a_depth, const REAL *b,
                               REAL *out, ptrdiff_t R, ptrdiff_t K, ptrdiff_t M, ptrdiff_t word_row,
                               ptrdiff_t word_depth, mask_rule rule, int threads) {
    const ptrdiff_t columns = divide_up(M, WORD), tasks = divide_up(R, BLOCK) * columns;
    ptrdiff_t task;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (task = 0; task < tasks; task++) {
        const ptrdiff_t first = task / columns * BLOCK, j = task % columns, m = j * WORD;
        const ptrdiff_t last = smaller(R, first + BLOCK);
        REAL packed[DEPTH * WORD];
        uint64_t words[ROWS * DEPTH];
        ptrdiff_t k, r;
        for (k = 0; k < K; k += DEPTH) {
            const ptrdiff_t depth = smaller(DEPTH, K - k);
            NAME(pack)(b + k * M, M, m, depth, packed);
            for (r = first; r < last; r += ROWS) {
                const int rows = (int)smaller(ROWS, last - r);
                const REAL *from = a + r * a_row + k * a_depth;
                REAL *to = out + r * M + m;
                int i;
                for (i = 0; i < rows; i++)
                    mask_words(rule, (uint64_t)((r + i) * word_row + k * word_depth + j),
                               (uint64_t)word_depth, depth, words + i * DEPTH);
                if (rows == ROWS)
                    NAME(multiply)(ROWS, from, a_row, a_depth, packed, words, depth, to, M, M - m);
                else
                    for (i = 0; i < rows; i++)
                        NAME(multiply)(1, from + i * a_row, a_row, a_depth, packed,
                                       words + i * DEPTH, depth, to + i * M, M, M - m);
            }
        }
    }
}

static void NAME(product)(const REAL *x, const REAL *w, REAL *out, mask_rule rule,
                          dropconnect_task t) {
    const ptrdiff_t words = divide_up(t.M, WORD);
    NAME(kept_product)(x, t.D, 1, w, out, t.N, t.D, t.M, t.D * words, words, rule, t.threads);
}

static void NAME(weights)(const REAL *x, const REAL *dout, REAL *dw, mask_rule rule,
                          dropconnect_task t) {
    const ptrdiff_t words = divide_up(t.M, WORD);
    NAME(kept_product)(x, 1, t.D, dout, dw, t.D, t.N, t.M, words, t.D * words, rule, t.threads);
}

/* sum[n][d] = the sum over m of dout[n][m] w[d][m], as far as whole vectors go. */
static INLINE void NAME(dot)(int images, int inputs, const REAL *dout, const REAL *w,
                             ptrdiff_t step, const uint64_t *words, ptrdiff_t count,
                             VEC result[ROWS][ROWS]) {
    VEC sum[ROWS][ROWS];
    ptrdiff_t m;
    int n, d;
    UNROLL_16 for (n = 0; n < images; n++)
        UNROLL_16 for (d = 0; d < inputs; d++) sum[n][d] = (VEC){0};
    for (m = 0; m + VL <= count; m += VL) {
        const uint64_t *word = words + m / WORD;
        VEC factor[ROWS] = {(VEC){0}};
        UNROLL_16 for (d = 0; d < inputs; d++) factor[d] = NAME(load)(w + d * step + m);
        UNROLL_16 for (n = 0; n < images; n++) {
            const VEC value = NAME(load)(dout + n * step + m);
            UNROLL_16 for (d = 0; d < inputs; d++)
                sum[n][d] = NAME(add_kept)(sum[n][d], value, factor[d],
                                           word[(n * ROWS + d) * CHUNK] >> m % WORD);
        }
    }
    UNROLL_16 for (n = 0; n < images; n++)
        UNROLL_16 for (d = 0; d < inputs; d++) result[n][d] = sum[n][d];
}

static REAL NAME(total)(const VEC *sum, const REAL *dout, const REAL *w, const uint64_t *words,
                        ptrdiff_t M) {
    REAL lanes[VL], value = 0;
    ptrdiff_t m;
    NAME(store)(lanes, *sum);
    for (m = 0; m < VL; m++) value += lanes[m];
    for (m = M / VL * VL; m < M; m++)
        if (words[m / WORD] >> m % WORD & 1) value += dout[m] * w[m];
    return value;
}

static void NAME(input)(const REAL *dout, const REAL *w, REAL *dx, mask_rule rule,
                        dropconnect_task t) {
    const ptrdiff_t words = divide_up(t.M, WORD), groups = divide_up(t.N, ROWS);
    const ptrdiff_t blocks = divide_up(t.D, BLOCK), tasks = blocks * groups;
    ptrdiff_t task;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (task = 0; task < tasks; task++) {
        const ptrdiff_t n = task % groups * ROWS, begin = task / groups * BLOCK;
        const ptrdiff_t end = smaller(t.D, begin + BLOCK);
        const int images = (int)smaller(ROWS, t.N - n);
        ptrdiff_t d, m;
        for (d = begin; d < end; d += ROWS) {
            const int inputs = (int)smaller(ROWS, end - d);
            uint64_t bits[ROWS * ROWS * CHUNK];
            REAL *to = dx + n * t.D + d;
            int i, k;
            for (i = 0; i < images; i++)
                for (k = 0; k < inputs; k++) to[i * t.D + k] = 0;
            for (m = 0; m < t.M; m += CHUNK * WORD) {
                const REAL *from = dout + n * t.M + m, *factor = w + d * t.M + m;
                const ptrdiff_t count = smaller(CHUNK * WORD, t.M - m);
                VEC sum[ROWS][ROWS];
                for (i = 0; i < images; i++)
                    for (k = 0; k < inputs; k++)
                        mask_words(rule, (uint64_t)(((n + i) * t.D + d + k) * words + m / WORD), 1,
                                   divide_up(count, WORD), bits + (i * ROWS + k) * CHUNK);
                if (images == ROWS && inputs == ROWS)
                    NAME(dot)(ROWS, ROWS, from, factor, t.M, bits, count, sum);
                else
                    NAME(dot)(images, inputs, from, factor, t.M, bits, count, sum);
                for (i = 0; i < images; i++)
                    for (k = 0; k < inputs; k++)
                        to[i * t.D + k] += NAME(total)(&sum[i][k], from + i * t.M, factor + k * t.M,
                                                       bits + (i * ROWS + k) * CHUNK, count);
            }
        }
    }
}

#undef VL
#undef VEC
