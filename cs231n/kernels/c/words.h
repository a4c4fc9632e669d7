/* Vectors of unsigned 16-bit words: what sums of weighted bytes are made of. */
#ifndef CS231N_WORDS_H
#define CS231N_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "variant.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#if defined(__AVX512BW__)
enum { WORDS = 32 };
#elif defined(__AVX2__)
enum { WORDS = 16 };
#elif defined(__GNUC__)
enum { WORDS = 8 };
#else
enum { WORDS = 1 };
#endif

#if defined(__GNUC__)
typedef uint16_t words __attribute__((vector_size(2 * WORDS), may_alias));
typedef uint16_t loose_words __attribute__((vector_size(2 * WORDS), aligned(2), may_alias));
#else
typedef uint16_t words, loose_words;
#endif

static INLINE words load_words(const uint16_t *from) { return *(const loose_words *)from; }
static INLINE void store_words(uint16_t *to, words v) { *(loose_words *)to = v; }

/* average: (a + b + 1) / 2; upper_half: a b / 2^16. */
#if defined(__AVX512BW__)
static INLINE words average(words a, words b) {
    return (words)_mm512_avg_epu16((__m512i)a, (__m512i)b);
}
static INLINE words upper_half(words a, words b) {
    return (words)_mm512_mulhi_epu16((__m512i)a, (__m512i)b);
}
#elif defined(__AVX2__)
static INLINE words average(words a, words b) {
    return (words)_mm256_avg_epu16((__m256i)a, (__m256i)b);
}
static INLINE words upper_half(words a, words b) {
    return (words)_mm256_mulhi_epu16((__m256i)a, (__m256i)b);
}
#elif defined(__x86_64__) && defined(__GNUC__)
static INLINE words average(words a, words b) { return (words)_mm_avg_epu16((__m128i)a, (__m128i)b); }
static INLINE words upper_half(words a, words b) { return (words)_mm_mulhi_epu16((__m128i)a, (__m128i)b); }
#elif defined(__GNUC__)
static INLINE words average(words a, words b) { return (a | b) - ((a ^ b) >> 1); }
static INLINE words upper_half(words a, words b) {
    typedef uint32_t twice __attribute__((vector_size(4 * WORDS)));
    const twice product = __builtin_convertvector(a, twice) * __builtin_convertvector(b, twice);
    return __builtin_convertvector(product >> 16, words);
}
#else
static INLINE words average(words a, words b) { return (words)(((uint32_t)a + b + 1) >> 1); }
static INLINE words upper_half(words a, words b) { return (words)((uint32_t)a * b >> 16); }
#endif

#endif
