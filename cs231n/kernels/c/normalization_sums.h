/* What batch and layer normalisation share: the expression itself, and accurate sums.
 *
 * Sums are taken about a centre, the first number for the mean and the mean for the variance, so
 * nothing is lost where the mean is large against the deviation.
 */

typedef struct {
    REAL mean, scale, beta;
} NAME(norm_line);

/* Forward and backward evaluate this one expression, so that the ReLU's mask is the same to the
 * bit. What follows must not use its product, or the compiler fuses it in one place only. */
static INLINE NAME(vec) NAME(normalise)(NAME(vec) x, NAME(vec) mean, NAME(vec) scale,
                                        NAME(vec) beta) {
    return (x - mean) * scale + beta;
}

static INLINE REAL NAME(normalise_one)(REAL x, REAL mean, REAL scale, REAL beta) {
    return (x - mean) * scale + beta;
}

/* NaN stays NaN. */
static INLINE REAL NAME(relu_one)(REAL y) { return y < 0 ? 0 : y; }

/* v where y > 0, else 0. */
static INLINE NAME(vec) NAME(where_positive)(NAME(vec) y, NAME(vec) v) {
#if defined(__GNUC__)
    const __typeof__(y > y) mask = y > (NAME(vec)){0};
    return (NAME(vec))((__typeof__(mask))v & mask);
#else
    return y > 0 ? v : 0;
#endif
}

static INLINE double NAME(inverse_deviation)(REAL var, double eps) {
    return 1 / sqrt((double)var + eps);
}

static INLINE NAME(norm_line) NAME(line_of)(REAL gamma, REAL beta, REAL mean, REAL var,
                                            double eps) {
    const NAME(norm_line) line = {mean, (REAL)(gamma * NAME(inverse_deviation)(var, eps)), beta};
    return line;
}

/* A number to sum about: any is right, but an infinite one would make NaN of a finite sum. */
static INLINE REAL NAME(shift_of)(REAL x) { return x - x == 0 ? x : 0; }

static INLINE double NAME(total)(const NAME(vec) * sums) {
    double total = 0;
    REAL lanes[NAME(VL)];
    int k;
    NAME(store)(lanes, (sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (k = 0; k < NAME(VL); k++) total += lanes[k];
    return total;
}

/* Adds x - centre, or its square, to the sums; what fills no vector goes to the rest. */
static INLINE void NAME(add_run)(NAME(vec) * sums, double *rest, const REAL *x, ptrdiff_t count,
                                 REAL centre, int squared) {
    const NAME(vec) centres = NAME(broadcast)(centre);
    ptrdiff_t i = 0;
    int k;
    for (; i + SUMS * NAME(VL) <= count; i += SUMS * NAME(VL))
        for (k = 0; k < SUMS; k++) {
            NAME(vec) d = NAME(load)(x + i + k * NAME(VL)) - centres;
            if (squared) d = d * d;
            sums[k] += d;
        }
    for (; i + NAME(VL) <= count; i += NAME(VL)) {
        NAME(vec) d = NAME(load)(x + i) - centres;
        if (squared) d = d * d;
        sums[0] += d;
    }
    for (; i < count; i++) {
        const double d = (double)x[i] - (double)centre;
        *rest += squared ? d * d : d;
    }
}

/* The sum of x - centre, or of its square, over runs of `length` numbers, `stride` apart. */
static INLINE double NAME(sum_runs)(const REAL *x, ptrdiff_t runs, ptrdiff_t length,
                                    ptrdiff_t stride, REAL centre, int squared) {
    const ptrdiff_t most = (ptrdiff_t)RUN_LENGTH * SUMS * NAME(VL);
    const ptrdiff_t together = length < most ? most / length : 1;
    double total = 0;
    ptrdiff_t run, i;
    for (run = 0; run < runs; run += together) {
        const ptrdiff_t last = SMALLER(run + together, runs);
        for (i = 0; i < length; i += most) {
            NAME(vec) sums[SUMS] = {{0}};
            ptrdiff_t r;
            for (r = run; r < last; r++)
                NAME(add_run)(sums, &total, x + r * stride + i, SMALLER(most, length - i), centre,
                              squared);
            total += NAME(total)(sums);
        }
    }
    return total;
}
