"""Build the extension modules; everything else about the package stands in pyproject.toml.

With ``CS231N_PURE=1``, or where they cannot be compiled, the package is installed without them
and runs on its NumPy twins.
"""

import os
import platform
import shlex
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group

PURE = os.environ.get("CS231N_PURE", "0") not in ("", "0")
KERNELS = Path("cs231n", "kernels")

OPTIMISE = {"msvc": ["/O2"], "unix": ["-O3", "-std=c11"], "mingw32": ["-O3", "-std=c11"]}
# Compile and link flags to try in order: the first pair that builds a program is taken.
OPENMP = {
    "msvc": [(["/openmp"], [])],
    "unix": [(["-fopenmp"], ["-fopenmp"])],
    "mingw32": [(["-fopenmp"], ["-fopenmp"])],
}
# Instruction sets beyond the one that every machine of the kind has: the loops are compiled once
# for each, and the package chooses when it is loaded. Products and sums may be fused in nearly all.
FUSE = {"unix": ["-ffp-contract=fast"], "mingw32": ["-ffp-contract=fast"]}
X86_VARIANTS = {
    "avx2": ["-mavx2", "-mfma"],
    "avx512": [
        *("-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mfma"),
        "-mprefer-vector-width=512",
    ],
}
# Loops whose results are the same bits everywhere: there nothing is fused. Square roots become
# vectors where nobody asks for errno.
EXACT = ["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
OWN_FLAGS = {"unix": {"noise": EXACT}, "mingw32": {"noise": EXACT}}
IS_X86 = platform.machine().lower() in ("x86_64", "amd64")
VARIANTS = {"unix": X86_VARIANTS, "mingw32": X86_VARIANTS} if IS_X86 else {}
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
        """Find the flags, then compile."""
        kind = self.compiler.compiler_type
        compile_flags, self.link_flags = self.openmp_flags(kind)
        self.compile_flags = OPTIMISE.get(kind, []) + FUSE.get(kind, []) + compile_flags
        self.own_flags = OWN_FLAGS.get(kind, {})
        self.variants = {"baseline": []}
        for name, flags in VARIANTS.get(kind, {}).items():
            if self.builds("int main(void) { return 0; }\n", flags, []):
                self.variants[name] = flags
        self.parallel = self.parallel or os.cpu_count()
        super().build_extensions()

    def build_extension(self, extension):
        """Compile the loops once for each instruction set, then the wrapper around them."""
        extension.define_macros = [
            (f"CS231N_HAVE_{name.upper()}", "1") for name in self.variants if name != "baseline"
        ]
        extension.extra_compile_args = self.compile_flags
        extension.extra_link_args = self.link_flags
        is_stale = newer_group(extension.depends, self.get_ext_fullpath(extension.name))
        loops = loops_of(extension.name)
        own_flags = self.own_flags.get(loops.stem, [])
        if loops.exists() and (is_stale or self.force):
            for name, flags in self.variants.items():
                extension.extra_objects += self.compiler.compile(
                    [str(loops)],
                    output_dir=str(Path(self.build_temp, name)),
                    macros=[("CS231N_VARIANT", name)],
                    extra_postargs=self.compile_flags + own_flags + flags,
                    depends=extension.depends,
                )
        super().build_extension(extension)

    def openmp_flags(self, kind):
        """Return the first pair of flags with which an OpenMP program builds, or none."""
        for compile_flags, link_flags in OPENMP.get(kind, []):
            if self.builds(OPENMP_PROGRAM, compile_flags, link_flags):
                return compile_flags, link_flags
        return [], []

    def builds(self, program, compile_flags, link_flags):
        """Tell whether the compiler and linker take these flags, besides the environment's."""
        link_flags = [*link_flags, *shlex.split(os.environ.get("LDFLAGS", ""))]
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "program.c")
            source.write_text(program)
            try:
                objects = self.compiler.compile(
                    [str(source)], output_dir=folder, extra_preargs=compile_flags
                )
                self.compiler.link_executable(
                    objects, "program", output_dir=folder, extra_preargs=link_flags
                )
            except Exception:  # this compiler does not know them
                return False
        return True


def loops_of(extension_name):
    """Return the C file with the loops of ``cs231n.kernels._<name>``; some have none."""
    return KERNELS / "c" / f"{extension_name.rpartition('._')[2]}.c"


def kernel(name):
    """Return the extension module ``cs231n.kernels._<name>``: a wrapper around loops in C."""
    wrapper = KERNELS / f"_{name}.pyx"
    sources = [wrapper, *(KERNELS / "c").glob("*.h"), loops_of(f"._{name}")]
    return Extension(
        f"cs231n.kernels._{name}",
        sources=[str(wrapper)],
        include_dirs=[str(KERNELS)],
        depends=[str(path) for path in sources if path.exists()],
    )


if PURE:
    warn("CS231N_PURE is set")
    setup()
else:
    names = sorted(path.stem.removeprefix("_") for path in KERNELS.glob("_*.pyx"))
    setup(ext_modules=[kernel(name) for name in names], cmdclass={"build_ext": BuildKernels})
