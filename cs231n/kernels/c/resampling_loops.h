/* The loops of resampling.c, written once and included for each PIXEL: bytes, and float. */

/* Up to four channels side by side, with FRAME pixels around them: one look brings all four. */
static INLINE void NAME(fill_row)(const PIXEL *x, ptrdiff_t channels, ptrdiff_t plane,
                                  PIXEL *frame, const warp_task *t) {
    ptrdiff_t j, c;
    PIXEL *to = frame + LANES * FRAME;
    if (channels == 3) {
        NAME(interleave)(x, x + plane, x + 2 * plane, to, t->W);
    } else {
        memset(to, 0, (size_t)(LANES * t->W) * sizeof(PIXEL));
        for (c = 0; c < channels; c++)
            for (j = 0; j < t->W; j++) to[LANES * j + c] = x[c * plane + j];
    }
    for (j = 1; j <= FRAME; j++) {
        const ptrdiff_t before = inside(-j, t->W, t->border);
        const ptrdiff_t behind = inside(t->W - 1 + j, t->W, t->border);
        for (c = 0; c < LANES; c++) {
            to[LANES * -j + c] = before < 0 ? 0 : to[LANES * before + c];
            to[LANES * (t->W - 1 + j) + c] = behind < 0 ? 0 : to[LANES * behind + c];
        }
    }
}

static INLINE void NAME(fill_frame)(const PIXEL *x, ptrdiff_t channels, PIXEL *frame,
                                    const warp_task *t) {
    const ptrdiff_t stride = LANES * (t->W + 2 * FRAME);
    ptrdiff_t i;
    for (i = 0; i < t->H; i++)
        NAME(fill_row)(x + i * t->W, channels, t->H * t->W, frame + (i + FRAME) * stride, t);
    for (i = -FRAME; i < t->H + FRAME; i++) {
        const ptrdiff_t row = inside(i, t->H, t->border);
        PIXEL *to = frame + (i + FRAME) * stride;
        if (row < 0) {
            memset(to, 0, (size_t)stride * sizeof(PIXEL));
        } else if (row != i) {
            memcpy(to, frame + (row + FRAME) * stride, (size_t)stride * sizeof(PIXEL));
        }
    }
}

static INLINE void NAME(look_nearest)(const PIXEL *frame, const places *p, ptrdiff_t k,
                                      PIXEL *pixel) {
    memcpy(pixel, frame + LANES * (ptrdiff_t)p->index[k], LANES * sizeof(PIXEL));
}

static INLINE void NAME(look_bicubic)(const PIXEL *frame, const places *p, ptrdiff_t count,
                                      ptrdiff_t stride, ptrdiff_t channels, PIXEL *out,
                                      ptrdiff_t plane) {
    PIXEL pixel[LANES];
    NAME(cubic) cubic;
    ptrdiff_t k, c;
    NAME(find_cubic)(p, count, &cubic);
    k = NAME(bicubic_ahead)(frame, p, &cubic, count, stride, channels, out, plane);
    for (; k < count; k++) {
        NAME(one_bicubic)(frame + cubic_corner(p, k, stride), &cubic, k, stride, pixel);
        for (c = 0; c < channels; c++) out[c * plane + k] = pixel[c];
    }
}

static INLINE void NAME(look)(const PIXEL *frame, const places *p, ptrdiff_t count,
                              ptrdiff_t stride, ptrdiff_t channels, PIXEL *out, ptrdiff_t plane,
                              int interpolation) {
    PIXEL pixel[LANES];
    ptrdiff_t k = 0, c;
    if (interpolation == BILINEAR && channels == 3)
        k = NAME(bilinear_ahead)(frame, p, count, stride, out, plane);
    if (interpolation == NEAREST && channels == 3)
        k = NAME(nearest_ahead)(frame, p, count, out, plane);
    for (; k < count; k++) {
        if (interpolation == NEAREST) {
            NAME(look_nearest)(frame, p, k, pixel);
        } else {
            NAME(look_bilinear)(frame, p, k, stride, pixel);
        }
        for (c = 0; c < channels; c++) out[c * plane + k] = pixel[c];
    }
}

static void NAME(warp_image)(const PIXEL *x, PIXEL *out, ptrdiff_t n, PIXEL *frame,
                             const warp_task *t) {
    const ptrdiff_t plane = t->H * t->W, out_plane = t->OH * t->OW, stride = t->W + 2 * FRAME;
    const int in_steps = sizeof(PIXEL) == 1 && t->interpolation != NEAREST;
    ptrdiff_t c, i, j;
    places p;
    /* The output may take the place of the input: all of it has been framed before it is written,
     * as long as a frame takes all channels. */
    for (c = 0; c < t->C; c += LANES) {
        const ptrdiff_t channels = t->C - c < LANES ? t->C - c : LANES;
        NAME(fill_frame)(x + (n * t->C + c) * plane, channels, frame, t);
        for (i = 0; i < t->OH; i++) {
            for (j = 0; j < t->OW; j += CHUNK) {
                const ptrdiff_t count = t->OW - j < CHUNK ? t->OW - j : CHUNK;
                PIXEL *to = out + (n * t->C + c) * out_plane + i * t->OW + j;
                find_places(&p, n, i, j, count, in_steps, t);
                if (t->interpolation == BILINEAR) {
                    NAME(look)(frame, &p, count, stride, channels, to, out_plane, BILINEAR);
                } else if (t->interpolation == NEAREST) {
                    NAME(look)(frame, &p, count, stride, channels, to, out_plane, NEAREST);
                } else {
                    NAME(look_bicubic)(frame, &p, count, stride, channels, to, out_plane);
                }
            }
        }
    }
}

static void NAME(warp)(const PIXEL *x, PIXEL *out, warp_task t) {
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++) {
        PIXEL *memory = (PIXEL *)(t.memory + THREAD() * t.memory_of_thread);
        if (is_stretching(&t, n)) {
            NAME(stretch_image)(x, out, n, memory, &t);
        } else {
            NAME(warp_image)(x, out, n, memory, &t);
        }
    }
}
