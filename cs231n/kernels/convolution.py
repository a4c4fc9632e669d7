"""Convolution: by Winograd's algorithm where it pays, and directly elsewhere."""

import numpy as np

from cs231n.kernels import unfolded
from cs231n.kernels.arrays import in_order, result
from cs231n.kernels.backend import (
    COMPILED_DTYPES,
    get_num_threads,
    is_compiled,
    kernel_module,
)
from cs231n.validation import Array, output_extent

ALGORITHMS = ("winograd", "direct", "im2col")

# Below these the transforms cost more than the products that they save: docs/benchmarks.md.
_FEWEST_CHANNELS, _FEWEST_FILTERS = 8, 8
# Multiplications, of the direct method, below which a second thread costs more than it brings.
_WORK_OF_ONE_THREAD = 10_000_000


def winograd_fits(w_shape: tuple[int, ...], stride: int, pad: int) -> bool:
    """Tell whether Winograd's algorithm can compute this convolution and its gradients."""
    return w_shape[2:] == (3, 3) and stride == 1 and pad <= 2


def winograd_pays(
    w_shape: tuple[int, ...], stride: int, pad: int, *dtypes: np.dtype | type
) -> bool:
    """Tell whether Winograd's algorithm is the fastest for this convolution.

    It is in float32, where its rounding errors, a few times those of a plain sum, do no harm;
    gradient checks in float64 stay exact.

    Examples
    --------
    >>> winograd_pays((64, 64, 3, 3), 1, 1, np.float64)
    False
    """
    F, C = w_shape[:2]
    return (
        is_compiled()
        and all(dtype == np.float32 for dtype in dtypes)
        and winograd_fits(w_shape, stride, pad)
        and C >= _FEWEST_CHANNELS
        and F >= _FEWEST_FILTERS
    )


def conv_forward(
    x: Array,
    w: Array,
    b: Array | None,
    stride: int,
    pad: int,
    *,
    algorithm: str | None = None,
    relu: bool = False,
    out: Array | None = None,
) -> Array:
    """Convolve images with filters.

    Parameters
    ----------
    x : float array (N, C, H, W)
    w : array (F, C, HH, WW)
    b : array (F,), or None for no bias
    stride, pad : int
    algorithm : ``'winograd'``, ``'direct'`` or ``'im2col'``, optional
        The fastest by default. Without compiled kernels, direct convolution is im2col.
    relu : bool
        Whether to set negative outputs to zero.
    out : array (N, F, OH, OW), optional
        Where to write the result.

    Returns
    -------
    array (N, F, OH, OW) with ``OH = 1 + (H + 2 pad - HH) // stride``

    Examples
    --------
    >>> x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    >>> conv_forward(x, w, None, 1, 0)[0, 0].tolist()
    [[4.0, 4.0], [4.0, 4.0]]
    """
    b = np.zeros(len(w), x.dtype) if b is None else b
    if _algorithm(algorithm, w.shape, stride, pad, x, w, b) == "winograd":
        return winograd_forward(x, w, b, pad, relu=relu, out=out)
    shape = _output_shape(_four("x", x), _four("w", w), stride, pad)
    _check_shape("b", b, (len(w),))
    out = _result(out, shape, x.dtype, x, w, b)
    if out.size:
        x, w, b = (in_order(array, x.dtype) for array in (x, w, b))
        if _is_direct(algorithm, x) and w.size:
            threads = _threads(w[0].size * out.size)
            kernel_module("convolution", x.dtype).direct_forward(
                x, w, b, out, stride, pad, relu, threads
            )
        else:
            unfolded.forward(x, w, b, out, stride, pad, relu)
    return out


def conv_backward_input(
    dout: Array,
    w: Array,
    x_shape: tuple[int, ...],
    stride: int,
    pad: int,
    *,
    algorithm: str | None = None,
    out: Array | None = None,
) -> Array:
    """Return the gradient on x of :func:`conv_forward`.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    w : array (F, C, HH, WW)
    x_shape : (N, C, H, W)
    stride, pad, algorithm, out : as in :func:`conv_forward`
    """
    _check_shape("dout", dout, _output_shape(x_shape, _four("w", w), stride, pad))
    if _algorithm(algorithm, w.shape, stride, pad, dout, w) == "winograd":
        return winograd_backward_input(dout, w, pad, out=out)
    dx = _result(out, tuple(x_shape), dout.dtype, dout, w)
    if dx.size:
        dout, w = (in_order(array, dx.dtype) for array in (dout, w))
        if _is_direct(algorithm, dx) and w.size:
            threads = _threads(w[0].size * dout.size)
            kernel_module("convolution", dx.dtype).direct_backward_input(
                dout, w, dx, stride, pad, threads
            )
        else:
            unfolded.backward_input(dout, w, dx, stride, pad)
    return dx


def conv_backward_weights(
    dout: Array,
    x: Array,
    w_shape: tuple[int, ...],
    stride: int,
    pad: int,
    *,
    algorithm: str | None = None,
    out: Array | None = None,
) -> Array:
    """Return the gradient on the filters of :func:`conv_forward`.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    x : array (N, C, H, W)
    w_shape : (F, C, HH, WW)
    stride, pad, algorithm, out : as in :func:`conv_forward`
    """
    _check_shape("dout", dout, _output_shape(_four("x", x), w_shape, stride, pad))
    if _algorithm(algorithm, w_shape, stride, pad, dout, x) == "winograd":
        return winograd_backward_weights(dout, x, pad, out=out)
    dw = _result(out, tuple(w_shape), x.dtype, dout, x)
    if x.size and dout.size:
        dout, x = (in_order(array, x.dtype) for array in (dout, x))
        if _is_direct(algorithm, x):
            threads = _threads(dw[0].size * dout.size)
            kernel_module("convolution", x.dtype).direct_backward_weights(
                dout, x, dw, stride, pad, threads
            )
        else:
            unfolded.backward_weights(dout, x, dw, stride, pad)
    else:
        dw[...] = 0
    return dw


def winograd_forward(
    x: Array, w: Array, b: Array, pad: int, *, relu: bool = False, out: Array | None = None
) -> Array:
    """Convolve images with 3x3 filters and stride 1 by Winograd's algorithm F(4x4, 3x3).

    Parameters
    ----------
    x : array (N, C, H, W)
    w : array (F, C, 3, 3)
    b : array (F,)
    pad : int, at most 2
    relu : bool
        Whether to set negative outputs to zero.
    out : array, optional
        Where to write the result: fresh memory costs a page fault for each 4 KB.

    Returns
    -------
    array (N, F, H + 2 pad - 2, W + 2 pad - 2)

    References
    ----------
    Lavin & Gray, "Fast algorithms for convolutional neural networks", 2015,
    https://arxiv.org/abs/1509.09308

    Examples
    --------
    >>> x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))
    >>> bool(np.isclose(winograd_forward(x, w, np.zeros(1), 0), 9))
    True
    """
    N, C, H, W = _four("x", x)
    F = _four("w", w)[0]
    _check(pad, w=(w, (F, C, 3, 3)), b=(b, (F,)))
    _check_map("x", x, H + 2 * pad - 2, W + 2 * pad - 2)
    out = _result(out, (N, F, H + 2 * pad - 2, W + 2 * pad - 2), x.dtype, x, w, b)
    _convolve(x, w, b, out, pad, turned=False, relu=relu)
    return out


def winograd_backward_input(dout: Array, w: Array, pad: int, *, out: Array | None = None) -> Array:
    """Return the gradient on x: the same convolution, with the filters turned and transposed.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    w : array (F, C, 3, 3)
    pad : int, at most 2, of the forward pass
    out : array, optional
        Where to write the result.
    """
    N, F, OH, OW = _four("dout", dout)
    C = _four("w", w)[1]
    _check(pad, w=(w, (F, C, 3, 3)))
    _check_map("dout", dout, OH + 2 - 2 * pad, OW + 2 - 2 * pad)
    dx = _result(out, (N, C, OH + 2 - 2 * pad, OW + 2 - 2 * pad), dout.dtype, dout, w)
    _convolve(dout, w, np.zeros(C, dtype=dout.dtype), dx, 2 - pad, turned=True, relu=False)
    return dx


def winograd_backward_weights(
    dout: Array, x: Array, pad: int, *, out: Array | None = None
) -> Array:
    """Return the gradient (F, C, 3, 3) on the filters.

    Parameters
    ----------
    dout : array (N, F, OH, OW)
    x : array (N, C, H, W)
    pad : int, at most 2, of the forward pass
    out : array, optional
        Where to write the result.
    """
    N, C, H, W = _four("x", x)
    F = _four("dout", dout)[1]
    _check(pad, dout=(dout, (N, F, H + 2 * pad - 2, W + 2 * pad - 2)))
    dw = _result(out, (F, C, 3, 3), x.dtype, dout, x)
    if not (x.size and dout.size):
        dw[...] = 0
    else:
        dout, x = in_order(dout, x.dtype), in_order(x, x.dtype)
        kernel_module("convolution", _module_dtype(x.dtype)).winograd_weights(
            dout, x, dw, pad, _threads(9 * x.shape[1] * dout.size)
        )
    return dw


def bias_gradient(dout: Array, *, out: Array | None = None) -> Array:
    """Return the sum (F,) of dout (N, F, OH, OW) over images and positions.

    Examples
    --------
    >>> bias_gradient(np.ones((2, 3, 4, 4))).tolist()
    [32.0, 32.0, 32.0]
    """
    N, F, OH, OW = dout.shape
    db = _result(out, (F,), dout.dtype, dout)
    if not dout.size:
        db[...] = 0
    else:
        maps = in_order(dout, dout.dtype).reshape(N, F, OH * OW)
        kernel_module("convolution", dout.dtype).bias_gradient(maps, db, get_num_threads())
    return db


def _convolve(
    x: Array, w: Array, b: Array, out: Array, pad: int, *, turned: bool, relu: bool
) -> None:
    if not out.size:
        return
    if not x.size:  # no channels: nothing but the bias
        out[...] = np.maximum(b, 0)[:, None, None] if relu else b[:, None, None]
        return
    x, w, b = (in_order(array, out.dtype) for array in (x, w, b))
    kernel_module("convolution", _module_dtype(out.dtype)).winograd_convolve(
        x, w, b, out, pad, turned, relu, _threads(9 * x.shape[1] * out.size)
    )


def _threads(multiplications: int) -> int:
    return 1 if multiplications < _WORK_OF_ONE_THREAD else get_num_threads()


def _algorithm(
    name: str | None, w_shape: tuple[int, ...], stride: int, pad: int, *arrays: Array
) -> str:
    """Return the algorithm that was asked for, if it can be taken, or the fastest."""
    if name is None:
        dtypes = (array.dtype for array in arrays)
        return "winograd" if winograd_pays(w_shape, stride, pad, *dtypes) else "direct"
    if name not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {ALGORITHMS} or None, got {name!r}")
    if name == "winograd" and not winograd_fits(w_shape, stride, pad):
        raise ValueError(
            "algorithm 'winograd' takes 3x3 filters with stride 1 and a padding of at most 2, "
            f"got {w_shape[2]}x{w_shape[3]}, stride {stride} and padding {pad}"
        )
    return name


def _is_direct(algorithm: str | None, array: Array) -> bool:
    """Tell whether compiled direct convolution is wanted, and there."""
    return algorithm != "im2col" and is_compiled() and array.dtype in COMPILED_DTYPES


def _output_shape(
    x_shape: tuple[int, ...], w_shape: tuple[int, ...], stride: int, pad: int
) -> tuple[int, ...]:
    (N, C, H, W), (F, channels, HH, WW) = x_shape, w_shape
    if channels != C:
        raise ValueError(f"w {w_shape} must have as many channels as x {x_shape}")
    OH = output_extent("height", H, HH, pad, stride)
    return N, F, OH, output_extent("width", W, WW, pad, stride)


def _check_shape(name: str, array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(
            f"{name} must have shape {shape} to match the other arguments, got {array.shape}"
        )


def _four(name: str, array: Array) -> tuple[int, ...]:
    if array.ndim != 4:
        raise ValueError(f"{name} must have 4 dimensions, got shape {array.shape}")
    return array.shape


def _check(pad: int, **arrays: tuple[Array, tuple[int, ...]]) -> None:
    """Refuse a padding or shapes with which a kernel would read beyond an array."""
    if not 0 <= pad <= 2:
        raise ValueError(f"pad must lie in [0, 2] for Winograd's algorithm, got {pad}")
    for name, (array, shape) in arrays.items():
        _check_shape(name, array, shape)


def _check_map(name: str, array: Array, height: int, width: int) -> None:
    if height < 0 or width < 0:
        raise ValueError(f"{name} {array.shape} is too small for 3x3 filters with this padding")


def _result(out: Array | None, shape: tuple[int, ...], dtype: np.dtype, *inputs: Array) -> Array:
    """Return `out` if it can take the result, or a new array."""
    if out is not None and any(np.may_share_memory(out, array) for array in inputs):
        raise ValueError("out must not share memory with an input")
    return result("out", out, shape, dtype)


def _module_dtype(dtype: np.dtype) -> np.dtype:
    """Winograd's algorithm is compiled for float32 only; every other dtype goes to the twin."""
    return dtype if dtype == np.float32 else np.dtype(np.longdouble)
