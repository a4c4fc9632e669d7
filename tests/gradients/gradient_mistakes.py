"""Mistakes that people make in backward passes, planted in the sample layers."""

import numpy as np
import pytest
from gradient_samples import (
    affine_backward,
    affine_forward,
    conv_backward,
    conv_forward,
    embedding_backward,
    embedding_forward,
    lstm_like_backward,
    lstm_like_forward,
    norm_backward,
    norm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
    spoiled,
    spoiled_loss,
    values,
)

from cs231n.gradient_check import GradientError, check_gradients, check_loss_gradients

# The layers on shapes whose axes all differ, and on square ones, where a wrong axis leaves no trace
# in the shape.
AFFINE = (affine_forward, affine_backward, (values(4, 3), values(3, 5), values(5)))
SQUARE = (affine_forward, affine_backward, (values(4, 4), values(4, 4, seed=1), values(4)))
NORM = (norm_forward, norm_backward, (values(5, 3), values(3), values(3, seed=1)))
NORM_SQUARE = (norm_forward, norm_backward, (values(5, 5), values(5), values(5, seed=1)))
RELU = (relu_forward, relu_backward, (values(4, 5),))
CONV = (
    conv_forward,
    conv_backward,
    (values(2, 3, 4, 5), values(2, 3, 3, 3), values(2), {"pad": 1}),
)
LABELS = np.array([0, 2, 1, 2])
SCORES = values(4, 3)

# How the first line of a diagnosis begins to be recognised, per kind of mistake.
KEYS = {
    "transposed": "values are right but",
    "factor": "times the measured one",
    "sign": "sign is flipped",
    "wrong axes": "sum runs over the wrong axes",
    "missing axis": "is missing from the sum",
    "unreduced": "broadcast was not reduced",
    "extra axis": "axes of length 1",
    "kink": "a kink",
    "stale": "a stale cache",
    "regularisation": "regularisation term",
    "path": "is exactly dout",
    "zero": "0 everywhere",
    "through": "derivative is missing from the chain rule",
    "nearly": "about three digits",
    "labels": "term of the correct class",
    "repeated": "more than once are wrong",
    "overwritten": "only one of several contributions",
    "mean": "the same all along axis",
    "variance": "a straight line in",
    "region": "all wrong elements lie",
    "reshape": "values are right: reshape",
    "each": "off by one factor, which differs",
    "reversed": "in reversed order",
    "padding": "stand in a frame",
    "output": "is missing: its upstream gradient",
}


def planted(layer, slot, change):
    forward, backward, inputs = layer
    return lambda: check_gradients(forward, spoiled(backward, slot, change), *inputs)


def planted_loss(change, x=SCORES, y=LABELS):
    return lambda: check_loss_gradients(spoiled_loss(softmax_loss, change), x, y)


def failure(check):
    with pytest.raises(GradientError) as caught:
        check()
    return str(caught.value)


def first_cause(message):
    lines = [line for line in message.splitlines() if "likely cause: " in line]
    assert lines, f"no diagnosis in:\n{message}"
    return lines[0].split("likely cause: ", 1)[1]


def put(index, value):
    """Overwrite a part of the gradient."""

    def change(gradient, *_):
        gradient = gradient.copy()
        gradient[index] = value
        return gradient

    return change


def scaled_at(index, factor):
    def change(gradient, *_):
        gradient = gradient.copy()
        gradient[index] *= factor
        return gradient

    return change


def overwritten_rows(gradient, dout, cache):
    words, table = cache
    dtable = np.zeros_like(table)
    dtable[words] += dout
    return dtable


def no_mean_path(gradient, dout, cache):
    normal, gamma, std = cache
    d = dout * gamma
    return (d - normal * (d * normal).mean(axis=0)) / std


def no_variance_path(gradient, dout, cache):
    _, gamma, std = cache
    d = dout * gamma
    return (d - d.mean(axis=0)) / std


def residual(backward_right):
    def forward(x):
        return x + np.tanh(x), x

    def backward(dout, x):
        return dout * (1 - np.tanh(x) ** 2) + backward_right * dout

    return lambda: check_gradients(forward, backward, values(4, 5))


def two_outputs(change):
    def backward(dout, dafter, cache):
        return lstm_like_backward(*change(dout, dafter), cache)

    return lambda: check_gradients(lstm_like_forward, backward, values(3, 4), values(3, 4, seed=1))


def ridge(factor):
    def loss(w, x):
        residue = x @ w - 1
        return 0.5 * np.sum(residue**2) + 0.3 * np.sum(w * w), x.T @ residue + factor * w

    return lambda: check_loss_gradients(loss, values(3, 4), values(5, 3), constants=["x"])


def embedding(change):
    words = np.array([[0, 2, 2], [3, 0, 1]])
    wrong = spoiled(embedding_backward, 0, change)
    return lambda: check_gradients(embedding_forward, wrong, words, values(6, 4))


def conv_overwrites():
    forward, _, inputs = CONV
    check_gradients(forward, lambda dout, cache: conv_backward(dout, cache, False), *inputs)


def pool_overwrites():
    """Overlapping sums over two neighbours; the gradient keeps the last one."""

    def forward(x):
        return x[:, 1:] * x[:, :-1], x

    def backward(dout, x):
        dx = np.zeros_like(x)
        for j in range(dout.shape[1]):
            dx[:, j] = dout[:, j] * x[:, j + 1]
            dx[:, j + 1] = dout[:, j] * x[:, j]
        return dx

    check_gradients(forward, backward, values(3, 5))


def frozen(forward, backward, inputs, slot):
    """Take the cache from the very first forward call, like a variable of an earlier cell."""
    _, old = forward(*(i * 0.5 if isinstance(i, np.ndarray) else i for i in inputs))

    def stale(dout, cache):
        gradients = list(backward(dout, cache))
        gradients[slot] = backward(dout, old)[slot]
        return tuple(gradients)

    return lambda: check_gradients(forward, stale, *inputs)


def lagging(forward, backward, inputs):
    """Return the cache of the previous call."""
    memory = [forward(*inputs)[1]]

    def late_forward(*args):
        out, cache = forward(*args)
        memory.append(cache)
        return out, memory[-2]

    return lambda: check_gradients(late_forward, backward, *inputs)


def latest(forward, backward, inputs):
    """Let backward read a global that the latest forward call has written."""
    memory = {}

    def writing_forward(*args):
        out, memory["cache"] = forward(*args)
        return out, None

    return lambda: check_gradients(
        writing_forward, lambda d, _: backward(d, memory["cache"]), *inputs
    )


def at_kink(layer, *inputs):
    forward, backward = layer[:2]
    return lambda: check_gradients(forward, backward, *inputs)


def hinge(x):
    margins = np.maximum(0, 1 + x - x[:, :1])
    return margins.sum(), (margins > 0) - np.eye(x.shape[1])[0] * (margins > 0).sum(
        1, keepdims=True
    )


CASES = {
    # transposed
    "transposed-affine-w-square": ("transposed", planted(SQUARE, 1, lambda g, *_: g.T)),
    "transposed-affine-w-shape": ("transposed", planted(AFFINE, 1, lambda g, *_: g.T)),
    "transposed-affine-x-order": (
        "transposed",
        planted(AFFINE, 0, lambda g, *_: g.T.reshape(g.shape)),
    ),
    "transposed-softmax": (
        "transposed",
        planted_loss(lambda g, *_: g.T, values(3, 3), np.array([0, 2, 1])),
    ),
    "transposed-conv-w": ("transposed", planted(CONV, 1, lambda g, *_: g.transpose(0, 1, 3, 2))),
    # factors
    "factor-N-softmax": ("factor", planted_loss(lambda g, *_: g * 4)),
    "factor-1/N-softmax": ("factor", planted_loss(lambda g, *_: g / 4)),
    "factor-2-affine": ("factor", planted(AFFINE, 1, lambda g, *_: 2 * g)),
    "factor-half-norm": ("factor", planted(NORM, 0, lambda g, *_: g / 2)),
    "factor-mean-affine-b": ("factor", planted(AFFINE, 2, lambda g, d, c: d.mean(axis=0))),
    "factor-mean-norm-beta": ("factor", planted(NORM, 2, lambda g, d, c: d.mean(axis=0))),
    "factor-odd-conv": ("factor", planted(CONV, 1, lambda g, *_: 0.731 * g)),
    "sign-relu": ("sign", planted(RELU, 0, lambda g, *_: -g)),
    "sign-softmax": ("sign", planted_loss(lambda g, *_: -g)),
    "sign-N-softmax": ("sign", planted_loss(lambda g, *_: -4 * g)),
    # sums
    "axis-affine-b-square": ("wrong axes", planted(SQUARE, 2, lambda g, d, c: d.sum(axis=1))),
    "axis-affine-b-shape": ("wrong axes", planted(AFFINE, 2, lambda g, d, c: d.sum(axis=1))),
    "axis-norm-gamma-square": (
        "wrong axes",
        planted(NORM_SQUARE, 1, lambda g, d, c: (d * c[0]).sum(axis=1)),
    ),
    "all-affine-b": ("wrong axes", planted(AFFINE, 2, lambda g, d, c: np.array(d.sum()))),
    "all-norm-beta-spread": (
        "wrong axes",
        planted(NORM, 2, lambda g, d, c: np.full(g.shape, d.sum())),
    ),
    "missing-axis-conv-b": ("missing axis", planted(CONV, 2, lambda g, d, c: d.sum(axis=(0, 2)))),
    "missing-batch-conv-b": ("missing axis", planted(CONV, 2, lambda g, d, c: d.sum(axis=(2, 3)))),
    "unreduced-affine-b": ("unreduced", planted(AFFINE, 2, lambda g, d, c: d.copy())),
    "unreduced-norm-gamma": ("unreduced", planted(NORM, 1, lambda g, d, c: d * c[0])),
    "keepdims-affine-b": (
        "extra axis",
        planted(AFFINE, 2, lambda g, d, c: d.sum(axis=0, keepdims=True)),
    ),
    "keepdims-norm-gamma": (
        "extra axis",
        planted(NORM, 1, lambda g, d, c: (d * c[0]).sum(axis=0, keepdims=True)),
    ),
    "flat-conv-x": ("reshape", planted(CONV, 0, lambda g, *_: g.reshape(2, -1))),
    # kinks
    "kink-relu-at-0": ("kink", at_kink(RELU, np.array([[0.0, 1.0], [-1.0, 2.0]]))),
    "kink-relu-near-0": ("kink", at_kink(RELU, np.array([[-4e-7, 1.0], [-1.0, 2.0]]))),
    "kink-hinge": ("kink", lambda: check_loss_gradients(hinge, np.array([[1.0, 0.0, 3.0]]))),
    # caches
    "stale-frozen-affine-x": ("stale", frozen(*AFFINE, 0)),
    "stale-frozen-affine-w": ("stale", frozen(*SQUARE, 1)),
    "stale-frozen-norm-gamma": ("stale", frozen(*NORM, 1)),
    "stale-lagging-norm": ("stale", lagging(*NORM)),
    "stale-lagging-conv": ("stale", lagging(*CONV)),
    # terms
    "path-residual": ("path", residual(0)),
    "regularisation-missing": ("regularisation", ridge(0)),
    "regularisation-half": ("regularisation", ridge(0.3)),
    "overwritten-conv-x": ("overwritten", conv_overwrites),
    "overwritten-pool": ("overwritten", pool_overwrites),
    "repeated-embedding": ("repeated", embedding(overwritten_rows)),
    "labels-softmax": (
        "labels",
        planted_loss(lambda g, x, y: g + np.eye(3)[y] / 4),
    ),
    "mean-norm": ("mean", planted(NORM, 0, no_mean_path)),
    "variance-norm": ("variance", planted(NORM, 0, no_variance_path)),
    "zero-affine-w": ("zero", planted(AFFINE, 1, lambda g, *_: np.zeros_like(g))),
    "zero-relu": ("zero", planted(RELU, 0, lambda g, *_: np.zeros_like(g))),
    "through-relu": ("through", planted(RELU, 0, lambda g, d, c: d.copy())),
    "through-norm-gamma": ("through", planted(NORM, 1, lambda g, d, c: d.sum(axis=0))),
    "nearly-norm": ("nearly", planted(NORM, 0, lambda g, d, c: g * (1 + 1e-5 * c[0]))),
    "nearly-softmax": ("nearly", planted_loss(lambda g, x, y: g + 1e-6 * x)),
    "output-1": ("output", two_outputs(lambda d, dafter: (0 * d, dafter))),
    "output-2": ("output", two_outputs(lambda d, dafter: (d, 0 * dafter))),
    "each-norm-std": ("each", planted(NORM, 0, lambda g, d, c: g * c[2])),
    "each-norm-gamma": ("each", planted(NORM, 0, lambda g, d, c: g / c[1])),
    "reversed-conv-w": ("reversed", planted(CONV, 1, lambda g, *_: g[:, :, ::-1, ::-1])),
    "reversed-affine-b": ("reversed", planted(AFFINE, 2, lambda g, *_: g[::-1])),
    "padding-conv-x": (
        "padding",
        planted(CONV, 0, lambda g, *_: np.pad(g, [(0, 0)] * 2 + [(1, 1)] * 2)),
    ),
    "padding-affine-b": ("padding", planted(AFFINE, 2, lambda g, *_: np.pad(g, 1))),
    # regions
    "row-affine-x": ("region", planted(AFFINE, 0, scaled_at(3, 1.7))),
    "column-affine-w": ("region", planted(AFFINE, 1, put((slice(None), 4), 0.0))),
    "channel-conv-x": ("region", planted(CONV, 0, scaled_at((slice(None), 1), 1.7))),
    "border-conv-x": (
        "region",
        planted(
            CONV, 0, lambda g, *_: np.pad(g[:, :, 1:-1, 1:-1], ((0, 0), (0, 0), (1, 1), (1, 1)))
        ),
    ),
    "negative-relu": ("region", planted(RELU, 0, lambda g, d, c: d * np.where(c > 0, 1, 0.3))),
}
