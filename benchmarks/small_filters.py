"""3x3 convolutions against PyTorch's better layout: forward, gradient on x, gradient on w.

``python -m benchmarks.small_filters [--threads 2] [--rounds 9]``
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.harness import Contender, Timing, compare

# images, channels, filters, size of the map
LAYERS = [
    (64, 32, 32, 32),
    (64, 64, 64, 32),
    (128, 64, 64, 32),
    (64, 64, 64, 28),
    (32, 128, 128, 16),
    (64, 128, 128, 16),
    (64, 128, 128, 14),
    (64, 256, 256, 12),
    (64, 96, 96, 10),
    (64, 256, 256, 8),
    (64, 512, 512, 8),
    (64, 512, 512, 4),
    (1, 64, 64, 8),
]
WORK = ("forward", "dx", "dw")


def layer_arrays(N: int, C: int, F: int, H: int) -> list[np.ndarray]:
    """Return x, w, b and dout in float32."""
    rng = np.random.default_rng(0)
    shapes = [(N, C, H, H), (F, C, 3, 3), (F,), (N, F, H, H)]
    return [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]


def our_work(layer: tuple[int, ...], work: str, threads: int) -> Callable[[], object]:
    from cs231n import kernels

    kernels.set_num_threads(threads)
    x, w, b, dout = (aligned(array) for array in layer_arrays(*layer))
    out, dx, dw = (aligned(array) for array in (dout, x, w))
    return {
        "forward": lambda: kernels.winograd_forward(x, w, b, 1, out=out),
        "dx": lambda: kernels.winograd_backward_input(dout, w, 1, out=dx),
        "dw": lambda: kernels.winograd_backward_weights(dout, x, 1, out=dw),
    }[work]


def aligned(array: np.ndarray) -> np.ndarray:
    """Return a copy that begins on a cache line."""
    from cs231n.kernels.workspace import empty_aligned

    copy = empty_aligned(array.shape, array.dtype)
    copy[...] = array
    return copy


def torch_work(
    layer: tuple[int, ...], work: str, threads: int, channels_last: bool
) -> Callable[[], object]:
    import torch

    torch.set_num_threads(threads)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    x, w, b, dout = (torch.from_numpy(array) for array in layer_arrays(*layer))
    x, w, dout = (tensor.contiguous(memory_format=layout) for tensor in (x, w, dout))
    mask = [work == "dx", work == "dw", False]

    def step() -> object:
        with torch.inference_mode():
            if work == "forward":
                return torch.nn.functional.conv2d(x, w, b, padding=1)
            backward = torch.ops.aten.convolution_backward
            return backward(dout, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)

    return step


def time_layer(layer: tuple[int, ...], work: str, threads: int, rounds: int) -> list[Timing]:
    """Time ours and both of PyTorch's layouts, in turns of about 50 ms.

    Ours writes into arrays that are there already, as training with planned memory does. The
    warm-up is as long as the turn: at first the system may put both threads on one core.
    """
    N, C, F, H = layer
    calls = max(2, round(0.05 * 2e11 / (18 * N * C * F * H * H)))
    calls = min(calls, 500)
    environment = {"OMP_NUM_THREADS": str(threads)}
    contenders = [Contender("ours", our_work, (layer, work, threads), environment, calls, calls)]
    contenders += [
        Contender(str(last), torch_work, (layer, work, threads, last), environment, calls, calls)
        for last in (False, True)
    ]
    return compare(f"{layer} {work}", contenders, rounds)


def row(layer: tuple[int, ...], work: str, timings: list[Timing]) -> str:
    """Return one line: the times, the ratio and the speed by the direct method's products."""
    N, C, F, H = layer
    ours, *theirs = timings
    best = min(theirs, key=lambda timing: timing.median)
    speed = 18 * N * C * F * H * H / ours.median / 1e9
    name = f"{N} x {C}->{F} @{H}"
    return (
        f"{name:<18} {work:<8} {1e3 * ours.median:>8.2f} {ours.spread:>5.0%} "
        f"{1e3 * best.median:>10.2f} {best.spread:>5.0%} {best.ratio(ours):>7.2f} {speed:>9.0f}"
    )


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown processor"
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def main() -> None:
    """Print the table."""
    from cs231n import kernels

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    info = kernels.info()
    print(
        f"{processor()}, {os.cpu_count()} cores, {options.threads} threads; "
        f"{info['compiler']}, {info['instruction_set']}\n"
    )
    print(
        f"{'3x3, float32':<18} {'':<8} {'ours ms':>8} {'':>5} {'PyTorch ms':>10} {'':>5} ", end=""
    )
    print(f"{'ratio':>7} {'GFLOP/s':>9}")
    for layer in LAYERS:
        for work in WORK:
            timings = time_layer(layer, work, options.threads, options.rounds)
            print(row(layer, work, timings), flush=True)


if __name__ == "__main__":
    main()
