"""What this machine and this installation are."""

import platform
from pathlib import Path
from typing import Any

import numpy as np

from cs231n import __version__, kernels
from cs231n.training.pool import usable_cores


def describe() -> dict[str, str]:
    """Return versions, processor and kernels, in words."""
    return {
        "cs231n": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "machine": f"{_processor()}, {usable_cores()} cores",
        "kernels": describe_kernels(),
    }


def describe_kernels() -> str:
    """Say whether the kernels are compiled, by what, for what, and how many threads they use."""
    info = kernels.info()
    threads = f"{info['threads']} thread{'s' if info['threads'] != 1 else ''}"
    if not info["compiled"]:
        return f"NumPy twins, {threads}"
    openmp = "OpenMP" if info["openmp"] else "no OpenMP"
    return f"compiled by {info['compiler']} for {info['instruction_set']}, {openmp}, {threads}"


def blas() -> list[dict[str, Any]]:
    """Return the libraries behind NumPy's matrix products, with their threads."""
    from threadpoolctl import threadpool_info  # only the doctor asks

    return [library for library in threadpool_info() if library["user_api"] == "blas"]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
