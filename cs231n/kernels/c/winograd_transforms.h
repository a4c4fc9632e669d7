/* The three transforms of F(4x4, 3x3), one dimension at a time, on vectors of channels.
 *
 * Interpolation points 0, 1, -1, 2, -2 and infinity:
 *
 *         4  0 -5  0  1  0             6   0   0             1  1  1  1  1  0
 *         0 -4 -4  1  1  0            -4  -4  -4        A' = 0  1 -1  2 -2  0
 *    B' = 0  4 -4 -1  1  0   24 G =   -4   4  -4             0  1  1  4  4  0
 *         0 -2 -1  2  1  0             1   2   4             0  1 -1  8 -8  1
 *         0  2 -1 -2  1  0             1  -2   4
 *         0  4  0 -5  0  1             0   0  24
 *
 * Lavin & Gray, "Fast algorithms for convolutional neural networks", 2015,
 * https://arxiv.org/abs/1509.09308; docs/convolution.md derives them.
 */

typedef vec_f32 V;

/* B' d: six inputs, `step` vectors apart. */
static INLINE void input_line(const V *d, ptrdiff_t step, V *to, ptrdiff_t to_step) {
    const V d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    const V even = d4 - 4 * d2, odd = d3 - 4 * d1, e = d4 - d2, o = d3 - d1;
    to[0] = d4 + 4 * d0 - 5 * d2;
    to[to_step] = even + odd;
    to[2 * to_step] = even - odd;
    to[3 * to_step] = e + 2 * o;
    to[4 * to_step] = e - 2 * o;
    to[5 * to_step] = d5 + 4 * d1 - 5 * d3;
}

/* A' m: six products to four outputs. */
static INLINE void output_line(const V *m, ptrdiff_t step, V *to, ptrdiff_t to_step) {
    const V m1 = m[step], m2 = m[2 * step], m3 = m[3 * step], m4 = m[4 * step];
    const V s = m1 + m2, d = m1 - m2, p = m3 + m4, q = m3 - m4;
    to[0] = m[0] + s + p;
    to[to_step] = d + 2 * q;
    to[2 * to_step] = s + 4 * p;
    to[3 * to_step] = d + 8 * q + m[5 * step];
}

/* A y: four output gradients to six. */
static INLINE void gradient_line(const V *y, ptrdiff_t step, V *to, ptrdiff_t to_step) {
    const V y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
    const V s = y0 + y2, d = y1 + y3, p = y0 + 4 * y2, q = 2 * y1 + 8 * y3;
    to[0] = y0;
    to[to_step] = s + d;
    to[2 * to_step] = s - d;
    to[3 * to_step] = p + q;
    to[4 * to_step] = p - q;
    to[5 * to_step] = y3;
}

/* G g: three weights to six. */
static INLINE void filter_line(const V *g, ptrdiff_t step, V *to, ptrdiff_t to_step) {
    const V g0 = g[0], g1 = g[step], g2 = g[2 * step];
    const V s = (g0 + g2) * (-1.0f / 6), h = g1 * (1.0f / 6);
    const V p = g0 * (1.0f / 24) + g2 * (1.0f / 6), q = g1 * (1.0f / 12);
    to[0] = g0 * 0.25f;
    to[to_step] = s - h;
    to[2 * to_step] = s + h;
    to[3 * to_step] = p + q;
    to[4 * to_step] = p - q;
    to[5 * to_step] = g2;
}

/* G' u: six products to three weight gradients. */
static INLINE void filter_gradient_line(const V *u, ptrdiff_t step, V *to, ptrdiff_t to_step) {
    const V u1 = u[step], u2 = u[2 * step], u3 = u[3 * step], u4 = u[4 * step];
    const V s = (u1 + u2) * (1.0f / 6), p = (u3 + u4) * (1.0f / 24);
    to[0] = u[0] * 0.25f - s + p;
    to[to_step] = (u2 - u1) * (1.0f / 6) + (u3 - u4) * (1.0f / 12);
    to[2 * to_step] = 4 * p - s + u[5 * step];
}

/* A line transform in both directions: from lines of `in` to lines of `out` numbers. */
#define IN_BOTH_DIRECTIONS(name, line, in, out)                                                  \
    static INLINE void name(const V *from, ptrdiff_t row_step, V *to, ptrdiff_t to_step) {       \
        V half[out * in];                                                                        \
        int i;                                                                                   \
        UNROLL_6 for (i = 0; i < in; i++) line(from + i, row_step, half + i, in);                \
        UNROLL_6 for (i = 0; i < out; i++) line(half + i * in, 1, to + i * out * to_step, to_step); \
    }
#if defined(__GNUC__)
#define UNROLL_6 _Pragma("GCC unroll 6")
#else
#define UNROLL_6
#endif

/* from: vectors of a row next to each other, rows row_step apart; to: vectors to_step apart. */
IN_BOTH_DIRECTIONS(transform_input, input_line, 6, 6)
IN_BOTH_DIRECTIONS(transform_gradient, gradient_line, 4, 6)
IN_BOTH_DIRECTIONS(transform_filter, filter_line, 3, 6)

/* from: 36 vectors, step apart; to: 4x4 or 3x3 vectors, next to each other. */
#define FROM_36(name, line, out)                                                                 \
    static INLINE void name(const V *from, ptrdiff_t step, V *to) {                              \
        V half[out * 6];                                                                         \
        int i;                                                                                   \
        UNROLL_6 for (i = 0; i < 6; i++) line(from + i * step, 6 * step, half + i, 6);           \
        UNROLL_6 for (i = 0; i < out; i++) line(half + i * 6, 1, to + i * out, 1);               \
    }
FROM_36(transform_output, output_line, 4)
FROM_36(transform_filter_gradient, filter_gradient_line, 3)
