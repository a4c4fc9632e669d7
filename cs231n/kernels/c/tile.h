/* The tile of a product that the registers hold: at most TOGETHER rows times two vectors. */
#ifndef CS231N_TILE_H
#define CS231N_TILE_H

#include "variant.h"

#include "simd.h"

/* CASE(n) for each number of rows; loops over the rows of a tile are unrolled for each. */
#if VECTOR_REGISTERS >= 32
enum { TOGETHER = 12 };
#define FOR_EACH_COUNT(CASE) \
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#else
enum { TOGETHER = 6 };
#define FOR_EACH_COUNT(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#endif

#if defined(__GNUC__)
#define UNROLL_16 _Pragma("GCC unroll 16")
#else
#define UNROLL_16
#endif

static INLINE ptrdiff_t divide_up(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }
static INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static INLINE ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

#endif
