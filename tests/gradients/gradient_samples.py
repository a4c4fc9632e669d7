"""Small right layers in plain loops and formulas, to plant mistakes in; independent of cs231n."""

import numpy as np


def values(*shape, seed=0):
    """Distinct values of either sign, none within 0.1 of zero."""
    x = np.random.default_rng([seed, *shape]).standard_normal(shape)
    return x + 0.2 * np.sign(x)


def affine_forward(x, w, b):
    return x.reshape(len(x), len(w)) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), len(w)).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (x > 0)


def norm_forward(x, gamma, beta):
    mean, std = x.mean(axis=0), np.sqrt(x.var(axis=0) + 1e-5)
    normal = (x - mean) / std
    return gamma * normal + beta, (normal, gamma, std)


def norm_backward(dout, cache):
    normal, gamma, std = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - normal * (d * normal).mean(axis=0)) / std
    return dx, (dout * normal).sum(axis=0), dout.sum(axis=0)


def conv_forward(x, w, b, conv_param):
    """Stride 1; conv_param holds the padding."""
    pad = conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    n, f = len(x), len(w)
    h, k = padded.shape[2] - w.shape[2] + 1, padded.shape[3] - w.shape[3] + 1
    out = np.zeros((n, f, h, k))
    for i in range(h):
        for j in range(k):
            window = padded[:, :, i : i + w.shape[2], j : j + w.shape[3]]
            out[:, :, i, j] = np.tensordot(window, w, ([1, 2, 3], [1, 2, 3]))
    return out + b[:, None, None], (padded, w, pad)


def conv_backward(dout, cache, accumulate=True):
    padded, w, pad = cache
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i, j in np.ndindex(dout.shape[2:]):
        rows, columns = slice(i, i + w.shape[2]), slice(j, j + w.shape[3])
        part = np.tensordot(dout[:, :, i, j], w, 1)
        dpadded[:, :, rows, columns] = part + (dpadded[:, :, rows, columns] if accumulate else 0)
        dw += np.tensordot(dout[:, :, i, j], padded[:, :, rows, columns], ([0], [0]))
    end = -pad or None
    return dpadded[:, :, pad:end, pad:end], dw, dout.sum(axis=(0, 2, 3))


def softmax_loss(x, y):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / len(x)


def embedding_forward(words, table):
    return table[words], (words, table)


def embedding_backward(dout, cache):
    words, table = cache
    dtable = np.zeros_like(table)
    np.add.at(dtable, words, dout)
    return dtable


def lstm_like_forward(x, c):
    """Two outputs."""
    after = np.tanh(x) * c
    return np.sin(after), after, (x, c, after)


def lstm_like_backward(dout, dafter, cache):
    x, c, after = cache
    d = dafter + dout * np.cos(after)
    return d * c * (1 - np.tanh(x) ** 2), d * np.tanh(x)


def spoiled(backward, slot, change):
    """Return ``backward`` with ``change(gradient, dout, cache)`` in place of one gradient."""

    def wrong(dout, cache):
        result = backward(dout, cache)
        gradients = list(result) if isinstance(result, tuple) else [result]
        gradients[slot] = change(gradients[slot], dout, cache)
        return tuple(gradients)

    return wrong


def spoiled_loss(loss, change):
    """Return ``loss`` with ``change(gradient, x, y)`` in place of its gradient."""

    def wrong(x, y):
        value, gradient = loss(x, y)
        return value, change(gradient, x, y)

    return wrong
