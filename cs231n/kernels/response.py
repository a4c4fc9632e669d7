"""Local response normalisation: of each number by its neighbours in the channels near by."""

from cs231n.kernels.arrays import apart, as_real, in_order, result
from cs231n.kernels.backend import kernel_module
from cs231n.kernels.workspace import workspace
from cs231n.validation import Array, as_extent


def response_forward(
    x: Array, size: int, alpha: float, beta: float, k: float, *, out: Array | None = None
) -> Array:
    """Return ``x / (k + alpha sum of x^2 over the size nearest channels) ** beta``.

    Parameters
    ----------
    x : float array (N, C, ...)
    size : int
        Channel c sees those from ``c - size // 2`` to ``c + (size - 1) // 2``.
    alpha, beta, k : float
    out : array, optional
        Where to write the result; it may be `x`.

    References
    ----------
    Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks", 2012, section 3.3

    Examples
    --------
    >>> import numpy as np
    >>> response_forward(np.array([[1.0, 2.0, 2.0]]), 3, 1.0, 0.5, 0.0).round(3).tolist()
    [[0.447, 0.667, 0.707]]
    """
    out = result("out", out, as_real("x", x).shape, x.dtype)
    _run("response_forward", x, out, size, (alpha, beta, k), x)
    return out


def response_backward(
    dout: Array,
    x: Array,
    size: int,
    alpha: float,
    beta: float,
    k: float,
    *,
    out: Array | None = None,
) -> Array:
    """Return the gradient on x of :func:`response_forward`; `out` may be `dout`.

    With d what x is divided by, before the power: ``dx = dout d^-beta - 2 alpha beta x s``, s the
    sum of ``dout x d^(-beta - 1)`` over the channels that see x.

    Examples
    --------
    >>> import numpy as np
    >>> response_backward(np.ones((1, 1)), np.ones((1, 1)), 1, 0.0, 0.5, 4.0).tolist()
    [[0.5]]
    """
    if dout.shape != as_real("x", x).shape:
        raise ValueError(f"dout must have the shape of x {x.shape}, got {dout.shape}")
    dx = result("out", out, x.shape, x.dtype)
    _run("response_backward", x, dx, size, (alpha, beta, k), dout, x)
    return dx


def _run(
    kernel: str, x: Array, out: Array, size: int, numbers: tuple[float, ...], *given: Array
) -> None:
    size = as_extent("size", size, minimum=1)
    if x.ndim < 2:
        raise ValueError(f"x must have shape (N, C) or (N, C, ...), got {x.shape}")
    if not x.size:
        return
    shape = (*x.shape[:2], x[0, 0].size)  # (N, C, ...) -> (N, C, M)
    arrays = [apart(in_order(array, x.dtype), out).reshape(shape) for array in given]
    module = kernel_module("normalization", x.dtype)
    needed = module.response_work(shape) * x.itemsize
    with workspace(needed, "response") as memory:
        work = memory[:needed].view(x.dtype)
        getattr(module, kernel)(
            *arrays, out.reshape(shape), work, size, *(float(number) for number in numbers)
        )
