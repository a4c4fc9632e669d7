/* Fractional max-pooling of one plane, a region at a time; included for each REAL. `most` is known
 * where these are inlined. A region with a NaN has the maximum NaN: its NaNs count as maxima. */

static INLINE void NAME(pool_plane)(const REAL *x, const ptrdiff_t *rows, const ptrdiff_t *cols,
                                    REAL *out, void *winners, ptrdiff_t at,
                                    const fractional_geometry *g, int most) {
    ptrdiff_t i, j, kh, kw;
    for (i = 0; i < g->OH; i++) {
        const ptrdiff_t first = rows[2 * i], height = rows[2 * i + 1] - first;
        for (j = 0; j < g->OW; j++, at++) {
            const ptrdiff_t width = cols[2 * j + 1] - cols[2 * j];
            const REAL *from = x + first * g->W + cols[2 * j];
            REAL top = from[0];
            int bits = 0;
            for (kh = 0; kh < height; kh++)
                for (kw = 0; kw < width; kw++) {
                    const REAL value = from[kh * g->W + kw];
                    top = (value > top) | (value != value) ? value : top;
                }
            out[at] = top;
            if (!winners) continue;
            for (kh = 0; kh < height; kh++)
                for (kw = 0; kw < width; kw++) {
                    const REAL value = from[kh * g->W + kw];
                    bits |= ((value == top) | (value != value)) << (kh * most + kw);
                }
            if (most == 2)
                ((uint8_t *)winners)[at] = (uint8_t)bits;
            else
                ((uint16_t *)winners)[at] = (uint16_t)bits;
        }
    }
}

static INLINE void NAME(unpool_plane)(const REAL *dout, const void *winners, ptrdiff_t at,
                                      const ptrdiff_t *rows, const ptrdiff_t *cols, REAL *dx,
                                      const fractional_geometry *g, int most) {
    ptrdiff_t i, j;
    memset(dx, 0, (size_t)(g->H * g->W) * sizeof(REAL));
    for (i = 0; i < g->OH; i++)
        for (j = 0; j < g->OW; j++, at++) {
            REAL *to = dx + rows[2 * i] * g->W + cols[2 * j], share;
            const ptrdiff_t height = rows[2 * i + 1] - rows[2 * i];
            const ptrdiff_t width = cols[2 * j + 1] - cols[2 * j];
            const int bits = winners_at(winners, at, most);
            int count = 0, rest;
            ptrdiff_t kh, kw;
            for (rest = bits; rest; rest &= rest - 1) count++;
            share = dout[at] / (REAL)count;
            for (kh = 0; kh < height; kh++)
                for (kw = 0; kw < width; kw++)
                    if (bits >> (kh * most + kw) & 1) to[kh * g->W + kw] += share;
        }
}
