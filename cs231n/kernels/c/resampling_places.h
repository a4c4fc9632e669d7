/* Where the pixels of an output row come from.
 *
 * The places are counted in a frame: the image with FRAME pixels around it, so that every pixel
 * that an interpolation touches is there. They are kept with ONE steps a pixel. */

enum { FRAME = 4, CHUNK = 128, FRACTION_BITS = 15, ONE = 1 << FRACTION_BITS };

typedef struct {
    double x[CHUNK], y[CHUNK];
    int32_t index[CHUNK];           /* of the pixel to the upper left, in the frame */
    int16_t fx[CHUNK], fy[CHUNK];   /* how far behind it: in steps, or exactly */
    float gx[CHUNK], gy[CHUNK];
} places;

/* The numbers are copied: what is written to the places might be them, for all the compiler knows. */
static INLINE void through_matrix(places *p, ptrdiff_t count, const double *numbers) {
    double m[STAGE_NUMBERS];
    ptrdiff_t k;
    memcpy(m, numbers, sizeof m);
    if (m[6] == 0 && m[7] == 0 && m[8] == 1) {
        for (k = 0; k < count; k++) {
            const double x = p->x[k], y = p->y[k];
            p->x[k] = m[0] * x + m[1] * y + m[2];
            p->y[k] = m[3] * x + m[4] * y + m[5];
        }
        return;
    }
    for (k = 0; k < count; k++) {
        const double x = p->x[k], y = p->y[k];
        const double inverse = 1 / (m[6] * x + m[7] * y + m[8]);
        p->x[k] = (m[0] * x + m[1] * y + m[2]) * inverse;
        p->y[k] = (m[3] * x + m[4] * y + m[5]) * inverse;
    }
}

static INLINE void through_lens(places *p, ptrdiff_t count, const double *numbers) {
    double m[STAGE_NUMBERS];
    ptrdiff_t k;
    memcpy(m, numbers, sizeof m);
    for (k = 0; k < count; k++) {
        const double dx = p->x[k] - m[0], dy = p->y[k] - m[1];
        const double r = (dx * dx + dy * dy) * m[2], s = r < 1 ? r : 1;
        const double farther = ((((m[8] * s + m[7]) * s + m[6]) * s + m[5]) * s + m[4]) * s + m[3];
        const double factor = 1 + s * farther;
        p->x[k] = m[0] + dx * factor;
        p->y[k] = m[1] + dy * factor;
    }
}

/* Fold the places of one axis of n pixels into the image, as if mirrors stood at its borders. */
static INLINE void reflect(double *at, ptrdiff_t count, ptrdiff_t n) {
    const double high = (double)(n > 1 ? n - 1 : 1), period = 2 * high, turns = 1 / period;
    ptrdiff_t k;
    for (k = 0; k < count; k++) {
        const double part = at[k] * turns, folded = (part - floor(part)) * period;
        at[k] = folded < high ? folded : period - folded;
    }
}

/* A place counted from the frame's border. NaN ends inside. */
static INLINE double in_frame(double at, double low, double high) {
    const double above = at > low ? at : low;
    return FRAME + (above < high ? above : high);
}

/* Round places of x and y to steps, or to pixels for the nearest. */
static INLINE void keep_steps(places *p, ptrdiff_t count, double reach, double right,
                              double bottom, int32_t stride) {
    ptrdiff_t k;
    for (k = 0; k < count; k++) {
        const int32_t x = (int32_t)(in_frame(p->x[k], -reach, right) * ONE + 0.5);
        const int32_t y = (int32_t)(in_frame(p->y[k], -reach, bottom) * ONE + 0.5);
        p->index[k] = (y >> FRACTION_BITS) * stride + (x >> FRACTION_BITS);
        p->fx[k] = (int16_t)(x & (ONE - 1));
        p->fy[k] = (int16_t)(y & (ONE - 1));
    }
}

static INLINE void keep_exactly(places *p, ptrdiff_t count, double reach, double right,
                                double bottom, int32_t stride, double half) {
    ptrdiff_t k;
    for (k = 0; k < count; k++) {
        const double x = in_frame(p->x[k], -reach, right) + half;
        const double y = in_frame(p->y[k], -reach, bottom) + half;
        const int32_t i = (int32_t)y, j = (int32_t)x;
        p->index[k] = i * stride + j;
        p->gx[k] = (float)(x - j);
        p->gy[k] = (float)(y - i);
    }
}

static INLINE void start_places(places *p, ptrdiff_t n, ptrdiff_t row, ptrdiff_t first,
                                ptrdiff_t count, const warp_task *t) {
    ptrdiff_t k;
    for (k = 0; k < count; k++) {
        p->x[k] = (double)(int32_t)(first + k);
        p->y[k] = (double)row;
    }
    if (t->field) {
        const float *dx = t->field + (2 * n * t->OH + row) * t->OW + first;
        const float *dy = dx + t->OH * t->OW;
        for (k = 0; k < count; k++) {
            p->x[k] += dx[k];
            p->y[k] += dy[k];
        }
    }
}

/* The places of output pixels (row, first ... first + count - 1) of image n. */
static INLINE void find_places(places *p, ptrdiff_t n, ptrdiff_t row, ptrdiff_t first,
                               ptrdiff_t count, int in_steps, const warp_task *t) {
    const double reach = t->border != BORDER_CONSTANT ? 0 : t->interpolation == BICUBIC ? 2 : 1;
    const double right = (double)(t->W - 1) + reach, bottom = (double)(t->H - 1) + reach;
    const int32_t stride = (int32_t)(t->W + 2 * FRAME);
    ptrdiff_t k;
    start_places(p, n, row, first, count, t);
    for (k = 0; k < t->stages; k++) {
        const double *numbers = t->numbers + (k * t->N + n) * STAGE_NUMBERS;
        if (t->kinds[k] == MATRIX) {
            through_matrix(p, count, numbers);
        } else {
            through_lens(p, count, numbers);
        }
    }
    if (t->border == BORDER_REFLECT) {
        reflect(p->x, count, t->W);
        reflect(p->y, count, t->H);
    }
    if (in_steps) {
        keep_steps(p, count, reach, right, bottom, stride);
    } else {
        /* The nearest pixel is the one to the upper left of the place half a pixel farther. */
        keep_exactly(p, count, reach, right, bottom, stride,
                     t->interpolation == NEAREST ? 0.5 : 0);
    }
}
