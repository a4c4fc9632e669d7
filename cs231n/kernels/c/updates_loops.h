/* The loops of updates.c, written once and included for each REAL: one pass over memory each. */

/* Without a decay w is left out altogether: 0 * infinity would be NaN. */
static INLINE REAL NAME(decayed)(REAL dw, REAL w, REAL decay) {
    return decay != 0 ? dw + decay * w : dw;
}

static void NAME(sgd)(REAL *w, const REAL *dw, update_task t) {
    const REAL rate = (REAL)t.learning_rate, decay = (REAL)t.weight_decay;
    ptrdiff_t i;
#pragma omp parallel for simd num_threads(t.threads) if (parallel : t.threads > 1) schedule(static)
    for (i = 0; i < t.count; i++) w[i] -= rate * NAME(decayed)(dw[i], w[i], decay);
}

static void NAME(momentum)(REAL *w, const REAL *dw, REAL *velocity, update_task t) {
    const REAL rate = (REAL)t.learning_rate, decay = (REAL)t.weight_decay;
    const REAL momentum = (REAL)t.first;
    ptrdiff_t i;
#pragma omp parallel for simd num_threads(t.threads) if (parallel : t.threads > 1) schedule(static)
    for (i = 0; i < t.count; i++) {
        velocity[i] = momentum * velocity[i] - rate * NAME(decayed)(dw[i], w[i], decay);
        w[i] += velocity[i];
    }
}

static void NAME(rmsprop)(REAL *w, const REAL *dw, REAL *cache, update_task t) {
    const REAL rate = (REAL)t.learning_rate, decay = (REAL)t.weight_decay;
    const REAL keep = (REAL)t.first, take = (REAL)(1 - t.first), epsilon = (REAL)t.epsilon;
    ptrdiff_t i;
#pragma omp parallel for simd num_threads(t.threads) if (parallel : t.threads > 1) schedule(static)
    for (i = 0; i < t.count; i++) {
        const REAL g = NAME(decayed)(dw[i], w[i], decay);
        cache[i] = keep * cache[i] + take * (g * g);
        w[i] -= rate * g / (SQRT(cache[i]) + epsilon);
    }
}

static void NAME(adam)(REAL *w, const REAL *dw, REAL *m, REAL *v, update_task t) {
    const REAL decay = (REAL)t.weight_decay, epsilon = (REAL)t.epsilon;
    const REAL rate = (REAL)(t.learning_rate / t.first_correction);
    const REAL keep_m = (REAL)t.first, take_m = (REAL)(1 - t.first);
    const REAL keep_v = (REAL)t.second, take_v = (REAL)(1 - t.second);
    const REAL growth = (REAL)(1 / t.second_correction);
    ptrdiff_t i;
#pragma omp parallel for simd num_threads(t.threads) if (parallel : t.threads > 1) schedule(static)
    for (i = 0; i < t.count; i++) {
        const REAL g = NAME(decayed)(dw[i], w[i], decay);
        m[i] = keep_m * m[i] + take_m * g;
        v[i] = keep_v * v[i] + take_v * (g * g);
        w[i] -= rate * m[i] / (SQRT(growth * v[i]) + epsilon);
    }
}
