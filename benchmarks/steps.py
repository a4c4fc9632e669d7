"""Whole training steps, ours against PyTorch's, and their memory.

The VGG-like network 3-64-64-P-128-128-P-256-256-affine with batch normalisation, and
ThreeLayerConvNet, both with softmax loss and SGD.
"""

import importlib.util
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.layers import in_layout

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


def torch_step(name: str, N: int, threads: int, layout: str) -> Step:
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
    model: nn.Module = nn.Sequential(*layers)
    if layout == "channels last":
        model = model.to(memory_format=torch.channels_last)
    X, y = (torch.from_numpy(array) for array in batch(N))
    X = in_layout(X, layout)
    forward = torch.compile(model) if layout == "compiled" else model
    optimizer = torch.optim.SGD(model.parameters(), 1e-3, foreach=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(forward(X), y).backward()
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


def peak() -> float:
    """Return the most megabytes of this process so far, or NaN where the system does not tell.

    getrusage would do, but for a process that another one started it begins with that one's peak.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return float("nan")
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def _measure_peak(queue: multiprocessing.Queue, prepare: Callable[..., Step], args: tuple) -> None:
    name, _, *rest = args
    small = prepare(name, 2, *rest)
    for _ in range(2):
        small()
    before = peak()
    step = prepare(*args)
    for _ in range(3):
        step()
    queue.put(peak() - before)


def memory(threads: int) -> str:
    """Return a line about the peak memory of the VGG-like step."""
    args = ("VGG-like", 64, threads)
    found = {"ours": peak_megabytes(our_step, *args)}
    if importlib.util.find_spec("torch") is not None:
        for layout in ("NCHW", "channels last"):
            found[f"PyTorch, {layout}"] = peak_megabytes(torch_step, *args, layout)
    figures = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in found.items())
    return f"Peak memory of the VGG-like step, batch 64, in MB: {figures}"
