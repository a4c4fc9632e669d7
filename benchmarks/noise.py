"""Layers that draw noise: fractional max-pooling against PyTorch, DropConnect against affine.

``python -m benchmarks.noise [--threads 2] [--rounds 15]``. Drawing regions and masks is part of the
time on both sides.
"""

import argparse
import os
from collections.abc import Callable

import numpy as np

from benchmarks.harness import Contender, Timing, compare, table

IMAGES, RATIO, OUTPUT = (64, 64, 32, 32), 2**0.5, 23


def our_pool(way: str, threads: int) -> Callable[[], object]:
    """Return one direction of the functional layer; every forward draws its regions."""
    from cs231n import kernels, layers

    kernels.set_num_threads(threads)
    x = np.random.default_rng(0).standard_normal(IMAGES, dtype=np.float32)
    pool_param = {"ratio": RATIO, "seed": np.random.default_rng(1)}
    out, cache = layers.fractional_max_pool_forward(x, pool_param)
    if way == "forward":
        return lambda: layers.fractional_max_pool_forward(x, pool_param)

    def both() -> object:
        _, fresh = layers.fractional_max_pool_forward(x, pool_param)
        return layers.fractional_max_pool_backward(dout, fresh)

    dout = np.random.default_rng(2).standard_normal(out.shape, dtype=np.float32)
    return both if way == "both" else lambda: layers.fractional_max_pool_backward(dout, cache)


def our_planned_pool(way: str, threads: int) -> Callable[[], object]:
    """Return one direction as a planned network runs it, on arrays that are there."""
    from cs231n import kernels
    from cs231n.kernels.workspace import empty_aligned
    from cs231n.layers.fractional_regions import fractional_regions

    kernels.set_num_threads(threads)
    x = np.random.default_rng(0).standard_normal(IMAGES, dtype=np.float32)
    pool_param = {"ratio": RATIO, "seed": np.random.default_rng(1)}
    regions = fractional_regions(x.shape, pool_param)
    winners = kernels.fractional_winners(x.shape, *regions)
    out, dx = (empty_aligned(shape, np.float32) for shape in (winners.shape, x.shape))

    def forward() -> None:
        drawn = fractional_regions(x.shape, pool_param)
        kernels.fractional_max_pool_forward(x, *drawn, out=out, winners=winners)

    kernels.fractional_max_pool_forward(x, *regions, out=out, winners=winners)
    if way == "forward":
        return forward

    def backward() -> None:
        kernels.fractional_max_pool_backward(out, winners, x.shape, *regions, out=dx)

    def both() -> None:
        drawn = fractional_regions(x.shape, pool_param)
        kernels.fractional_max_pool_forward(x, *drawn, out=out, winners=winners)
        kernels.fractional_max_pool_backward(out, winners, x.shape, *drawn, out=dx)

    return both if way == "both" else backward


def torch_pool(way: str, threads: int) -> Callable[[], object]:
    """Return the same in PyTorch."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    x = torch.randn(IMAGES)
    pool = torch.nn.FractionalMaxPool2d(2, output_size=OUTPUT)
    if way == "forward":

        def forward() -> object:
            with torch.no_grad():
                return pool(x)

        return forward
    x.requires_grad_()
    out = pool(x)
    dout = torch.randn(out.shape)
    if way == "both":
        return lambda: torch.autograd.grad(pool(x), x, dout)
    return lambda: torch.autograd.grad(out, x, dout, retain_graph=True)


def fractional_rows(threads: int, rounds: int) -> dict[str, list[Timing]]:
    """Time each direction, the planned one also with workers that spin, as PyTorch's do."""
    environment = {"OMP_NUM_THREADS": str(threads)}
    spinning = {**environment, "OMP_WAIT_POLICY": "active"}
    contenders = {"PyTorch": torch_pool, "functional": our_pool, "planned": our_planned_pool}
    return {
        way: compare(
            way,
            [
                Contender(name, prepare, (way, threads), environment, calls=10, warm_up=2)
                for name, prepare in contenders.items()
            ]
            + [Contender("spinning", our_planned_pool, (way, threads), spinning, 10, 2)],
            rounds,
        )
        for way in ("forward", "backward", "both")
    }


ROWS, INPUTS, OUTPUTS = 128, 1024, 1024


def affine_step(p: float | None, threads: int) -> Callable[[], object]:
    """Return forward and backward of DropConnect, or of a plain affine layer for p None."""
    from cs231n import kernels, layers

    kernels.set_num_threads(threads)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, INPUTS), dtype=np.float32)
    w = rng.standard_normal((INPUTS, OUTPUTS), dtype=np.float32)
    b, dout = np.zeros(OUTPUTS, np.float32), np.ones((ROWS, OUTPUTS), np.float32)
    if p is None:
        return lambda: layers.affine_backward(dout, layers.affine_forward(x, w, b)[1])
    param = {"p": p, "mode": "train", "seed": np.random.default_rng(1)}
    return lambda: layers.dropconnect_backward(dout, layers.dropconnect_forward(x, w, b, param)[1])


def dropconnect_rows(threads: int, rounds: int) -> list[Timing]:
    """Time a training step."""
    environment = {"OPENBLAS_NUM_THREADS": str(threads)}
    contenders = {"affine": None, "DropConnect p = 0.5": 0.5, "DropConnect p = 0.8": 0.8}
    return compare(
        "DropConnect",
        [
            Contender(name, affine_step, (p, threads), environment, calls=10, warm_up=2)
            for name, p in contenders.items()
        ],
        rounds,
    )


def peak_megabytes(p: float | None) -> float:
    """Return what NumPy holds at most during a step, beyond its arguments."""
    import tracemalloc

    step = affine_step(p, threads=1)
    step()
    tracemalloc.start()
    step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    for way, timings in fractional_rows(options.threads, options.rounds).items():
        title = f"Fractional max-pooling {way}, {IMAGES}, ratio sqrt 2, {options.threads} threads"
        print(table(title, timings, "PyTorch"), "\n")
    title = f"A step of {ROWS} x {INPUTS} x {OUTPUTS}, float32, {options.threads} threads"
    print(table(title, dropconnect_rows(options.threads, options.rounds), "affine"))
    affine, drop = peak_megabytes(None), peak_megabytes(0.5)
    print(f"  memory beyond the arguments: affine {affine:.1f} MB, DropConnect {drop:.1f} MB")


if __name__ == "__main__":
    main()
