/* One source, compiled once for each instruction set that setup.py found the compiler to know.
 *
 * A module `pooling` has a struct `pooling_kernels` of function pointers and, for each instruction
 * set, one filled in: `pooling_baseline`, `pooling_avx2`, `pooling_avx512`. Its source defines the
 * one of the set that it is compiled for as KERNELS(pooling); its wrapper picks one by name.
 */
#ifndef CS231N_VARIANT_H
#define CS231N_VARIANT_H

#include <stddef.h>
#include <string.h>

#if defined(_MSC_VER)
#define INLINE __forceinline
#define RESTRICT __restrict
#elif defined(__GNUC__)
#define INLINE inline __attribute__((always_inline))
#define RESTRICT restrict
#else
#define INLINE inline
#define RESTRICT restrict
#endif

/* For what only some of those who include it need. */
#if defined(__GNUC__)
#define MAYBE_UNUSED __attribute__((unused))
#else
#define MAYBE_UNUSED
#endif

#ifndef CS231N_VARIANT
#define CS231N_VARIANT baseline
#endif
#define CS231N_JOIN_(a, b) a##_##b
#define CS231N_JOIN(a, b) CS231N_JOIN_(a, b)
#define KERNELS(module) CS231N_JOIN(module, CS231N_VARIANT)

#if defined(CS231N_HAVE_AVX2)
#define IF_AVX2(code) code
#else
#define IF_AVX2(code)
#endif
#if defined(CS231N_HAVE_AVX512)
#define IF_AVX512(code) code
#else
#define IF_AVX512(code)
#endif

/* Declares the module's tables, and module_variant(name), which returns one of them. */
#define DECLARE_KERNELS(module)                                                   \
    extern const module##_kernels module##_baseline, module##_avx2, module##_avx512; \
    static inline const module##_kernels *module##_variant(const char *name) {    \
        IF_AVX512(if (!strcmp(name, "avx512")) return &module##_avx512;)          \
        IF_AVX2(if (!strcmp(name, "avx2")) return &module##_avx2;)                \
        (void)name;                                                               \
        return &module##_baseline;                                                \
    }

#endif
