/* Vectors of the instruction set at hand, by the compiler's own vector types.
 *
 * Included once for each REAL (float, double), like the loops: VL numbers make one NAME(vec). A
 * compiler without vector types gets vectors of one number, so the loops are right everywhere.
 */
#ifndef CS231N_SIMD_H
#define CS231N_SIMD_H

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

#endif
