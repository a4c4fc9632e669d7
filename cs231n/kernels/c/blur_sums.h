/* Weighted sums of blur_loops.h: `vectors` vectors of them, whose neighbours stand `step` farther each.
 * They stay in registers over the weights. */

#include "simd.h"
#include "words.h"

enum { BLUR_PADDING = 32 }; /* cells; rows are whole vectors of the widest */

static INLINE ptrdiff_t padded_cells(ptrdiff_t n) {
    return (n + BLUR_PADDING - 1) / BLUR_PADDING * BLUR_PADDING;
}

/* Any weights, -radius ... radius. One that is 0 hides what is no number. */
static INLINE void sum_floats(const float *middle, ptrdiff_t step, float *to, const float *weights,
                               ptrdiff_t radius, int vectors) {
    vec_f32 sum[4];
    ptrdiff_t k;
    int v;
    for (v = 0; v < vectors; v++) sum[v] = (vec_f32){0};
    for (k = -radius; k <= radius; k++) {
        const float *from = middle + k * step;
        const vec_f32 weight = broadcast_f32(weights[k]);
        if (weights[k] == 0) continue;
        for (v = 0; v < vectors; v++) sum[v] += weight * load_f32(from + v * VL_f32);
    }
    for (v = 0; v < vectors; v++) store_f32(to + v * VL_f32, sum[v]);
}

static INLINE const float *take_floats(const float *weights, ptrdiff_t *radius, float *memory) {
    const float *middle = weights + *radius;
    (void)memory;
    while (*radius > 0 && middle[*radius] == 0 && middle[-*radius] == 0) (*radius)--;
    return middle;
}

/* Weights that are the same to both sides, for words with 8 bits behind the point: the two that stand
 * k from the middle are averaged, and the upper half of the product with twice their weight is added.
 * Each product loses half a step on average, so sums begin with as many halves. */
static INLINE void sum_words(const uint16_t *middle, ptrdiff_t step, uint16_t *to,
                              const uint16_t *weights, ptrdiff_t radius, int vectors) {
    const words first = load_words(weights);
    const words halves = (words){0} + (uint16_t)((radius + 1) / 2);
    words sum[4];
    ptrdiff_t k;
    int v;
    for (v = 0; v < vectors; v++)
        sum[v] = halves + upper_half(load_words(middle + v * WORDS), first);
    for (k = 1; k <= radius; k++) {
        const uint16_t *before = middle - k * step, *behind = middle + k * step;
        const words weight = load_words(weights + k * WORDS);
        for (v = 0; v < vectors; v++) {
            const words pair =
                average(load_words(before + v * WORDS), load_words(behind + v * WORDS));
            sum[v] += upper_half(pair, weight);
        }
    }
    for (v = 0; v < vectors; v++) store_words(to + v * WORDS, sum[v]);
}

/* As whole vectors: to repeat a word takes longer than to load it 32 times. */
static INLINE const uint16_t *take_words(const uint16_t *weights, ptrdiff_t *radius,
                                         uint16_t *memory) {
    ptrdiff_t k, v;
    while (*radius > 0 && weights[*radius] == 0) (*radius)--;
    for (k = 0; k <= *radius; k++)
        for (v = 0; v < WORDS; v++) memory[k * WORDS + v] = weights[k];
    return memory;
}

static INLINE uint16_t as_word(uint8_t v) { return (uint16_t)(v << 8); }
static INLINE uint8_t rounded_word(uint16_t v) { return (uint8_t)((v + 128) >> 8); }
static INLINE float as_float_u8(uint8_t v) { return v; }
static INLINE float as_float_f32(float v) { return v; }
