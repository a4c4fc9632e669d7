#ifndef CS231N_DIRECT_H
#define CS231N_DIRECT_H

#include "tile.h"

/* What direct convolution knows of a layer: no numbers, so it serves float and double. */

typedef struct {
    ptrdiff_t N, C, H, W, F, HH, WW, stride;
    ptrdiff_t pad_h, pad_w; /* may be negative: then the first lines are left out */
    ptrdiff_t OH, OW;
} direct_geometry;

/* Lines are unfolded along the width only: unfolded[channel][kw][phase][line][OW], where a phase is
 * what kh leaves divided by the stride. Then the window of any kh and kw is the same map, some lines
 * further on, without gaps; HH times less memory than the columns of im2col. */
typedef struct {
    direct_geometry g;
    ptrdiff_t K, phases;
    ptrdiff_t images, rows;          /* of a block: several images, or some rows of one */
    ptrdiff_t bands, blocks;         /* blocks of rows an image; blocks in all */
    ptrdiff_t lines, plane, image;   /* of the unfolded: lines of a phase; numbers of it, of an image */
} direct_plan;

/* RUN: outputs whose products are summed at a time for the gradient on the filters. Sums of sums lose
 * fewer digits, and what they are made of stays in the first level of cache. */
enum { UNFOLDED_BYTES = 400000, SLACK = 64, RUN = 256, STREAM_BYTES = 4 << 20 };

static INLINE void *to_cache_line(void *memory) {
    return (char *)memory + (-(uintptr_t)memory & 63);
}

static INLINE direct_plan plan_direct(direct_geometry g, ptrdiff_t size) {
    direct_plan p;
    const ptrdiff_t reach = (g.HH - 1) / g.stride;
    const ptrdiff_t most = UNFOLDED_BYTES / size;
    ptrdiff_t line;
    p.g = g;
    p.K = g.C * g.HH * g.WW;
    p.phases = smaller(g.stride, g.HH);
    line = g.C * g.WW * p.phases * g.OW;
    p.rows = smaller(g.OH, larger(1, most / larger(line, 1) - reach));
    p.rows = divide_up(g.OH, divide_up(g.OH, p.rows));
    p.lines = p.rows + reach;
    p.plane = p.lines * g.OW;
    p.image = g.C * g.WW * p.phases * p.plane;
    p.bands = divide_up(g.OH, p.rows);
    p.images = p.bands > 1 ? 1 : larger(1, smaller(smaller(16, g.N), most / larger(p.image, 1)));
    p.blocks = divide_up(g.N, p.images) * p.bands;
    return p;
}

/* Where the window of each (channel, kh, kw) begins. */
static INLINE void direct_places(const direct_plan *p, ptrdiff_t *places) {
    const direct_geometry *g = &p->g;
    ptrdiff_t c, kh, kw, k = 0;
    for (c = 0; c < g->C; c++)
        for (kh = 0; kh < g->HH; kh++)
            for (kw = 0; kw < g->WW; kw++)
                places[k++] = ((c * g->WW + kw) * p->phases + kh % g->stride) * p->plane +
                              kh / g->stride * g->OW;
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
