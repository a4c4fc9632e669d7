#include "pooling.h"

#include "simd.h"

/* Bytes from which results are written past the cache: nothing of them would be there any more. */
enum { STREAM_BYTES = 4 << 20 };

#if defined(__GNUC__)
typedef int32_t int_f32 __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t int_f64 __attribute__((vector_size(VECTOR_BYTES)));
typedef uint8_t bytes_f32 __attribute__((vector_size(VL_f32), aligned(1), may_alias));
typedef uint8_t bytes_f64 __attribute__((vector_size(VL_f64), aligned(1), may_alias));
#endif

/* Windows that lie side by side in the map, apart from each other. */
static INLINE int tiles_2x2(const pool_geometry *g) {
    return g->HH == 2 && g->WW == 2 && g->stride == 2 && g->pad == 0 && 2 * g->OH <= g->H &&
           2 * g->OW <= g->W;
}

/* Consecutive maps, as many for each thread: their lines may be taken as one run. */
static INLINE ptrdiff_t planes_of_a_task(const pool_geometry *g, int threads) {
    return g->planes ? (g->planes + threads - 1) / threads : 1;
}

/* The windows of a row that have their column kw in the map: from the first to the end. */
static INLINE ptrdiff_t first_window(const pool_geometry *g, ptrdiff_t kw) {
    return kw >= g->pad ? 0 : (g->pad - kw + g->stride - 1) / g->stride;
}

static INLINE ptrdiff_t end_of_windows(const pool_geometry *g, ptrdiff_t kw) {
    const ptrdiff_t rest = g->W - 1 + g->pad - kw; /* to the right of the first window's column */
    if ((g->OW - 1) * g->stride <= rest) return g->OW;
    return rest < 0 ? 0 : rest / g->stride + 1;
}

/* The part of a window, or of a row of windows, that lies in the map. */
typedef struct {
    ptrdiff_t first, end;
} pool_range;

static INLINE pool_range inside(ptrdiff_t begin, ptrdiff_t length, ptrdiff_t size) {
    const pool_range range = {begin < 0 ? -begin : 0,
                              begin + length > size ? size - begin : length};
    return range;
}

/* A window's winners, in 8 bits or in 16. */
static INLINE int bits_at(const void *winners, ptrdiff_t i, int wide) {
    return wide ? ((const uint16_t *)winners)[i] : ((const uint8_t *)winners)[i];
}

static INLINE void set_bits(void *winners, ptrdiff_t i, int bits, int wide) {
    if (wide)
        ((uint16_t *)winners)[i] = (uint16_t)bits;
    else
        ((uint8_t *)winners)[i] = (uint8_t)bits;
}

/* Columns whose shares of the gradient are worked out together. */
enum { SHARED_AT_ONCE = 256 };

#define REAL float
#define NAME(stem) stem##_f32
#include "pooling_loops.h"
#include "pooling_2x2_loops.h"
#include "pooling_winners_loops.h"
#include "avg_pooling_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "pooling_loops.h"
#include "pooling_2x2_loops.h"
#include "pooling_winners_loops.h"
#include "avg_pooling_loops.h"
#undef REAL
#undef NAME

const pooling_kernels KERNELS(pooling) = {
    max_pool_forward_f32,  max_pool_forward_f64,  max_pool_backward_f32, max_pool_backward_f64,
    max_pool_winners_f32,  max_pool_winners_f64,  from_winners_f32,      from_winners_f64,
    avg_pool_forward_f32,  avg_pool_forward_f64,  avg_pool_backward_f32, avg_pool_backward_f64};
