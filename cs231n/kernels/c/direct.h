#ifndef CS231N_DIRECT_H
#define CS231N_DIRECT_H

#include "tile.h"

/* What direct convolution knows of a layer: no numbers, so it serves float and double. */

typedef struct {
    ptrdiff_t N, C, H, W, F, HH, WW, stride, dilation;
    ptrdiff_t pad_h, pad_w; /* may be negative: then the first lines are left out */
    ptrdiff_t OH, OW;
} convolution_geometry;

/* Lines are unfolded along the width only: unfolded[channel][kw][phase][line][OW], where a phase is
 * what kh leaves divided by the stride. Then the window of any kh and kw is the same map, some lines
 * further on, without gaps; HH times less memory than the columns of im2col. Where a filter is one
 * weight, at stride 1 and without padding, the maps themselves are all that, and nothing is unfolded. */
typedef struct {
    convolution_geometry g;
    ptrdiff_t K, phases;
    int is_plain; /* nothing is unfolded */
    ptrdiff_t images, rows;          /* of a block: several images, or some rows of one */
    ptrdiff_t bands, blocks;         /* blocks of rows an image; blocks in all */
    ptrdiff_t lines, plane, image;   /* of the unfolded: lines of a phase; numbers of it, of an image */
} direct_plan;

/* RUN: outputs whose products are summed at a time for the gradient on the filters; DEPTH_RUN: products
 * of an output. Sums of sums lose fewer digits, and what they are made of stays in the first level of
 * cache. */
enum { UNFOLDED_BYTES = 400000, SLACK = 64, RUN = 256, DEPTH_RUN = 512, STREAM_BYTES = 4 << 20 };

/* Outputs are packed where so many panels of filters read them, as many pairs of vectors at a time
 * as PACKED_BYTES hold: then panels stay in the first level of cache, the packed in the second. */
enum { PACKED_BYTES = 256 << 10, MOST_PAIRS = 16, PANELS_TO_PACK = 3 };

/* The gradient on the input with larger strides: numbers of a phase's maps that stay in cache. */
enum { STRIDED_NUMBERS = 32 << 10, MOST_STRIDE = 16 };

static INLINE void *to_cache_line(void *memory) {
    return (char *)memory + (-(uintptr_t)memory & 63);
}

static INLINE direct_plan plan_direct(convolution_geometry g, ptrdiff_t size) {
    direct_plan p;
    const ptrdiff_t reach = (g.HH - 1) * g.dilation / g.stride;
    const ptrdiff_t most = UNFOLDED_BYTES / size;
    ptrdiff_t line;
    p.g = g;
    p.K = g.C * g.HH * g.WW;
    p.is_plain = g.HH == 1 && g.WW == 1 && g.stride == 1 && g.pad_h == 0 && g.pad_w == 0 &&
                 g.OH == g.H && g.OW == g.W;
    p.phases = smaller(g.stride, (g.HH - 1) * g.dilation + 1);
    line = g.C * g.WW * p.phases * g.OW;
    p.rows = smaller(g.OH, larger(1, most / larger(line, 1) - reach));
    p.rows = divide_up(g.OH, divide_up(g.OH, p.rows));
    p.lines = p.rows + reach;
    p.plane = p.is_plain ? g.H * g.W : p.lines * g.OW;
    p.image = g.C * g.WW * p.phases * p.plane;
    p.bands = divide_up(g.OH, p.rows);
    p.images = p.bands > 1 ? 1 : larger(1, smaller(smaller(16, g.N), most / larger(p.image, 1)));
    p.blocks = divide_up(g.N, p.images) * p.bands;
    return p;
}

/* Where the window of each (channel, kh, kw) begins. */
static INLINE void direct_places(const direct_plan *p, ptrdiff_t *places) {
    const convolution_geometry *g = &p->g;
    ptrdiff_t c, kh, kw, k = 0;
    for (c = 0; c < g->C; c++)
        for (kh = 0; kh < g->HH; kh++)
            for (kw = 0; kw < g->WW; kw++)
                places[k++] = ((c * g->WW + kw) * p->phases + kh * g->dilation % g->stride) * p->plane +
                              kh * g->dilation / g->stride * g->OW;
}

/* One weight's column kw of a filter: output j sees input j * stride + first; those from begin to end
 * are inside the map. */
typedef struct {
    ptrdiff_t first, begin, end;
} unfolded_column;

static INLINE unfolded_column column_at(const convolution_geometry *g, ptrdiff_t kw) {
    unfolded_column c;
    const ptrdiff_t first = kw * g->dilation - g->pad_w, reach = g->W - first;
    c.first = first;
    c.begin = first >= 0 ? 0 : smaller(g->OW, divide_up(-first, g->stride));
    c.end = reach <= 0 ? c.begin : larger(c.begin, smaller(g->OW, divide_up(reach, g->stride)));
    return c;
}

/* Filters share out evenly over panels of at most TOGETHER. */
static INLINE ptrdiff_t panel_start(ptrdiff_t filters, ptrdiff_t panels, ptrdiff_t panel) {
    return panel * (filters / panels) + smaller(panel, filters % panels);
}

/* One axis of the gradient on the input, where the stride is not 1. The inputs y with y + pad =
 * stride q + phase get w[phase + stride m] times dout[q - m]: a convolution with stride 1, for each
 * phase, with the filter's every stride-th weight. */
typedef struct {
    ptrdiff_t taps, first, count, pad; /* weights; the first input and how many, stride apart */
} input_phase;

static INLINE input_phase phase_of(ptrdiff_t phase, ptrdiff_t size, ptrdiff_t window, ptrdiff_t stride,
                            ptrdiff_t pad) {
    input_phase p;
    const ptrdiff_t q = phase >= pad ? 0 : divide_up(pad - phase, stride);
    p.taps = phase < window ? divide_up(window - phase, stride) : 0;
    p.first = stride * q + phase - pad;
    p.count = p.first < size ? divide_up(size - p.first, stride) : 0;
    p.pad = p.taps - 1 - q;
    return p;
}

#endif
