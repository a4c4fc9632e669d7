#include "products.h"

#include "tile.h"

#if defined(_OPENMP)
#include <omp.h>
#define THREAD() omp_get_thread_num()
#else
#define THREAD() 0
#endif

/* A block of the result has at most BLOCK_ROWS rows and BLOCK_PANELS panels of two vectors, and is
 * summed DEPTH products at a time: what is packed for it stays in the second level of cache. */
enum { BLOCK_ROWS = 16 * TOGETHER, BLOCK_PANELS = 8, DEPTH = 256 };


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
