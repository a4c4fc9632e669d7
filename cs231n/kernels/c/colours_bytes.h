/* Colour matrices on bytes, in whole numbers: products of 16 bits, sums of 32.
 *
 * A matrix's numbers count steps of 2^-shift, as small as they can be. The vectors compute the same
 * to the bit as the loops behind them, and as the NumPy twin. */

enum { FINEST_SHIFT = 14, LARGEST_OFFSET = 1 << 16 };

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
        w.offsets[i - first] = (int32_t)floor(limited(from[C], LARGEST_OFFSET) * one + 0.5);
        if (w.shift > 0) w.offsets[i - first] += 1 << (w.shift - 1);
    }
    return w;
}

static INLINE uint8_t as_byte(int32_t v) { return (uint8_t)(v > 0 ? (v < 255 ? v : 255) : 0); }

#if defined(__AVX2__)
/* 16 pixels from what stands in 32 bits, in the order in which they were unpacked. */
static INLINE void store_bytes(uint8_t *to, __m256i low, __m256i high) {
    const __m256i words = _mm256_packs_epi32(low, high);
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(words, words), 0x08);
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(bytes));
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
    for (; k + 16 <= pixels; k += 16) {
        const __m256i words = load_words(x + k);
        const __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(words, zero), scales);
        const __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(words, zero), scales);
        store_bytes(out + k, _mm256_sra_epi32(_mm256_add_epi32(low, offsets), shift),
                    _mm256_sra_epi32(_mm256_add_epi32(high, offsets), shift));
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
    for (; k + 16 <= pixels; k += 16) {
        const __m256i reds = load_words(r + k), greens = load_words(g + k);
        const __m256i blues = load_words(b + k);
        const __m256i rg_low = _mm256_unpacklo_epi16(reds, greens);
        const __m256i rg_high = _mm256_unpackhi_epi16(reds, greens);
        const __m256i b_low = _mm256_unpacklo_epi16(blues, zero);
        const __m256i b_high = _mm256_unpackhi_epi16(blues, zero);
        for (c = 0; c < 3; c++) {
            __m256i low = _mm256_madd_epi16(rg_low, red_green[c]);
            __m256i high = _mm256_madd_epi16(rg_high, red_green[c]);
            low = _mm256_add_epi32(low, _mm256_madd_epi16(b_low, blue[c]));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(b_high, blue[c]));
            low = _mm256_sra_epi32(_mm256_add_epi32(low, offset[c]), shift);
            high = _mm256_sra_epi32(_mm256_add_epi32(high, offset[c]), shift);
            store_bytes(out + c * pixels + k, low, high);
        }
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
