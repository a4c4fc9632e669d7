#if defined(__GNUC__) && !defined(__clang__)
/* Nobody asks for floating-point exceptions; minding them, it makes no vectors of some loops. */
#pragma GCC optimize("no-trapping-math")
#endif

#include "resampling.h"

#include <math.h>

#include "borders.h"
#include "interrupt.h"
#include "resampling_places.h"
#include "rounded.h"

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

enum { LANES = 4 };

/* Three channels side by side. As whole words the compiler makes vectors of them. */
static INLINE void interleave_u8(const uint8_t *r, const uint8_t *g, const uint8_t *b, uint8_t *to,
                                 ptrdiff_t count) {
    const uint32_t little = 1;
    ptrdiff_t j;
    if (*(const uint8_t *)&little) {
        for (j = 0; j < count; j++) {
            const uint32_t word = r[j] | (uint32_t)g[j] << 8 | (uint32_t)b[j] << 16;
            memcpy(to + 4 * j, &word, 4);
        }
    } else {
        for (j = 0; j < count; j++)
            to[4 * j] = r[j], to[4 * j + 1] = g[j], to[4 * j + 2] = b[j], to[4 * j + 3] = 0;
    }
}
static INLINE void interleave_f32(const float *r, const float *g, const float *b, float *to,
                                  ptrdiff_t count) {
    ptrdiff_t j;
    for (j = 0; j < count; j++)
        to[4 * j] = r[j], to[4 * j + 1] = g[j], to[4 * j + 2] = b[j], to[4 * j + 3] = 0;
}

/* Bytes are interpolated between two pixels in 16 bits: 7 of them behind the point, rounded after each of the two
 * steps. The vectors below do the same to the bit. */
static INLINE int32_t between(int32_t a, int32_t b, int32_t f) {
    return a + (((b - a) * f + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS);
}

static INLINE void look_bilinear_u8(const uint8_t *frame, const places *p, ptrdiff_t k,
                                    ptrdiff_t stride, uint8_t *pixel) {
    const uint8_t *top = frame + LANES * (ptrdiff_t)p->index[k], *bottom = top + LANES * stride;
    int c;
    for (c = 0; c < LANES; c++) {
        const int32_t left = between(top[c] << 7, bottom[c] << 7, p->fy[k]);
        const int32_t right = between(top[c + LANES] << 7, bottom[c + LANES] << 7, p->fy[k]);
        pixel[c] = (uint8_t)((between(left, right, p->fx[k]) + 64) >> 7);
    }
}

static INLINE void look_bilinear_f32(const float *frame, const places *p, ptrdiff_t k,
                                     ptrdiff_t stride, float *pixel) {
    const float *top = frame + LANES * (ptrdiff_t)p->index[k], *bottom = top + LANES * stride;
    const float fx = p->gx[k], fy = p->gy[k];
    int c;
    for (c = 0; c < LANES; c++) {
        const float left = top[c] + fy * (bottom[c] - top[c]);
        const float right = top[c + LANES] + fy * (bottom[c + LANES] - top[c + LANES]);
        pixel[c] = left + fx * (right - left);
    }
}

#if defined(__SSE4_1__)
static INLINE __m128i look_words(const uint8_t *frame, const places *p, ptrdiff_t k,
                                 ptrdiff_t stride) {
    const uint8_t *at = frame + LANES * (ptrdiff_t)p->index[k];
    const __m128i fx = _mm_set1_epi16(p->fx[k]), fy = _mm_set1_epi16(p->fy[k]);
    __m128i top = _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)at));
    __m128i bottom = _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)(at + LANES * stride)));
    top = _mm_slli_epi16(top, 7);
    bottom = _mm_slli_epi16(bottom, 7);
    /* The left pixel's four channels, then the right one's. */
    const __m128i both = _mm_add_epi16(top, _mm_mulhrs_epi16(_mm_sub_epi16(bottom, top), fy));
    const __m128i right = _mm_unpackhi_epi64(both, both);
    return _mm_add_epi16(both, _mm_mulhrs_epi16(_mm_sub_epi16(right, both), fx));
}

/* Four pixels of four channels side by side; the first three channels are stored. */
static INLINE void store_four(__m128i pixels, uint8_t *out, ptrdiff_t plane) {
    const __m128i planes = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m128i rgb = _mm_shuffle_epi8(pixels, planes);
    const int32_t red = _mm_cvtsi128_si32(rgb), green = _mm_extract_epi32(rgb, 1);
    const int32_t blue = _mm_extract_epi32(rgb, 2);
    memcpy(out, &red, 4);
    memcpy(out + plane, &green, 4);
    memcpy(out + 2 * plane, &blue, 4);
}

/* As many pixels as make whole vectors; returns how many. */
static INLINE ptrdiff_t bilinear_ahead_u8(const uint8_t *frame, const places *p, ptrdiff_t count,
                                          ptrdiff_t stride, uint8_t *out, ptrdiff_t plane) {
    const __m128i half = _mm_set1_epi16(64);
    ptrdiff_t k;
    for (k = 0; k + 4 <= count; k += 4) {
        const __m128i a = look_words(frame, p, k, stride), b = look_words(frame, p, k + 1, stride);
        const __m128i c = look_words(frame, p, k + 2, stride);
        const __m128i d = look_words(frame, p, k + 3, stride);
        const __m128i ab = _mm_srai_epi16(_mm_add_epi16(_mm_unpacklo_epi64(a, b), half), 7);
        const __m128i cd = _mm_srai_epi16(_mm_add_epi16(_mm_unpacklo_epi64(c, d), half), 7);
        store_four(_mm_packus_epi16(ab, cd), out + k, plane);
    }
    return k;
}

static INLINE int32_t pixel_at(const uint8_t *frame, const places *p, ptrdiff_t k) {
    int32_t pixel;
    memcpy(&pixel, frame + LANES * (ptrdiff_t)p->index[k], LANES);
    return pixel;
}

static INLINE ptrdiff_t nearest_ahead_u8(const uint8_t *frame, const places *p, ptrdiff_t count,
                                         uint8_t *out, ptrdiff_t plane) {
    ptrdiff_t k;
    for (k = 0; k + 4 <= count; k += 4)
        store_four(_mm_setr_epi32(pixel_at(frame, p, k), pixel_at(frame, p, k + 1),
                                  pixel_at(frame, p, k + 2), pixel_at(frame, p, k + 3)),
                   out + k, plane);
    return k;
}
#else
static INLINE ptrdiff_t bilinear_ahead_u8(const uint8_t *frame, const places *p, ptrdiff_t count,
                                          ptrdiff_t stride, uint8_t *out, ptrdiff_t plane) {
    (void)frame, (void)p, (void)count, (void)stride, (void)out, (void)plane;
    return 0;
}
static INLINE ptrdiff_t nearest_ahead_u8(const uint8_t *frame, const places *p, ptrdiff_t count,
                                         uint8_t *out, ptrdiff_t plane) {
    (void)frame, (void)p, (void)count, (void)out, (void)plane;
    return 0;
}
#endif

static INLINE ptrdiff_t bilinear_ahead_f32(const float *frame, const places *p, ptrdiff_t count,
                                           ptrdiff_t stride, float *out, ptrdiff_t plane) {
    (void)frame, (void)p, (void)count, (void)stride, (void)out, (void)plane;
    return 0;
}
static INLINE ptrdiff_t nearest_ahead_f32(const float *frame, const places *p, ptrdiff_t count,
                                          float *out, ptrdiff_t plane) {
    (void)frame, (void)p, (void)count, (void)out, (void)plane;
    return 0;
}

#include "bicubic.h"
#include "blur_sums.h"
#include "stretch.h"

#define PIXEL uint8_t
#define ROW row_u8
#define NAME(stem) stem##_u8
#include "stretch_loops.h"
#include "resampling_loops.h"

#define CELL float
#define LENGTH VL_f32
#define SUMS sum_floats
#define TAKE take_floats
#define AS_CELL as_float_u8
#define AS_PIXEL rounded_u8
#include "blur_loops.h"
#undef NAME

#define NAME(stem) stem##_words
#define CELL uint16_t
#define LENGTH WORDS
#define SUMS sum_words
#define TAKE take_words
#define AS_CELL as_word
#define AS_PIXEL rounded_word
#include "blur_loops.h"
#undef PIXEL
#undef ROW
#undef NAME

#define PIXEL float
#define ROW row_f32
#define NAME(stem) stem##_f32
#include "stretch_loops.h"
#include "resampling_loops.h"

#define CELL float
#define LENGTH VL_f32
#define SUMS sum_floats
#define TAKE take_floats
#define AS_CELL as_float_f32
#define AS_PIXEL rounded_f32
#include "blur_loops.h"
#undef PIXEL
#undef ROW
#undef NAME

const resampling_kernels KERNELS(resampling) = {warp_u8, warp_f32, blur_u8, blur_f32, blur_words};
