#include "dropconnect.h"

#include "splitmix.h"
#include "tile.h"

/* Rows of a tile, whose sums are ROWS times four vectors: what the registers hold. Rows of a block,
 * for which the other factor is packed once, and products that are summed at a time. */
enum { ROWS = VECTOR_REGISTERS >= 32 ? 4 : 2, BLOCK = 64, DEPTH = 64, WORD = 64 };

/* Words of a row that are hashed together for the gradient on the input. */
enum { CHUNK = 16 };

#if defined(__AVX512F__)
static INLINE vec_f32 add_kept_f32(vec_f32 sum, vec_f32 a, vec_f32 b, uint64_t bits) {
    return (vec_f32)_mm512_mask3_fmadd_ps((__m512)a, (__m512)b, (__m512)sum, (__mmask16)bits);
}
static INLINE vec_f64 add_kept_f64(vec_f64 sum, vec_f64 a, vec_f64 b, uint64_t bits) {
    return (vec_f64)_mm512_mask3_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)sum, (__mmask8)bits);
}
#endif

/* The words first, first + step, ..., whose bits are set with the rule's probability. From the last
 * binary digit of the probability to its first, a random bit is joined by `or` for a 1, which turns q
 * into (1 + q) / 2, and by `and` for a 0, which turns q into q / 2. For one half a hash is all. */
static void mask_words(mask_rule rule, uint64_t first, uint64_t step, ptrdiff_t count,
                       uint64_t *to) {
    unsigned digits = rule.keep;
    int left = 16;
    ptrdiff_t k;
    for (; !(digits & 1); digits >>= 1) left--;
    for (k = 0; k < count; k++) to[k] = mix(rule.key, 16 * (first + (uint64_t)k * step));
    for (digits >>= 1, left--; left > 0; left--, digits >>= 1) {
        const uint64_t level = (uint64_t)left;
        if (digits & 1)
            for (k = 0; k < count; k++)
                to[k] |= mix(rule.key, 16 * (first + (uint64_t)k * step) + level);
        else
            for (k = 0; k < count; k++)
                to[k] &= mix(rule.key, 16 * (first + (uint64_t)k * step) + level);
    }
}

#define REAL float
#define NAME(stem) stem##_f32
#define INT int32_t
#include "dropconnect_loops.h"
#undef REAL
#undef NAME
#undef INT

#define REAL double
#define NAME(stem) stem##_f64
#define INT int64_t
#include "dropconnect_loops.h"
#undef REAL
#undef NAME
#undef INT

const dropconnect_kernels KERNELS(dropconnect) = {product_f32, input_f32, weights_f32,
                                                  product_f64, input_f64, weights_f64};
