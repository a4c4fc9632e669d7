#include "updates.h"

#include "simd.h"

#define REAL float
#define NAME(stem) stem##_f32
#include "updates_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "updates_loops.h"
#undef REAL
#undef NAME

const updates_kernels KERNELS(updates) = {sgd_f32,     sgd_f64,     momentum_f32, momentum_f64,
                                          rmsprop_f32, rmsprop_f64, adam_f32,     adam_f64};
