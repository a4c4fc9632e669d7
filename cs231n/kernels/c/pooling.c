#include "pooling.h"

#include <string.h>

#define REAL float
#define NAME(stem) stem##_f32
#include "pooling_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "pooling_loops.h"
