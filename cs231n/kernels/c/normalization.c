#include "normalization.h"

#include <math.h>

#include "simd.h"

/* Vectors that are summed side by side, so that no sum waits for the one before. */
#define SUMS 4
/* How many numbers one REAL adds up before a double takes over: errors stay at some 1e-7. */
#define RUN_LENGTH 32
/* Results of so many bytes are stored past the cache, which would hardly keep them till read. */
#define STREAM_BYTES ((ptrdiff_t)4 << 20)
/* The second level of cache, but for what else is in use: the next channel is fetched while this
 * one is written if both fit. */
#define CACHE_BYTES ((ptrdiff_t)3 << 18)
/* The most threads that share one channel; more would find nothing to do. */
#define MOST_PARTS 256
/* Columns of (N, D) that one thread goes down at a time. */
#define MOST_COLUMNS 64

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif
#define SMALLER(a, b) ((a) < (b) ? (a) : (b))

/* Does something for each part of a channel's images, each on a thread of its own. */
#define EACH_PART(part, parts, ...)                                          \
    if ((parts) == 1) {                                                      \
        part = 0;                                                            \
        __VA_ARGS__;                                                         \
    } else {                                                                 \
        _Pragma("omp parallel for num_threads(parts) schedule(static)")      \
        for (part = 0; part < (parts); part++) __VA_ARGS__;                  \
    }

#define REAL float
#define NAME(stem) stem##_f32
#include "normalization_sums.h"
#include "batchnorm_maps.h"
#include "batchnorm_columns.h"
#include "batchnorm_loops.h"
#include "layernorm_loops.h"
#include "groupnorm_loops.h"
#include "response_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "normalization_sums.h"
#include "batchnorm_maps.h"
#include "batchnorm_columns.h"
#include "batchnorm_loops.h"
#include "layernorm_loops.h"
#include "groupnorm_loops.h"
#include "response_loops.h"
#undef REAL
#undef NAME

const normalization_kernels KERNELS(normalization) = {
    batchnorm_forward_f32,   batchnorm_forward_f64,  batchnorm_inference_f32,
    batchnorm_inference_f64, batchnorm_backward_f32, batchnorm_backward_f64,
    layernorm_forward_f32,   layernorm_forward_f64,  layernorm_backward_f32,
    layernorm_backward_f64,  groupnorm_forward_f32,  groupnorm_forward_f64,
    groupnorm_backward_f32,  groupnorm_backward_f64, response_forward_f32,
    response_forward_f64,    response_backward_f32,  response_backward_f64};
