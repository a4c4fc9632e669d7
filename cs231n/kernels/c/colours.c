#if defined(__GNUC__) && !defined(__clang__)
/* Nobody asks for floating-point exceptions; minding them, it makes no vectors of some loops. */
#pragma GCC optimize("no-trapping-math")
#endif

#include "colours.h"

#include <math.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "colours_bytes.h"
#include "rounded.h"

static INLINE void add_u8(const uint8_t *x, uint8_t *out, ptrdiff_t pixels, float offset) {
    const float limited = offset > -255 ? (offset < 255 ? offset : 255) : -255;
    const int16_t step = (int16_t)floorf(limited + 0.5f);
    ptrdiff_t k;
#pragma omp simd
    for (k = 0; k < pixels; k++) {
        const int16_t sum = (int16_t)(x[k] + step), above = sum > 0 ? sum : 0;
        out[k] = (uint8_t)(above < 255 ? above : 255);
    }
}
static INLINE void add_f32(const float *x, float *out, ptrdiff_t pixels, float offset) {
    ptrdiff_t k;
#pragma omp simd
    for (k = 0; k < pixels; k++) out[k] = x[k] + offset;
}

static INLINE void scale_u8(const uint8_t *x, uint8_t *out, ptrdiff_t pixels, const float *m,
                            ptrdiff_t C, ptrdiff_t c) {
    const whole_matrix w = as_whole(m, C, c);
    scale_bytes(x, out, pixels, &w);
}
static INLINE void scale_f32(const float *x, float *out, ptrdiff_t pixels, const float *m,
                             ptrdiff_t C, ptrdiff_t c) {
    const float scale = m[c * (C + 2)], offset = m[c * (C + 1) + C];
    ptrdiff_t k;
#pragma omp simd
    for (k = 0; k < pixels; k++) out[k] = scale * x[k] + offset;
}

static INLINE void matrix_of_three_f32(const float *x, float *out, ptrdiff_t pixels,
                                       const float *m) {
    const float *r = x, *g = x + pixels, *b = x + 2 * pixels;
    float *to_r = out, *to_g = out + pixels, *to_b = out + 2 * pixels;
    ptrdiff_t k;
    /* In place the three are read before they are written. */
#pragma omp simd
    for (k = 0; k < pixels; k++) {
        const float red = r[k], green = g[k], blue = b[k];
        to_r[k] = m[0] * red + m[1] * green + m[2] * blue + m[3];
        to_g[k] = m[4] * red + m[5] * green + m[6] * blue + m[7];
        to_b[k] = m[8] * red + m[9] * green + m[10] * blue + m[11];
    }
}

static INLINE double sum_u8(const uint8_t *x, ptrdiff_t pixels) {
    int64_t total = 0;
    ptrdiff_t k = 0;
#if defined(__AVX2__)
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums[2] = {zero, zero};
    for (; k + 64 <= pixels; k += 64) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(x + k));
        const __m256i b = _mm256_loadu_si256((const __m256i *)(x + k + 32));
        sums[0] = _mm256_add_epi64(sums[0], _mm256_sad_epu8(a, zero));
        sums[1] = _mm256_add_epi64(sums[1], _mm256_sad_epu8(b, zero));
    }
    sums[0] = _mm256_add_epi64(sums[0], sums[1]);
    total = _mm256_extract_epi64(sums[0], 0) + _mm256_extract_epi64(sums[0], 1) +
            _mm256_extract_epi64(sums[0], 2) + _mm256_extract_epi64(sums[0], 3);
#endif
    for (; k < pixels; k++) total += x[k];
    return (double)total;
}
static INLINE double sum_f32(const float *x, ptrdiff_t pixels) {
    double total = 0;
    ptrdiff_t k;
#pragma omp simd reduction(+ : total)
    for (k = 0; k < pixels; k++) total += x[k];
    return total;
}

static INLINE int is_diagonal(const float *m, ptrdiff_t C) {
    ptrdiff_t i, j;
    for (i = 0; i < C; i++)
        for (j = 0; j < C; j++)
            if (i != j && m[i * (C + 1) + j] != 0) return 0;
    return 1;
}

/* How much of the chroma a channel lacks, at a hue counted in sixths of a turn from its own
 * place: nothing on a third of the circle, all of it on another. */
static INLINE float missing(float hue) {
    const float k = hue - 6 * floorf(hue * (1 / 6.0f)), down = 4 - k;
    const float least = k < down ? k : down, above = least > 0 ? least : 0;
    return above < 1 ? above : 1;
}

static INLINE void mix_two_f32(const float *a, const float *b, float *out, ptrdiff_t count,
                               float share) {
    const float rest = 1 - share;
    ptrdiff_t k;
#pragma omp simd
    for (k = 0; k < count; k++) out[k] = share * a[k] + rest * b[k];
}

static void look_up(const uint8_t *x, const uint8_t *tables, uint8_t *out, colour_task t) {
    const ptrdiff_t size = t.C * t.pixels;
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++) look_up_bytes(x + n * size, tables + 256 * n, out + n * size, size);
}

#define PIXEL uint8_t
#define NAME(stem) stem##_u8
#include "colours_loops.h"
#undef PIXEL
#undef NAME

#define PIXEL float
#define NAME(stem) stem##_f32
#include "colours_loops.h"
#undef PIXEL
#undef NAME

const colours_kernels KERNELS(colours) = {matrix_u8, matrix_f32, hsv_u8, hsv_f32,
                                          shade_u8,  shade_f32,  mix_u8, mix_f32,
                                          means_u8,  means_f32,  look_up};
