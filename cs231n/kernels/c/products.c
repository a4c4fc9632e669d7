#include "products.h"

#include "simd.h"

#if defined(_OPENMP)
#include <omp.h>
#define THREAD() omp_get_thread_num()
#else
#define THREAD() 0
#endif

/* The registers hold ROWS rows times two vectors of the result. */
#if VECTOR_REGISTERS >= 32
enum { ROWS = 12 };
#define FOR_EACH_COUNT(CASE) \
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#else
enum { ROWS = 6 };
#define FOR_EACH_COUNT(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#endif
#if defined(__GNUC__)
#define UNROLL_16 _Pragma("GCC unroll 16")
#else
#define UNROLL_16
#endif

/* A block of the result has at most BLOCK_ROWS rows and BLOCK_PANELS panels of two vectors, and is
 * summed DEPTH products at a time: what is packed for it stays in the second level of cache. */
enum { BLOCK_ROWS = 16 * ROWS, BLOCK_PANELS = 8, DEPTH = 256 };

static ptrdiff_t divide_up(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }
static ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

#define REAL float
#define NAME(stem) stem##_f32
#include "products_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "products_loops.h"
#undef REAL
#undef NAME

const products_kernels KERNELS(products) = {product_bytes_f32, product_bytes_f64, product_f32,
                                            product_f64};
