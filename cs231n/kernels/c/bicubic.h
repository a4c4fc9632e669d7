/* Bicubic interpolation of resampling.c, by Catmull and Rom's weights of the four pixels around a place.
 *
 * Bytes are interpolated in whole numbers, so that all instruction sets and the NumPy twin agree to the
 * bit: weights with CUBIC_BITS behind the point, rows that are summed up with 6. */

enum { CUBIC_BITS = 14, CUBIC_ONE = 1 << CUBIC_BITS };

/* The weights of a chunk's places. Down the column a byte's are kept as they are looked up, twice in 32
 * bits and without their sign: the outer two are never above 0, the inner two never below. */
typedef struct {
    int16_t x[CHUNK][4];
    uint32_t y[CHUNK][4];
} cubic_u8;

typedef struct {
    float x[CHUNK][4], y[CHUNK][4];
} cubic_f32;

/* In steps of 1 / ONE; the sum is CUBIC_ONE exactly, so an even area stays what it is. */
static INLINE void cubic_steps(int32_t f, int32_t *w) {
    const int32_t half = ONE / 2;
    const int32_t f2 = (f * f + half) >> FRACTION_BITS, f3 = (f2 * f + half) >> FRACTION_BITS;
    w[0] = (2 * f2 - f3 - f + 2) >> 2;
    w[2] = (4 * f2 - 3 * f3 + f + 2) >> 2;
    w[3] = (f3 - f2 + 2) >> 2;
    w[1] = CUBIC_ONE - w[0] - w[2] - w[3];
}

static INLINE void find_cubic_u8(const places *p, ptrdiff_t count, cubic_u8 *cubic) {
    ptrdiff_t k;
    for (k = 0; k < count; k++) {
        int32_t w[4];
        cubic_steps(p->fx[k], w);
        cubic->x[k][0] = (int16_t)w[0], cubic->x[k][1] = (int16_t)w[1];
        cubic->x[k][2] = (int16_t)w[2], cubic->x[k][3] = (int16_t)w[3];
    }
    for (k = 0; k < count; k++) {
        int32_t w[4];
        cubic_steps(p->fy[k], w);
        cubic->y[k][0] = (uint32_t)-w[0] * 0x10001u, cubic->y[k][1] = (uint32_t)w[1] * 0x10001u;
        cubic->y[k][2] = (uint32_t)w[2] * 0x10001u, cubic->y[k][3] = (uint32_t)-w[3] * 0x10001u;
    }
}

static INLINE void cubic_weights(float f, float *w) {
    w[0] = ((-0.5f * f + 1) * f - 0.5f) * f;
    w[1] = (1.5f * f - 2.5f) * f * f + 1;
    w[2] = ((-1.5f * f + 2) * f + 0.5f) * f;
    w[3] = (0.5f * f - 0.5f) * f * f;
}

static INLINE void find_cubic_f32(const places *p, ptrdiff_t count, cubic_f32 *cubic) {
    ptrdiff_t k;
    for (k = 0; k < count; k++) cubic_weights(p->gx[k], cubic->x[k]);
    for (k = 0; k < count; k++) cubic_weights(p->gy[k], cubic->y[k]);
}

/* Where in a frame the first of a place's four rows of four pixels begins. */
static INLINE ptrdiff_t cubic_corner(const places *p, ptrdiff_t k, ptrdiff_t stride) {
    return LANES * ((ptrdiff_t)p->index[k] - stride - 1);
}

static INLINE void one_bicubic_u8(const uint8_t *at, const cubic_u8 *cubic, ptrdiff_t k,
                                  ptrdiff_t stride, uint8_t *pixel) {
    int32_t w[4];
    int i, j, c;
    for (i = 0; i < 4; i++) w[i] = (int32_t)(cubic->y[k][i] & 0xffff);
    for (c = 0; c < LANES; c++) {
        int32_t sum = 1 << (CUBIC_BITS + 5);
        for (j = 0; j < 4; j++) {
            const uint8_t *top = at + LANES * j + c;
            const int32_t inner = (top[LANES * stride] * w[1] >> 8) + (top[2 * LANES * stride] * w[2] >> 8);
            const int32_t outer = (top[0] * w[0] >> 8) + (top[3 * LANES * stride] * w[3] >> 8);
            sum += (inner - outer) * cubic->x[k][j];
        }
        sum >>= CUBIC_BITS + 6;
        pixel[c] = (uint8_t)(sum < 0 ? 0 : sum < 255 ? sum : 255);
    }
}

static INLINE void one_bicubic_f32(const float *at, const cubic_f32 *cubic, ptrdiff_t k,
                                   ptrdiff_t stride, float *pixel) {
    int i, j, c;
    for (c = 0; c < LANES; c++) pixel[c] = 0;
    for (i = 0; i < 4; i++) {
        float row[LANES] = {0};
        for (j = 0; j < 4; j++)
            for (c = 0; c < LANES; c++) row[c] += cubic->x[k][j] * at[LANES * (i * stride + j) + c];
        for (c = 0; c < LANES; c++) pixel[c] += cubic->y[k][i] * row[c];
    }
}

#if defined(__AVX2__) && defined(__FMA__)
/* A row's four pixels as 16 words, channel by channel, each byte in the upper half of its word. */
static INLINE __m256i cubic_row(const uint8_t *at) {
    const __m256i by_channel = _mm256_setr_epi8(
        -1, 0, -1, 4, -1, 8, -1, 12, -1, 1, -1, 5, -1, 9, -1, 13,
        -1, 2, -1, 6, -1, 10, -1, 14, -1, 3, -1, 7, -1, 11, -1, 15);
    const __m128i row = _mm_loadu_si128((const __m128i *)at);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(row), by_channel);
}

/* Two sums of 32 bits for each channel. */
static INLINE __m256i cubic_sums(const uint8_t *at, const cubic_u8 *cubic, ptrdiff_t k,
                                 ptrdiff_t stride) {
    const uint32_t *w = cubic->y[k];
    const ptrdiff_t down = LANES * stride;
    int64_t across;
    const __m256i a = _mm256_mulhi_epu16(cubic_row(at), _mm256_set1_epi32((int32_t)w[0]));
    const __m256i b = _mm256_mulhi_epu16(cubic_row(at + down), _mm256_set1_epi32((int32_t)w[1]));
    const __m256i c =
        _mm256_mulhi_epu16(cubic_row(at + 2 * down), _mm256_set1_epi32((int32_t)w[2]));
    const __m256i d =
        _mm256_mulhi_epu16(cubic_row(at + 3 * down), _mm256_set1_epi32((int32_t)w[3]));
    const __m256i column = _mm256_sub_epi16(_mm256_add_epi16(b, c), _mm256_add_epi16(a, d));
    memcpy(&across, cubic->x[k], 8);
    return _mm256_madd_epi16(column, _mm256_set1_epi64x(across));
}

/* Eight pixels at a time; returns how many. */
static INLINE ptrdiff_t bicubic_ahead_u8(const uint8_t *frame, const places *p,
                                         const cubic_u8 *cubic, ptrdiff_t count, ptrdiff_t stride,
                                         ptrdiff_t channels, uint8_t *out, ptrdiff_t plane) {
    const __m256i half = _mm256_set1_epi32(1 << (CUBIC_BITS + 5));
    const __m256i planes = _mm256_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15,
                                            0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
    ptrdiff_t k, c;
    for (k = 0; k + 8 <= count; k += 8) {
        __m256i words[4], bytes;
        int64_t of_channel[LANES];
        int i;
        for (i = 0; i < 4; i++) {
            const ptrdiff_t first = k + 2 * i;
            const __m256i sums = _mm256_hadd_epi32(
                cubic_sums(frame + cubic_corner(p, first, stride), cubic, first, stride),
                cubic_sums(frame + cubic_corner(p, first + 1, stride), cubic, first + 1, stride));
            words[i] = _mm256_srai_epi32(_mm256_add_epi32(sums, half), CUBIC_BITS + 6);
        }
        /* In each half two channels of pixel 0, two of pixel 1, ...; then one channel, and the other. */
        bytes = _mm256_packus_epi16(_mm256_packs_epi32(words[0], words[1]),
                                    _mm256_packs_epi32(words[2], words[3]));
        _mm256_storeu_si256((__m256i *)of_channel, _mm256_shuffle_epi8(bytes, planes));
        for (c = 0; c < channels; c++) memcpy(out + c * plane + k, &of_channel[c], 8);
    }
    return k;
}

static INLINE __m128 cubic_pixel(const float *at, const cubic_f32 *cubic, ptrdiff_t k,
                                 ptrdiff_t stride) {
    const __m256i first = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    const __m256i second = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    const __m256 across = _mm256_broadcast_ps((const __m128 *)cubic->x[k]);
    __m256 left = _mm256_setzero_ps(), right = left, both;
    int i;
    for (i = 0; i < 4; i++, at += LANES * stride) {
        const __m256 w = _mm256_set1_ps(cubic->y[k][i]);
        left = _mm256_fmadd_ps(w, _mm256_loadu_ps(at), left);
        right = _mm256_fmadd_ps(w, _mm256_loadu_ps(at + 2 * LANES), right);
    }
    both = _mm256_mul_ps(left, _mm256_permutevar_ps(across, first));
    both = _mm256_fmadd_ps(right, _mm256_permutevar_ps(across, second), both);
    return _mm_add_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1));
}

static INLINE ptrdiff_t bicubic_ahead_f32(const float *frame, const places *p,
                                          const cubic_f32 *cubic, ptrdiff_t count, ptrdiff_t stride,
                                          ptrdiff_t channels, float *out, ptrdiff_t plane) {
    ptrdiff_t k, c;
    for (k = 0; k + 4 <= count; k += 4) {
        __m128 pixel[4];
        int i;
        for (i = 0; i < 4; i++)
            pixel[i] = cubic_pixel(frame + cubic_corner(p, k + i, stride), cubic, k + i, stride);
        _MM_TRANSPOSE4_PS(pixel[0], pixel[1], pixel[2], pixel[3]);
        for (c = 0; c < channels; c++) _mm_storeu_ps(out + c * plane + k, pixel[c]);
    }
    return k;
}
#else
static INLINE ptrdiff_t bicubic_ahead_u8(const uint8_t *frame, const places *p,
                                         const cubic_u8 *cubic, ptrdiff_t count, ptrdiff_t stride,
                                         ptrdiff_t channels, uint8_t *out, ptrdiff_t plane) {
    (void)frame, (void)p, (void)cubic, (void)count, (void)stride, (void)channels, (void)out, (void)plane;
    return 0;
}
static INLINE ptrdiff_t bicubic_ahead_f32(const float *frame, const places *p,
                                          const cubic_f32 *cubic, ptrdiff_t count, ptrdiff_t stride,
                                          ptrdiff_t channels, float *out, ptrdiff_t plane) {
    (void)frame, (void)p, (void)cubic, (void)count, (void)stride, (void)channels, (void)out, (void)plane;
    return 0;
}
#endif
