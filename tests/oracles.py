"""What the layers ought to compute, in loops and formulas that share no code with the package."""

import itertools
import os
import subprocess
import sys

import numpy as np


def values(*shape, seed=0):
    """Reproducible normal numbers."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def spread(*shape, seed=0):
    """Distinct numbers, at least 0.05 apart and 0.025 away from zero, in random order."""
    count = int(np.prod(shape))
    steps = 0.05 * (np.arange(count) - count // 2) + 0.025
    return np.random.default_rng([seed, *shape]).permutation(steps).reshape(shape)


def numerical_gradient(f, x, dout, h=1e-3):
    """Differentiate ``sum(f(x) * dout)`` by a five-point stencil, element by element."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = {}
        for step in (-2, -1, 1, 2):
            nudged = x.copy()
            nudged[index] += step * h
            moved[step] = f(nudged)
        slope = 8 * (moved[1] - moved[-1]) - (moved[2] - moved[-2])
        gradient[index] = np.sum(slope * dout) / (12 * h)
    return gradient


def worst_element(actual, expected, floor=1e-5):
    """Return the largest relative error, measured against the floor at least, and its index."""
    scale = np.maximum(np.maximum(np.abs(actual), np.abs(expected)), floor)
    error = np.abs(actual - expected) / scale
    index = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error)), error.shape)
    return float(error[index]), tuple(int(i) for i in index)


def conv(x, w, b, stride, pad):
    """Convolution, one product at a time."""
    (N, C, H, W), (F, _, HH, WW) = x.shape, w.shape
    OH, OW = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    out = np.zeros((N, F, OH, OW))
    for n, f, i, j in np.ndindex(out.shape):
        total = float(b[f])
        for c, kh, kw in itertools.product(range(C), range(HH), range(WW)):
            row, column = i * stride + kh - pad, j * stride + kw - pad
            if 0 <= row < H and 0 <= column < W:
                total += float(x[n, c, row, column]) * float(w[f, c, kh, kw])
        out[n, f, i, j] = total
    return out


def unfold(x, HH, WW, pad, stride):
    """Columns (C, HH, WW, N, OH, OW), one number at a time."""
    N, C, H, W = x.shape
    OH, OW = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    cols = np.zeros((C, HH, WW, N, OH, OW), dtype=x.dtype)
    for c, kh, kw, n, i, j in np.ndindex(cols.shape):
        row, column = i * stride + kh - pad, j * stride + kw - pad
        if 0 <= row < H and 0 <= column < W:
            cols[c, kh, kw, n, i, j] = x[n, c, row, column]
    return cols


def fold(cols, H, W, pad, stride):
    """The sum of the columns (C, HH, WW, N, OH, OW) at their places, one number at a time."""
    C, _, _, N, _, _ = cols.shape
    x = np.zeros((N, C, H, W), dtype=cols.dtype)
    for c, kh, kw, n, i, j in np.ndindex(cols.shape):
        row, column = i * stride + kh - pad, j * stride + kw - pad
        if 0 <= row < H and 0 <= column < W:
            x[n, c, row, column] += cols[c, kh, kw, n, i, j]
    return x


def pool(x, HH, WW, stride):
    """Maxima of the windows; a NaN counts as the largest."""
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1), dtype=x.dtype)
    for n, c, i, j in np.ndindex(out.shape):
        best = -np.inf
        for kh, kw in itertools.product(range(HH), range(WW)):
            value = x[n, c, i * stride + kh, j * stride + kw]
            best = value if value > best or np.isnan(value) else best
        out[n, c, i, j] = best
    return out


def pool_gradient(dout, x, HH, WW, stride):
    """Every window hands its gradient to its maxima (or its NaNs) in equal parts."""
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        places = [
            (n, c, i * stride + kh, j * stride + kw)
            for kh, kw in itertools.product(range(HH), range(WW))
        ]
        winners = [p for p in places if np.isnan(x[p])]
        top = max(float(x[p]) for p in places)
        winners = winners or [p for p in places if x[p] == top]
        for p in winners:
            dx[p] += dout[n, c, i, j] / len(winners)
    return dx


def standardize(rows, eps=1e-5):
    """Each row of a list of arrays with mean 0 and variance 1."""
    mean = [float(np.sum(row)) / row.size for row in rows]
    var = [
        float(np.sum((row - m) * (row - m))) / row.size for row, m in zip(rows, mean, strict=True)
    ]
    return [(row - m) / (v + eps) ** 0.5 for row, m, v in zip(rows, mean, var, strict=True)]


# As pyproject.toml has it for the tests themselves: what CS231N_PURE asked for is no error.
STRICT = "error,ignore:cs231n runs on its NumPy twins:RuntimeWarning"


def run_python(code, timeout=60, warnings=STRICT, **environment):
    """Run code in a fresh interpreter; an environment variable set to None is taken away."""
    env = {**os.environ, **environment, "PYTHONWARNINGS": warnings}
    env = {key: value for key, value in env.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=timeout
    )
