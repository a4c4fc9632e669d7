/* The products between the transforms: for each of the 36 positions, a matrix product.
 *
 * Registers hold a few tiles (or filters, of one vector) times two vectors, over the whole depth of
 * the sum.
 */

/* Filters whose gradients are summed together: part of one vector. */
enum { FILTERS_TOGETHER = VECTOR_REGISTERS >= 32 && VL_f32 >= 8 ? 8 : VL_f32 < 4 ? VL_f32 : 4 };

/* m[tile][0..1] = sum over pieces and channels of v[group][tile][lane] * u[piece][channel][0..1],
 * where each piece's channels begin a new group of VL lanes. */
static INLINE void multiply_tiles(int tiles, const V *v, ptrdiff_t v_step, const V *u,
                                  ptrdiff_t channels, ptrdiff_t pieces, V *m, ptrdiff_t m_step) {
    const ptrdiff_t groups = divide_up(channels, VL_f32), rest = channels - (groups - 1) * VL_f32;
    V sum[TOGETHER][2];
    ptrdiff_t group, of_piece = 0, c;
    int t;
    UNROLL_16 for (t = 0; t < tiles; t++) sum[t][0] = sum[t][1] = (V){0};
    for (group = 0; group < pieces * groups; group++) {
        const float *lane = (const float *)v;
        const int is_last = ++of_piece == groups;
        const ptrdiff_t count = is_last ? rest : VL_f32;
        if (is_last) of_piece = 0;
        for (c = 0; c < count; c++) {
            const V u0 = u[0], u1 = u[1];
            UNROLL_16 for (t = 0; t < tiles; t++) {
                const V value = broadcast_f32(lane[t * VL_f32]);
                sum[t][0] += value * u0;
                sum[t][1] += value * u1;
            }
            lane++;
            u += 2;
        }
        v += v_step;
    }
    UNROLL_16 for (t = 0; t < tiles; t++) {
        m[t * m_step] = sum[t][0];
        m[t * m_step + 1] = sum[t][1];
    }
}

/* As above for any number of tiles. */
static void multiply_plane(ptrdiff_t tiles, const V *v, ptrdiff_t v_step, const V *u,
                           ptrdiff_t channels, ptrdiff_t pieces, V *m, ptrdiff_t m_step) {
    ptrdiff_t t = 0;
    while (t < tiles) {
        switch (smaller(TOGETHER, tiles - t)) {
#define CASE(n)                                                                    \
    case n:                                                                        \
        multiply_tiles(n, v + t, v_step, u, channels, pieces, m + t * m_step, m_step); \
        break;
            FOR_EACH_COUNT(CASE)
#undef CASE
        }
        t += TOGETHER;
    }
}

/* du[filter][0..1] += sum over tiles of y[tile][filter] * v[0..1][tile]; the two vectors of v lie
 * v_step apart, one filter's sums du_step. */
static INLINE void multiply_filters(const V *y, const V *v, ptrdiff_t v_step, ptrdiff_t tiles,
                                    V *du, ptrdiff_t du_step, int fresh) {
    V sum[FILTERS_TOGETHER][2];
    const float *lane = (const float *)y;
    ptrdiff_t t;
    int f;
    UNROLL_16 for (f = 0; f < FILTERS_TOGETHER; f++) {
        sum[f][0] = fresh ? (V){0} : du[f * du_step];
        sum[f][1] = fresh ? (V){0} : du[f * du_step + 1];
    }
    for (t = 0; t < tiles; t++) {
        const V v0 = v[t], v1 = v[v_step + t];
        UNROLL_16 for (f = 0; f < FILTERS_TOGETHER; f++) {
            const V value = broadcast_f32(lane[f]);
            sum[f][0] += value * v0;
            sum[f][1] += value * v1;
        }
        lane += VL_f32;
    }
    UNROLL_16 for (f = 0; f < FILTERS_TOGETHER; f++) {
        du[f * du_step] = sum[f][0];
        du[f * du_step + 1] = sum[f][1];
    }
}
