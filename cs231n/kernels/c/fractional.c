#include "fractional.h"

#include "gather.h"
#include "tile.h"

/* Bytes from which results are written past the cache: nothing of them would be there any more. */
enum { STREAM_BYTES = 4 << 20 };

static INLINE const ptrdiff_t *rows_of(const ptrdiff_t *rows, ptrdiff_t plane,
                                       const fractional_geometry *g) {
    return rows + plane / g->channels * g->rows_image + plane % g->channels * g->rows_channel;
}

static INLINE const ptrdiff_t *cols_of(const ptrdiff_t *cols, ptrdiff_t plane,
                                       const fractional_geometry *g) {
    return cols + plane / g->channels * g->cols_image + plane % g->channels * g->cols_channel;
}

/* The places of a region that has only so many rows, all of whose columns are meant. */
static INLINE int bits_of_rows(ptrdiff_t rows, int most) { return (1 << (rows * most)) - 1; }

static INLINE int winners_at(const void *winners, ptrdiff_t i, int most) {
    return most == 2 ? ((const uint8_t *)winners)[i] : ((const uint16_t *)winners)[i];
}

#define REAL float
#define NAME(stem) stem##_f32
#include "fractional_loops.h"
#include "fractional_vectors.h"
#include "fractional_planes.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "fractional_loops.h"
#include "fractional_vectors.h"
#include "fractional_planes.h"
#undef REAL
#undef NAME

const fractional_kernels KERNELS(fractional) = {forward_f32, forward_f64, backward_f32,
                                                backward_f64};
