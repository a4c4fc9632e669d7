/* The gradient on the bias, written once and included for each REAL. */

static void NAME(bias_gradient)(const REAL *dout, REAL *db, ptrdiff_t N, ptrdiff_t F, ptrdiff_t P,
                                int threads) {
    ptrdiff_t f;
    (void)threads; /* unused without OpenMP */
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
    for (f = 0; f < F; f++) {
        double total = 0; /* of short runs, each of which is summed in vectors */
        ptrdiff_t n, first, i;
        for (n = 0; n < N; n++)
            for (first = 0; first < P; first += 256) {
                const REAL *run = dout + (n * F + f) * P + first;
                const ptrdiff_t count = P - first < 256 ? P - first : 256;
                REAL sum = 0;
#pragma omp simd reduction(+ : sum)
                for (i = 0; i < count; i++) sum += run[i];
                total += sum;
            }
        db[f] = (REAL)total;
    }
}
