/* The standard normal distribution, as GELU needs it: in double by the C library, in float by
 * expressions that compilers make vectors of.
 *
 * Below zero the distribution is density times Mills' ratio, m(z) = P(Z > z) / exp(-z^2 / 2). With
 * t = 1 / (1 + 0.31 z) a polynomial of t fits m within 2e-7 of its value for z up to 14, and the
 * density leaves the range of float at 13. (Fitted by least squares, weighted again and again until the
 * error was level.)
 */
#ifndef CS231N_GELU_H
#define CS231N_GELU_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "variant.h"

#define ONE_OVER_ROOT_TWO 0.70710678118654752440
#define ONE_OVER_ROOT_TWO_PI 0.39894228040143267794

/* exp(v) for v in [-87, 0] */
static INLINE float exp_below_zero(float v) {
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds, and leaves the integer below */
    float rounded = v * 1.44269504f + magic, r, sum, power; /* v / ln 2 */
    int32_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    rounded -= magic;
    r = v - rounded * 0.693359375f; /* ln 2 in two parts, the first with few digits */
    r = r + rounded * 2.12194440e-4f;
    sum = 1.0f / 5040;
    sum = sum * r + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    bits = (int32_t)(((uint32_t)bits + 127) << 23); /* 2^k; what magic left above is shifted out */
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

/* Returns P(Z <= x), and sets the density without its factor 1 / sqrt(2 pi); beyond 13 that is 0.
 * Choices are made between integers: compilers make vectors of these for any instruction set. */
static INLINE float normal_f32(float x, float *bell) {
    const int32_t thirteen = 0x41500000;
    int32_t bits, is_near;
    float z, t, m = 0.0358419456f, tail;
    memcpy(&bits, &x, sizeof bits);
    bits &= 0x7fffffff;
    is_near = -(bits < thirteen);
    bits = (bits & is_near) | (thirteen & ~is_near);
    memcpy(&z, &bits, sizeof z);
    t = 1.0f / (1.0f + 0.31f * z);
    m = m * t - 0.141605452f;
    m = m * t + 0.155069277f;
    m = m * t - 0.0149046257f;
    m = m * t + 0.110110752f;
    m = m * t + 0.10777092f;
    m = m * t + 0.12406037f;
    m = m * t + 0.123656906f;
    tail = exp_below_zero(-0.5f * z * z);
    memcpy(&bits, &tail, sizeof bits);
    bits &= is_near;
    memcpy(bell, &bits, sizeof bits);
    tail = m * t * *bell;
    return 0.5f + copysignf(0.5f, x) - copysignf(tail, x); /* tail, or 1 - tail */
}

static INLINE double normal_f64(double x, double *bell) {
    *bell = exp(-0.5 * x * x);
    return 0.5 * erfc(-x * ONE_OVER_ROOT_TWO);
}

#endif
