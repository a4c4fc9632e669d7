/* The generator SplitMix64 at step i: Steele, Lea & Flood, "Fast splittable pseudorandom number
 * generators", 2014, https://doi.org/10.1145/2714064.2660195 */
#ifndef CS231N_SPLITMIX_H
#define CS231N_SPLITMIX_H

#include <stdint.h>

#include "variant.h"

/* By how much the state grows a step. */
#define SPLITMIX_STEP UINT64_C(0x9E3779B97F4A7C15)

/* The number that a state gives. */
static INLINE uint64_t scramble(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static INLINE uint64_t mix(uint64_t key, uint64_t i) {
    return scramble(key + (i + 1) * SPLITMIX_STEP);
}

#endif
