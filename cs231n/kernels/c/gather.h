/* Numbers of one or two vectors in any order: what the instruction sets from AVX2 on have. Loads and
 * stores of the first `count` numbers of a vector touch no others.
 *
 * count_of_4_* tells how many of the lowest four bits are set, higher ones being 0; add_where_* adds b to a in the lanes whose `bits` have a wanted
 * one.
 *
 * HAS_GATHER tells whether they do. int_f32 and int_f64 are vectors of integers with as many lanes
 * as vec_f32 and vec_f64; a lane of `place` from 0 to VL - 1 means one of a, from VL on one of b.
 */
#ifndef CS231N_GATHER_H
#define CS231N_GATHER_H

#include "simd.h"

#if defined(__GNUC__) && (defined(__AVX512BW__) || defined(__AVX2__))
#define HAS_GATHER 1

typedef int32_t int_f32 __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t int_f64 __attribute__((vector_size(VECTOR_BYTES)));
typedef uint8_t bytes_f32 __attribute__((vector_size(VL_f32), aligned(1), may_alias));
typedef uint8_t bytes_f64 __attribute__((vector_size(VL_f64), aligned(1), may_alias));
typedef uint16_t shorts_f32 __attribute__((vector_size(2 * VL_f32), aligned(1), may_alias));
typedef uint16_t shorts_f64 __attribute__((vector_size(2 * VL_f64), aligned(1), may_alias));

/* VL integers of 8 or 16 bits, spelt out: compilers convert such vectors number by number. */
#if defined(__AVX512F__)
static INLINE int_f32 widen_8_f32(const uint8_t *from) {
    return (int_f32)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)from));
}
static INLINE int_f64 widen_8_f64(const uint8_t *from) {
    return (int_f64)_mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)from));
}
static INLINE int_f32 widen_16_f32(const uint16_t *from) {
    return (int_f32)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)from));
}
static INLINE int_f64 widen_16_f64(const uint16_t *from) {
    return (int_f64)_mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)from));
}
#else
static INLINE int_f32 widen_8_f32(const uint8_t *from) {
    return (int_f32)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from));
}
static INLINE int_f64 widen_8_f64(const uint8_t *from) {
    return (int_f64)_mm256_cvtepu8_epi64(_mm_loadu_si32(from));
}
static INLINE int_f32 widen_16_f32(const uint16_t *from) {
    return (int_f32)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)from));
}
static INLINE int_f64 widen_16_f64(const uint16_t *from) {
    return (int_f64)_mm256_cvtepu16_epi64(_mm_loadl_epi64((const __m128i *)from));
}
#endif

#if defined(__AVX512F__)
static INLINE vec_f32 pick_f32(vec_f32 a, vec_f32 b, int_f32 place) {
    return (vec_f32)_mm512_permutex2var_ps((__m512)a, (__m512i)place, (__m512)b);
}
static INLINE vec_f64 pick_f64(vec_f64 a, vec_f64 b, int_f64 place) {
    return (vec_f64)_mm512_permutex2var_pd((__m512d)a, (__m512i)place, (__m512d)b);
}
static INLINE vec_f32 reorder_f32(vec_f32 a, int_f32 place) {
    return (vec_f32)_mm512_permutexvar_ps((__m512i)place, (__m512)a);
}
static INLINE vec_f64 reorder_f64(vec_f64 a, int_f64 place) {
    return (vec_f64)_mm512_permutexvar_pd((__m512i)place, (__m512d)a);
}
static INLINE void store_first_f32(float *to, vec_f32 v, ptrdiff_t count) {
    if (count == VL_f32)
        store_f32(to, v);
    else
        _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)v);
}
static INLINE void store_first_f64(double *to, vec_f64 v, ptrdiff_t count) {
    if (count == VL_f64)
        store_f64(to, v);
    else
        _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1), (__m512d)v);
}
static INLINE vec_f32 count_of_4_f32(int_f32 bits) {
    const vec_f32 counts = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    return reorder_f32(counts, bits);
}
static INLINE vec_f64 count_of_4_f64(int_f64 bits) {
    const vec_f64 low = {0, 1, 1, 2, 1, 2, 2, 3}, high = {1, 2, 2, 3, 2, 3, 3, 4};
    return pick_f64(low, high, bits);
}
static INLINE vec_f32 add_where_f32(vec_f32 a, vec_f32 b, int_f32 bits, int_f32 wanted) {
    const __mmask16 where = _mm512_test_epi32_mask((__m512i)bits, (__m512i)wanted);
    return (vec_f32)_mm512_mask_add_ps((__m512)a, where, (__m512)a, (__m512)b);
}
static INLINE vec_f64 add_where_f64(vec_f64 a, vec_f64 b, int_f64 bits, int_f64 wanted) {
    const __mmask8 where = _mm512_test_epi64_mask((__m512i)bits, (__m512i)wanted);
    return (vec_f64)_mm512_mask_add_pd((__m512d)a, where, (__m512d)a, (__m512d)b);
}
static INLINE vec_f32 load_first_f32(const float *from, ptrdiff_t count) {
    return (vec_f32)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
}
static INLINE vec_f64 load_first_f64(const double *from, ptrdiff_t count) {
    return (vec_f64)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), from);
}
#else
static INLINE vec_f32 reorder_f32(vec_f32 a, int_f32 place) {
    return (vec_f32)_mm256_permutevar8x32_ps((__m256)a, (__m256i)place);
}
static INLINE vec_f32 pick_f32(vec_f32 a, vec_f32 b, int_f32 place) {
    return (vec_f32)_mm256_blendv_ps((__m256)reorder_f32(a, place), (__m256)reorder_f32(b, place),
                                     (__m256)(place << 28)); /* bit 3 becomes the sign */
}
/* There are only reorderings of 32 bits: a number's halves are at twice its place, and behind. */
static INLINE vec_f64 reorder_f64(vec_f64 a, int_f64 place) {
    const int_f64 halves = (place << 1 | place << 33) + (INT64_C(1) << 32);
    return (vec_f64)_mm256_permutevar8x32_ps((__m256)a, (__m256i)halves);
}
static INLINE vec_f64 pick_f64(vec_f64 a, vec_f64 b, int_f64 place) {
    return (vec_f64)_mm256_blendv_pd((__m256d)reorder_f64(a, place), (__m256d)reorder_f64(b, place),
                                     (__m256d)(place << 61));
}
static INLINE void store_first_f32(float *to, vec_f32 v, ptrdiff_t count) {
    ptrdiff_t i;
    if (count == VL_f32)
        store_f32(to, v);
    else
        for (i = 0; i < count; i++) to[i] = v[i];
}
static INLINE void store_first_f64(double *to, vec_f64 v, ptrdiff_t count) {
    ptrdiff_t i;
    if (count == VL_f64)
        store_f64(to, v);
    else
        for (i = 0; i < count; i++) to[i] = v[i];
}
static INLINE vec_f32 count_of_4_f32(int_f32 bits) {
    const vec_f32 low = {0, 1, 1, 2, 1, 2, 2, 3}, high = {1, 2, 2, 3, 2, 3, 3, 4};
    return pick_f32(low, high, bits);
}
static INLINE vec_f64 count_of_4_f64(int_f64 bits) {
    const int_f64 count = bits - (bits >> 1 & 5);
    return __builtin_convertvector((count & 3) + (count >> 2 & 3), vec_f64);
}
static INLINE vec_f32 add_where_f32(vec_f32 a, vec_f32 b, int_f32 bits, int_f32 wanted) {
    return a + (vec_f32)((int_f32)b & ((bits & wanted) != 0));
}
static INLINE vec_f64 add_where_f64(vec_f64 a, vec_f64 b, int_f64 bits, int_f64 wanted) {
    return a + (vec_f64)((int_f64)b & ((bits & wanted) != 0));
}
static INLINE vec_f32 load_first_f32(const float *from, ptrdiff_t count) {
    vec_f32 v = {0};
    ptrdiff_t i;
    if (count == VL_f32) return load_f32(from);
    for (i = 0; i < count; i++) v[i] = from[i];
    return v;
}
static INLINE vec_f64 load_first_f64(const double *from, ptrdiff_t count) {
    vec_f64 v = {0};
    ptrdiff_t i;
    if (count == VL_f64) return load_f64(from);
    for (i = 0; i < count; i++) v[i] = from[i];
    return v;
}
#endif

#else
#define HAS_GATHER 0
#endif

#endif
