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

/* Two vectors, taken apart and put together by groups of g numbers, where 2 g is at most VL; for the
 * names without `groups`, number by number. even: every other group of a, then of b, from the first on;
 * odd: from the second on; zip: a group of a and one of b in turns, the first half and the second. */
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

#define LIST_2(PLACE, g, VL) PLACE(0, g, VL), PLACE(1, g, VL)
#define LIST_4(PLACE, g, VL) LIST_2(PLACE, g, VL), PLACE(2, g, VL), PLACE(3, g, VL)
#define LIST_8(PLACE, g, VL) \
    LIST_4(PLACE, g, VL), PLACE(4, g, VL), PLACE(5, g, VL), PLACE(6, g, VL), PLACE(7, g, VL)
#define LIST_16(PLACE, g, VL)                                                                 \
    LIST_8(PLACE, g, VL), PLACE(8, g, VL), PLACE(9, g, VL), PLACE(10, g, VL), PLACE(11, g, VL), \
        PLACE(12, g, VL), PLACE(13, g, VL), PLACE(14, g, VL), PLACE(15, g, VL)
#if VECTOR_BYTES == 64
#define LIST_f32 LIST_16
#define LIST_f64 LIST_8
#elif VECTOR_BYTES == 32
#define LIST_f32 LIST_8
#define LIST_f64 LIST_4
#else
#define LIST_f32 LIST_4
#define LIST_f64 LIST_2
#endif

#define EVEN_PLACE(i, g, VL) ((i) / (g) * 2 * (g) + (i) % (g))
#define ODD_PLACE(i, g, VL) (EVEN_PLACE(i, g, VL) + (g))
#define ZIP_PLACE(i, g, VL) ((i) / (2 * (g)) * (g) + (i) % (g) + (i) / (g) % 2 * (VL))
#define ZIP_HIGH_PLACE(i, g, VL) ZIP_PLACE((i) + (VL), g, VL)

/* A group of half a vector is the largest; larger ones stand for it. */
#define BY_GROUPS(name, PLACE, type)                                                            \
    static INLINE vec_##type name##_groups_##type(vec_##type a, vec_##type b, int g) {          \
        enum { N = VL_##type, HALF = N / 2, G2 = HALF < 2 ? HALF : 2, G4 = HALF < 4 ? HALF : 4 }; \
        if (g == 1) return SHUFFLE_##type(a, b, LIST_##type(PLACE, 1, N));                      \
        if (g == 2) return SHUFFLE_##type(a, b, LIST_##type(PLACE, G2, N));                     \
        if (g == 4) return SHUFFLE_##type(a, b, LIST_##type(PLACE, G4, N));                     \
        return SHUFFLE_##type(a, b, LIST_##type(PLACE, HALF, N));                               \
    }                                                                                           \
    static INLINE vec_##type name##_##type(vec_##type a, vec_##type b) {                        \
        return name##_groups_##type(a, b, 1);                                                   \
    }
BY_GROUPS(even, EVEN_PLACE, f32)
BY_GROUPS(even, EVEN_PLACE, f64)
BY_GROUPS(odd, ODD_PLACE, f32)
BY_GROUPS(odd, ODD_PLACE, f64)
BY_GROUPS(zip_low, ZIP_PLACE, f32)
BY_GROUPS(zip_low, ZIP_PLACE, f64)
BY_GROUPS(zip_high, ZIP_HIGH_PLACE, f32)
BY_GROUPS(zip_high, ZIP_HIGH_PLACE, f64)
#endif

/* The first `count` numbers of a vector: what follows is not touched, and loaded as zeros. */
#if defined(__AVX512F__)
static INLINE vec_f32 load_part_f32(const float *from, ptrdiff_t count) {
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
}
static INLINE vec_f64 load_part_f64(const double *from, ptrdiff_t count) {
    return _mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), from);
}
static INLINE void store_part_f32(float *to, vec_f32 v, ptrdiff_t count) {
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), v);
}
static INLINE void store_part_f64(double *to, vec_f64 v, ptrdiff_t count) {
    _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1), v);
}
#else
#define PARTS(REAL, type)                                                               \
    static INLINE vec_##type load_part_##type(const REAL *from, ptrdiff_t count) {      \
        REAL lanes[VL_##type] = {0};                                                    \
        ptrdiff_t i;                                                                    \
        for (i = 0; i < count; i++) lanes[i] = from[i];                                 \
        return load_##type(lanes);                                                      \
    }                                                                                   \
    static INLINE void store_part_##type(REAL *to, vec_##type v, ptrdiff_t count) {     \
        REAL lanes[VL_##type];                                                          \
        ptrdiff_t i;                                                                    \
        store_##type(lanes, v);                                                         \
        for (i = 0; i < count; i++) to[i] = lanes[i];                                   \
    }
PARTS(float, f32)
PARTS(double, f64)
#endif

#endif
