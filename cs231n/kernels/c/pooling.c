#include "pooling.h"

#define REAL float
#define NAME(stem) stem##_f32
#include "pooling_loops.h"
#include "pooling_winners_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "pooling_loops.h"
#include "pooling_winners_loops.h"
#undef REAL
#undef NAME

const pooling_kernels KERNELS(pooling) = {
    max_pool_forward_f32,  max_pool_forward_f64,  max_pool_backward_f32, max_pool_backward_f64,
    max_pool_winners_f32,  max_pool_winners_f64,  from_winners_f32,      from_winners_f64,
    avg_pool_forward_f32,  avg_pool_forward_f64,  avg_pool_backward_f32, avg_pool_backward_f64};
