/* Colour matrices on bytes, in whole numbers: products of 16 bits, sums of 32.
 *
 * A matrix's numbers count steps of 2^-shift, as small as they can be. The vectors compute the same
 * to the bit as the loops behind them, and as the NumPy twin. */

enum { FINEST_SHIFT = 14, MOST_STEPS = 1 << 30 };

typedef struct {
    int shift;
    int16_t scales[3][3];
    int32_t offsets[3]; /* with a half of the last place, for rounding */
} whole_matrix;

static INLINE double limited(double v, double most) { return v > -most ? (v < most ? v : most) : -most; }

/* Rows of C numbers and an offset; of a diagonal matrix row `row` alone, as the matrix' first. */
static INLINE whole_matrix as_whole(const float *m, ptrdiff_t C, ptrdiff_t row) {
    whole_matrix w = {FINEST_SHIFT, {{0}}, {0}};
    const ptrdiff_t first = row < 0 ? 0 : row, last = row < 0 ? C : row + 1;
    double largest = 0;
    ptrdiff_t i, j;
    for (i = first; i < last; i++)
        for (j = 0; j < C; j++)
            if (fabs(m[i * (C + 1) + j]) > largest) largest = fabs(m[i * (C + 1) + j]);
    while (w.shift > 0 && largest * (1 << w.shift) > INT16_MAX) w.shift--;
    for (i = first; i < last; i++) {
        const float *const from = m + i * (C + 1);
        const double one = 1 << w.shift;
        for (j = 0; j < (row < 0 ? C : 1); j++) {
            const double scale = from[row < 0 ? j : row];
            w.scales[i - first][j] = (int16_t)floor(limited(scale * one, INT16_MAX) + 0.5);
        }
        w.offsets[i - first] = (int32_t)floor(limited(from[C] * one, MOST_STEPS) + 0.5);
        if (w.shift > 0) w.offsets[i - first] += 1 << (w.shift - 1);
    }
    return w;
}

static INLINE uint8_t as_byte(int32_t v) { return (uint8_t)(v > 0 ? (v < 255 ? v : 255) : 0); }

#if defined(__AVX2__)
/* What stands in 32 bits, in the order in which it was unpacked, as 16 bits. */
static INLINE __m256i shifted(__m256i low, __m256i high, __m128i shift) {
    return _mm256_packs_epi32(_mm256_sra_epi32(low, shift), _mm256_sra_epi32(high, shift));
}

/* 2 x 16 pixels. */
static INLINE void store_bytes(uint8_t *to, __m256i first, __m256i second) {
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xd8);
    _mm256_storeu_si256((__m256i *)to, bytes);
}

static INLINE __m256i load_words(const uint8_t *from) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)from));
}

/* Two numbers of 16 bits, side by side everywhere. */
static INLINE __m256i pair(int16_t a, int16_t b) {
    return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)a | (uint32_t)(uint16_t)b << 16));
}
#endif

static INLINE void scale_bytes(const uint8_t *x, uint8_t *out, ptrdiff_t pixels,
                               const whole_matrix *w) {
    const int32_t scale = w->scales[0][0], offset = w->offsets[0];
    ptrdiff_t k = 0;
#if defined(__AVX2__)
    const __m256i scales = pair((int16_t)scale, 0), offsets = _mm256_set1_epi32(offset);
    const __m256i zero = _mm256_setzero_si256();
    const __m128i shift = _mm_cvtsi32_si128(w->shift);
    for (; k + 32 <= pixels; k += 32) {
        __m256i half[2];
        int h;
        for (h = 0; h < 2; h++) {
            const __m256i words = load_words(x + k + 16 * h);
            const __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(words, zero), scales);
            const __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(words, zero), scales);
            half[h] = shifted(_mm256_add_epi32(low, offsets), _mm256_add_epi32(high, offsets), shift);
        }
        store_bytes(out + k, half[0], half[1]);
    }
#endif
    for (; k < pixels; k++) out[k] = as_byte((scale * x[k] + offset) >> w->shift);
}

static INLINE void matrix_of_three_u8(const uint8_t *x, uint8_t *out, ptrdiff_t pixels,
                                      const float *m) {
    const whole_matrix w = as_whole(m, 3, -1);
    const uint8_t *r = x, *g = x + pixels, *b = x + 2 * pixels;
    ptrdiff_t k = 0;
    int c;
#if defined(__AVX2__)
    const __m128i shift = _mm_cvtsi32_si128(w.shift);
    const __m256i zero = _mm256_setzero_si256();
    __m256i red_green[3], blue[3], offset[3];
    for (c = 0; c < 3; c++) {
        red_green[c] = pair(w.scales[c][0], w.scales[c][1]);
        blue[c] = pair(w.scales[c][2], 0);
        offset[c] = _mm256_set1_epi32(w.offsets[c]);
    }
    for (; k + 32 <= pixels; k += 32) {
        __m256i half[3][2];
        int h;
        for (h = 0; h < 2; h++) {
            const ptrdiff_t at = k + 16 * h;
            const __m256i reds = load_words(r + at), greens = load_words(g + at);
            const __m256i blues = load_words(b + at);
            const __m256i rg_low = _mm256_unpacklo_epi16(reds, greens);
            const __m256i rg_high = _mm256_unpackhi_epi16(reds, greens);
            const __m256i b_low = _mm256_unpacklo_epi16(blues, zero);
            const __m256i b_high = _mm256_unpackhi_epi16(blues, zero);
            for (c = 0; c < 3; c++) {
                __m256i low = _mm256_madd_epi16(rg_low, red_green[c]);
                __m256i high = _mm256_madd_epi16(rg_high, red_green[c]);
                low = _mm256_add_epi32(low, _mm256_madd_epi16(b_low, blue[c]));
                high = _mm256_add_epi32(high, _mm256_madd_epi16(b_high, blue[c]));
                half[c][h] = shifted(_mm256_add_epi32(low, offset[c]),
                                     _mm256_add_epi32(high, offset[c]), shift);
            }
        }
        for (c = 0; c < 3; c++) store_bytes(out + c * pixels + k, half[c][0], half[c][1]);
    }
#endif
    for (; k < pixels; k++) {
        const int32_t red = r[k], green = g[k], blue_ = b[k];
        for (c = 0; c < 3; c++) {
            const int16_t *s = w.scales[c];
            const int32_t sum = s[0] * red + s[1] * green + s[2] * blue_ + w.offsets[c];
            out[c * pixels + k] = as_byte(sum >> w.shift);
        }
    }
}

#if defined(__AVX512BW__)
/* A table of 256 bytes in registers, two bytes a lane: as many pixels as make whole vectors; returns
 * how many. */
static INLINE ptrdiff_t look_up_vectors(const uint8_t *x, const uint8_t *table, uint8_t *out,
                                        ptrdiff_t count) {
    const __m512i one = _mm512_set1_epi16(1), upper_half = _mm512_set1_epi16(0x80);
    __m512i entries[4];
    ptrdiff_t k;
    memcpy(entries, table, sizeof entries);
    for (k = 0; k + 32 <= count; k += 32) {
        const __m512i at = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(x + k)));
        const __m512i lane = _mm512_srli_epi16(at, 1);
        const __m512i low = _mm512_permutex2var_epi16(entries[0], lane, entries[1]);
        const __m512i high = _mm512_permutex2var_epi16(entries[2], lane, entries[3]);
        const __mmask32 is_high = _mm512_test_epi16_mask(at, upper_half);
        const __m512i two = _mm512_mask_blend_epi16(is_high, low, high);
        const __m512i bits = _mm512_slli_epi16(_mm512_and_si512(at, one), 3);
        const __m256i found = _mm512_cvtepi16_epi8(_mm512_srlv_epi16(two, bits));
        _mm256_storeu_si256((__m256i *)(out + k), found);
    }
    return k;
}
#else
static INLINE ptrdiff_t look_up_vectors(const uint8_t *x, const uint8_t *table, uint8_t *out,
                                        ptrdiff_t count) {
    (void)x, (void)table, (void)out, (void)count;
    return 0;
}
#endif

static INLINE void look_up_bytes(const uint8_t *x, const uint8_t *table, uint8_t *out,
                                 ptrdiff_t count) {
    ptrdiff_t k = look_up_vectors(x, table, out, count);
    /* Eight in a word: what takes the time is loading and storing. */
    for (; k + 8 <= count; k += 8) {
        uint64_t from, to = 0;
        int bits;
        memcpy(&from, x + k, 8);
        for (bits = 0; bits < 64; bits += 8) to |= (uint64_t)table[from >> bits & 255] << bits;
        memcpy(out + k, &to, 8);
    }
    for (; k < count; k++) out[k] = table[x[k]];
}

/* Of image a its share from 0 to 1, of b the rest, in steps of 2^-FINEST_SHIFT. */
static INLINE void mix_two_u8(const uint8_t *a, const uint8_t *b, uint8_t *out, ptrdiff_t count,
                             float share) {
    const int32_t one = 1 << FINEST_SHIFT;
    const int32_t of_a = (int32_t)floor((double)share * one + 0.5), of_b = one - of_a;
    ptrdiff_t k = 0;
#if defined(__AVX2__)
    const __m256i shares = pair((int16_t)of_a, (int16_t)of_b);
    const __m256i half_one = _mm256_set1_epi32(one / 2);
    const __m128i shift = _mm_cvtsi32_si128(FINEST_SHIFT);
    for (; k + 32 <= count; k += 32) {
        __m256i half[2];
        int h;
        for (h = 0; h < 2; h++) {
            const __m256i as = load_words(a + k + 16 * h), bs = load_words(b + k + 16 * h);
            const __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(as, bs), shares);
            const __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(as, bs), shares);
            half[h] = shifted(_mm256_add_epi32(low, half_one), _mm256_add_epi32(high, half_one),
                              shift);
        }
        store_bytes(out + k, half[0], half[1]);
    }
#endif
    for (; k < count; k++)
        out[k] = as_byte((of_a * a[k] + of_b * b[k] + one / 2) >> FINEST_SHIFT);
}
