#include "activations.h"

#include <math.h>

#include "gelu.h"

/* The generator SplitMix64 at step i: Steele, Lea & Flood, "Fast splittable pseudorandom number
 * generators", 2014, https://doi.org/10.1145/2714064.2660195 */
static INLINE uint64_t mix(uint64_t key, uint64_t i) {
    uint64_t z = key + (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

#define REAL float
#define NAME(stem) stem##_f32
#include "activations_loops.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "activations_loops.h"
#undef REAL
#undef NAME

const activations_kernels KERNELS(activations) = {
    relu_forward_f32,        relu_backward_f32, leaky_relu_forward_f32,
    leaky_relu_backward_f32, gelu_forward_f32,  gelu_backward_f32,
    add_f32,                 dropout_f32,       softmax_f32,
    relu_forward_f64,        relu_backward_f64, leaky_relu_forward_f64,
    leaky_relu_backward_f64, gelu_forward_f64,  gelu_backward_f64,
    add_f64,                 dropout_f64,       softmax_f64};
