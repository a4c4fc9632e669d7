/* Vectors of the instruction set at hand, by the compiler's own vector types.
 *
 * Included once for each REAL (float, double), like the loops: VL numbers make one NAME(vec). A
 * compiler without vector types gets vectors of one number, so the loops are right everywhere.
 */
#ifndef CS231N_SIMD_H
#define CS231N_SIMD_H

#include <math.h>
#include <stdint.h>

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define VECTOR_REGISTERS 32
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#define VECTOR_REGISTERS 16
#elif defined(__aarch64__)
#define VECTOR_BYTES 16
#define VECTOR_REGISTERS 32
#else
#define VECTOR_BYTES 16
#define VECTOR_REGISTERS 16
#endif

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#if defined(__GNUC__)
typedef float vec_f32 __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef double vec_f64 __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef float loose_vec_f32 __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
typedef double loose_vec_f64 __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));
#define VL_f32 (VECTOR_BYTES / 4)
#define VL_f64 (VECTOR_BYTES / 8)
#else
typedef float vec_f32, loose_vec_f32;
typedef double vec_f64, loose_vec_f64;
#define VL_f32 1
#define VL_f64 1
#endif

/* Whether vectors can be stored past the cache at this address. */
static INLINE int can_stream(const void *to) { return ((uintptr_t)to & (VECTOR_BYTES - 1)) == 0; }

#if defined(__AVX512F__)
static INLINE void stream_f32(float *to, vec_f32 v) { _mm512_stream_ps(to, (__m512)v); }
static INLINE void stream_f64(double *to, vec_f64 v) { _mm512_stream_pd(to, (__m512d)v); }
#elif defined(__AVX__)
static INLINE void stream_f32(float *to, vec_f32 v) { _mm256_stream_ps(to, (__m256)v); }
static INLINE void stream_f64(double *to, vec_f64 v) { _mm256_stream_pd(to, (__m256d)v); }
#elif defined(__x86_64__) && defined(__GNUC__)
static INLINE void stream_f32(float *to, vec_f32 v) { _mm_stream_ps(to, (__m128)v); }
static INLINE void stream_f64(double *to, vec_f64 v) { _mm_stream_pd(to, (__m128d)v); }
#else
static INLINE void stream_f32(float *to, vec_f32 v) { *(vec_f32 *)to = v; }
static INLINE void stream_f64(double *to, vec_f64 v) { *(vec_f64 *)to = v; }
#endif

/* Streamed stores are not ordered with later ones until this. */
static INLINE void end_streaming(void) {
#if defined(__x86_64__) && defined(__GNUC__)
    _mm_sfence();
#endif
}

static INLINE vec_f32 load_f32(const float *from) { return *(const loose_vec_f32 *)from; }
static INLINE vec_f64 load_f64(const double *from) { return *(const loose_vec_f64 *)from; }
static INLINE void store_f32(float *to, vec_f32 v) { *(loose_vec_f32 *)to = v; }
static INLINE void store_f64(double *to, vec_f64 v) { *(loose_vec_f64 *)to = v; }
static INLINE vec_f32 broadcast_f32(float value) { return value - (vec_f32){0}; }
static INLINE vec_f64 broadcast_f64(double value) { return value - (vec_f64){0}; }

/* The larger of two; NaN where a is NaN. */
#if defined(__AVX512F__)
static INLINE vec_f32 maximum_f32(vec_f32 a, vec_f32 b) { return _mm512_max_ps(b, a); }
static INLINE vec_f64 maximum_f64(vec_f64 a, vec_f64 b) { return _mm512_max_pd(b, a); }
#elif defined(__AVX__)
static INLINE vec_f32 maximum_f32(vec_f32 a, vec_f32 b) { return _mm256_max_ps(b, a); }
static INLINE vec_f64 maximum_f64(vec_f64 a, vec_f64 b) { return _mm256_max_pd(b, a); }
#elif defined(__x86_64__) && defined(__GNUC__)
static INLINE vec_f32 maximum_f32(vec_f32 a, vec_f32 b) { return _mm_max_ps(b, a); }
static INLINE vec_f64 maximum_f64(vec_f64 a, vec_f64 b) { return _mm_max_pd(b, a); }
#elif defined(__GNUC__)
typedef int32_t bits_f32 __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t bits_f64 __attribute__((vector_size(VECTOR_BYTES)));
static INLINE vec_f32 maximum_f32(vec_f32 a, vec_f32 b) {
    const bits_f32 less = a < b;
    return (vec_f32)(((bits_f32)a & ~less) | ((bits_f32)b & less));
}
static INLINE vec_f64 maximum_f64(vec_f64 a, vec_f64 b) {
    const bits_f64 less = a < b;
    return (vec_f64)(((bits_f64)a & ~less) | ((bits_f64)b & less));
}
#else
static INLINE float maximum_f32(float a, float b) { return a < b ? b : a; }
static INLINE double maximum_f64(double a, double b) { return a < b ? b : a; }
#endif

/* Compilers make vectors of sqrt() only where nobody asks for errno, so it is spelt out. */
#if defined(__AVX512F__)
static INLINE vec_f32 square_root_f32(vec_f32 v) { return _mm512_sqrt_ps(v); }
static INLINE vec_f64 square_root_f64(vec_f64 v) { return _mm512_sqrt_pd(v); }
#elif defined(__AVX__)
static INLINE vec_f32 square_root_f32(vec_f32 v) { return _mm256_sqrt_ps(v); }
static INLINE vec_f64 square_root_f64(vec_f64 v) { return _mm256_sqrt_pd(v); }
#elif defined(__x86_64__) && defined(__GNUC__)
static INLINE vec_f32 square_root_f32(vec_f32 v) { return _mm_sqrt_ps(v); }
static INLINE vec_f64 square_root_f64(vec_f64 v) { return _mm_sqrt_pd(v); }
#elif defined(__GNUC__)
static INLINE vec_f32 square_root_f32(vec_f32 v) {
    int k;
    for (k = 0; k < VL_f32; k++) v[k] = sqrtf(v[k]);
    return v;
}
static INLINE vec_f64 square_root_f64(vec_f64 v) {
    int k;
    for (k = 0; k < VL_f64; k++) v[k] = sqrt(v[k]);
    return v;
}
#else
static INLINE float square_root_f32(float v) { return sqrtf(v); }
static INLINE double square_root_f64(double v) { return sqrt(v); }
#endif

/* Two vectors, number by number: the first halves, and the second. */
#if defined(__GNUC__)
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE_f32(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define SHUFFLE_f64(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t order_f32 __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t order_f64 __attribute__((vector_size(VECTOR_BYTES)));
#define SHUFFLE_f32(a, b, ...) __builtin_shuffle(a, b, (order_f32){__VA_ARGS__})
#define SHUFFLE_f64(a, b, ...) __builtin_shuffle(a, b, (order_f64){__VA_ARGS__})
#endif
#if VECTOR_BYTES == 64
static INLINE vec_f32 zip_low_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
static INLINE vec_f32 zip_high_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
static INLINE vec_f64 zip_low_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
static INLINE vec_f64 zip_high_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
#elif VECTOR_BYTES == 32
static INLINE vec_f32 zip_low_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
static INLINE vec_f32 zip_high_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
static INLINE vec_f64 zip_low_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 0, 4, 1, 5);
}
static INLINE vec_f64 zip_high_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 2, 6, 3, 7);
}
#else
static INLINE vec_f32 zip_low_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 0, 4, 1, 5);
}
static INLINE vec_f32 zip_high_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 2, 6, 3, 7);
}
static INLINE vec_f64 zip_low_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 0, 2);
}
static INLINE vec_f64 zip_high_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 1, 3);
}
#endif
#endif

/* The numbers at even places of two vectors, and at odd ones: what zip undoes. */
#if defined(__GNUC__)
#if VECTOR_BYTES == 64
static INLINE vec_f32 even_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
static INLINE vec_f32 odd_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
static INLINE vec_f64 even_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}
static INLINE vec_f64 odd_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}
#elif VECTOR_BYTES == 32
static INLINE vec_f32 even_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}
static INLINE vec_f32 odd_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}
static INLINE vec_f64 even_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 0, 2, 4, 6);
}
static INLINE vec_f64 odd_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 1, 3, 5, 7);
}
#else
static INLINE vec_f32 even_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 0, 2, 4, 6);
}
static INLINE vec_f32 odd_f32(vec_f32 a, vec_f32 b) {
    return SHUFFLE_f32(a, b, 1, 3, 5, 7);
}
static INLINE vec_f64 even_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 0, 2);
}
static INLINE vec_f64 odd_f64(vec_f64 a, vec_f64 b) {
    return SHUFFLE_f64(a, b, 1, 3);
}
#endif
#endif

#endif
