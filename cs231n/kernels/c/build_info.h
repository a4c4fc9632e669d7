/* What the compiler says about itself, and which instruction sets this machine can run. */
#ifndef CS231N_BUILD_INFO_H
#define CS231N_BUILD_INFO_H

#include <string.h>

#define CS231N_STRING(x) #x
#define CS231N_VALUE(x) CS231N_STRING(x)

#if defined(__clang__)
#define BUILD_COMPILER "Clang " __clang_version__
#elif defined(__GNUC__)
#define BUILD_COMPILER "GCC " __VERSION__
#elif defined(_MSC_VER)
#define BUILD_COMPILER "MSVC " CS231N_VALUE(_MSC_VER)
#else
#define BUILD_COMPILER "unknown"
#endif

#if defined(__x86_64__) || defined(_M_X64)
#define BUILD_BASELINE "SSE2 (x86-64 baseline)"
#elif defined(__ARM_NEON) || defined(_M_ARM64)
#define BUILD_BASELINE "NEON"
#else
#define BUILD_BASELINE "baseline"
#endif

#if defined(_OPENMP)
#define BUILD_OPENMP 1
#else
#define BUILD_OPENMP 0
#endif

/* Whether the kernels were compiled for this instruction set and the processor has it. */
static inline int build_can_run(const char *name) {
#if defined(CS231N_HAVE_AVX512)
    if (!strcmp(name, "avx512"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("fma");
#endif
#if defined(CS231N_HAVE_AVX2)
    if (!strcmp(name, "avx2")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return !strcmp(name, "baseline");
}

#endif
