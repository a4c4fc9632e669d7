/* Direct convolution as the table names it; included for each REAL. */

static void NAME(call_convolve)(convolution_geometry g, const REAL *x, const REAL *w, const REAL *b,
                                int relu, REAL *out, void *memory, int threads,
                                int (*interrupted)(void)) {
    work job = start_work(threads, interrupted);
    NAME(direct_convolve)(g, x, w, b, relu, out, memory, &job);
}

static void NAME(call_input)(convolution_geometry g, const REAL *dout, const REAL *w, REAL *dx,
                             void *memory, int threads, int (*interrupted)(void)) {
    work job = start_work(threads, interrupted);
    NAME(direct_input)(g, dout, w, dx, memory, &job);
}

static void NAME(call_weights)(convolution_geometry g, const REAL *dout, const REAL *x, REAL *dw,
                               void *memory, int threads, int (*interrupted)(void)) {
    work job = start_work(threads, interrupted);
    NAME(direct_weights)(g, dout, x, dw, memory, &job);
}
