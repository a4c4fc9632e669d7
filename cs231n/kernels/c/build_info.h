/* What the compiler says about itself and about the instructions it may use. */
#ifndef CS231N_BUILD_INFO_H
#define CS231N_BUILD_INFO_H

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

#if defined(__AVX512F__)
#define BUILD_INSTRUCTION_SET "AVX-512"
#elif defined(__AVX2__)
#define BUILD_INSTRUCTION_SET "AVX2"
#elif defined(__x86_64__) || defined(_M_X64)
#define BUILD_INSTRUCTION_SET "SSE2 (x86-64 baseline)"
#elif defined(__ARM_NEON) || defined(_M_ARM64)
#define BUILD_INSTRUCTION_SET "NEON"
#else
#define BUILD_INSTRUCTION_SET "baseline"
#endif

#if defined(_OPENMP)
#define BUILD_OPENMP 1
#else
#define BUILD_OPENMP 0
#endif

#endif
