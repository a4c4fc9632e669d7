#include "pooling.h"

#include <string.h>

#if defined(_MSC_VER)
#define INLINE __forceinline
#define RESTRICT __restrict
#elif defined(__GNUC__)
#define INLINE inline __attribute__((always_inline))
#define RESTRICT restrict
#else
#define INLINE inline
#define RESTRICT restrict
#endif

#define REAL float
#define NAME(stem) stem##_f32
#include "pooling_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "pooling_loops.h"
