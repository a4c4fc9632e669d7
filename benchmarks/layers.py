"""Single layers, ours against PyTorch's: convolutions of many shapes, pooling, batch-norm + ReLU.

Ours write into arrays that are there already, as training with planned memory does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Work = Callable[[], object]


@dataclass(frozen=True)
class ConvLayer:
    """N images of C channels (H, H), F filters of `size`, which keep the map but for the stride."""

    N: int
    C: int
    F: int
    H: int
    size: int = 3
    stride: int = 1

    def __str__(self) -> str:
        stride = f"/{self.stride}" if self.stride > 1 else ""
        return f"{self.N} x {self.C}->{self.F} @{self.H} {self.size}x{self.size}{stride}"

    @property
    def flops(self) -> int:
        """Multiplications and additions of the direct method."""
        return 2 * self.N * self.C * self.F * (self.size * (self.H // self.stride)) ** 2

    def arrays(self) -> list[np.ndarray]:
        """Return x, w, b and dout in float32."""
        OH = (self.H + 2 * (self.size // 2) - self.size) // self.stride + 1
        shapes = [
            (self.N, self.C, self.H, self.H),
            (self.F, self.C, self.size, self.size),
            (self.F,),
            (self.N, self.F, OH, OH),
        ]
        rng = np.random.default_rng(0)
        return [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]


@dataclass(frozen=True)
class MapLayer:
    """N images of C channels (H, H) that a layer without filters works on."""

    kind: str
    N: int = 64
    C: int = 64
    H: int = 32

    flops = 0

    def __str__(self) -> str:
        return f"{self.kind}, {self.N} x {self.C} @{self.H}"


def our_conv(layer: ConvLayer, work: str, threads: int) -> Work:
    """Return one call, by the algorithm that a planned network takes."""
    from cs231n import kernels

    kernels.set_num_threads(threads)
    x, w, b, dout = (aligned(array) for array in layer.arrays())
    out, dx, dw = (aligned(array) for array in (dout, x, w))
    place = (layer.stride, layer.size // 2)
    return {
        "forward": lambda: kernels.conv_forward(x, w, b, *place, out=out),
        "d input": lambda: kernels.conv_backward_input(dout, w, x.shape, *place, out=dx),
        "d weights": lambda: kernels.conv_backward_weights(dout, x, w.shape, *place, out=dw),
    }[work]


def torch_conv(layer: ConvLayer, work: str, threads: int, layout: str) -> Work:
    """Return the same call in PyTorch."""
    import torch

    torch.set_num_threads(threads)
    x, w, b, dout = (torch.from_numpy(array) for array in layer.arrays())
    x, w, dout = (in_layout(tensor, layout) for tensor in (x, w, dout))
    stride, pad = [layer.stride] * 2, [layer.size // 2] * 2
    mask = [work == "d input", work == "d weights", False]

    def call() -> object:
        with torch.inference_mode():
            if work == "forward":
                return torch.nn.functional.conv2d(x, w, b, stride=stride, padding=pad)
            backward = torch.ops.aten.convolution_backward
            return backward(dout, x, w, None, stride, pad, [1, 1], False, [0, 0], 1, mask)

    return call


def map_arrays(layer: MapLayer) -> tuple[np.ndarray, np.ndarray]:
    """Return x and the gradient on the output, in float32."""
    rng = np.random.default_rng(0)
    size = layer.H // 2 if "pool" in layer.kind else layer.H
    shapes = [(layer.N, layer.C, layer.H, layer.H), (layer.N, layer.C, size, size)]
    x, dout = (rng.standard_normal(shape, dtype=np.float32) for shape in shapes)
    return x, dout


def our_map(layer: MapLayer, work: str, threads: int) -> Work:
    """Return one call of pooling, or of batch normalisation with a ReLU behind it."""
    from cs231n import kernels

    kernels.set_num_threads(threads)
    x, dout = (aligned(array) for array in map_arrays(layer))
    out, dx = aligned(dout), aligned(x)
    if layer.kind == "2x2 max-pool":
        winners = aligned(np.zeros(out.shape, np.uint8))
        window = (2, 2, 2)
        kernels.max_pool_forward(x, *window, out=out, winners=winners)
        return {
            "forward": lambda: kernels.max_pool_forward(x, *window, out=out, winners=winners),
            "backward": lambda: kernels.max_pool_backward_winners(
                dout, winners, x.shape, *window, out=dx
            ),
        }[work]
    gamma, beta = np.ones((2, layer.C), np.float32)
    mean, var, dgamma, dbeta = np.empty((4, layer.C), np.float32)
    forward = {"relu": True, "out": out, "mean": mean, "var": var}
    backward = {"relu": True, "out": dx, "dgamma": dgamma, "dbeta": dbeta}
    kernels.batchnorm_forward(x, gamma, beta, 1e-5, **forward)
    return {
        "forward": lambda: kernels.batchnorm_forward(x, gamma, beta, 1e-5, **forward),
        "backward": lambda: kernels.batchnorm_backward(
            dout, x, gamma, beta, mean, var, 1e-5, **backward
        ),
    }[work]


def torch_map(layer: MapLayer, work: str, threads: int, layout: str) -> Work:
    """Return the same call in PyTorch; the ReLU is in place, as its users write it."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    x, dout = (in_layout(torch.from_numpy(array), layout) for array in map_arrays(layer))
    norm = torch.nn.BatchNorm2d(layer.C)

    def apply(x: torch.Tensor) -> torch.Tensor:
        if "pool" in layer.kind:
            return functional.max_pool2d(x, 2)
        return functional.relu(norm(x), inplace=True)

    apply = torch.compile(apply) if layout == "compiled" else apply
    x.requires_grad_()
    inputs = [x] if "pool" in layer.kind else [x, *norm.parameters()]
    if work == "forward":
        return lambda: apply(x)
    out = apply(x)
    return lambda: torch.autograd.grad(out, inputs, dout, retain_graph=True)


def aligned(array: np.ndarray) -> np.ndarray:
    """Return a copy that begins on a cache line."""
    from cs231n.kernels.workspace import empty_aligned

    copy = empty_aligned(array.shape, array.dtype)
    copy[...] = array
    return copy


def in_layout(tensor: "torch.Tensor", layout: str) -> "torch.Tensor":  # noqa: F821
    """Return the tensor as NCHW, or with its channels last."""
    import torch

    last = layout == "channels last"
    return tensor.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
