"""Compare gradients with measured slopes, and say what is wrong when they differ.

The functions of the course come first (``eval_numerical_gradient`` and its relatives). They give
numbers; ``check_gradients`` and ``check_loss_gradients``, whose code lies in ``cs231n.gradients``,
give an answer: which input, which index, both values, and the likely cause.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any
from warnings import warn

import numpy as np

from cs231n.gradients.check import GradientReport as GradientReport
from cs231n.gradients.check import check_gradients as check_gradients
from cs231n.gradients.check import check_loss_gradients as check_loss_gradients
from cs231n.gradients.subject import GradientError as GradientError
from cs231n.gradients.subject import describe


def rel_error(x: Any, y: Any) -> float:
    """Return the largest relative error, ``max |x - y| / max(1e-8, |x| + |y|)``.

    Parameters
    ----------
    x, y : array_like
        What to compare; the shapes may differ as far as NumPy broadcasts them.

    Returns
    -------
    float
        0.0 for empty arrays, nan if anything is nan.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    Examples
    --------
    >>> rel_error([1.0, 2.0], [1.0, 2.2])  # 0.2 / 4.2
    0.047619047619047...
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError:
        raise ValueError(f"x and y must have one shape, got {x.shape} and {y.shape}") from None
    with np.errstate(invalid="ignore"):  # inf - inf is nan, and nan says enough
        errors = np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))
    return float(np.max(errors, initial=0.0))


def eval_numerical_gradient(
    f: Callable[[np.ndarray], Any], x: np.ndarray, verbose: bool = True, h: float = 1e-5
) -> np.ndarray:
    """Measure the gradient of a scalar function by central differences.

    ``(f(x + h e_i) - f(x - h e_i)) / 2h`` for every element i. ``x`` is changed *in place*, so
    ``f`` may read it through a closure, and is restored even when ``f`` raises.

    Parameters
    ----------
    f : callable
        Called with ``x``; returns a number.
    x : float array of any shape
        Where to measure. With float32 a step of 1e-5 is lost in rounding: a RuntimeWarning says so.
    verbose : bool
        Print ``index value`` for every element.
    h : float
        Step.

    Returns
    -------
    array like x

    Raises
    ------
    TypeError
        If ``x`` is no float array: in integers a step of 1e-5 vanishes.
    ValueError
        If ``f`` returns more than one number, or a step vanishes in the rounding of ``x``.

    Examples
    --------
    >>> x = np.array([1.0, -3.0])
    >>> eval_numerical_gradient(lambda x: np.sum(x**2), x, verbose=False).round(6)
    array([ 2., -6.])
    """
    _require_steppable(x, h)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        ahead, behind, width = _both_sides(lambda: _number(f(x)), x, index, h)
        grad[index] = (ahead - behind) / width
        if verbose:
            print(index, grad[index])
    return grad


def eval_numerical_gradient_array(
    f: Callable[[np.ndarray], Any], x: np.ndarray, df: Any, h: float = 1e-5
) -> np.ndarray:
    """Measure the gradient of ``sum(f(x) * df)`` for a function that returns an array.

    Parameters
    ----------
    f : callable
        Called with ``x``; returns an array.
    x : float array of any shape
        Where to measure; changed in place and restored.
    df : array
        Upstream gradient, of the shape of ``f(x)`` or broadcast to it.
    h : float
        Step.

    Returns
    -------
    array like x

    Raises
    ------
    TypeError, ValueError
        As in ``eval_numerical_gradient``, and if ``df`` does not fit ``f(x)``.

    Examples
    --------
    >>> x, dout = np.array([1.0, 2.0]), np.array([10.0, 1.0])
    >>> eval_numerical_gradient_array(lambda x: x**2, x, dout).round(6)
    array([20.,  4.])
    """
    _require_steppable(x, h)
    df = np.asarray(df)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        # A copy: f may return the same buffer twice.
        ahead, behind, width = _both_sides(lambda: np.array(f(x), np.float64), x, index, h)
        grad[index] = np.sum((ahead - behind) * _fitted(df, ahead.shape)) / width
    return grad


def eval_numerical_gradient_blobs(
    f: Callable, inputs: Sequence[Any], output: Any, h: float = 1e-5
) -> list[np.ndarray]:
    """Measure gradients of a function that writes its result into a blob.

    A blob is an object with arrays ``vals`` and ``diffs``.

    Parameters
    ----------
    f : callable
        ``f(*inputs, output)`` fills ``output.vals``.
    inputs : sequence of blobs
        Their ``vals`` are changed in place and restored.
    output : blob
        ``output.diffs`` is the upstream gradient.
    h : float
        Step.

    Returns
    -------
    list of arrays
        One gradient per input.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> x, out = SimpleNamespace(vals=np.array([3.0])), SimpleNamespace(vals=None, diffs=np.ones(1))
    >>> def square(x, out):
    ...     out.vals = x.vals**2
    >>> eval_numerical_gradient_blobs(square, [x], out)[0].round(6)
    array([6.])
    """

    def evaluate(_: np.ndarray) -> np.ndarray:
        f(*inputs, output)
        return output.vals

    return [eval_numerical_gradient_array(evaluate, b.vals, output.diffs, h) for b in inputs]


def eval_numerical_gradient_net(
    net: Any, inputs: Sequence[Any], output: Any, h: float = 1e-5
) -> list[np.ndarray]:
    """Measure gradients through ``net.forward()``, which reads and writes blobs.

    Parameters
    ----------
    net : object
        ``net.forward()`` fills ``output.vals`` from ``inputs``.
    inputs, output, h
        As in ``eval_numerical_gradient_blobs``.

    Returns
    -------
    list of arrays
        One gradient per input.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> x, out = SimpleNamespace(vals=np.array([3.0])), SimpleNamespace(vals=None, diffs=np.ones(1))
    >>> net = SimpleNamespace(forward=lambda: setattr(out, "vals", 2 * x.vals))
    >>> eval_numerical_gradient_net(net, [x], out)[0].round(6)
    array([2.])
    """
    return eval_numerical_gradient_blobs(lambda *blobs: net.forward(), inputs, output, h)


def grad_check_sparse(
    f: Callable[[np.ndarray], Any],
    x: np.ndarray,
    analytic_grad: np.ndarray,
    num_checks: int = 10,
    h: float = 1e-5,
) -> None:
    """Compare a few elements, drawn with ``random.randrange``, and print one line for each.

    Parameters
    ----------
    f : callable
        Called with ``x``; returns a number.
    x : float array of any shape
        Where to measure; changed in place and restored.
    analytic_grad : array like x
        The gradient to compare.
    num_checks : int
        How many elements.
    h : float
        Step.

    Raises
    ------
    TypeError, ValueError
        As in ``eval_numerical_gradient``, and if ``analytic_grad`` has another shape than ``x``.

    Examples
    --------
    >>> x = np.array([1.5])
    >>> grad_check_sparse(lambda x: float(np.sum(4 * x)), x, np.array([4.0]), num_checks=1, h=0.5)
    numerical: 4.000000 analytic: 4.000000, relative error: 0.000000e+00
    """
    _require_steppable(x, h)
    if np.shape(analytic_grad) != x.shape:
        came = np.shape(analytic_grad)
        raise ValueError(f"analytic_grad must have the shape of x, {x.shape}, got {came}")
    for _ in range(num_checks if x.size else 0):
        index = tuple(random.randrange(length) for length in x.shape)
        ahead, behind, width = _both_sides(lambda: _number(f(x)), x, index, h)
        numeric, analytic = (ahead - behind) / width, float(analytic_grad[index])
        size = abs(numeric) + abs(analytic)
        error = abs(numeric - analytic) / size if size else 0.0  # 0/0: nothing is wrong
        print(f"numerical: {numeric:f} analytic: {analytic:f}, relative error: {error:e}")


def _both_sides(
    evaluate: Callable[[], Any], x: np.ndarray, index: tuple[int, ...], h: float
) -> tuple[Any, Any, float]:
    """Return the values ahead and behind, and how far apart the two points really are."""
    old = x[index]
    high, low = (old + x.dtype.type(step) for step in (h, -h))
    if high == low:
        raise ValueError(
            f"h = {h} vanishes in the rounding of x{list(index)} = {old} ({x.dtype}): "
            "take a larger h or float64"
        )
    try:
        x[index] = high
        ahead = evaluate()
        x[index] = low
        behind = evaluate()
    finally:
        x[index] = old
    return ahead, behind, float(high - low)


def _number(value: Any) -> float:
    array = np.asarray(value)
    if array.size != 1:
        raise ValueError(
            f"f must return one number, got {describe(value)}; for a function that returns an "
            "array use eval_numerical_gradient_array"
        )
    return float(array.reshape(()))


def _fitted(df: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    try:
        return np.broadcast_to(df, shape)
    except ValueError:
        raise ValueError(f"df must have the shape of f(x), {shape}, got {df.shape}") from None


def _require_steppable(x: Any, h: float) -> None:
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        hint = ": in-place steps of 1e-5 vanish in integers" if _is_integer(x) else ""
        raise TypeError(f"x must be a float array (x.astype(np.float64)), got {describe(x)}{hint}")
    if not x.flags.writeable:
        raise ValueError("x must be writeable, since it is changed in place; got a read-only array")
    if not 0 < h < np.inf:
        raise ValueError(f"h must be a positive number, got {h}")
    if np.finfo(x.dtype).eps > 1e-4 * h:
        warn(
            f"x is {x.dtype}: a step of h = {h} is mostly rounding error, so the result is noise; "
            "use x.astype(np.float64), everywhere that f reads x",
            RuntimeWarning,
            stacklevel=3,
        )


def _is_integer(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "iub"
