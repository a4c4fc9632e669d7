/* Square roots are computed in vectors only where nobody asks for errno. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-math-errno")
#endif

#include "updates.h"

#include <math.h>

#define REAL float
#define NAME(stem) stem##_f32
#define SQRT sqrtf
#include "updates_loops.h"
#undef REAL
#undef NAME
#undef SQRT

#define REAL double
#define NAME(stem) stem##_f64
#define SQRT sqrt
#include "updates_loops.h"
#undef REAL
#undef NAME
#undef SQRT

const updates_kernels KERNELS(updates) = {sgd_f32,     sgd_f64,     momentum_f32, momentum_f64,
                                          rmsprop_f32, rmsprop_f64, adam_f32,     adam_f64};
