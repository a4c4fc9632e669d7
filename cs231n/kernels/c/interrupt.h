/* Lets a long kernel end early when the user presses Ctrl-C.
 *
 * The thread that called the kernel asks `interrupted` (which takes Python's lock and looks for
 * signals) ten times a second; when it says yes, all threads skip the work that is left.
 */
#ifndef CS231N_INTERRUPT_H
#define CS231N_INTERRUPT_H

#if defined(_OPENMP)
#include <omp.h>
#define SECONDS() omp_get_wtime()
#define THREAD() omp_get_thread_num()
#else
#include <time.h>
#define SECONDS() ((double)clock() / CLOCKS_PER_SEC)
#define THREAD() 0
#endif

typedef struct {
    int threads;
    int (*interrupted)(void);
    double next; /* when to ask */
    volatile int stop;
} work;

static inline work start_work(int threads, int (*interrupted)(void)) {
    work w = {threads, interrupted, SECONDS() + 0.1, 0};
    return w;
}

/* Call before each piece of work of a millisecond or so, from any thread of the team. */
static inline int should_stop(work *w) {
    if (THREAD() == 0 && !w->stop && w->interrupted) {
        const double now = SECONDS();
        if (now >= w->next) {
            w->next = now + 0.1;
            w->stop = w->interrupted() != 0;
        }
    }
    return w->stop;
}

#endif
