#include "activations.h"

#include <math.h>

#include "gelu.h"
#include "splitmix.h"

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
