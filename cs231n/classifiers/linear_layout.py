"""The two layouts of linear classifiers, told apart by shape.

==========  ===========  ===========  ==========  =====================
since       X            W            scores      L2 penalty
==========  ===========  ===========  ==========  =====================
2016        ``(N, D)``   ``(D, C)``   ``X @ W``   2016: ``0.5 reg sum(W^2)``, later ``reg sum(W^2)``
2015 only   ``(D, N)``   ``(C, D)``   ``W @ X``   ``0.5 reg sum(W^2)``
==========  ===========  ===========  ==========  =====================

The number of labels tells which axis of X is N, and W must match. Where both readings fit (X and W
square), the release in force decides. Only 2015 had examples as columns, and it halved the penalty:
so the layout says which penalty is meant, whatever the release. Examples as rows do not tell 2016
from 2017: there, ``cs231n.use_release`` decides.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cs231n.release import conventions
from cs231n.validation import Array, as_float_array, as_labels


class Rows(NamedTuple):
    """The arguments of a linear loss with the examples as rows, however they came.

    Attributes
    ----------
    W : array (D, C)
    X : array (N, D)
    y : int array (N,)
    l2 : float
        The penalty is ``l2 sum(W^2)``: ``reg`` times the factor of the year.
    columns : bool
        They came as columns, in the layout of 2015.
    """

    W: Array
    X: Array
    y: Array
    l2: float
    columns: bool

    def as_given(self, dW: Array) -> Array:
        """Return the gradient dW (D, C) in the layout of the W that came."""
        return dW.T if self.columns else dW  # (D, C) -> (C, D)


def in_rows(W: npt.ArrayLike, X: npt.ArrayLike, y: npt.ArrayLike, reg: float) -> Rows:
    """Check the arguments of a linear loss, and lay them out with the examples as rows.

    Parameters
    ----------
    W : array (D, C), or (C, D) in 2015
    X : array (N, D), or (D, N) in 2015
    y : int array (N,)
    reg : float

    Raises
    ------
    ValueError, TypeError
        If the shapes match in neither layout, or a label is out of range, or reg no number.

    Examples
    --------
    >>> rows = in_rows(np.ones((3, 4)), np.ones((4, 2)), np.array([0, 1]), reg=0.1)  # 2015
    >>> rows.columns, rows.W.shape, rows.X.shape, rows.l2
    (True, (4, 3), (2, 4), 0.05)
    """
    W, X = as_float_array("W", W, ndim=2), as_float_array("X", X, ndim=2)
    if np.ndim(y) != 1:
        raise ValueError(f"y must have 1 dimension, one label an example, got shape {np.shape(y)}")
    if np.ndim(reg) != 0 or np.asarray(reg).dtype.kind not in "fiu":
        raise TypeError(f"reg must be a number, got {reg!r}")
    columns = examples_are_columns(X, count=len(np.asarray(y)), W=W)
    if columns:
        W, X = W.T, X.T  # (C, D), (D, N) -> (D, C), (N, D)
    factor = 0.5 if columns else conventions().linear_l2_factor
    return Rows(W, X, as_labels("y", y, X.shape[0], W.shape[1]), factor * float(reg), columns)


def examples_are_columns(
    X: Array, count: int | None = None, W: Array | None = None, usual: bool | None = None
) -> bool:
    """Tell by the shapes whether X is (D, N), as in 2015, and not (N, D).

    Parameters
    ----------
    X : array (N, D) or (D, N)
    count : int, optional
        N, the number of labels, where there are any.
    W : array (D, C) or (C, D), optional
    usual : bool, optional
        The answer where both fit; by default that of the release in force.

    Raises
    ------
    ValueError
        If neither fits.

    Examples
    --------
    >>> examples_are_columns(np.ones((4, 2)), count=2)
    True
    >>> examples_are_columns(np.ones((2, 2)), count=2, usual=False)
    False
    """
    fits = [
        count in (None, X.shape[n]) and (W is None or X.shape[1 - n] == W.shape[n])
        for n in (0, 1)  # the axis of X that runs over the examples
    ]
    if not any(fits):
        labels = "" if count is None else f" and {count} labels"
        weights = "" if W is None else f", W {W.shape}"
        raise ValueError(
            "X must be (N, D) with W (D, C), or (D, N) with W (C, D) as in 2015, for N labels; "
            f"got X {X.shape}{weights}{labels}"
        )
    if all(fits):
        return layout_of_the_release() if usual is None else usual
    return fits[1]


def layout_of_the_release() -> bool:
    """Return whether examples are columns in the release in force, as in 2015."""
    return conventions().year == 2015
