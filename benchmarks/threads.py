"""What alternating the kernels' threads with the BLAS's costs: the figures of docs/threads.md."""

from collections.abc import Callable

import numpy as np

from benchmarks.harness import Contender, compare, table

IMAGES, C, H, FILTERS, SIZE, BLOCK = 50, 3, 32, 32, 7, 4
K, P = C * SIZE * SIZE, H * H


def alternate(kernel_threads: int) -> Callable[[], object]:
    """Unfold, multiply and fold block by block, which is the work of a convolution."""
    from cs231n import kernels

    kernels.set_num_threads(kernel_threads)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((IMAGES, C, H, H), dtype=np.float32)
    w = rng.standard_normal((FILTERS, K), dtype=np.float32)
    dx = np.empty_like(x)
    cols = np.empty((BLOCK, K, P), dtype=np.float32)
    out = np.empty((BLOCK, FILTERS, P), dtype=np.float32)

    def step() -> None:
        for first in range(0, IMAGES - BLOCK + 1, BLOCK):
            images = slice(first, first + BLOCK)
            kernels.im2col(x[images], cols.swapaxes(0, 1), SIZE, SIZE, SIZE // 2, 1)
            np.matmul(w, cols, out=out)
            np.matmul(w.T, out, out=cols)
            kernels.col2im(cols.swapaxes(0, 1), dx[images], SIZE, SIZE, SIZE // 2, 1)

    return step


def main() -> None:
    """Print the table."""
    asleep = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}
    patient: dict[str, str] = {}  # what the package sets by itself: it spins for a moment
    spinning = {"OMP_WAIT_POLICY": "active"}
    contenders = []
    for kernel_threads, blas_threads, waiting, how in (
        (1, 1, patient, ""),
        (1, 2, patient, ""),
        (2, 1, patient, ""),
        (2, 2, patient, ""),
        (2, 2, asleep, ", asleep at once"),
        (2, 2, spinning, ", spinning on"),
    ):
        name = f"kernels {kernel_threads}, BLAS {blas_threads}{how}"
        environment = {"OPENBLAS_NUM_THREADS": str(blas_threads), **waiting}
        contenders.append(Contender(name, alternate, (kernel_threads,), environment))
    title = (
        f"Unfold, multiply, fold by blocks of {BLOCK} images, threads of the kernels and the BLAS"
    )
    print(table(title, compare("threads", contenders, rounds=15), "kernels 1, BLAS 2"), "\n")


if __name__ == "__main__":
    main()
