"""What runs: one object a layer, or several layers fused, on preallocated arrays."""

from collections.abc import Sequence

import numpy as np

from cs231n.nets.placing import Placed
from cs231n.nets.specs import (
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LayerNorm,
    MaxPool,
    ReLU,
    Spec,
)
from cs231n.nets.steps.affine import AffineStep
from cs231n.nets.steps.base import Need, Step
from cs231n.nets.steps.convolution import ConvStep
from cs231n.nets.steps.normalization import BatchNormInference, BatchNormStep, LayerNormStep
from cs231n.nets.steps.pointwise import DropoutStep, ReLUStep
from cs231n.nets.steps.pooling import AvgPoolStep, MaxPoolInference, MaxPoolStep

FUSES_RELU = (Conv, Affine, BatchNorm)


def fuse(layers: Sequence[Placed], dtype: np.dtype, training: bool) -> list[Step]:
    """Return one step for each layer that has work to do, with a ReLU fused where one follows."""
    working = [layer for layer in layers if _has_work(layer.spec, training)]
    steps: list[Step] = []
    i = 0
    while i < len(working):
        following = working[i + 1].spec if i + 1 < len(working) else None
        relu = isinstance(working[i].spec, FUSES_RELU) and isinstance(following, ReLU)
        steps.append(_step(working[i], following, relu, dtype, training))
        i += 2 if relu else 1
    return steps


def _has_work(spec: Spec, training: bool) -> bool:
    if isinstance(spec, Dropout):
        return training and spec.keep < 1
    return not isinstance(spec, Flatten)  # the next step sees the same memory in another shape


def _step(
    layer: Placed, following: Spec | None, relu: bool, dtype: np.dtype, training: bool
) -> Step:
    spec = layer.spec
    # Batch normalisation subtracts what a bias adds: the gradient on the bias is zero.
    bias_counts = not isinstance(following, BatchNorm)
    if isinstance(spec, Conv):
        return ConvStep(layer, relu, dtype, bias_counts)
    if isinstance(spec, Affine):
        return AffineStep(layer, relu, bias_counts)
    if isinstance(spec, BatchNorm):
        return BatchNormStep(layer, relu, dtype) if training else BatchNormInference(layer, relu)
    if isinstance(spec, LayerNorm):
        return LayerNormStep(layer, dtype)
    if isinstance(spec, MaxPool):
        return MaxPoolStep(layer) if training else MaxPoolInference(layer)
    if isinstance(spec, AvgPool | GlobalAvgPool):
        return AvgPoolStep(layer)
    if isinstance(spec, ReLU):
        return ReLUStep(layer)
    if isinstance(spec, Dropout):
        return DropoutStep(layer)
    raise TypeError(f"layer {layer.index}: {spec!r} cannot be run yet")
