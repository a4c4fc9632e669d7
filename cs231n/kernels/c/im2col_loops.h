/* The loops of im2col.c, written once and included for each REAL. */

static void NAME(zero_run)(REAL *to, ptrdiff_t step, ptrdiff_t first, ptrdiff_t last) {
    ptrdiff_t j;
    for (j = first; j < last; j++) to[j * step] = 0;
}

/* One map row of one column row: OW outputs from one line of the image. */
static void NAME(unfold_line)(const REAL *line, REAL *to, ptrdiff_t step, ptrdiff_t stride,
                              span s, ptrdiff_t outputs) {
    ptrdiff_t j;
    NAME(zero_run)(to, step, 0, s.first);
    if (step == 1 && stride == 1) {
        if (s.last > s.first) memcpy(to + s.first, line + s.first, (size_t)(s.last - s.first) * sizeof(REAL));
    } else {
        for (j = s.first; j < s.last; j++) to[j * step] = line[j * stride];
    }
    NAME(zero_run)(to, step, s.last, outputs);
}

static void NAME(im2col)(const REAL *x, REAL *cols, im2col_geometry g, im2col_steps step, int threads) {
    const ptrdiff_t rows = g.C * g.HH * g.WW;
    ptrdiff_t task;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (task = 0; task < rows * g.N; task++) {
        /* Images outermost: the image stays in cache while its rows are written. */
        const ptrdiff_t n = task / rows, r = task % rows;
        const ptrdiff_t c = r / (g.HH * g.WW), kh = r / g.WW % g.HH, kw = r % g.WW;
        const REAL *plane = x + (n * g.C + c) * g.H * g.W;
        REAL *to = cols + r * step.row + n * step.image;
        const span across = inside(kw, g.pad, g.stride, g.W, g.OW);
        const span down = inside(kh, g.pad, g.stride, g.H, g.OH);
        const ptrdiff_t line_step = g.OW * step.position;
        ptrdiff_t i;
        NAME(zero_run)(to, step.position, 0, down.first * g.OW);
        for (i = down.first; i < down.last; i++) {
            const REAL *line = plane + (i * g.stride + kh - g.pad) * g.W + kw - g.pad;
            NAME(unfold_line)(line, to + i * line_step, step.position, g.stride, across, g.OW);
        }
        NAME(zero_run)(to, step.position, down.last * g.OW, g.OH * g.OW);
    }
}

static void NAME(col2im)(const REAL *cols, REAL *x, im2col_geometry g, im2col_steps step, int threads) {
    ptrdiff_t task;
    (void)threads;
    /* One task is one plane, so no two threads add to the same pixel. */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (task = 0; task < g.N * g.C; task++) {
        const ptrdiff_t n = task / g.C, c = task % g.C;
        REAL *plane = x + task * g.H * g.W;
        ptrdiff_t kh, kw, i, j;
        memset(plane, 0, (size_t)(g.H * g.W) * sizeof(REAL));
        for (kh = 0; kh < g.HH; kh++) {
            const span down = inside(kh, g.pad, g.stride, g.H, g.OH);
            for (kw = 0; kw < g.WW; kw++) {
                const span across = inside(kw, g.pad, g.stride, g.W, g.OW);
                const ptrdiff_t r = (c * g.HH + kh) * g.WW + kw;
                const REAL *from = cols + r * step.row + n * step.image;
                for (i = down.first; i < down.last; i++) {
                    const REAL *source = from + i * g.OW * step.position;
                    REAL *line = plane + (i * g.stride + kh - g.pad) * g.W + kw - g.pad;
                    if (step.position == 1 && g.stride == 1) {
                        for (j = across.first; j < across.last; j++) line[j] += source[j];
                    } else {
                        for (j = across.first; j < across.last; j++)
                            line[j * g.stride] += source[j * step.position];
                    }
                }
            }
        }
    }
}
