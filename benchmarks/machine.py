"""What the machine can do at best: its name, the speed of a matrix product, of copying memory."""

import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

SIDE = 2048
COPIED_BYTES = 256 << 20


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def describe(cores: int, threads: int) -> str:
    """Return a line about processor, threads and kernels."""
    from cs231n import kernels

    info = kernels.info()
    return (
        f"{processor()}, {cores} cores, {threads} threads; Python {platform.python_version()}, "
        f"NumPy {np.__version__}; kernels: {info['compiler']}, {info['instruction_set']}"
    )


def product() -> Callable[[], object]:
    """Return a large matrix product in float32, by NumPy's BLAS: the machine's peak."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((SIDE, SIDE), dtype=np.float32) for _ in range(2))
    out = np.empty_like(a)
    return lambda: np.matmul(a, b, out=out)


def copy(threads: int) -> Callable[[], object]:
    """Return a copy of more memory than the caches hold, on so many threads."""
    from concurrent.futures import ThreadPoolExecutor

    source = np.ones(COPIED_BYTES // 8)
    target = np.empty_like(source)
    parts = list(zip(np.split(target, threads), np.split(source, threads), strict=True))
    pool = ThreadPoolExecutor(threads)
    return lambda: list(pool.map(lambda pair: np.copyto(*pair), parts))


def peaks(threads: int) -> str:
    """Measure both, in this process, and return a line about them."""
    gflops = 2 * SIDE**3 / _seconds(product()) / 1e9
    gigabytes = 2 * COPIED_BYTES / _seconds(copy(threads)) / 1e9
    return (
        f"sgemm of {SIDE} x {SIDE} (NumPy's BLAS): {gflops:.0f} GFLOP/s; copying memory: "
        f"{gigabytes:.1f} GB/s, read and written"
    )


def _seconds(work: Callable[[], object], repeats: int = 15) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times[repeats // 3 :])
