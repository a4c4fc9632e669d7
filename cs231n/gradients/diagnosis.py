"""Why a gradient is wrong: a table of small detectives, the most telling first.

Each one is ``(analytic, numeric, context) -> str | None``: the gradient under test, the measured
one (NaN where it was not measured) and what else is known. It answers in plain words or not at
all. An answer is a likely cause, never a proof.
"""

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np

from cs231n.gradients.evidence import Context, alike, axes_subsets, first, same_values
from cs231n.gradients.terms import (
    at_labels,
    one_of_several,
    output_forgotten,
    region,
    repeated_rows,
    shared_term,
    used_twice,
)

Detective = Callable[[np.ndarray, np.ndarray, Context], str | None]


# ------------------------------------------------------------------- the gradient as a whole


def kink_crossed(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot slopes that differ to the left and to the right, when nothing else is wrong."""
    if not context.kinks or context.wrong.any():
        return None
    index = context.kinks[0]
    return (
        f"a kink: around {context.name} = {context.x[index]:.3g} the slopes to the left and to the "
        "right differ (a relu at 0, a tie in a maximum, a hinge at its margin), so there is no one "
        "slope to compare with. The check, not the gradient, may be at fault: move the input away "
        "from the kink, e.g. push small values out to 0.1 or use distinct values"
    )


def forgotten(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot an array that was made and never filled."""
    if analytic.any():
        return None
    return (
        "the gradient is 0 everywhere: it was made with np.zeros_like and never filled, or a later "
        "line overwrites it"
    )


def passed_through(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot dout, perhaps summed, where it should be dout times something."""
    axes = _dout_summed_over(analytic, context.dout)
    if axes is None or _dout_summed_over(numeric, context.dout) is not None:
        return None
    what = "dout itself" if not axes else f"dout summed over {_axes(axes)}"
    return (
        f"the gradient is {what}: the layer's own derivative is missing from the chain rule "
        "(dx = dout * dout/dx: the mask of a relu, the factor of a product)"
    )


def _dout_summed_over(gradient: np.ndarray, dout: np.ndarray | None) -> tuple[int, ...] | None:
    # A loss has one number for its dout: every constant gradient would look like it.
    if dout is None or dout.ndim == 0:
        return None
    sums = (axes for axes in axes_subsets(dout.ndim) if same_values(gradient, dout.sum(axes)))
    return next(sums, None)


def stale(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot a gradient that belongs to other inputs than the cache's."""
    if context.elsewhere is None or not analytic.any():
        return None
    other, probe = context.elsewhere
    indices = first(context.wrong)
    here = np.array([analytic[i] for i in indices])
    there = np.array([probe.measure(i).value for i in indices])
    if alike(here, there, 1e-6):
        return (
            "a stale cache: the gradient is right for the inputs of the forward call *before* this "
            "one. Let forward put this call's own arrays into the cache that it returns"
        )
    truth = np.array([numeric[i] for i in indices])
    from_dout = _dout_summed_over(analytic, context.dout) is not None
    if from_dout or alike(there, truth) or not np.array_equal(other, analytic):
        return None
    return (
        "a stale cache: backward gives the same gradient for the caches of two different forward "
        "calls. It takes its values from somewhere else (a global, a variable of an earlier "
        "cell, dout where the input belongs); read everything from the cache"
    )


# ---------------------------------------------------------------------------- factors and sign


def constant_factor(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot one factor by which every element is off."""
    known = np.isfinite(numeric)
    large = known & (np.abs(numeric) > 1e-3 * np.max(np.abs(numeric[known]), initial=0.0))
    if not large.any():
        return None
    ratio = float(np.median(analytic[large] / numeric[large]))
    if ratio == 0 or abs(ratio - 1) < 1e-3 or not alike(analytic, ratio * numeric):
        return None
    words = _factor_in_words(abs(ratio), context.sizes)
    # One element is always some multiple of another: only a factor with a name tells something.
    if ratio > 0 and not words and np.count_nonzero(large) == 1:
        return None
    found = [f"every element is {ratio:.6g} times the measured one"]
    if ratio < 0:
        found.append("the sign is flipped")
    return "; ".join([*found, *words])


def factor_of_each(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot a factor that is the same along one axis and differs along the others."""
    # Where many elements are right, the place of the wrong ones says more.
    if numeric.ndim < 2 or np.mean(context.wrong) < 0.9:
        return None
    for axis, length in enumerate(numeric.shape):
        square = (numeric * numeric).sum(axis, keepdims=True) + 1e-300
        ratio = (analytic * numeric).sum(axis, keepdims=True) / square
        if length > 2 and analytic.any() and alike(analytic, ratio * numeric):
            shown = ", ".join(f"{r:.4g}" for r in ratio.ravel()[:3])
            return (
                f"all along axis {axis} the elements are off by one factor, which differs from "
                f"line to line ({shown}, ...): a factor such as gamma or 1/std is missing or wrong"
            )
    return None


def _factor_in_words(factor: float, sizes: dict[int, str]) -> list[str]:
    words = []
    for size, source in sizes.items():
        if np.isclose(factor, size, rtol=1e-5):
            words.append(f"{size} is {source}: a division by it is missing (a sum, not a mean?)")
        elif np.isclose(factor, 1 / size, rtol=1e-5):
            words.append(
                f"1/{size} is 1 / {source}: divided by it once too often, or a mean was taken "
                "where a sum belongs"
            )
    if np.isclose(factor, 2):
        words.append("a factor of 2 too much: a term counted twice, or x*x for x*x/2")
    if np.isclose(factor, 0.5):
        words.append("a factor of 2 is missing: the derivative of x*x is 2*x")
    return words


def nearly_right(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot errors of less than a thousandth nearly everywhere."""
    wrong, known = context.wrong, np.isfinite(numeric)
    close = np.abs(analytic - numeric)[wrong] <= 1e-3 * np.abs(numeric[wrong])
    if 2 * np.count_nonzero(wrong) < np.count_nonzero(known) or np.mean(close) < 0.9:
        return None
    return (
        "the elements are right to about three digits: an eps left out or added in another place "
        "than in forward, a rounded constant, or float32 somewhere inside"
    )


# ------------------------------------------------------------------------------ shape and axes


def transposed(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot the right values in the order of swapped axes."""
    shape = numeric.shape
    for axes in permutations(range(numeric.ndim)) if numeric.ndim <= 5 else ():
        swapped = tuple(shape[a] for a in axes)
        if axes == tuple(range(numeric.ndim)) or analytic.shape not in (shape, swapped):
            continue
        if alike(analytic.reshape(swapped).transpose(np.argsort(axes)), numeric):
            order = "transposed (.T)" if numeric.ndim == 2 else f"in the axis order {axes}"
            return (
                f"the values are right but {order}: swap the factors of the matrix product, or "
                "transpose before a reshape"
            )
    if numeric.ndim > 1 and analytic.shape == shape[::-1] != shape:
        return "the shape is that of the transpose: check which factor of the product is transposed"
    return None


def reversed_order(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot the right values in reversed order along some axes."""
    if analytic.shape != numeric.shape:
        return None
    for axes in axes_subsets(min(numeric.ndim, 5)):
        if axes and alike(np.flip(analytic, axes), numeric):
            return f"the values are right, but in reversed order along {_axes(axes)}: a [::-1]"
    return None


def padded(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot the right values inside a frame."""
    if analytic.ndim != numeric.ndim or any(np.subtract(analytic.shape, numeric.shape) < 0):
        return None
    starts = np.subtract(analytic.shape, numeric.shape) // 2
    inside = tuple(slice(i, i + n) for i, n in zip(starts, numeric.shape, strict=True))
    if analytic.shape == numeric.shape or not alike(analytic[inside], numeric):
        return None
    return "the right values stand in a frame: cut the padding off at the end of backward"


def other_shape(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot the right values in the right order, in another shape."""
    if analytic.shape == numeric.shape or analytic.size != numeric.size:
        return None
    if not alike(analytic.reshape(numeric.shape), numeric):
        return None
    if same_values(analytic, numeric):
        return (
            "the values are right, but axes of length 1 are left over or lost: take the sum "
            f"without keepdims=True, or reshape to {context.name}.shape"
        )
    return f"the values are right: reshape the gradient to {context.name}.shape"


def wrong_reduction(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot a sum of the unreduced gradient over the wrong axes."""
    whole = context.unreduced()
    if whole is None or whole.ndim == 0:
        return None
    subsets = list(axes_subsets(whole.ndim))
    right = next((axes for axes in subsets if same_values(whole.sum(axes), numeric)), None)
    if right is None:
        return None
    for axes in subsets:
        if axes != right and _reduces_to(whole, axes, analytic):
            return _reduction_in_words(axes, right, context.name)
    return None


def _reduces_to(whole: np.ndarray, axes: tuple[int, ...], analytic: np.ndarray) -> bool:
    total = np.asarray(whole.sum(axes))
    if total.ndim == 0:
        # A single number, also when numpy has spread it over the whole gradient.
        return alike(analytic, np.full(analytic.shape, float(total)))
    return same_values(total, analytic)


def _reduction_in_words(axes: tuple[int, ...], right: tuple[int, ...], name: str) -> str:
    should = f"sum over {_axes(right)}" if right else "do not sum"
    if not axes:
        return f"a broadcast was not reduced: {name} was spread over {_axes(right)}; {should}"
    if set(axes) < set(right):
        missing = sorted(set(right) - set(axes))
        return f"{_axes(missing)} is missing from the sum over {_axes(axes)}; {should}"
    return f"the sum runs over the wrong axes: it is over {_axes(axes)}; {should}"


def _axes(axes: Sequence[int]) -> str:
    if len(axes) == 1:
        return f"axis {axes[0]}"
    return f"axes {', '.join(map(str, axes))}" if axes else "no axis"


# ------------------------------------------------------------------------------------ the table

VALUES: tuple[Detective, ...] = (
    kink_crossed,
    forgotten,
    stale,  # rests on an experiment, so it goes before what rests on numbers alone
    nearly_right,
    constant_factor,
    factor_of_each,
    transposed,
    reversed_order,
    wrong_reduction,
    used_twice,
    output_forgotten,
    passed_through,
    at_labels,
    repeated_rows,
    one_of_several,
    shared_term,
    region,
)
SHAPES: tuple[Detective, ...] = (other_shape, transposed, padded, wrong_reduction)


def likely_causes(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> list[str]:
    """Return what may have gone wrong, best first, at most three causes.

    Parameters
    ----------
    analytic, numeric : arrays
        The gradient under test and the measured one, NaN where it was not measured.
    context : Context
        What else is known.

    Examples
    --------
    >>> from cs231n.gradients.probe import Probe
    >>> x = np.array([1.0, 2.0])
    >>> probe = Probe(lambda inputs: (inputs[0] ** 2,), [x], 0, [np.ones(2)])
    >>> context = Context("x", probe, wrong=np.array([True, True]))
    >>> likely_causes(-2 * x, 2 * x, context)[0]
    'every element is -1 times the measured one; the sign is flipped'
    """
    table = VALUES if analytic.shape == numeric.shape else SHAPES
    if table is VALUES and not context.wrong.any():
        table = (kink_crossed,)  # the others would reason about right elements
    found = (detective(analytic, numeric, context) for detective in table)
    return [words for words in found if words][:3]
