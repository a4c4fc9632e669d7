"""Sizes counted backwards: which map must go in, so that a map of a given size comes out."""

from collections.abc import Sequence

from cs231n.nets.specs import (
    Affine,
    Conv,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    Residual,
    Spec,
)
from cs231n.nets.specs.pooling import Pool


def input_size(layers: Sequence[Spec], output: int = 1) -> int:
    """Return the smallest height and width from which a stack makes maps of `output` pixels.

    Layers that see a whole map, global pooling and affine ones, take any: in front of them the
    count begins anew with `output`. Fractional max-pooling multiplies by its ratio and rounds, as
    Graham designs his networks.

    Raises
    ------
    ValueError
        Naming the layer from which no map of the size that is needed can come.

    Examples
    --------
    >>> from cs231n.nets import parse
    >>> input_size(parse("(32nC2-FMP√2)6-C2-C1-output"))
    36
    >>> input_size(parse("[conv3-64 relu pool2]*5 fc-10"), output=7)
    224
    """
    size = output
    for index, spec in reversed(list(enumerate(layers))):
        if isinstance(spec, GlobalAvgPool | Affine | Flatten):
            size = output
        elif isinstance(spec, Residual):
            size = input_size(spec.body, size)
        else:
            size = size_before(spec, size, f"layer {index}, {spec}")
    return size


def size_before(spec: Spec, size: int, name: str = "the layer") -> int:
    """Return the smallest map from which a layer makes one of `size` pixels."""
    if isinstance(spec, Conv):
        return _before_windows(size, spec.reach, spec.stride, spec.padding, name)
    if isinstance(spec, Pool):
        if spec.ceil:
            return _before_ceil(spec, size, name)
        return _before_windows(size, spec.size, spec.step, spec.pad, name)
    if isinstance(spec, FractionalMaxPool):
        if spec.output not in (None, size):
            raise ValueError(f"{name} gives maps of {spec.output} pixels, needed are {size}")
        return max(round(size * spec.ratio), size + 1)
    return size


def _before_windows(size: int, reach: int, stride: int, pad: int, name: str) -> int:
    least = (size - 1) * stride + reach - 2 * pad
    if least + stride - 1 < 1:
        raise ValueError(f"{name} pads by {pad}, and so makes {size} pixels of no map")
    return max(least, 1)


def _before_ceil(spec: Pool, size: int, name: str) -> int:
    """Return the smallest map whose last window, which may reach over the edge, begins on it."""
    one_less = (size - 2) * spec.step + spec.size - 2 * spec.pad  # gives one window less, at most
    least = max(1, spec.size - 2 * spec.pad)
    if size > 1:
        least = max(least, one_less + 1, (size - 1) * spec.step - spec.pad + 1)
    if spec.output_shape((1, least, least))[1] != size:
        raise ValueError(f"{name} pads by {spec.pad}, and so makes {size} pixels of no map")
    return least
