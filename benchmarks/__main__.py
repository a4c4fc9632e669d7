"""``python -m benchmarks``: every table, for one thread and for all cores."""

import platform

import numpy as np

from benchmarks import convolution
from cs231n import kernels
from cs231n.training.pool import usable_cores

if __name__ == "__main__":
    cores = usable_cores()
    info = kernels.info()
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, {cores} cores, "
        f"kernels: {info['compiler']}, {info['instruction_set']}\n"
    )
    convolution.main(threads=sorted({1, cores}))
