#include "convolution.h"
#include "interrupt.h"
#include "simd.h"
#include "tile.h"

#define REAL float
#define NAME(stem) stem##_f32
#include "bias_loops.h"
#include "transpose_loops.h"
#include "direct_loops.h"
#include "direct_backward_loops.h"
#include "direct_calls.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(stem) stem##_f64
#include "bias_loops.h"
#include "transpose_loops.h"
#include "direct_loops.h"
#include "direct_backward_loops.h"
#include "direct_calls.h"
#undef REAL
#undef NAME

#include "winograd_transforms.h"
#include "winograd_tiles.h"
#include "winograd_product.h"
#include "winograd.h"
#include "winograd_weights.h"

static ptrdiff_t winograd_convolve_bytes(convolution_geometry g, int threads) {
    const winograd_plan p = plan_winograd(&g, threads);
    return winograd_vectors(&p, threads) * (ptrdiff_t)sizeof(V);
}

static ptrdiff_t winograd_weights_bytes(convolution_geometry g, int threads) {
    const weights_plan p = plan_weights(&g, threads);
    return weights_vectors(&p, threads) * (ptrdiff_t)sizeof(V);
}

static void convolve(convolution_geometry g, const float *x, const float *w, const float *b,
                     float *out, int turned, int relu, void *memory, int threads,
                     int (*interrupted)(void)) {
    const winograd_plan p = plan_winograd(&g, threads);
    work job = start_work(threads, interrupted);
    winograd_convolve(&p, x, w, b, turned, relu, out, (V *)memory, &job);
}

static void weights(convolution_geometry g, const float *dout, const float *x, float *dw,
                    void *memory, int threads, int (*interrupted)(void)) {
    const weights_plan p = plan_weights(&g, threads);
    work job = start_work(threads, interrupted);
    winograd_weights(&p, dout, x, dw, (V *)memory, &job);
}

const convolution_kernels KERNELS(convolution) = {
    winograd_convolve_bytes, winograd_weights_bytes, convolve, weights,
    bias_gradient_f32, bias_gradient_f64,
    direct_bytes_f32, direct_input_bytes_f32, direct_weights_bytes_f32,
    call_convolve_f32, call_input_f32, call_weights_f32,
    direct_bytes_f64, direct_input_bytes_f64, direct_weights_bytes_f64,
    call_convolve_f64, call_input_f64, call_weights_f64};
