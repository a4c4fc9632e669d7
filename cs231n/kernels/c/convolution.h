/* Convolution. Shapes: x (N, C, H, W), w (F, C, HH, WW), out and dout (N, F, OH, OW); contiguous. */
#ifndef CS231N_CONVOLUTION_H
#define CS231N_CONVOLUTION_H

#include "tile.h"
#include "variant.h"

#include "direct.h"

#define DECLARE_FOR(REAL, suffix)                                                                 \
    ptrdiff_t (*direct_convolve_bytes_##suffix)(convolution_geometry g, int threads);                  \
    ptrdiff_t (*direct_input_bytes_##suffix)(convolution_geometry g, int threads);                     \
    ptrdiff_t (*direct_weights_bytes_##suffix)(convolution_geometry g, int threads);                   \
    void (*direct_convolve_##suffix)(convolution_geometry g, const REAL *x, const REAL *w,             \
                                     const REAL *b, int relu, REAL *out, void *memory,            \
                                     int threads, int (*interrupted)(void));                      \
    void (*direct_input_##suffix)(convolution_geometry g, const REAL *dout, const REAL *w, REAL *dx,   \
                                  void *memory, int threads, int (*interrupted)(void));           \
    void (*direct_weights_##suffix)(convolution_geometry g, const REAL *dout, const REAL *x, REAL *dw, \
                                    void *memory, int threads, int (*interrupted)(void));

typedef struct {
    /* Bytes of memory, aligned to 64, that the two functions below work in. */
    ptrdiff_t (*winograd_convolve_bytes)(convolution_geometry g, int threads);
    ptrdiff_t (*winograd_weights_bytes)(convolution_geometry g, int threads);
    /* turned: w is (C, F, HH, WW) and each filter turned by half a turn, which makes of dout with
     * padding HH - 1 - pad the gradient on x. interrupted: see interrupt.h. */
    void (*winograd_convolve)(convolution_geometry g, const float *x, const float *w, const float *b,
                              float *out, int turned, int relu, void *memory, int threads,
                              int (*interrupted)(void));
    void (*winograd_weights)(convolution_geometry g, const float *dout, const float *x, float *dw,
                             void *memory, int threads, int (*interrupted)(void));
    /* db (F,) = the sum of dout (N, F, P) over images and positions. */
    void (*bias_gradient_f32)(const float *dout, float *db, ptrdiff_t N, ptrdiff_t F, ptrdiff_t P,
                              int threads);
    void (*bias_gradient_f64)(const double *dout, double *db, ptrdiff_t N, ptrdiff_t F, ptrdiff_t P,
                              int threads);
    /* Any filter, stride and padding; each has a function for the bytes that it works in. */
    DECLARE_FOR(float, f32)
    DECLARE_FOR(double, f64)
} convolution_kernels;

DECLARE_KERNELS(convolution)

#endif
