/* Blur of resampling.c: down the columns, then along the rows. */

static INLINE void NAME(blur_plane)(const PIXEL *x, PIXEL *out, const float *weights, float *columns,
                                    float *row, const blur_task *t) {
    const ptrdiff_t H = t->H, W = t->W, R = t->radius;
    ptrdiff_t i, j, k;
    for (i = 0; i < H; i++) {
        float *to = columns + i * W;
        for (j = 0; j < W; j++) to[j] = 0;
        for (k = -R; k <= R; k++) {
            const ptrdiff_t from = inside(i + k, H, t->border);
            const float weight = weights[k + R];
            const PIXEL *in = x + from * W;
            if (from < 0 || weight == 0) continue;
            for (j = 0; j < W; j++) to[j] += weight * in[j];
        }
    }
    for (i = 0; i < H; i++) {
        float *const in = columns + i * W, *const line = row + R;
        memcpy(line, in, (size_t)W * sizeof(float));
        for (k = 1; k <= R; k++) {
            const ptrdiff_t before = inside(-k, W, t->border);
            const ptrdiff_t behind = inside(W - 1 + k, W, t->border);
            line[-k] = before < 0 ? 0 : in[before];
            line[W - 1 + k] = behind < 0 ? 0 : in[behind];
        }
        for (j = 0; j < W; j++) in[j] = 0;
        for (k = -R; k <= R; k++) {
            const float weight = weights[k + R], *shifted = line + k;
            if (weight == 0) continue;
            for (j = 0; j < W; j++) in[j] += weight * shifted[j];
        }
        for (j = 0; j < W; j++) out[i * W + j] = NAME(rounded)(in[j]);
    }
}

static void NAME(blur)(const PIXEL *x, PIXEL *out, blur_task t) {
    const ptrdiff_t plane = t.H * t.W;
    ptrdiff_t p;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (p = 0; p < t.N * t.C; p++) {
        float *memory = t.memory + THREAD() * t.memory_of_thread;
        NAME(blur_plane)(x + p * plane, out + p * plane, t.weights + p / t.C * (2 * t.radius + 1),
                         memory, memory + plane, &t);
    }
}
