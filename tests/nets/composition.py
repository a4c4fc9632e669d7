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
    relu_backward,
    relu_forward,
    softmax_loss,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
)
from cs231n.layers import (
    fractional_max_pool_backward_naive,
    fractional_max_pool_forward_naive,
    gelu_backward,
    gelu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    local_response_norm_backward,
    local_response_norm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from cs231n.nets import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Conv,
    DropConnect,
    Dropout,
    FractionalMaxPool,
    GlobalAvgPool,
    GroupNorm,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    ReLU,
    Scale,
)
from cs231n.nets.specs import Sum
from cs231n.nets.steps.noise import mix
from cs231n.nets.steps.pooling import window_of


def norm_param(spec, state, names, mode):
    running = {stem: state[names[stem]].copy() for stem in ("running_mean", "running_var")}
    return {"mode": mode, "eps": spec.eps, "momentum": spec.momentum, **running}


def pooling(placed, x):
    """Pool what each window has of the map, one window at a time."""
    pad, (HH, WW, stride) = getattr(placed.spec, "pad", 0), window_of(placed)
    takes_maximum = isinstance(placed.spec, MaxPool)
    out = np.empty((len(x), *placed.output_shape), x.dtype)
    parts, weights = {}, {}
    for i, j in np.ndindex(out.shape[2:]):
        top, left = i * stride - pad, j * stride - pad
        part = np.s_[:, :, max(top, 0) : top + HH, max(left, 0) : left + WW]
        parts[i, j], seen = part, x[part]
        out[:, :, i, j] = seen.max(axis=(2, 3)) if takes_maximum else seen.mean(axis=(2, 3))
        won = seen == out[:, :, i, j, None, None] if takes_maximum else np.ones(seen.shape)
        weights[i, j] = won / won.sum(axis=(2, 3), keepdims=True)

    def backward(dout):
        dx = np.zeros(x.shape, dout.dtype)
        for (i, j), part in parts.items():
            dx[part] += dout[:, :, i, j, None, None] * weights[i, j]
        return dx, {}

    return out, backward, {}


def layer(placed, x, params, state, mode, noise):
    """Return the layer's output, a function from dout to (dx, gradients), and new averages."""
    spec, names = placed.spec, placed.names
    own = {stem: {**state, **params}[name] for stem, name in names.items()}
    no_averages = {}
    if isinstance(spec, Conv):
        return convolution(spec, names, x, own)
    if isinstance(spec, DropConnect):
        return dropconnect(placed, x, own, mode, noise)
    if isinstance(spec, FractionalMaxPool):
        return fractional(placed, x, mode, noise)
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
    if isinstance(spec, GELU):
        out, cache = gelu_forward(x)
        return out, lambda dout: (gelu_backward(dout, cache), {}), no_averages
    if isinstance(spec, GroupNorm):
        eps = {"eps": spec.eps}
        out, cache = spatial_groupnorm_forward(x, own["gamma"], own["beta"], spec.groups, eps)
        backward = spatial_groupnorm_backward
        return out, lambda dout: named(backward(dout, cache), names, "gamma", "beta"), {}
    if isinstance(spec, LocalResponseNorm):
        out, cache = local_response_norm_forward(x, vars(spec))
        return out, lambda dout: (local_response_norm_backward(dout, cache), {}), no_averages
    if isinstance(spec, Scale):
        return x * spec.factor, lambda dout: (dout * spec.factor, {}), no_averages
    if isinstance(spec, MaxPool | AvgPool | GlobalAvgPool):
        return pooling(placed, x)
    if isinstance(spec, Dropout) and mode == "train":
        mask = np.ones(x.shape[:2] if spec.by_channel else x.shape, x.dtype)
        mask = kernels.dropout_forward(mask, spec.keep, mix(noise + placed.index))
        mask = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))
        return x * mask, lambda dout: (dout * mask, {}), no_averages
    return x.reshape(len(x), *placed.output_shape), lambda dout: (dout, {}), no_averages


def convolution(spec, names, x, own):
    """Convolve group by group, with filters that have zeros where a dilated one has gaps."""
    F, d, groups = spec.filters, spec.dilation, spec.groups
    w, b = own["W"], own.get("b", np.zeros(F, x.dtype))
    wide = np.zeros((*w.shape[:2], spec.reach, spec.reach), w.dtype)
    wide[:, :, ::d, ::d] = w
    param = {"stride": spec.stride, "pad": spec.padding}
    parts = np.split(x, groups, axis=1), np.split(wide, groups), np.split(b, groups)
    done = [
        conv_forward_fast(*part, param, algorithm="im2col") for part in zip(*parts, strict=True)
    ]
    outs, caches = zip(*done, strict=True)

    def backward(dout):
        parts = zip(np.split(dout, groups, axis=1), caches, strict=True)
        dx, dw, db = zip(*(conv_backward_fast(*part) for part in parts), strict=True)
        dw = np.concatenate(dw)[:, :, ::d, ::d]
        dx, grads = named((np.concatenate(dx, axis=1), dw, np.concatenate(db)), names, "W", "b")
        if spec.frozen:
            del grads[names["W"]]
        return dx, grads

    return np.concatenate(outs, axis=1), backward, {}


def dropconnect(placed, x, own, mode, noise):
    """Multiply each image by weights of its own."""
    spec, w, (N, D) = placed.spec, own["W"], x.shape
    q = kernels.rounded_keep(spec.keep)
    masks = np.ones((N, *w.shape))
    if mode == "train":
        key = mix(noise + placed.index)
        masks = kernels.dropconnect_mask(0, N * D, w.shape[1], q, key).reshape(masks.shape) / q
    weights = w * masks
    out = np.einsum("nd,ndm->nm", x, weights) + own.get("b", 0)

    def backward(dout):
        dx = np.einsum("nm,ndm->nd", dout, weights)
        dw = np.einsum("nd,nm,ndm->dm", x, dout, masks)
        return named((dx, dw, dout.sum(axis=0)), placed.names, "W", "b")

    return out, backward, {}


def fractional(placed, x, mode, noise):
    """Pool regions, which are drawn for each image in training, and shared at test time."""
    spec, key = placed.spec, mix((noise if mode == "train" else 0) + placed.index)
    param = {"output_size": placed.output_shape[1:], "sequence": spec.mode}
    param.update(seed=np.random.default_rng(key), overlapping=spec.overlapping)
    param["sharing"] = "image" if mode == "train" else "batch"
    out, cache = fractional_max_pool_forward_naive(x, param)
    return out, lambda dout: (fractional_max_pool_backward_naive(dout, cache), {}), {}


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
