"""Whole training steps, and their memory, against PyTorch's better layout.

``python -m benchmarks.steps [--threads 2] [--rounds 9]``: the VGG-like network 3-64-64-P-128-128-P-
256-256-affine with batch normalisation, and ThreeLayerConvNet, both with softmax loss and SGD.
"""

import argparse
import multiprocessing
import os
from collections.abc import Callable

import numpy as np

from benchmarks.harness import Contender, compare, table

Step = Callable[[], object]


def batch(N: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images and labels."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((N, 3, 32, 32), dtype=np.float32), rng.integers(0, 10, N)


def our_step(name: str, N: int, threads: int) -> Step:
    """Return a step of nets.Network."""
    from cs231n import kernels, nets

    kernels.set_num_threads(threads)
    if name == "VGG-like":
        layers: list = []
        for filters in (64, 128, 256):
            block = [nets.Conv(filters, bias=False), nets.BatchNorm(), nets.ReLU()]
            layers += [*block, *block, nets.MaxPool()]
        layers = [*layers[:-1], nets.Affine(10)]
    else:
        layers = [nets.Conv(32, 7), nets.ReLU(), nets.MaxPool()]
        layers += [nets.Affine(100), nets.ReLU(), nets.Affine(10)]
    network = nets.Network(layers, (3, 32, 32), seed=0)
    X, y = batch(N)
    return lambda: network.step(X, y, "sgd", learning_rate=1e-3)


def course_step(name: str, N: int, threads: int) -> Step:
    """Return a step of the course's class, with its functional layers and update rule."""
    from cs231n import kernels, optim
    from cs231n.classifiers.cnn import ThreeLayerConvNet

    kernels.set_num_threads(threads)
    model = ThreeLayerConvNet(dtype=np.float32)
    X, y = batch(N)

    def step() -> None:
        _, grads = model.loss(X, y)
        for key, dw in grads.items():
            model.params[key], _ = optim.sgd(model.params[key], dw, {"learning_rate": 1e-3})

    return step


def torch_step(name: str, N: int, threads: int, channels_last: bool) -> Step:
    """Return the same step in PyTorch."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    layers: list[nn.Module] = []
    if name == "VGG-like":
        channels = 3
        for filters in (64, 128, 256):
            for _ in range(2):
                layers += [nn.Conv2d(channels, filters, 3, padding=1, bias=False)]
                layers += [nn.BatchNorm2d(filters), nn.ReLU(inplace=True)]
                channels = filters
            layers += [nn.MaxPool2d(2)]
        layers = [*layers[:-1], nn.Flatten(), nn.Linear(256 * 64, 10)]
    else:
        layers = [nn.Conv2d(3, 32, 7, padding=3), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        layers += [
            nn.Flatten(),
            nn.Linear(32 * 256, 100),
            nn.ReLU(inplace=True),
            nn.Linear(100, 10),
        ]
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = nn.Sequential(*layers).to(memory_format=layout)
    X, y = (torch.from_numpy(array) for array in batch(N))
    X = X.contiguous(memory_format=layout)
    optimizer = torch.optim.SGD(model.parameters(), 1e-3, foreach=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()

    return step


def peak_megabytes(prepare: Callable[..., Step], *args: object) -> float:
    """Return by how much some steps raise the peak of a process, beyond one image's step."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_measure_peak, args=(queue, prepare, args))
    process.start()
    peak = queue.get()
    process.join()
    return peak


def _measure_peak(queue: multiprocessing.Queue, prepare: Callable[..., Step], args: tuple) -> None:
    import resource

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    name, _, *rest = args
    small = prepare(name, 2, *rest)
    for _ in range(2):
        small()
    before = peak()
    step = prepare(*args)
    for _ in range(3):
        step()
    queue.put(peak() - before)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    threads = options.threads
    environment = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    layouts = (("PyTorch, NCHW", False), ("PyTorch, channels last", True))
    for name, N, calls in (
        ("VGG-like", 64, 2),
        ("VGG-like", 128, 1),
        ("ThreeLayerConvNet", 50, 10),
    ):
        contenders = [Contender("ours", our_step, (name, N, threads), environment, calls, calls)]
        if name == "ThreeLayerConvNet":
            args = (name, N, threads)
            contenders += [Contender("the course's class", course_step, args, environment, calls)]
        contenders += [
            Contender(title, torch_step, (name, N, threads, last), environment, calls, calls)
            for title, last in layouts
        ]
        title = f"{name}, batch {N}, float32, {threads} threads: one training step"
        print(table(title, compare(name, contenders, options.rounds), "ours"), "\n", flush=True)
    ours = peak_megabytes(our_step, "VGG-like", 64, threads)
    print(f"Peak memory of the VGG-like step, batch 64, in MB: ours {ours:.0f}", end="")
    for title, last in layouts:
        print(f", {title} {peak_megabytes(torch_step, 'VGG-like', 64, threads, last):.0f}", end="")
    print()


if __name__ == "__main__":
    main()
