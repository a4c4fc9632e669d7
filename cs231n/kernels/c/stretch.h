/* Bilinear interpolation along one axis at a time: between two rows, then between a row's pixels.
 * Bytes are kept in 16 bits between the two, in the steps and with the rounding of `between`. */

typedef int16_t row_u8;
typedef float row_f32;

/* Where up to CHUNK outputs lie on one axis of the image, as in places: between pixel `whole` and the
 * next. */
typedef struct {
    double at[CHUNK];
    int32_t whole[CHUNK];
    int16_t steps[CHUNK]; /* behind it: in steps, or exactly */
    float share[CHUNK];
} axis;

/* The outputs k = first ... first + count - 1 lie at scale k + offset, on an axis of n pixels. */
static INLINE void find_axis(axis *a, double scale, double offset, ptrdiff_t first, ptrdiff_t count,
                             ptrdiff_t n, int in_steps, int border) {
    const double reach = border == BORDER_CONSTANT, end = (double)(n - 1) + reach;
    ptrdiff_t k;
    /* Two loops: fused into one rounding, the product and the sum would not be through_matrix's. */
    for (k = 0; k < count; k++) a->at[k] = scale * (double)(int32_t)(first + k);
    for (k = 0; k < count; k++) a->at[k] += offset;
    if (border == BORDER_REFLECT) reflect(a->at, count, n);
    for (k = 0; k < count; k++) {
        const double at = in_frame(a->at[k], -reach, end);
        if (in_steps) {
            const int32_t steps = (int32_t)(at * ONE + 0.5);
            a->whole[k] = (steps >> FRACTION_BITS) - FRAME;
            a->steps[k] = (int16_t)(steps & (ONE - 1));
        } else {
            const int32_t whole = (int32_t)at;
            a->whole[k] = whole - FRAME;
            a->share[k] = (float)(at - whole);
        }
    }
}

static INLINE void between_rows_u8(const uint8_t *top, const uint8_t *bottom, int16_t *row,
                                   ptrdiff_t count, const axis *rows, ptrdiff_t i) {
    const int16_t f = rows->steps[i];
    ptrdiff_t k = 0;
#if defined(__AVX2__)
    const __m256i fs = _mm256_set1_epi16(f);
    for (; k + 16 <= count; k += 16) {
        const __m256i a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(top + k)));
        const __m256i b = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(bottom + k)));
        const __m256i change = _mm256_mulhrs_epi16(_mm256_slli_epi16(_mm256_sub_epi16(b, a), 7), fs);
        _mm256_storeu_si256((__m256i *)(row + k), _mm256_add_epi16(_mm256_slli_epi16(a, 7), change));
    }
#endif
    for (; k < count; k++) row[k] = (int16_t)between(top[k] << 7, bottom[k] << 7, f);
}

static INLINE void between_rows_f32(const float *top, const float *bottom, float *row,
                                    ptrdiff_t count, const axis *rows, ptrdiff_t i) {
    const float share = rows->share[i];
    ptrdiff_t k;
    for (k = 0; k < count; k++) row[k] = top[k] + share * (bottom[k] - top[k]);
}

/* How GROUP outputs are picked from the pixels of a row, as bytes of one or two vectors. */
enum { GROUP = 8, NONE = 0x80 };
typedef struct {
    int vectors; /* that the farthest group reaches over; 0: more than two */
    int32_t first[CHUNK / GROUP];
    uint8_t near[2 * CHUNK], far[2 * CHUNK];
} shuffles;

#if defined(__SSE4_1__)
static INLINE void find_order_u8(shuffles *s, const axis *columns, ptrdiff_t count) {
    ptrdiff_t group, k;
    s->vectors = 1;
    for (group = 0; group < count / GROUP; group++) {
        const int32_t *whole = columns->whole + group * GROUP;
        int32_t first = whole[0], last = whole[0];
        for (k = 1; k < GROUP; k++) {
            if (whole[k] < first) first = whole[k];
            if (whole[k] > last) last = whole[k];
        }
        if (last - first >= 2 * GROUP) {
            s->vectors = 0;
            return;
        }
        if (last - first >= GROUP) s->vectors = 2;
        s->first[group] = first;
        for (k = 0; k < 2 * GROUP; k++) {
            const int byte = 2 * (whole[k / 2] - first) + (int)(k % 2);
            s->near[2 * GROUP * group + k] = (uint8_t)(byte < 2 * GROUP ? byte : NONE);
            s->far[2 * GROUP * group + k] = (uint8_t)(byte < 2 * GROUP ? NONE : byte - 2 * GROUP);
        }
    }
}

static INLINE __m128i words_at(const void *from) { return _mm_loadu_si128((const __m128i *)from); }

static INLINE __m128i picked(const int16_t *row, __m128i near, const uint8_t *far, int vectors) {
    const __m128i found = _mm_shuffle_epi8(words_at(row), near);
    if (vectors == 1) return found;
    return _mm_or_si128(found, _mm_shuffle_epi8(words_at(row + GROUP), words_at(far)));
}

/* As many pixels as make whole groups; returns how many. */
static INLINE ptrdiff_t groups_between(const int16_t *row, uint8_t *out, ptrdiff_t count,
                                       const axis *columns, const shuffles *s, int vectors) {
    const __m128i half = _mm_set1_epi16(64);
    ptrdiff_t k;
    for (k = 0; k + GROUP <= count; k += GROUP) {
        const int16_t *from = row + s->first[k / GROUP];
        const __m128i near = words_at(s->near + 2 * k), f = words_at(columns->steps + k);
        const __m128i left = picked(from, near, s->far + 2 * k, vectors);
        const __m128i right = picked(from + 1, near, s->far + 2 * k, vectors);
        const __m128i sum = _mm_add_epi16(left, _mm_mulhrs_epi16(_mm_sub_epi16(right, left), f));
        const __m128i words = _mm_srai_epi16(_mm_add_epi16(sum, half), 7);
        _mm_storel_epi64((__m128i *)(out + k), _mm_packus_epi16(words, words));
    }
    return k;
}
#else
static INLINE void find_order_u8(shuffles *s, const axis *columns, ptrdiff_t count) {
    (void)columns, (void)count;
    s->vectors = 0;
}
static INLINE ptrdiff_t groups_between(const int16_t *row, uint8_t *out, ptrdiff_t count,
                                       const axis *columns, const shuffles *s, int vectors) {
    (void)row, (void)out, (void)count, (void)columns, (void)s, (void)vectors;
    return 0;
}
#endif
static INLINE void find_order_f32(shuffles *s, const axis *columns, ptrdiff_t count) {
    (void)s, (void)columns, (void)count;
}

static INLINE void between_columns_u8(const int16_t *row, uint8_t *out, ptrdiff_t count,
                                      const axis *columns, const shuffles *s) {
    ptrdiff_t k = 0;
    if (s->vectors == 1) k = groups_between(row, out, count, columns, s, 1);
    if (s->vectors == 2) k = groups_between(row, out, count, columns, s, 2);
    for (; k < count; k++) {
        const int16_t *at = row + columns->whole[k];
        out[k] = (uint8_t)((between(at[0], at[1], columns->steps[k]) + 64) >> 7);
    }
}

static INLINE void between_columns_f32(const float *row, float *out, ptrdiff_t count,
                                       const axis *columns, const shuffles *s) {
    ptrdiff_t k;
    (void)s;
    for (k = 0; k < count; k++) {
        const float *at = row + columns->whole[k];
        out[k] = at[0] + columns->share[k] * (at[1] - at[0]);
    }
}

static INLINE int is_stretching(const warp_task *t, ptrdiff_t n) {
    const double *m = t->numbers + n * STAGE_NUMBERS;
    return t->interpolation == BILINEAR && !t->field && t->stages == 1 && t->kinds[0] == MATRIX &&
           m[1] == 0 && m[3] == 0 && m[6] == 0 && m[7] == 0 && m[8] == 1;
}
