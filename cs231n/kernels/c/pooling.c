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

#define REAL float
#define NAME(stem) stem##_f32
#include "pooling_loops.h"
#include "pooling_2x2_loops.h"
#include "pooling_winners_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "pooling_loops.h"
#include "pooling_2x2_loops.h"
#include "pooling_winners_loops.h"
#undef REAL
#undef NAME

const pooling_kernels KERNELS(pooling) = {
    max_pool_forward_f32,  max_pool_forward_f64,  max_pool_backward_f32, max_pool_backward_f64,
    max_pool_winners_f32,  max_pool_winners_f64,  from_winners_f32,      from_winners_f64,
    avg_pool_forward_f32,  avg_pool_forward_f64,  avg_pool_backward_f32, avg_pool_backward_f64};
