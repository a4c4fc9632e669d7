/* The loops of updates.c, written once and included for each REAL: one pass over memory each. Where
 * there are roots to take, the numbers that fill no vector are copied into one. */

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
    const int nesterov = t.nesterov;
    ptrdiff_t i;
#pragma omp parallel for simd num_threads(t.threads) if (parallel : t.threads > 1) schedule(static)
    for (i = 0; i < t.count; i++) {
        const REAL down = rate * NAME(decayed)(dw[i], w[i], decay);
        velocity[i] = momentum * velocity[i] - down;
        w[i] += nesterov ? momentum * velocity[i] - down : velocity[i];
    }
}

static INLINE NAME(vec) NAME(decayed_vector)(const REAL *dw, NAME(vec) w, REAL decay) {
    NAME(vec) g = NAME(load)(dw);
    if (decay != 0) g += NAME(broadcast)(decay) * w;
    return g;
}

static INLINE void NAME(rmsprop_vector)(REAL *w, const REAL *dw, REAL *cache,
                                        const update_task *t) {
    const NAME(vec) keep = NAME(broadcast)((REAL)t->first);
    const NAME(vec) take = NAME(broadcast)((REAL)(1 - t->first));
    const NAME(vec) rate = NAME(broadcast)((REAL)t->learning_rate);
    const NAME(vec) epsilon = NAME(broadcast)((REAL)t->epsilon), before = NAME(load)(w);
    const NAME(vec) g = NAME(decayed_vector)(dw, before, (REAL)t->weight_decay);
    const NAME(vec) mean = keep * NAME(load)(cache) + take * (g * g);
    NAME(store)(cache, mean);
    NAME(store)(w, before - rate * g / (NAME(square_root)(mean) + epsilon));
}

static void NAME(rmsprop)(REAL *w, const REAL *dw, REAL *cache, update_task t) {
    const ptrdiff_t whole = t.count / NAME(VL), at = whole * NAME(VL);
    const size_t rest = (size_t)(t.count - at) * sizeof(REAL);
    REAL last[3][NAME(VL)] = {{0}};
    ptrdiff_t i;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (i = 0; i < whole; i++)
        NAME(rmsprop_vector)(w + i * NAME(VL), dw + i * NAME(VL), cache + i * NAME(VL), &t);
    memcpy(last[0], w + at, rest);
    memcpy(last[1], dw + at, rest);
    memcpy(last[2], cache + at, rest);
    NAME(rmsprop_vector)(last[0], last[1], last[2], &t);
    memcpy(w + at, last[0], rest);
    memcpy(cache + at, last[2], rest);
}

static INLINE void NAME(adam_vector)(REAL *w, const REAL *dw, REAL *m, REAL *v,
                                     const update_task *t) {
    const NAME(vec) keep_m = NAME(broadcast)((REAL)t->first);
    const NAME(vec) take_m = NAME(broadcast)((REAL)(1 - t->first));
    const NAME(vec) keep_v = NAME(broadcast)((REAL)t->second);
    const NAME(vec) take_v = NAME(broadcast)((REAL)(1 - t->second));
    const NAME(vec) rate = NAME(broadcast)((REAL)(t->learning_rate / t->first_correction));
    const NAME(vec) growth = NAME(broadcast)((REAL)(1 / t->second_correction));
    const NAME(vec) epsilon = NAME(broadcast)((REAL)t->epsilon), before = NAME(load)(w);
    const NAME(vec) g = NAME(decayed_vector)(dw, before, (REAL)t->weight_decay);
    const NAME(vec) mean = keep_m * NAME(load)(m) + take_m * g;
    const NAME(vec) square = keep_v * NAME(load)(v) + take_v * (g * g);
    NAME(store)(m, mean);
    NAME(store)(v, square);
    NAME(store)(w, before - rate * mean / (NAME(square_root)(growth * square) + epsilon));
}

static void NAME(adam)(REAL *w, const REAL *dw, REAL *m, REAL *v, update_task t) {
    const ptrdiff_t whole = t.count / NAME(VL), at = whole * NAME(VL);
    const size_t rest = (size_t)(t.count - at) * sizeof(REAL);
    REAL last[4][NAME(VL)] = {{0}};
    ptrdiff_t i;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (i = 0; i < whole; i++)
        NAME(adam_vector)(w + i * NAME(VL), dw + i * NAME(VL), m + i * NAME(VL), v + i * NAME(VL),
                          &t);
    memcpy(last[0], w + at, rest);
    memcpy(last[1], dw + at, rest);
    memcpy(last[2], m + at, rest);
    memcpy(last[3], v + at, rest);
    NAME(adam_vector)(last[0], last[1], last[2], last[3], &t);
    memcpy(w + at, last[0], rest);
    memcpy(m + at, last[2], rest);
    memcpy(v + at, last[3], rest);
}
