"""The ladder of convolution, rung by rung: forward and backward of one layer, and its pooling.

``python -m benchmarks.ladder [--plot docs/images/ladder.png]``
"""

import argparse
import importlib.util
from collections.abc import Callable
from pathlib import Path

from benchmarks import machine
from benchmarks.harness import Contender, Timing, compare, table
from benchmarks.layers import ConvLayer, MapLayer, in_layout, map_arrays
from cs231n.training.pool import usable_cores

# ThreeLayerConvNet's layer; and one with small filters, which Winograd's algorithm is for.
LAYERS = (ConvLayer(50, 3, 32, 32, 7), ConvLayer(16, 64, 64, 32, 3))
POOLED = MapLayer("2x2 max-pool", 50, 32, 32)
POOL_PARAM = {"pool_height": 2, "pool_width": 2, "stride": 2}
# Name -> (the functions' suffix, algorithm, calls a turn)
RUNGS = {
    "naive loops": ("naive", None, 1),
    "im2col, index arrays": ("im2col", None, 1),
    "im2col, strided view": ("strides", None, 2),
    "im2col by blocks": ("fast", "im2col", 5),
    "direct": ("fast", "direct", 5),
    "Winograd": ("fast", "winograd", 5),
    "Fourier transforms": ("fft", None, 1),
}


def conv_step(layer: ConvLayer, rung: str, algorithm: str | None, threads: int) -> Callable:
    """Return forward and backward of one rung."""
    from cs231n import fast_layers, kernels, layers

    kernels.set_num_threads(threads)
    module = layers if rung == "naive" else fast_layers
    forward, backward = (getattr(module, f"conv_{way}_{rung}") for way in ("forward", "backward"))
    x, w, b, dout = layer.arrays()
    param = {"stride": layer.stride, "pad": layer.size // 2}
    more = {"algorithm": algorithm} if algorithm else {}
    return lambda: backward(dout, forward(x, w, b, param, **more)[1])


def pool_step(rung: str, threads: int) -> Callable:
    """Return forward and backward of 2x2 max-pooling."""
    from cs231n import fast_layers, kernels

    kernels.set_num_threads(threads)
    forward, backward = (
        getattr(fast_layers, f"max_pool_{way}_{rung}") for way in ("forward", "backward")
    )
    x, dout = map_arrays(POOLED)
    return lambda: backward(dout, forward(x, POOL_PARAM)[1])


def torch_step(layer: ConvLayer | MapLayer, threads: int, layout: str) -> Callable:
    """Return forward and backward of the same layer in PyTorch."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    arrays = map_arrays(layer) if isinstance(layer, MapLayer) else layer.arrays()
    *inputs, dout = (torch.from_numpy(array) for array in arrays)
    inputs[0], dout = in_layout(inputs[0], layout), in_layout(dout, layout)
    inputs = [tensor.requires_grad_() for tensor in inputs]

    def step() -> object:
        if isinstance(layer, MapLayer):
            out = functional.max_pool2d(inputs[0], 2)
        else:
            out = functional.conv2d(*inputs, stride=layer.stride, padding=layer.size // 2)
        return torch.autograd.grad(out, inputs, dout)

    return step


def torch_contenders(layer: ConvLayer | MapLayer, threads: int) -> list[Contender]:
    """Return PyTorch in both layouts, where it is installed."""
    if importlib.util.find_spec("torch") is None:
        return []
    return [
        Contender(f"PyTorch, {layout}", torch_step, (layer, threads, layout))
        for layout in ("NCHW", "channels last")
    ]


def time_layer(layer: ConvLayer, threads: int, rounds: int) -> list[Timing]:
    """Time every rung; the naive one, which takes long, once."""
    environment = {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    contenders = [
        Contender(name, conv_step, (layer, rung, algorithm, threads), environment, calls)
        for name, (rung, algorithm, calls) in RUNGS.items()
        if rung != "naive"
    ]
    naive = Contender("naive loops", conv_step, (layer, "naive", None, 1), environment, 1, 0)
    timings = compare(f"{layer}", [*contenders, *torch_contenders(layer, threads)], rounds)
    slow = compare(f"{layer} naive", [naive], 1)[0]
    return [Timing(slow.name, slow.seconds * rounds), *timings]


def plot(all_timings: dict[str, list[Timing]], path: Path) -> None:
    """Draw the medians of all rungs, on a scale of powers of ten."""
    from matplotlib.figure import Figure

    from cs231n.visualize import save_figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, (title, timings) in zip(
        figure.subplots(1, len(all_timings), sharey=True), all_timings.items(), strict=True
    ):
        names = [timing.name for timing in timings]
        values = [1e3 * timing.median for timing in timings]
        colours = ["#8a8f98" if name.startswith("PyTorch") else "#2a6fbb" for name in names]
        bars = axes.barh(names, values, color=colours)
        axes.bar_label(bars, [f"{value:,.0f}" for value in values], padding=3, fontsize=8)
        axes.set_xscale("log")
        axes.set_xlim(1, 20 * max(values))
        axes.set_xlabel("ms, forward + backward")
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path, colours=32)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    cores = usable_cores()
    parser.add_argument("--threads", type=int, default=cores)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    threads, rounds = options.threads, options.rounds
    print(machine.describe(cores, threads), "\n")
    all_timings = {}
    for layer in LAYERS:
        timings = time_layer(layer, threads, rounds)
        all_timings[str(layer)] = timings
        title = f"{layer}, forward + backward, float32, {threads} threads"
        print(table(title, timings, "direct" if layer.C < 8 else "Winograd"), "\n", flush=True)
    pools = [
        Contender(name, pool_step, (rung, threads), {}, calls)
        for name, rung, calls in (
            ("reshape, NumPy", "reshape", 2),
            ("im2col, NumPy", "im2col", 1),
            ("fast", "fast", 10),
        )
    ]
    timings = compare("pool", [*pools, *torch_contenders(POOLED, threads)], rounds)
    print(table(f"{POOLED}, forward + backward", timings, "fast"))
    if options.plot:
        plot(all_timings, options.plot)


if __name__ == "__main__":
    main()
