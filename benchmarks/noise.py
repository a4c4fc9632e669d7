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
    dout = np.random.default_rng(2).standard_normal(out.shape, dtype=np.float32)
    return lambda: layers.fractional_max_pool_backward(dout, cache)


def our_planned_pool(way: str, threads: int) -> Callable[[], object]:
    """Return one direction as a planned network runs it, on arrays that are there."""
    from cs231n import kernels
    from cs231n.layers.fractional_regions import fractional_regions

    kernels.set_num_threads(threads)
    x = np.random.default_rng(0).standard_normal(IMAGES, dtype=np.float32)
    pool_param = {"ratio": RATIO, "seed": np.random.default_rng(1)}
    regions = fractional_regions(x.shape, pool_param)
    winners = kernels.fractional_winners(x.shape, *regions)
    out, dx = np.empty(winners.shape, np.float32), np.empty_like(x)

    def forward() -> None:
        drawn = fractional_regions(x.shape, pool_param)
        kernels.fractional_max_pool_forward(x, *drawn, out=out, winners=winners)

    kernels.fractional_max_pool_forward(x, *regions, out=out, winners=winners)
    if way == "forward":
        return forward
    return lambda: kernels.fractional_max_pool_backward(out, winners, x.shape, *regions, out=dx)


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
    return lambda: torch.autograd.grad(out, x, dout, retain_graph=True)


def fractional_rows(threads: int, rounds: int) -> dict[str, list[Timing]]:
    """Time each direction."""
    environment = {"OMP_NUM_THREADS": str(threads)}
    contenders = {"PyTorch": torch_pool, "functional": our_pool, "planned": our_planned_pool}
    return {
        way: compare(
            way,
            [
                Contender(name, prepare, (way, threads), environment, calls=10, warm_up=2)
                for name, prepare in contenders.items()
            ],
            rounds,
        )
        for way in ("forward", "backward")
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    for way, timings in fractional_rows(options.threads, options.rounds).items():
        title = f"Fractional max-pooling {way}, {IMAGES}, ratio sqrt 2, {options.threads} threads"
        print(table(title, timings, "PyTorch"), "\n")


if __name__ == "__main__":
    main()
