# cython: language_level=3
"""What the compiler said about itself, and what this machine can run."""

cdef extern from "c/build_info.h":
    const char *BUILD_COMPILER
    const char *BUILD_BASELINE
    const int BUILD_OPENMP
    int build_can_run(const char *name)


def info():
    """Say by which compiler the kernels were built, and for which least machine."""
    return {
        "compiler": BUILD_COMPILER.decode(),
        "baseline": BUILD_BASELINE.decode(),
        "openmp": bool(BUILD_OPENMP),
    }


def can_run(name):
    """Tell whether the kernels were built for an instruction set that this machine has."""
    return bool(build_can_run(name.encode()))
