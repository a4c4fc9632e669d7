/* The loops of noise.c, written once and included for each PIXEL: bytes, and float. */

static INLINE void NAME(add_to_pixels)(const PIXEL *x, PIXEL *out, ptrdiff_t count, float strength,
                                       const float *z) {
    ptrdiff_t k;
#pragma omp simd
    for (k = 0; k < count; k++) out[k] = NAME(rounded)(x[k] + strength * z[k]);
}

static void NAME(add)(const PIXEL *x, const uint64_t *seeds, const float *strengths, PIXEL *out,
                      noise_task t) {
    enum { SIZE = 2 * PAIRS };
    const ptrdiff_t blocks = (t.pixels + SIZE - 1) / SIZE;
    ptrdiff_t p;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (p = 0; p < t.N * blocks; p++) {
        const ptrdiff_t n = p / blocks, b = p % blocks, place = n * t.pixels + b * SIZE;
        const ptrdiff_t left = t.pixels - b * SIZE, count = left < SIZE ? left : SIZE;
        float z[SIZE];
        if (strengths[n] == 0) {
            if (x != out) memcpy(out + place, x + place, (size_t)count * sizeof(PIXEL));
            continue;
        }
        normals(seeds[n], (uint64_t)(b * PAIRS), z);
        if (count == SIZE)
            NAME(add_to_pixels)(x + place, out + place, SIZE, strengths[n], z);
        else
            NAME(add_to_pixels)(x + place, out + place, count, strengths[n], z);
    }
}
