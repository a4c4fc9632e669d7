"""What is wrong in a part of a gradient: a term left out, or a region that went wrong.

Detectives like those of ``cs231n.gradients.diagnosis``, which holds their table.
"""

from collections.abc import Iterator

import numpy as np

from cs231n.gradients.evidence import Context, alike, axes_subsets, first

# ------------------------------------------------------------------------------- missing terms


def used_twice(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot an error that is a known array: dout (a shortcut) or the input (regularisation)."""
    error = analytic - numeric
    if context.dout is not None and error.shape == context.dout.shape:
        if alike(error, -context.dout):
            return (
                f"the difference is exactly dout: {context.name} also reaches the output directly, "
                "and that path is missing (= where += belongs)"
            )
        if alike(error, context.dout):
            return "dout is added once too often"
    return _regularisation(error, context)


def output_forgotten(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot a gradient that lacks the part from one of several outputs."""
    wrong = first(context.wrong)
    if len(context.probe.douts) < 2:
        return None
    parts = np.array([context.probe.parts(i) for i in wrong])
    lacking = np.array([numeric[i] - analytic[i] for i in wrong])
    for k, part in enumerate(parts.T):
        if alike(lacking, part):
            return (
                f"the part that comes from output {k + 1} of {parts.shape[1]} is missing: its "
                "upstream gradient is not used"
            )
    return None


def _regularisation(error: np.ndarray, context: Context) -> str | None:
    x = context.x
    if x.size < 3 or not np.any(x):
        return None
    factor = float(np.nansum(error * x) / (np.sum(x[np.isfinite(error)] ** 2) + 1e-300))
    if not alike(error, factor * x):
        return None
    return (
        f"the error is {factor:.6g} * {context.name}: the regularisation term, or another term "
        f"that is a multiple of {context.name}, is "
        + ("missing" if factor < 0 else "added once too often")
        + " or has the wrong factor"
    )


def repeated_rows(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot errors only in the rows that are looked up more than once."""
    if analytic.ndim == 0:
        return None
    rows = np.flatnonzero(context.wrong.reshape(analytic.shape[0], -1).any(axis=1))
    for name, integers in context.integers.items():
        if integers.min() < 0 or integers.max() >= len(analytic):
            continue
        counts = np.bincount(integers.ravel().astype(np.int64), minlength=len(analytic))
        repeated, once = counts > 1, counts == 1
        if once.any() and repeated[rows].all():
            return (
                f"only rows that {name} names more than once are wrong: `d[{name}] += ...` adds "
                "each row once; use np.add.at or a loop"
            )
    return None


def at_labels(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot errors only in the elements ``[i, y[i]]``."""
    if analytic.ndim != 2:
        return None
    for name, y in context.integers.items():
        if y.shape != analytic.shape[:1] or y.min() < 0 or y.max() >= analytic.shape[1]:
            continue
        mask = np.zeros(analytic.shape, dtype=bool)
        mask[np.arange(len(y)), y] = True
        # Labels all in one column would be a column, and one class is no evidence.
        if (
            not context.wrong[~mask].any()
            and (mask & ~context.wrong & np.isfinite(numeric)).sum() == 0
        ):
            return (
                f"only the elements [i, {name}[i]] are wrong: the term of the correct class (such "
                f"as the -1 in p - 1) is missing or wrong"
            )
    return None


def one_of_several(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot one contribution kept where several output elements contribute."""
    if context.dout is None or context.dout.ndim == 0:
        return None
    wrong = first(context.wrong)
    parts = [(analytic[i], context.probe.contribution(i)) for i in wrong]
    for kept in axes_subsets(context.dout.ndim):
        if kept and parts and all(_keeps_one(value, part, kept) for value, part in parts):
            return (
                "only one of several contributions is left: an element that is used more than "
                "once (overlapping windows, several rows) needs += where = overwrites"
            )
    return None


def _keeps_one(value: float, part: np.ndarray, kept: tuple[int, ...]) -> bool:
    groups = part.sum(tuple(a for a in range(part.ndim) if a not in kept)).ravel()
    used = groups[np.abs(groups) > 1e-9 * np.max(np.abs(groups), initial=0.0)]
    return used.size > 1 and any(np.isclose(value, end, rtol=1e-5) for end in used[[0, -1]])


def shared_term(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot an error that is constant along an axis, or a straight line in the input."""
    error = analytic - numeric
    if error.ndim < 2 or not np.isfinite(error).all():
        return None
    for axis, length in enumerate(error.shape):
        if length > 2 and alike(
            np.broadcast_to(error.mean(axis, keepdims=True), error.shape), error
        ):
            return (
                f"the error is the same all along axis {axis}: a term that is a sum or a mean over "
                f"this axis (such as the path through the mean) is missing or wrong"
            )
        if length > 3 and alike(_straight_line(error, context.x, axis), error):
            return (
                f"along axis {axis} the error is a straight line in {context.name}: the path "
                "through the variance is missing or wrong (its derivative is linear in the input)"
            )
    return None


def _straight_line(error: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """Fit ``error = a + b * x`` along one axis, with an a and a b for each line along it."""
    x = x - x.mean(axis, keepdims=True)
    slope = (error * x).sum(axis, keepdims=True) / ((x * x).sum(axis, keepdims=True) + 1e-300)
    return error.mean(axis, keepdims=True) + slope * x


# -------------------------------------------------------------------------------------- regions


def region(analytic: np.ndarray, numeric: np.ndarray, context: Context) -> str | None:
    """Spot what the wrong elements have in common."""
    wrong, right = context.wrong, np.isfinite(numeric) & ~context.wrong
    if np.count_nonzero(wrong) < 2 or not right.any():
        return None
    for where, mask, share in _regions(context.x, wrong):
        # Few wrong elements lie in some region by chance: a good share of it must be wrong.
        hits, misses = np.count_nonzero(wrong & mask), np.count_nonzero(right & mask)
        if not wrong[~mask].any() and right[~mask].any() and hits >= share * (hits + misses):
            empty = not analytic[wrong].any()
            return f"all wrong elements lie {where}" + (" and are 0: never filled" if empty else "")
    return None


def _regions(x: np.ndarray, wrong: np.ndarray) -> Iterator[tuple[str, np.ndarray, float]]:
    """Yield a description, a mask, and which share of it must be wrong."""
    yield "where the input is negative", x < 0, 1.0
    yield "where the input is positive", x > 0, 1.0
    nouns = {1: ("element",), 2: ("row", "column"), 4: ("image", "channel", "row", "column")}
    for axis, places in enumerate(np.nonzero(wrong)):
        noun = nouns.get(x.ndim, ("slice",) * x.ndim)[axis]
        if places.min() == places.max():
            mask = np.zeros(x.shape, dtype=bool)
            mask[(slice(None),) * axis + (places[0],)] = True
            yield f"in {noun} {places[0]} (index {places[0]} of axis {axis})", mask, 0.5
    if x.ndim > 1:
        inside = np.zeros(x.shape, dtype=bool)
        inside[..., 1:-1, 1:-1] = True
        where = "at the border of the last two axes: look at the padding and the loop's limits"
        yield where, ~inside, 0.5
        yield "inside, off the border of the last two axes", inside, 0.5
