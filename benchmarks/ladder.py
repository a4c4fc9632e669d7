"""The ladder of convolution on ThreeLayerConvNet's layer, and its pooling, against PyTorch."""

import importlib.util
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.harness import Contender, compare, table
from benchmarks.layers import in_layout

BATCH, INPUT, FILTERS, SIZE = 50, (3, 32, 32), 32, 7
CONV_PARAM = {"stride": 1, "pad": 3}
POOL_PARAM = {"pool_height": 2, "pool_width": 2, "stride": 2}


def conv_arrays() -> list[np.ndarray]:
    """Return x, w, b and dout of the layer, in float32."""
    rng = np.random.default_rng(0)
    shapes = [
        (BATCH, *INPUT),
        (FILTERS, INPUT[0], SIZE, SIZE),
        (FILTERS,),
        (BATCH, FILTERS, 32, 32),
    ]
    return [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]


def conv_step(rung: str) -> Callable[[], object]:
    """Forward and backward of one rung of the ladder."""
    from cs231n import fast_layers, layers

    module = layers if rung == "naive" else fast_layers
    forward, backward = (
        getattr(module, f"conv_{direction}_{rung}") for direction in ("forward", "backward")
    )
    x, w, b, dout = conv_arrays()
    return lambda: backward(dout, forward(x, w, b, CONV_PARAM)[1])


def pool_step(rung: str) -> Callable[[], object]:
    """Forward and backward of 2x2 max-pooling on the layer's output."""
    from cs231n import fast_layers

    forward, backward = (
        getattr(fast_layers, f"max_pool_{direction}_{rung}")
        for direction in ("forward", "backward")
    )
    x = conv_arrays()[3]
    dout = x[:, :, ::2, ::2].copy()
    return lambda: backward(dout, forward(x, POOL_PARAM)[1])


def torch_step(threads: int, layer: str, layout: str) -> Callable[[], object]:
    """Forward and backward of the same layer in PyTorch."""
    import torch

    torch.set_num_threads(threads)
    x, w, b, dout = (torch.from_numpy(array) for array in conv_arrays())
    if layer == "pool":
        x, dout = dout, dout[:, :, ::2, ::2].contiguous()
    x, dout = (in_layout(tensor, layout) for tensor in (x, dout))
    inputs = [tensor.requires_grad_() for tensor in ((x,) if layer == "pool" else (x, w, b))]

    def step() -> object:
        if layer == "pool":
            out = torch.nn.functional.max_pool2d(x, 2)
        else:
            out = torch.nn.functional.conv2d(x, w, b, stride=1, padding=3)
        return torch.autograd.grad(out, inputs, dout)

    return step


def torch_contenders(threads: int, layer: str) -> list[Contender]:
    """PyTorch in both layouts, where it is installed."""
    if importlib.util.find_spec("torch") is None:
        return []
    return [
        Contender(f"PyTorch, {layout}", torch_step, (threads, layer, layout))
        for layout in ("NCHW", "channels last")
    ]


def main(threads: Sequence[int]) -> None:
    """Print the tables."""
    for count in threads:
        # The kernels keep to one thread of their own: the BLAS has the others.
        environment = {
            variable: str(count)
            for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
        }
        pure = {**environment, "CS231N_PURE": "1", "PYTHONWARNINGS": "ignore"}
        conv = [
            Contender("im2col, index arrays", conv_step, ("im2col",), environment, calls=2),
            Contender("im2col, strided view", conv_step, ("strides",), environment),
            Contender("fast, NumPy twins", conv_step, ("fast",), pure),
            Contender("fast, compiled", conv_step, ("fast",), environment),
            *torch_contenders(count, "conv"),
        ]
        title = (
            f"Convolution forward + backward, batch {BATCH}, 3x32x32, {FILTERS} filters 7x7, "
            f"float32, {count} thread{'s' if count > 1 else ''}"
        )
        print(table(title, compare(title[:11], conv, rounds=15), "fast, compiled"), "\n")
        naive = [
            Contender("naive", conv_step, ("naive",), environment, calls=1, warm_up=0),
            Contender("fast, compiled", conv_step, ("fast",), environment, calls=20),
        ]
        if count == threads[0]:
            timings = compare("naive", naive, rounds=3)
            print(table(title + ", against the naive loops", timings, "fast, compiled"), "\n")
        pool = [
            Contender("reshape, NumPy", pool_step, ("reshape",), environment),
            Contender("im2col, NumPy", pool_step, ("im2col",), environment, calls=1),
            Contender("fast, NumPy twins", pool_step, ("fast",), pure),
            Contender("fast, compiled", pool_step, ("fast",), environment),
            *torch_contenders(count, "pool"),
        ]
        title = (
            f"2x2 max-pooling forward + backward, ({BATCH}, {FILTERS}, 32, 32), float32, "
            f"{count} thread{'s' if count > 1 else ''}"
        )
        print(table(title, compare(title[:15], pool, rounds=15), "fast, compiled"), "\n")
