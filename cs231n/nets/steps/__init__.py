"""What runs: one object a layer, or several layers fused, on preallocated arrays."""

from collections.abc import Sequence

import numpy as np

from cs231n.nets.placing import Placed
from cs231n.nets.specs import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    DropConnect,
    Dropout,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    GroupNorm,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    ReLU,
    Scale,
    Spec,
    Sum,
)
from cs231n.nets.steps.affine import AffineStep, DropConnectStep
from cs231n.nets.steps.base import Need, Step
from cs231n.nets.steps.convolution import ConvStep, GroupedConvStep
from cs231n.nets.steps.normalization import (
    BatchNormInference,
    BatchNormStep,
    GroupNormStep,
    LayerNormStep,
    LocalResponseNormStep,
)
from cs231n.nets.steps.pointwise import (
    ChannelDropoutStep,
    DropoutStep,
    GELUStep,
    LeakyReLUStep,
    ReLUStep,
    ScaleStep,
    SumStep,
)
from cs231n.nets.steps.pooling import (
    AvgPoolStep,
    FractionalMaxPoolStep,
    MaxPoolInference,
    MaxPoolStep,
)

FUSES_RELU = (Conv, Affine, BatchNorm, GroupNorm, Sum)


def fuse(layers: Sequence[Placed], dtype: np.dtype, training: bool, noisy: bool) -> list[Step]:
    """Return one step for each layer that has work to do, with a ReLU fused where one follows.

    A step's `reads` and `writes` are numbers of activations, of those that remain: what a layer
    without work would pass on, and what lies between two layers fused, is none. Only where it is
    `noisy` do dropout and DropConnect drop anything.
    """
    graph = _Graph(layers, noisy)
    steps: list[Step] = []
    for k, layer in enumerate(layers):
        if not graph.works(k):
            continue
        reads = tuple(graph.held_by(r) for r in layer.reads)
        relu = graph.absorb_relu(k)
        step = _step(layer, graph.following(k), relu, dtype, training, noisy)
        step.reads, step.writes = reads, k + 1
        steps.append(step)
    return steps


class _Graph:
    """Which activation is held where, and who reads it."""

    def __init__(self, layers: Sequence[Placed], noisy: bool) -> None:
        self.layers = layers
        self.idle = {k for k, layer in enumerate(layers) if not _has_work(layer.spec, noisy)}
        self.held = list(range(len(layers) + 1))
        for k in sorted(self.idle):
            self._pass_on(k)
        self.readers: dict[int, list[int]] = {}
        for k, layer in enumerate(layers):
            for r in layer.reads if k not in self.idle else ():
                self.readers.setdefault(self.held[r], []).append(k)

    def works(self, k: int) -> bool:
        return k not in self.idle

    def held_by(self, activation: int) -> int:
        while self.held[activation] != activation:
            activation = self.held[activation]
        return activation

    def following(self, k: int) -> Spec | None:
        """Return the one layer that reads what layer k makes, if there is just one."""
        readers = self.readers.get(k + 1, [])
        return self.layers[readers[0]].spec if len(readers) == 1 else None

    def absorb_relu(self, k: int) -> bool:
        """Tell whether a ReLU can be fused into layer k; from then on it has no work."""
        if not isinstance(self.layers[k].spec, FUSES_RELU):
            return False
        if not isinstance(self.following(k), ReLU):
            return False
        relu = self.readers[k + 1][0]
        self.idle.add(relu)
        self._pass_on(relu)
        return True

    def _pass_on(self, k: int) -> None:
        self.held[k + 1] = self.held_by(self.layers[k].reads[0])


def _has_work(spec: Spec, noisy: bool) -> bool:
    if isinstance(spec, Dropout):
        return noisy and spec.keep < 1
    return not isinstance(spec, Flatten)  # the next step sees the same memory in another shape


def _step(
    layer: Placed,
    following: Spec | None,
    relu: bool,
    dtype: np.dtype,
    training: bool,
    noisy: bool,
) -> Step:
    spec = layer.spec
    # Batch normalisation subtracts what a bias adds: the gradient on the bias is zero.
    bias_counts = not isinstance(following, BatchNorm)
    if isinstance(spec, Conv):
        if spec.groups > 1:
            return GroupedConvStep(layer, relu, dtype, bias_counts)
        return ConvStep(layer, relu, dtype, bias_counts)
    if isinstance(spec, DropConnect) and noisy and spec.keep < 1:
        return DropConnectStep(layer, relu, bias_counts)
    if isinstance(spec, Affine):
        return AffineStep(layer, relu, bias_counts)
    if isinstance(spec, BatchNorm):
        if not training:
            return BatchNormInference(layer, relu, dtype)
        return BatchNormStep(layer, relu, dtype)
    if isinstance(spec, GroupNorm):
        return GroupNormStep(layer, relu, dtype)
    if isinstance(spec, Sum):
        return SumStep(layer, relu)
    if isinstance(spec, LayerNorm):
        return LayerNormStep(layer, dtype)
    if isinstance(spec, MaxPool):
        return MaxPoolStep(layer) if training else MaxPoolInference(layer)
    if isinstance(spec, FractionalMaxPool):
        return FractionalMaxPoolStep(layer, training, noisy)
    if isinstance(spec, Dropout):
        return ChannelDropoutStep(layer, dtype) if spec.by_channel else DropoutStep(layer)
    for kind, step in _ALONE.items():
        if isinstance(spec, kind):
            return step(layer)
    raise TypeError(f"layer {layer.where}: {spec!r} cannot be run yet")


_ALONE: dict[type[Spec], type[Step]] = {
    AvgPool: AvgPoolStep,
    GELU: GELUStep,
    GlobalAvgPool: AvgPoolStep,
    LeakyReLU: LeakyReLUStep,
    LocalResponseNorm: LocalResponseNormStep,
    ReLU: ReLUStep,
    Scale: ScaleStep,
}
