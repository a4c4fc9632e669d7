/* The gradient on the bias, written once and included for each REAL. */

static void NAME(bias_gradient)(const REAL *dout, REAL *db, ptrdiff_t N, ptrdiff_t F, ptrdiff_t P,
                                int threads) {
    ptrdiff_t f;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (f = 0; f < F; f++) {
        double total = 0; /* memory is the limit, so that precision costs nothing */
        ptrdiff_t n, i;
        for (n = 0; n < N; n++) {
            const REAL *map = dout + (n * F + f) * P;
#pragma omp simd reduction(+ : total)
            for (i = 0; i < P; i++) total += (double)map[i];
        }
        db[f] = (REAL)total;
    }
}
