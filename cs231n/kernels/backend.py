"""The one switch between the compiled kernels and their NumPy twins, and the thread count."""

import importlib
import multiprocessing
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np

from cs231n.validation import as_extent

COMPILED_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
# The kernels on images know bytes and float32; what only moves pixels, all sizes of a pixel.
IMAGE_DTYPES = {
    "colours": (np.dtype(np.uint8), np.dtype(np.float32)),
    "crops": tuple(np.dtype(f"u{size}") for size in (1, 2, 4, 8)),
    "noise": (np.dtype(np.uint8), np.dtype(np.float32)),
    "resampling": (np.dtype(np.uint8), np.dtype(np.float32)),
}
# The widest first: the first that the machine has is taken, unless CS231N_SIMD names another.
INSTRUCTION_SETS = ("avx512", "avx2", "baseline")
_NAMES = (
    "activations",
    "colours",
    "convolution",
    "dropconnect",
    "fractional",
    "crops",
    "im2col",
    "noise",
    "normalization",
    "pooling",
    "products",
    "resampling",
    "updates",
)
# OpenMP ends the process when it cannot start the threads that it was asked for.
_MOST_THREADS = 256


# OpenMP reads these when its library is loaded. Workers that spin for long between two calls hold
# the core that the BLAS needs; workers that sleep at once take longer to wake than a small kernel
# takes to run. So they spin for a moment: see docs/threads.md for the figures.
_OPENMP = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "10000"}


@contextmanager
def _patient_openmp_workers() -> Iterator[None]:
    """Set how OpenMP's workers wait, unless the environment says it."""
    if _OPENMP.keys() & os.environ.keys():
        yield
        return
    os.environ.update(_OPENMP)
    try:
        yield
    finally:
        for variable in _OPENMP:
            del os.environ[variable]


def _load_compiled() -> dict[str, ModuleType]:
    """Import the extension modules, or warn once and return none of them."""
    if os.environ.get("CS231N_PURE", "0") not in ("", "0"):
        reason = "CS231N_PURE is set"
    else:
        try:
            with _patient_openmp_workers():
                names = ("build", *_NAMES)
                return {name: importlib.import_module(f"cs231n.kernels._{name}") for name in names}
        except ImportError as error:
            reason = f"the compiled kernels cannot be imported ({error})"
    if multiprocessing.current_process().name != "MainProcess":
        return {}  # the main process has said it
    warnings.warn(
        f"cs231n runs on its NumPy twins, which are right but slower: {reason}. "
        "`cs231n doctor` tells what to do.",
        RuntimeWarning,
        stacklevel=2,
    )
    return {}


_COMPILED = _load_compiled()
_TWINS = {name: importlib.import_module(f"cs231n.kernels.numpy_{name}") for name in _NAMES}


def is_compiled() -> bool:
    """Tell whether the compiled kernels are in use."""
    return bool(_COMPILED)


def kernel_module(name: str, dtype: np.dtype) -> ModuleType:
    """Return the module that holds the kernels `name` for arrays of `dtype`."""
    compiled = _COMPILED and dtype in IMAGE_DTYPES.get(name, COMPILED_DTYPES)
    return _COMPILED[name] if compiled else _TWINS[name]


def _threads_from_environment() -> int:
    for variable in ("CS231N_NUM_THREADS", "OMP_NUM_THREADS"):
        # OMP_NUM_THREADS may be a list, one number for each level of nesting.
        text = os.environ.get(variable, "").split(",")[0].strip()
        if text:
            if not text.isdecimal():
                raise ValueError(f"{variable} must be a positive integer, got {text!r}")
            return min(as_extent(variable, int(text), minimum=1), _MOST_THREADS)
    # Alone on the cores more threads would win, but these kernels alternate with the BLAS, whose
    # idle threads spin: see docs/threads.md for the figures.
    return 1


_threads = _threads_from_environment()
_is_forked = False


def get_num_threads() -> int:
    """Return how many threads a kernel may use."""
    return 1 if _is_forked else _threads


def set_num_threads(threads: int) -> None:
    """Let the kernels use up to `threads` threads.

    The number at import is ``CS231N_NUM_THREADS``, else ``OMP_NUM_THREADS``, else 1. In the child
    of a fork it stays 1.
    """
    global _threads
    threads = as_extent("threads", threads, minimum=1)
    if threads > _MOST_THREADS:
        raise ValueError(f"threads must be at most {_MOST_THREADS}, got {threads}")
    _threads = threads


def instruction_sets() -> tuple[str, ...]:
    """Return the instruction sets that the kernels can use on this machine, the widest first.

    >>> "baseline" in instruction_sets() or not is_compiled()
    True
    """
    if not _COMPILED:
        return ()
    return tuple(name for name in INSTRUCTION_SETS if _COMPILED["build"].can_run(name))


def set_instruction_set(name: str) -> None:
    """Let the kernels use ``'avx512'``, ``'avx2'`` or ``'baseline'``, where the machine has it.

    At import it is ``CS231N_SIMD``, else the widest one.
    """
    global _instruction_set
    if name not in instruction_sets():
        raise ValueError(
            f"the instruction set must be one that the kernels can use here, "
            f"{' or '.join(map(repr, instruction_sets())) or 'none without compiled kernels'}, "
            f"got {name!r}"
        )
    for module in _NAMES:
        _COMPILED[module].use(name)
    _instruction_set = name


def _choose_instruction_set() -> None:
    wanted = os.environ.get("CS231N_SIMD", "").strip()
    if wanted and wanted not in INSTRUCTION_SETS:
        raise ValueError(f"CS231N_SIMD must be one of {INSTRUCTION_SETS}, got {wanted!r}")
    if _COMPILED:
        set_instruction_set(wanted or instruction_sets()[0])


_instruction_set = ""
_choose_instruction_set()


def info() -> dict[str, object]:
    """Describe the kernels in use: compiled or not, by which compiler, for which instructions.

    >>> sorted(info())
    ['compiled', 'compiler', 'instruction_set', 'instruction_sets', 'openmp', 'threads']
    """
    build = _COMPILED["build"].info() if _COMPILED else {}
    names = {"avx512": "AVX-512", "avx2": "AVX2", "baseline": build.get("baseline")}
    return {
        "compiled": is_compiled(),
        "compiler": build.get("compiler", "none"),
        "instruction_set": names.get(_instruction_set, "NumPy's own"),
        "instruction_sets": instruction_sets(),
        "openmp": build.get("openmp", False),
        "threads": get_num_threads(),
    }


def _note_fork() -> None:
    # GNU's OpenMP hangs in the child of a fork when the parent has used its threads.
    global _is_forked
    _is_forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
