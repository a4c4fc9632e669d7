#include "crops.h"

#include "borders.h"

#if defined(__SSSE3__)
#include <immintrin.h>
#endif

/* From this many bytes the library's copy wins; below, calling it costs more than the copy. */
enum { LONG_ROW = 64, BLOCK = 16 };

static INLINE void copy_bytes(const void *from, void *to, ptrdiff_t size) {
    const char *in = from;
    char *out = to;
    ptrdiff_t at;
    if (size > LONG_ROW || size < BLOCK) {
        memcpy(out, in, (size_t)size);
        return;
    }
    for (at = 0; at + BLOCK <= size; at += BLOCK) memcpy(out + at, in + at, BLOCK);
    memcpy(out + size - BLOCK, in + size - BLOCK, BLOCK);
}

static INLINE void clear_bytes(void *to, ptrdiff_t size) {
    char *out = to;
    ptrdiff_t at;
    if (size > BLOCK) {
        memset(out, 0, (size_t)size);
        return;
    }
    for (at = 0; at < size; at++) out[at] = 0;
}

/* Bytes first ... last - 1 of a row of `size`, and zeros for the others: in one vector, whose masked
 * lanes are not read. */
#if defined(__AVX512BW__)
enum { ONE_VECTOR = 64 };

static INLINE __mmask64 lowest(ptrdiff_t count) {
    return count < 64 ? ((__mmask64)1 << count) - 1 : ~(__mmask64)0;
}

static INLINE void copy_between_zeros(const void *from, void *to, ptrdiff_t first, ptrdiff_t last,
                                      ptrdiff_t size) {
    const __m512i row = _mm512_maskz_loadu_epi8(lowest(last) & ~lowest(first), from);
    if (size == 32) { /* CIFAR's: a whole store is faster than a masked one */
        _mm256_storeu_si256(to, _mm512_castsi512_si256(row));
    } else {
        _mm512_mask_storeu_epi8(to, lowest(size), row);
    }
}
#else
enum { ONE_VECTOR = 0 };

static INLINE void copy_between_zeros(const void *from, void *to, ptrdiff_t first, ptrdiff_t last,
                                      ptrdiff_t size) {
    (void)from, (void)to, (void)first, (void)last, (void)size;
}
#endif

/* to[k] = from[-k] */
static INLINE void reverse_8(const uint8_t *from, uint8_t *to, ptrdiff_t count) {
    ptrdiff_t k = 0;
#if defined(__SSSE3__)
    const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#if defined(__AVX2__)
    for (; k + 32 <= count; k += 32) {
        __m256i block = _mm256_loadu_si256((const __m256i *)(from - k - 31));
        block = _mm256_shuffle_epi8(block, _mm256_broadcastsi128_si256(order));
        block = _mm256_permute4x64_epi64(block, 0x4E); /* swap the halves */
        _mm256_storeu_si256((__m256i *)(to + k), block);
    }
#endif
    for (; count >= 16 && k < count; k += 16) {
        if (k + 16 > count) k = count - 16; /* the last block overlaps the one before */
        const __m128i block = _mm_loadu_si128((const __m128i *)(from - k - 15));
        _mm_storeu_si128((__m128i *)(to + k), _mm_shuffle_epi8(block, order));
    }
#endif
    for (; k < count; k++) to[k] = from[-k];
}

#define REVERSE(PIXEL, NAME)                                                        \
    static INLINE void NAME(const PIXEL *from, PIXEL *to, ptrdiff_t count) {        \
        ptrdiff_t k;                                                                \
        for (k = 0; k < count; k++) to[k] = from[-k];                               \
    }
REVERSE(uint16_t, reverse_16)
REVERSE(uint32_t, reverse_32)
REVERSE(uint64_t, reverse_64)

static INLINE ptrdiff_t clamp(ptrdiff_t i, ptrdiff_t low, ptrdiff_t high) {
    return i < low ? low : i > high ? high : i;
}

#define PIXEL uint8_t
#define NAME(stem) stem##_8
#include "crops_loops.h"
#undef PIXEL
#undef NAME

#define PIXEL uint16_t
#define NAME(stem) stem##_16
#include "crops_loops.h"
#undef PIXEL
#undef NAME

#define PIXEL uint32_t
#define NAME(stem) stem##_32
#include "crops_loops.h"
#undef PIXEL
#undef NAME

#define PIXEL uint64_t
#define NAME(stem) stem##_64
#include "crops_loops.h"
#undef PIXEL
#undef NAME

const crops_kernels KERNELS(crops) = {crop_8, crop_16, crop_32, crop_64};
