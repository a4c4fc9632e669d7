"""The rows of the main table: what is timed, and what it must reach."""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks import layers, steps
from benchmarks.harness import Contender
from benchmarks.layers import ConvLayer, MapLayer

TURN_SECONDS = 0.05
EXPECTED_FLOPS = 2e11  # a second; decides how many calls make a turn

SMALL_FILTERS = [
    ConvLayer(64, 32, 32, 32),
    ConvLayer(64, 64, 64, 32),
    ConvLayer(128, 64, 64, 32),
    ConvLayer(64, 64, 64, 28),
    ConvLayer(32, 128, 128, 16),
    ConvLayer(64, 128, 128, 16),
    ConvLayer(64, 128, 128, 14),
    ConvLayer(64, 256, 256, 12),
    ConvLayer(64, 96, 96, 10),
    ConvLayer(64, 256, 256, 8),
    ConvLayer(64, 512, 512, 8),
]
OTHER_FILTERS = [
    ConvLayer(64, 64, 64, 32, 1),
    ConvLayer(64, 128, 64, 16, 1),
    ConvLayer(64, 256, 256, 8, 1),
    ConvLayer(64, 32, 64, 16, 5),
    ConvLayer(64, 96, 96, 16, 5),
    ConvLayer(64, 32, 32, 16, 7),
    ConvLayer(64, 64, 128, 32, 3, 2),
    ConvLayer(64, 128, 256, 16, 3, 2),
    ConvLayer(64, 64, 128, 32, 1, 2),
    ConvLayer(64, 3, 64, 32, 3),
    ConvLayer(50, 3, 32, 32, 7),
]


@dataclass(frozen=True)
class Row:
    """One piece of work, ours first among the contenders."""

    layer: object
    work: str
    contenders: list[Contender]
    flops: int


@dataclass(frozen=True)
class Group:
    """Rows that must reach one ratio."""

    name: str
    title: str
    floor: float
    rows: Callable[[int], Iterator[Row]]


def calls_for(flops: int) -> int:
    """Return how many calls make a turn."""
    return min(500, max(2, round(TURN_SECONDS * EXPECTED_FLOPS / flops))) if flops else 10


def contenders(
    ours: Callable, theirs: Callable, args: tuple, threads: int, calls: int, layouts: list[str]
) -> list[Contender]:
    """Return ours and PyTorch's, if it is installed; warm-ups are as long as the turns.

    At first the system may put both threads on one core.
    """
    environment = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    found = [Contender("ours", ours, (*args, threads), environment, calls, calls)]
    if importlib.util.find_spec("torch") is not None:
        found += [
            Contender(layout, theirs, (*args, threads, layout), environment, calls, calls)
            for layout in layouts
        ]
    return found


def conv_rows(shapes: list[ConvLayer], threads: int) -> Iterator[Row]:
    """Yield the three passes of each layer."""
    for layer in shapes:
        for work in ("forward", "d input", "d weights"):
            calls = calls_for(layer.flops)
            both = contenders(
                layers.our_conv,
                layers.torch_conv,
                (layer, work),
                threads,
                calls,
                ["NCHW", "channels last"],
            )
            yield Row(layer, work, both, layer.flops)


def map_rows(threads: int) -> Iterator[Row]:
    """Yield pooling and batch normalisation, both ways."""
    for kind, more in (("2x2 max-pool", []), ("batch-norm + ReLU", ["compiled"])):
        for C, H in ((64, 32), (256, 8)):
            layer = MapLayer(kind, 64, C, H)
            for work in ("forward", "backward"):
                layouts = ["NCHW", "channels last", *more]
                both = contenders(
                    layers.our_map, layers.torch_map, (layer, work), threads, 10, layouts
                )
                yield Row(layer, work, both, 0)


def step_rows(names: list[tuple[str, int, int]], threads: int) -> Iterator[Row]:
    """Yield whole training steps."""
    layouts = ["NCHW", "channels last", "compiled"]
    for name, N, calls in names:
        both = contenders(steps.our_step, steps.torch_step, (name, N), threads, calls, layouts)
        yield Row(f"{name}, batch {N}", "step", both, 0)


GROUPS = [
    Group("small", "3x3 filters, maps of 8 to 32", 2.0, lambda t: conv_rows(SMALL_FILTERS, t)),
    Group(
        "4x4",
        "3x3 filters, maps of 4x4",
        1.5,
        lambda t: conv_rows([ConvLayer(64, 512, 512, 4), ConvLayer(64, 256, 256, 4)], t),
    ),
    Group(
        "one",
        "one image, maps of 8x8",
        1.0,
        lambda t: conv_rows([ConvLayer(1, 64, 64, 8), ConvLayer(1, 128, 128, 8)], t),
    ),
    Group(
        "other",
        "1x1, 5x5, 7x7, stride 2, 3 channels",
        0.95,
        lambda t: conv_rows(OTHER_FILTERS, t),
    ),
    Group("maps", "max-pooling, batch-norm + ReLU", 1.5, map_rows),
    Group(
        "vgg",
        "training step, VGG-like",
        2.3,
        lambda t: step_rows([("VGG-like", 64, 2), ("VGG-like", 128, 1)], t),
    ),
    Group(
        "three",
        "training step, ThreeLayerConvNet",
        1.2,
        lambda t: step_rows([("ThreeLayerConvNet", 50, 10)], t),
    ),
]
