"""Matrix products with a mask for each example, of which no bit is ever stored."""

import numpy as np

from cs231n.kernels import numpy_dropconnect
from cs231n.kernels.arrays import as_real, in_order, result
from cs231n.kernels.backend import get_num_threads, kernel_module
from cs231n.validation import Array, as_fraction

# A probability is a whole number of these.
_STEPS = 1 << 16
_WORK_OF_ONE_THREAD = 1_000_000


def rounded_keep(keep: float) -> float:
    """Return `keep` in (0, 1] as the nearest 65536th: with which bits are really kept.

    Examples
    --------
    >>> rounded_keep(0.5), rounded_keep(0.8) == 0.8
    (0.5, False)
    """
    return max(1, round(as_fraction("keep", keep, above_zero=True) * _STEPS)) / _STEPS


def dropconnect_product(
    x: Array, w: Array, keep: float, key: int, *, out: Array | None = None
) -> Array:
    """Return ``out[n, m] = sum over d of mask[n, d, m] x[n, d] w[d, m]``, or add it to `out`.

    Parameters
    ----------
    x : float array (N, D)
    w : array (D, M)
    keep : float in (0, 1]
        The probability with which a bit of the mask is set, rounded by :func:`rounded_keep`.
    key : int
        Its lowest 64 bits count: the same key gives the same mask again.
    out : array (N, M), optional
        What to add to.

    References
    ----------
    Wan et al., "Regularization of neural networks using DropConnect", ICML 2013,
    https://proceedings.mlr.press/v28/wan13.html

    Examples
    --------
    >>> dropconnect_product(np.ones((2, 3)), np.ones((3, 1)), keep=1, key=0).tolist()
    [[3.0], [3.0]]
    """
    (N, D), M = _matrix("x", x).shape, _matrix("w", w).shape[1]
    _agree("w", w, (D, M), x.dtype)
    out = np.zeros((N, M), x.dtype) if out is None else result("out", out, (N, M), x.dtype)
    if rounded_keep(keep) == 1:
        out += x @ w
    else:
        _call("product", keep, key, x, w, out)
    return out


def dropconnect_input(
    dout: Array, w: Array, keep: float, key: int, *, out: Array | None = None
) -> Array:
    """Return the gradient on x (N, D) of :func:`dropconnect_product`; `out` takes it if given.

    Examples
    --------
    >>> dropconnect_input(np.ones((1, 2)), np.ones((3, 2)), keep=1, key=0).tolist()
    [[2.0, 2.0, 2.0]]
    """
    (N, M), D = _matrix("dout", dout).shape, _matrix("w", w).shape[0]
    _agree("w", w, (D, M), dout.dtype)
    dx = result("out", out, (N, D), dout.dtype)
    if rounded_keep(keep) == 1:
        return np.matmul(dout, w.T, out=dx)
    dx[...] = 0
    _call("input_gradient", keep, key, dout, w, dx)
    return dx


def dropconnect_weights(
    x: Array, dout: Array, keep: float, key: int, *, out: Array | None = None
) -> Array:
    """Return the gradient on w (D, M) of :func:`dropconnect_product`; `out` takes it if given.

    Examples
    --------
    >>> dropconnect_weights(np.ones((2, 1)), np.ones((2, 3)), keep=1, key=0).tolist()
    [[2.0, 2.0, 2.0]]
    """
    (N, D), M = _matrix("x", x).shape, _matrix("dout", dout).shape[1]
    _agree("dout", dout, (N, M), x.dtype)
    dw = result("out", out, (D, M), x.dtype)
    if rounded_keep(keep) == 1:
        return np.matmul(x.T, dout, out=dw)
    dw[...] = 0
    _call("weight_gradient", keep, key, x, dout, dw)
    return dw


def dropconnect_mask(first: int, rows: int, columns: int, keep: float, key: int) -> Array:
    """Return the bits (rows, columns) from row `first` on: row ``n D + d`` is ``mask[n, d]``.

    Examples
    --------
    >>> dropconnect_mask(0, 1, 3, keep=1, key=0).tolist()
    [[True, True, True]]
    """
    if rounded_keep(keep) == 1:
        return np.ones((rows, columns), dtype=bool)
    return numpy_dropconnect.mask_rows(first, rows, columns, _as_key(key), _in_steps(keep))


def _call(name: str, keep: float, key: int, a: Array, b: Array, out: Array) -> None:
    if not (a.size and b.size and out.size):
        return
    a, b = in_order(a, out.dtype), in_order(b, out.dtype)
    threads = get_num_threads() if a.size * b.size >= _WORK_OF_ONE_THREAD else 1
    kernel = getattr(kernel_module("dropconnect", out.dtype), name)
    kernel(a, b, out, _as_key(key), _in_steps(keep), threads)


def _in_steps(keep: float) -> int:
    return round(rounded_keep(keep) * _STEPS)


def _as_key(key: int) -> int:
    return int(key) & (2**64 - 1)


def _matrix(name: str, array: Array) -> Array:
    if as_real(name, array).ndim != 2:
        raise ValueError(f"{name} must have 2 dimensions, got shape {array.shape}")
    return array


def _agree(name: str, array: Array, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(
            f"{name} must have shape {shape} and dtype {dtype}, got {array.shape} and {array.dtype}"
        )
