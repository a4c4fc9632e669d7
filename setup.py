"""Build the extension modules; everything else about the package stands in pyproject.toml.

With ``CS231N_PURE=1``, or where they cannot be compiled, the package is installed without them
and runs on its NumPy twins.
"""

import os
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PURE = os.environ.get("CS231N_PURE", "0") not in ("", "0")
KERNELS = Path("cs231n", "kernels")

OPTIMISE = {"msvc": ["/O2"], "unix": ["-O3", "-std=c11"], "mingw32": ["-O3", "-std=c11"]}
# Compile and link flags to try in order: the first pair that builds a program is taken.
OPENMP = {
    "msvc": [(["/openmp"], [])],
    "unix": [(["-fopenmp"], ["-fopenmp"])],
    "mingw32": [(["-fopenmp"], ["-fopenmp"])],
}
OPENMP_PROGRAM = "#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n"


def warn(reason):
    """Say once, and clearly, that the package will run without its compiled kernels."""
    print(
        f"\nWARNING: cs231n is installed without compiled kernels ({reason}).\n"
        "WARNING: It runs on its NumPy twins: right, but slower.\n",
        file=sys.stderr,
    )


class BuildKernels(build_ext):
    """Choose the flags for the compiler at hand; go on without the kernels if it fails."""

    def run(self):
        """Build all the extension modules or none."""
        try:
            super().run()
        except Exception as error:  # a missing compiler shows itself in many ways
            self.extensions = []
            warn(f"{type(error).__name__}: {str(error).splitlines()[0]}")

    def build_extensions(self):
        """Add the flags, then compile."""
        kind = self.compiler.compiler_type
        compile_flags, link_flags = self.openmp_flags(kind)
        for extension in self.extensions:
            extension.extra_compile_args = OPTIMISE.get(kind, []) + compile_flags
            extension.extra_link_args = link_flags
        super().build_extensions()

    def openmp_flags(self, kind):
        """Return the first pair of flags with which an OpenMP program builds, or none."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "openmp.c")
            source.write_text(OPENMP_PROGRAM)
            for compile_flags, link_flags in OPENMP.get(kind, []):
                try:
                    objects = self.compiler.compile(
                        [str(source)], output_dir=folder, extra_preargs=compile_flags
                    )
                    self.compiler.link_executable(
                        objects, "openmp", output_dir=folder, extra_preargs=link_flags
                    )
                except Exception:  # the compiler has no OpenMP: try the next, or do without
                    continue
                return compile_flags, link_flags
        return [], []


def kernel(name):
    """Return the extension module ``cs231n.kernels._<name>``: its wrapper and its loops."""
    return Extension(
        f"cs231n.kernels._{name}",
        sources=[str(KERNELS / f"_{name}.pyx"), str(KERNELS / "c" / f"{name}.c")],
        include_dirs=[str(KERNELS)],
        depends=[str(path) for path in (KERNELS / "c").glob("*.h")],
    )


if PURE:
    warn("CS231N_PURE is set")
    setup()
else:
    setup(ext_modules=[kernel("im2col"), kernel("pooling")], cmdclass={"build_ext": BuildKernels})
