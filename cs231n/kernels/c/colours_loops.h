/* The loops of colours.c, written once and included for each PIXEL: bytes, and float. */

static INLINE void NAME(scale_channel)(const PIXEL *x, PIXEL *out, ptrdiff_t pixels,
                                       const float *m, ptrdiff_t C, ptrdiff_t c) {
    const float scale = m[c * (C + 2)], offset = m[c * (C + 1) + C];
    if (scale == 1 && offset == 0) {
        if (x != out) memcpy(out, x, (size_t)pixels * sizeof(PIXEL));
    } else if (scale == 1) {
        NAME(add)(x, out, pixels, offset);
    } else {
        NAME(scale)(x, out, pixels, m, C, c);
    }
}

static void NAME(matrix)(const PIXEL *x, const float *matrices, PIXEL *out, colour_task t) {
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++) {
        const float *m = matrices + n * t.C * (t.C + 1);
        const ptrdiff_t first = n * t.C * t.pixels;
        ptrdiff_t c;
        if (is_diagonal(m, t.C)) {
            for (c = 0; c < t.C; c++)
                NAME(scale_channel)(x + first + c * t.pixels, out + first + c * t.pixels, t.pixels, m,
                                    t.C, c);
        } else {
            NAME(matrix_of_three)(x + first, out + first, t.pixels, m);
        }
    }
}

static INLINE void NAME(hsv_of_three)(const PIXEL *x, PIXEL *out, ptrdiff_t pixels,
                                      const float *change) {
    const PIXEL *r = x, *g = x + pixels, *b = x + 2 * pixels;
    PIXEL *to_r = out, *to_g = out + pixels, *to_b = out + 2 * pixels;
    const float turn = 6 * change[0], more_saturation = change[1], more_value = change[2];
    ptrdiff_t k;
#pragma omp simd
    for (k = 0; k < pixels; k++) {
        const float red = r[k], green = g[k], blue = b[k];
        const float high_rg = red > green ? red : green, low_rg = red > green ? green : red;
        const float value = high_rg > blue ? high_rg : blue, low = low_rg < blue ? low_rg : blue;
        const float range = value - low, inverse = 1 / (range != 0 ? range : 1);
        const float from_green = 2 + (blue - red) * inverse, from_blue = 4 + (red - green) * inverse;
        const float not_red = value == green ? from_green : from_blue;
        const float hue = (value == red ? (green - blue) * inverse : not_red) + turn;
        const float saturation = more_saturation * range / (value > 0 ? value : 1);
        const float bright = value * more_value;
        const float chroma = bright * (saturation < 1 ? saturation : 1);
        to_r[k] = NAME(rounded)(bright - chroma * missing(hue + 5));
        to_g[k] = NAME(rounded)(bright - chroma * missing(hue + 3));
        to_b[k] = NAME(rounded)(bright - chroma * missing(hue + 1));
    }
}

static void NAME(hsv)(const PIXEL *x, const float *changes, PIXEL *out, colour_task t) {
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++)
        NAME(hsv_of_three)(x + n * 3 * t.pixels, out + n * 3 * t.pixels, t.pixels, changes + 3 * n);
}

static void NAME(shade)(const PIXEL *x, const float *strengths, const float *mask, PIXEL *out,
                        colour_task t) {
    ptrdiff_t p;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (p = 0; p < t.N * t.C; p++) {
        const PIXEL *in = x + p * t.pixels;
        PIXEL *to = out + p * t.pixels;
        const float strength = strengths[p / t.C];
        ptrdiff_t k;
#pragma omp simd
        for (k = 0; k < t.pixels; k++) to[k] = NAME(rounded)(in[k] * (1 - strength * mask[k]));
    }
}

static void NAME(mix)(const PIXEL *x, const int64_t *others, const float *shares, PIXEL *out,
                      colour_task t) {
    const ptrdiff_t size = t.C * t.pixels;
    ptrdiff_t n;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (n = 0; n < t.N; n++)
        NAME(mix_two)(x + n * size, x + others[n] * size, out + n * size, size, shares[n]);
}

static void NAME(means)(const PIXEL *x, double *means, colour_task t) {
    ptrdiff_t p;
#pragma omp parallel for num_threads(t.threads) if (t.threads > 1) schedule(static)
    for (p = 0; p < t.N * t.C; p++)
        means[p] = NAME(sum)(x + p * t.pixels, t.pixels) / (double)t.pixels;
}
