"""What a network ought to compute: the functional layers, one after the other."""

import math

import numpy as np

from cs231n import kernels
from cs231n.layer_utils import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_forward,
    conv_backward_fast,
    conv_forward_fast,
    layernorm_backward,
    layernorm_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    max_pool_backward_naive,
    max_pool_forward_naive,
    relu_backward,
    relu_forward,
    softmax_loss,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
)
from cs231n.nets import (
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    GlobalAvgPool,
    LayerNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Scale,
)
from cs231n.nets.specs import Sum
from cs231n.nets.steps.pointwise import mix
from cs231n.nets.steps.pooling import window_of


def norm_param(spec, state, names, mode):
    running = {stem: state[names[stem]].copy() for stem in ("running_mean", "running_var")}
    return {"mode": mode, "eps": spec.eps, "momentum": spec.momentum, **running}


def averages(x, HH, WW, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))
    return windows[:, :, ::stride, ::stride].mean(axis=(4, 5))


def averages_backward(dout, x_shape, HH, WW, stride):
    dx = np.zeros(x_shape, dout.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        dx[n, c, top : top + HH, left : left + WW] += dout[n, c, i, j] / (HH * WW)
    return dx


def layer(placed, x, params, state, mode, noise):
    """Return the layer's output, a function from dout to (dx, gradients), and new averages."""
    spec, names = placed.spec, placed.names
    own = {stem: {**state, **params}[name] for stem, name in names.items()}
    no_averages = {}
    if isinstance(spec, Conv):
        return convolution(spec, names, x, own)
    if isinstance(spec, Affine):
        b = own.get("b", np.zeros(spec.units, x.dtype))
        out, cache = affine_forward(x, own["W"], b)
        return out, lambda dout: named(affine_backward(dout, cache), names, "W", "b"), {}
    if isinstance(spec, BatchNorm):
        param = norm_param(spec, state, names, mode)
        maps = x.ndim == 4
        forward = spatial_batchnorm_forward if maps else batchnorm_forward
        backward = spatial_batchnorm_backward if maps else batchnorm_backward
        out, cache = forward(x, own.get("gamma", np.ones_like(own["beta"])), own["beta"], param)
        moved = {names[stem]: param[stem] for stem in ("running_mean", "running_var")}
        return out, lambda dout: named(backward(dout, cache), names, "gamma", "beta"), moved
    if isinstance(spec, LayerNorm):
        out, cache = layernorm_forward(x, own["gamma"], own["beta"], {"eps": spec.eps})
        return out, lambda dout: named(layernorm_backward(dout, cache), names, "gamma", "beta"), {}
    if isinstance(spec, ReLU):
        out, cache = relu_forward(x)
        return out, lambda dout: (relu_backward(dout, cache), {}), no_averages
    if isinstance(spec, LeakyReLU):
        out, cache = leaky_relu_forward(x, spec.slope)
        return out, lambda dout: (leaky_relu_backward(dout, cache), {}), no_averages
    if isinstance(spec, Scale):
        return x * spec.factor, lambda dout: (dout * spec.factor, {}), no_averages
    if isinstance(spec, MaxPool):
        HH, WW, stride = window_of(placed)
        param = {"pool_height": HH, "pool_width": WW, "stride": stride}
        out, cache = max_pool_forward_naive(x, param)
        return out, lambda dout: (max_pool_backward_naive(dout, cache), {}), no_averages
    if isinstance(spec, AvgPool | GlobalAvgPool):
        window = window_of(placed)
        return (
            averages(x, *window),
            lambda dout: (averages_backward(dout, x.shape, *window), {}),
            no_averages,
        )
    if isinstance(spec, Dropout) and mode == "train":
        mask = np.ones(x.shape[:2] if spec.by_channel else x.shape, x.dtype)
        mask = kernels.dropout_forward(mask, spec.keep, mix(noise + placed.index))
        mask = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))
        return x * mask, lambda dout: (dout * mask, {}), no_averages
    return x.reshape(len(x), *placed.output_shape), lambda dout: (dout, {}), no_averages


def convolution(spec, names, x, own):
    b = own.get("b", np.zeros(spec.filters, x.dtype))
    param = {"stride": spec.stride, "pad": spec.padding}
    out, cache = conv_forward_fast(x, own["W"], b, param, algorithm="im2col")

    def backward(dout):
        dx, grads = named(conv_backward_fast(dout, cache), names, "W", "b")
        if spec.frozen:
            del grads[names["W"]]
        return dx, grads

    return out, backward, {}


def named(gradients, names, *stems):
    dx, *rest = gradients
    return dx, {names[s]: g for s, g in zip(stems, rest, strict=True) if s in names}


def scores(network, X, mode="test", params=None, state=None):
    """Return the scores, the layers' backward functions, and new averages."""
    params, state = params or network.params, state or network.state
    activations, backwards, moved = [np.asarray(X, network.dtype)], [], {}
    noise = int(state["noise"][0]) if "noise" in state else 0
    for placed in network.placed:
        xs = [activations[r].reshape(len(X), *placed.input_shape) for r in placed.reads]
        if isinstance(placed.spec, Sum):
            out, backward, averages = xs[0] + xs[1], lambda dout: (dout, {}), {}
        else:
            out, backward, averages = layer(placed, *xs, params, state, mode, noise)
        activations.append(out)
        backwards.append(backward)
        moved.update(averages)
    return activations[-1].reshape(len(X), -1), backwards, moved


def loss(network, X, y):
    """Return the loss, the gradients, and the running averages after the pass."""
    out, backwards, moved = scores(network, X, "train")
    value, dout = softmax_loss(out, y)
    grads, given = {}, {len(backwards): dout.reshape(len(X), *network.placed[-1].output_shape)}
    for k in reversed(range(len(backwards))):
        placed = network.placed[k]
        dx, own = backwards[k](given[k + 1].reshape(len(X), *placed.output_shape))
        for r in placed.reads:
            given[r] = given[r].reshape(dx.shape) + dx if r in given else dx
        grads.update(own)
    for name, w in network.params.items():
        if name.startswith("W"):
            value += 0.5 * network.reg * math.fsum((w.astype(float) ** 2).ravel())
            grads[name] = grads[name] + network.reg * w
    return value, grads, moved
