/* Batch and layer normalisation. Shapes: x, out, dout, dx (N, C, M), contiguous, M pixels a map;
 * for features without a map M is 1. Batch normalisation has one statistic for each of the C
 * channels, layer normalisation, with M = 1, one for each of the N rows, group
 * normalisation one for each group of channels of each row. */
#ifndef CS231N_NORMALIZATION_H
#define CS231N_NORMALIZATION_H

#include "variant.h"

typedef struct {
    ptrdiff_t N, C, M;
    double eps;
    int relu, threads;
    ptrdiff_t groups;
} norm_task;

/* out = x / (k + alpha sum of x^2 over the `size` nearest channels) ** beta */
typedef struct {
    ptrdiff_t N, C, M, size;
    double alpha, beta, k;
} response_task;

/* Pixels whose response is normalised together: work is (2, C, PIXELS). */
enum { PIXELS = 64 };

typedef struct {
    /* out = gamma (x - mean) / sqrt(var + eps) + beta, and its ReLU; mean and var are written. */
    void (*batchnorm_forward_f32)(const float *x, const float *gamma, const float *beta, float *out,
                                  float *mean, float *var, norm_task t);
    void (*batchnorm_forward_f64)(const double *x, const double *gamma, const double *beta,
                                  double *out, double *mean, double *var, norm_task t);
    /* The same with a mean and a variance that are given. */
    void (*batchnorm_inference_f32)(const float *x, const float *gamma, const float *beta,
                                    const float *mean, const float *var, float *out, norm_task t);
    void (*batchnorm_inference_f64)(const double *x, const double *gamma, const double *beta,
                                    const double *mean, const double *var, double *out,
                                    norm_task t);
    /* dx may be dout. */
    void (*batchnorm_backward_f32)(const float *dout, const float *x, const float *gamma,
                                   const float *beta, const float *mean, const float *var,
                                   float *dx, float *dgamma, float *dbeta, norm_task t);
    void (*batchnorm_backward_f64)(const double *dout, const double *x, const double *gamma,
                                   const double *beta, const double *mean, const double *var,
                                   double *dx, double *dgamma, double *dbeta, norm_task t);
    void (*layernorm_forward_f32)(const float *x, const float *gamma, const float *beta, float *out,
                                  float *mean, float *var, norm_task t);
    void (*layernorm_forward_f64)(const double *x, const double *gamma, const double *beta,
                                  double *out, double *mean, double *var, norm_task t);
    void (*layernorm_backward_f32)(const float *dout, const float *x, const float *gamma,
                                   const float *mean, const float *var, float *dx, float *dgamma,
                                   float *dbeta, norm_task t);
    void (*layernorm_backward_f64)(const double *dout, const double *x, const double *gamma,
                                   const double *mean, const double *var, double *dx,
                                   double *dgamma, double *dbeta, norm_task t);
    void (*groupnorm_forward_f32)(const float *x, const float *gamma, const float *beta, float *out,
                                  float *mean, float *var, norm_task t);
    void (*groupnorm_forward_f64)(const double *x, const double *gamma, const double *beta,
                                  double *out, double *mean, double *var, norm_task t);
    /* dx may be dout; sums (N, C, 2) is workspace. */
    void (*groupnorm_backward_f32)(const float *dout, const float *x, const float *gamma,
                                   const float *beta, const float *mean, const float *var,
                                   float *dx, float *dgamma, float *dbeta, double *sums,
                                   norm_task t);
    void (*groupnorm_backward_f64)(const double *dout, const double *x, const double *gamma,
                                   const double *beta, const double *mean, const double *var,
                                   double *dx, double *dgamma, double *dbeta, double *sums,
                                   norm_task t);
    /* out may be x, dx may be dout. */
    void (*response_forward_f32)(const float *x, float *out, float *work, response_task t);
    void (*response_forward_f64)(const double *x, double *out, double *work, response_task t);
    void (*response_backward_f32)(const float *dout, const float *x, float *dx, float *work,
                                  response_task t);
    void (*response_backward_f64)(const double *dout, const double *x, double *dx, double *work,
                                  response_task t);
} normalization_kernels;

DECLARE_KERNELS(normalization)

#endif
