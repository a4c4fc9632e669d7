"""Back from one unit to the image: how much each pixel moves it, before anything is learnt."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import (
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    GlobalAvgPool,
    LeakyReLU,
    MaxPool,
    ReLU,
    Scale,
    Spec,
    Sum,
)
from cs231n.nets.specs.pooling import Pool
from cs231n.validation import Array

Back = Callable[[Array], Array]  # from the gradient on an output to that on the input
Draw = Callable[[Spec, tuple[int, ...]], Array]  # a layer's filters


@dataclass(frozen=True)
class RandomWeights:
    """Filters as the layer's own `initial` draws them."""

    rng: np.random.Generator

    def __call__(self, spec: Spec, shape: tuple[int, ...]) -> Array:
        """Return filters of this shape."""
        assert isinstance(spec, Conv)
        return spec.initial.draw(self.rng, shape)


def uniform_weights(spec: Spec, shape: tuple[int, ...]) -> Array:
    """Return filters that average what they see."""
    return np.full(shape, 1 / np.prod(shape[1:]))


def pass_through(placed: tuple[Placed, ...], x: Array, draw: Draw) -> tuple[Array, Back]:
    """Run layers on images (N, C, H, W); return the output and the way back to the images.

    Batch normalisation and dropout do nothing here, as at test time before anything is learnt.

    Raises
    ------
    TypeError
        Naming a layer that cannot be run so.

    Examples
    --------
    >>> from cs231n.nets.placing import place
    >>> x = np.zeros((1, 1, 3, 3))
    >>> layers = place([Conv(1)], x.shape[1:], scores=False)
    >>> out, back = pass_through(layers, x, uniform_weights)
    >>> (9 * back(np.eye(3)[None, None]))[0, 0].round().tolist()
    [[2.0, 2.0, 1.0], [2.0, 3.0, 2.0], [1.0, 2.0, 2.0]]
    """
    activations = [x]
    ways_back: list[Back] = []
    for layer in placed:
        first, *others = (activations[number] for number in layer.reads)
        out, back = _layer(layer, sum(others, first), draw)
        activations.append(out)
        ways_back.append(back)

    def all_back(dout: Array) -> Array:
        gradients: dict[int, Array] = {len(placed): dout}
        for made, back in reversed(list(enumerate(ways_back, start=1))):
            dx = back(gradients.pop(made))
            for number in placed[made - 1].reads:
                gradients[number] = gradients[number] + dx if number in gradients else dx
        return gradients[0]

    return activations[-1], all_back


def _layer(layer: Placed, x: Array, draw: Draw) -> tuple[Array, Back]:
    spec: Any = layer.spec
    if isinstance(spec, Conv):
        return _convolve(layer, x, draw)
    if isinstance(spec, MaxPool):
        return _max_pool(layer, x)
    if isinstance(spec, AvgPool | GlobalAvgPool):
        return _avg_pool(layer, x)
    if isinstance(spec, ReLU | LeakyReLU | Scale):
        factor = spec.factor if isinstance(spec, Scale) else np.where(x > 0, 1, _slope(spec))
        return x * factor, lambda dout: dout * factor
    if isinstance(spec, BatchNorm | Dropout | Sum):
        return x, lambda dout: dout
    raise TypeError(f"layer {layer.where}: the gradient through {spec} cannot be measured yet")


def _slope(spec: Spec) -> float:
    return spec.slope if isinstance(spec, LeakyReLU) else 0.0


def _convolve(layer: Placed, x: Array, draw: Draw) -> tuple[Array, Back]:
    """Convolve with filters that hold zeros where a dilation or the groups leave something out."""
    spec: Any = layer.spec
    (shape,) = (p.shape for p in (*layer.parameters.values(), *layer.running.values())
                if p.stem == "W")  # fmt: skip
    few = draw(spec, shape)
    w = np.zeros((spec.filters, x.shape[1], spec.reach, spec.reach))
    filters, channels = spec.filters // spec.groups, shape[1]
    for group in range(spec.groups):
        its = slice(group * filters, (group + 1) * filters)
        sees = slice(group * channels, (group + 1) * channels)
        w[its, sees, :: spec.dilation, :: spec.dilation] = few[its]
    place = spec.stride, spec.padding
    out = kernels.conv_forward(x, w, None, *place)
    return out, lambda dout: kernels.conv_backward_input(dout, w, x.shape, *place)


def _max_pool(layer: Placed, x: Array) -> tuple[Array, Back]:
    window, around = _window(layer)
    out = kernels.max_pool_forward(x, *window, **around)
    return out, lambda dout: kernels.max_pool_backward(dout, x, out, *window, **around)


def _avg_pool(layer: Placed, x: Array) -> tuple[Array, Back]:
    window, around = _window(layer)
    out = kernels.avg_pool_forward(x, *window, **around)
    return out, lambda dout: kernels.avg_pool_backward(dout, x.shape, *window, **around)


def _window(layer: Placed) -> tuple[tuple[int, int, int], dict[str, Any]]:
    """Return the window's height and width and the stride, and how it treats the map's ends."""
    rows, columns = layer.spec.windows(layer.input_shape)
    ceil = isinstance(layer.spec, Pool) and layer.spec.ceil
    window = int(rows.size), int(columns.size), int(rows.stride)
    return window, {"pad": int(rows.pad), "ceil": ceil}
