/* The loops of crops.c, written once and included for each size of PIXEL. */

/* What lies outside: pixels first ... last - 1 of a row of the window. */
static INLINE void NAME(fill_outside)(const PIXEL *in, PIXEL *out, const int64_t *start,
                                      ptrdiff_t first, ptrdiff_t last, const crop_task *t) {
    ptrdiff_t j;
    if (t->border == BORDER_CONSTANT) {
        clear_bytes(out + first, (last - first) * (ptrdiff_t)sizeof(PIXEL));
        return;
    }
    for (j = first; j < last; j++) out[j] = in[inside(start[2] + start[3] * j, t->W, t->border)];
}

/* One row of the window: its pixels first ... last - 1 lie in the image, the others outside. */
static INLINE void NAME(crop_row)(const PIXEL *in, PIXEL *out, const int64_t *start,
                                  ptrdiff_t first, ptrdiff_t last, const crop_task *t) {
    const ptrdiff_t from = start[2] + start[3] * first;
    if (last > first) {
        if (start[3] > 0) {
            copy_bytes(in + from, out + first, (last - first) * (ptrdiff_t)sizeof(PIXEL));
        } else {
            NAME(reverse)(in + from, out + first, last - first);
        }
    }
    NAME(fill_outside)(in, out, start, 0, first, t);
    NAME(fill_outside)(in, out, start, last, t->OW, t);
}

static void NAME(crop_image)(const PIXEL *x, const int64_t *start, PIXEL *out,
                             const crop_task *t) {
    const ptrdiff_t pixels = t->H * t->W, from = start[2], size = sizeof(PIXEL);
    ptrdiff_t first, last, c, i;
    int is_short;
    if (start[0] == 0 && start[1] > 0 && from == 0 && start[3] > 0 && t->OH == t->H &&
        t->OW == t->W) {
        memcpy(out, x, (size_t)(t->C * pixels) * sizeof(PIXEL));
        return;
    }
    if (start[3] > 0) {
        first = clamp(-from, 0, t->OW);
        last = clamp(t->W - from, first, t->OW);
    } else {
        first = clamp(from - t->W + 1, 0, t->OW);
        last = clamp(from + 1, first, t->OW);
    }
    is_short = start[3] > 0 && t->border == BORDER_CONSTANT && t->OW * size <= ONE_VECTOR;
    for (c = 0; c < t->C; c++, x += pixels) {
        for (i = 0; i < t->OH; i++, out += t->OW) {
            const ptrdiff_t row = inside(start[0] + start[1] * i, t->H, t->border);
            if (row < 0) {
                clear_bytes(out, t->OW * size);
            } else if (is_short) {
                copy_between_zeros(x + row * t->W + from, out, first * size, last * size,
                                   t->OW * size);
            } else {
                NAME(crop_row)(x + row * t->W, out, start, first, last, t);
            }
        }
    }
}

static void NAME(crop)(const PIXEL *x, const int64_t *starts, PIXEL *out, crop_task t) {
    const ptrdiff_t size = t.C * t.H * t.W, out_size = t.C * t.OH * t.OW;
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++)
        NAME(crop_image)(x + n * size, starts + 4 * n, out + n * out_size, &t);
}
