/* The update rules, in place: count numbers of w, the gradient dw and the rule's state. A decay
 * that is not 0 adds decay * w to the gradient. */
#ifndef CS231N_UPDATES_H
#define CS231N_UPDATES_H

#include "variant.h"

typedef struct {
    ptrdiff_t count;
    double learning_rate, weight_decay;
    double first, second; /* momentum or decay rate, or Adam's beta1 and beta2 */
    double first_correction, second_correction; /* Adam's 1 - beta^t */
    double epsilon;
    int nesterov; /* the momentum's step goes on from where the velocity leads */
    int threads;
} update_task;

typedef struct {
    void (*sgd_f32)(float *w, const float *dw, update_task t);
    void (*sgd_f64)(double *w, const double *dw, update_task t);
    void (*momentum_f32)(float *w, const float *dw, float *velocity, update_task t);
    void (*momentum_f64)(double *w, const double *dw, double *velocity, update_task t);
    void (*rmsprop_f32)(float *w, const float *dw, float *cache, update_task t);
    void (*rmsprop_f64)(double *w, const double *dw, double *cache, update_task t);
    void (*adam_f32)(float *w, const float *dw, float *m, float *v, update_task t);
    void (*adam_f64)(double *w, const double *dw, double *m, double *v, update_task t);
} updates_kernels;

DECLARE_KERNELS(updates)

#endif
