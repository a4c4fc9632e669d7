#include "noise.h"

#include <math.h>

#include "rounded.h"
#include "splitmix.h"

/* Every operation below is rounded correctly, and setup.py forbids to fuse any of them: so all
 * instruction sets, and the twin in NumPy, give the same bits. */

typedef union {
    uint64_t twos[PAIRS / 2];
    uint32_t ones[PAIRS];
} whole_numbers;

/* Two whole numbers of 32 bits a word: its lower half, and its upper half. Words 2 i and 2 i + 1
 * exchange halves where they are, so that numbers of 32 bits lie in order without a shuffle. */
static INLINE void draw(uint64_t seed, uint64_t first, whole_numbers *low, whole_numbers *high) {
    const uint64_t lower_half = UINT64_C(0xFFFFFFFF);
    uint64_t state = seed + (first + 1) * SPLITMIX_STEP;
    ptrdiff_t i;
    for (i = 0; i < PAIRS / 2; i++, state += 2 * SPLITMIX_STEP) {
        const uint64_t even = scramble(state), odd = scramble(state + SPLITMIX_STEP);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        low->twos[i] = even << 32 | (odd & lower_half);
        high->twos[i] = (even & ~lower_half) | odd >> 32;
#else
        low->twos[i] = (even & lower_half) | odd << 32;
        high->twos[i] = even >> 32 | (odd & ~lower_half);
#endif
    }
}

static INLINE float as_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static INLINE uint32_t as_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* By Horner's rule, the highest power first. */
static INLINE float polynomial(const float *coefficients, int count, float x) {
    float sum = coefficients[0];
    int k;
    for (k = 1; k < count; k++) sum = sum * x + coefficients[k];
    return sum;
}

/* -2 ln(x / 2^31) for x from 1/2 to 2^31: the exponent's share, and that of a fraction between
 * sqrt(1/2) and sqrt(2). */
static INLINE float minus_twice_log(float x) {
    const uint32_t from_root = as_bits(x) - 0x3F3504F3u;
    const float exponent = (float)((int32_t)from_root >> 23);
    const float f = as_float((from_root & 0x7FFFFFu) + 0x3F3504F3u) - 1;
    const float log[] = {0.2022460699081421f,  -0.32442936301231384f, 0.34496375918388367f,
                         -0.3980024456977844f, 0.4994036555290222f,   -0.6667014956474304f,
                         1.000007152557373f,   -1.9999998807907104f};
    return (exponent - 31) * -1.3862943611198906f + f * polynomial(log, 8, f);
}

/* Box & Muller, "A note on the generation of random normal deviates", 1958,
 * https://doi.org/10.1214/aoms/1177706645: a point whose distance from the centre is that of two
 * normal numbers, in any direction. The angle is high / 2^32 of a turn; of its half turns only
 * the sign is kept, so that g, in half turns, lies between -1/2 and 1/2. */
static INLINE void pair(uint32_t low, uint32_t high, float *first, float *second) {
    const float radius = sqrtf(minus_twice_log((float)(int32_t)(low >> 1) + 0.5f));
    const uint32_t doubled = high << 1;
    const float signed_radius = as_float(as_bits(radius) ^ ((high ^ doubled) & 0x80000000u));
    const float g = (float)(int32_t)doubled * 0x1p-32f, y = g * g;
    const float cosine[] = {0.21883049607276917f, -1.331491470336914f, 4.058358669281006f,
                            -4.93479061126709f, 0.9999999403953552f};
    const float sine[] = {0.07643315196037292f, -0.5976252555847168f, 2.549957752227783f,
                          -5.1677021980285645f, 3.141592502593994f};
    *first = signed_radius * polynomial(cosine, 5, y);
    *second = signed_radius * (g * polynomial(sine, 5, y));
}

/* 2 PAIRS normal numbers, of word `first` and those that follow. */
static INLINE void normals(uint64_t seed, uint64_t first, float *z) {
    whole_numbers low, high;
    ptrdiff_t i;
    draw(seed, first, &low, &high);
#pragma omp simd
    for (i = 0; i < PAIRS; i++) pair(low.ones[i], high.ones[i], &z[i], &z[PAIRS + i]);
}

#define PIXEL uint8_t
#define NAME(stem) stem##_u8
#include "noise_loops.h"
#undef PIXEL
#undef NAME

#define PIXEL float
#define NAME(stem) stem##_f32
#include "noise_loops.h"
#undef PIXEL
#undef NAME

const noise_kernels KERNELS(noise) = {add_u8, add_f32};
