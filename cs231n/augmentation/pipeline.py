"""Chains of augmentations, choices between them, and augmentations that happen now and then."""

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import partial
from typing import Any

import numpy as np

from cs231n.augmentation.images import Shape
from cs231n.augmentation.mixing import Mixing
from cs231n.augmentation.ranges import as_number
from cs231n.augmentation.transform import Parameters, Step, Transform, grouped
from cs231n.validation import Array, as_fraction

Augmentation = Callable[[Array, np.random.Generator], Array]


class Compose(Transform):
    """Apply augmentations one after the other.

    All that is random is drawn first; then neighbours that can be one pass over the images are:
    windows (flips, crops, shifts), warps, linear changes of colour.

    Parameters
    ----------
    *steps : transforms, or callables ``(X, rng) -> X``
        Use :func:`functools.partial` to set the options of a callable.

    Raises
    ------
    TypeError
        If a step cannot be called, is a class, or mixes labels as :class:`MixUp` does.

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n.augmentation import Affine, Flip, Shift
    >>> augment = Compose(Flip(), Shift(2), Affine(degrees=10))
    >>> augment.describe()
    'Flip(), Shift(pixels=2), Affine(degrees=10)'
    >>> augment(np.zeros((4, 3, 8, 8), np.uint8), np.random.default_rng(0)).shape
    (4, 3, 8, 8)
    >>> print(augment.passes((3, 8, 8)))
    1. Flip(), Shift(pixels=2)
    2. Affine(degrees=10)
    """

    def __init__(self, *steps: Transform | Augmentation) -> None:
        for step in steps:
            if not callable(step):
                got = type(step).__name__ if isinstance(step, np.ndarray) else repr(step)
                raise TypeError(f"steps must be callables (X, rng) -> X, got {got}")
            if isinstance(step, Mixing):
                raise TypeError(
                    f"steps must keep the labels, but {step!r} changes labels, too: after the "
                    f"chain, call images, targets = {step!r}(X, y, classes, rng)"
                )
            if isinstance(step, type):
                raise TypeError(
                    f"steps must be transforms, and not their classes: write {step.__name__}(...)"
                )
        self.parts = steps

    def __call__(
        self,
        X: Array,
        rng: np.random.Generator,
        out: Array | None = None,
        layout: str = "NCHW",
    ) -> Array:
        """Return the augmented batch; ``X`` itself stays as it is, unless it is `out`."""
        if all(isinstance(part, Transform) for part in self.parts):
            if not self.parts and out is None:
                return X
            return super().__call__(X, rng, out, layout)
        if out is not None or layout != "NCHW":
            raise ValueError("out and layout are for chains of transforms without other callables")
        # Nothing is known about a callable's draws: they come when its turn comes.
        for part in self.parts:
            X = part(X, rng)
        return X

    def steps(self, n: int, shape: Shape, rng: np.random.Generator) -> list[Step]:
        """Draw the steps' parameters in their order."""
        drawn: list[Step] = []
        for part in self.parts:
            if not isinstance(part, Transform):
                raise TypeError(f"only transforms are drawn before they are applied, got {part!r}")
            drawn += part.steps(n, shape, rng)
            shape = part.output_shape(shape)
        return drawn

    def output_shape(self, shape: Shape) -> Shape:
        """Return what the last step makes of the shape."""
        for part in self.parts:
            if isinstance(part, Transform):
                shape = part.output_shape(shape)
        return shape

    def __repr__(self) -> str:
        return f"Compose({self.describe()})"

    def describe(self) -> str:
        """Name the steps with their options."""
        return ", ".join(_describe(part) for part in self.parts)

    def passes(self, shape: Shape) -> str:
        """Tell which steps are done together for images of `shape` (C, H, W), a line a pass."""
        if np.shape(shape) != (3,):
            raise ValueError(f"shape must be (C, H, W), got {shape!r}")
        steps = self.steps(1, shape, np.random.default_rng(0))
        lines = [", ".join(step[0].describe() for step in group) for group in grouped(steps)]
        return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


class Sometimes(Transform):
    """Apply a transform to each image with probability `p`.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1], or once there are images, the transform changes their shape.

    Examples
    --------
    >>> from cs231n.augmentation import Brightness
    >>> darker = Sometimes(Brightness((0.5, 0.5)), p=0.5)
    >>> darker
    Sometimes(Brightness(reach=(0.5, 0.5)), p=0.5)
    >>> X = np.full((6, 1, 1, 1), 8, np.uint8)
    >>> darker(X, np.random.default_rng(1)).ravel().tolist()
    [8, 8, 4, 8, 4, 4]
    """

    def __init__(self, transform: Transform, p: float) -> None:
        self.transform = _as_transform("transform", transform)
        self.p = as_fraction("p", p)

    def steps(self, n: int, shape: Shape, rng: np.random.Generator) -> list[Step]:
        """Toss, draw, and leave out."""
        chosen = rng.random(n) < self.p
        steps = self.transform.steps(n, shape, rng)
        return _only(steps, chosen, shape)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the transform's."""
        return self.transform.output_shape(shape)

    def describe(self) -> str:
        """Name the transform and the probability."""
        return f"Sometimes({_describe(self.transform)}, p={self.p!r})"

    __repr__ = describe


class OneOf(Transform):
    """Apply one of several transforms to each image.

    Parameters
    ----------
    *transforms : transforms that keep the images' shape
    weights : sequence of float, optional
        How likely each is, in proportion; by default all are alike.

    Raises
    ------
    ValueError
        If there is none, or `weights` are others; or once there are images, a transform changes
        their shape.

    Examples
    --------
    >>> from cs231n.augmentation import Tint
    >>> X = np.zeros((6, 1, 1, 1), np.uint8)
    >>> OneOf(Tint((1, 1)), Tint((2, 2)))(X, np.random.default_rng(0)).ravel().tolist()
    [2, 1, 1, 1, 2, 2]
    """

    def __init__(self, *transforms: Transform, weights: Sequence[float] | None = None) -> None:
        if not transforms:
            raise ValueError("transforms must hold at least one transform, got none")
        self.transforms = tuple(_as_transform("transforms", one) for one in transforms)
        numbers = [1.0] * len(transforms) if weights is None else weights
        shares = np.array([as_number("weights", number) for number in numbers])
        if len(shares) != len(transforms) or min(shares) < 0 or not 0 < shares.sum() < np.inf:
            raise ValueError(
                f"weights must be {len(transforms)} numbers of at least 0, not all 0, and finite, "
                f"got {weights!r}"
            )
        self.weights = None if weights is None else tuple(shares.tolist())
        self._ends = np.cumsum(shares / shares.sum())

    def steps(self, n: int, shape: Shape, rng: np.random.Generator) -> list[Step]:
        """Draw which, and the parameters of all."""
        which = np.searchsorted(self._ends[:-1], rng.random(n), side="right")
        steps: list[Step] = []
        for k, transform in enumerate(self.transforms):
            steps += _only(transform.steps(n, shape, rng), which == k, shape)
        return steps

    def describe(self) -> str:
        """Name the transforms."""
        names = [_describe(one) for one in self.transforms]
        if self.weights is not None:
            names.append(f"weights={self.weights!r}")
        return f"OneOf({', '.join(names)})"

    __repr__ = describe


def _only(steps: Sequence[Step], chosen: Array, shape: Shape) -> list[Step]:
    """Put what changes nothing into the parameters of images that were not chosen."""
    kept: list[Step] = []
    for transform, parameters in steps:
        neutral = transform.neutral(shape)
        changed: Parameters = {}
        for name, values in parameters.items():
            changed[name] = values
            if name in neutral:
                row = chosen.reshape(-1, *(1,) * (values.ndim - 1))  # (n,) -> (n, 1, ...)
                changed[name] = np.where(row, values, np.asarray(neutral[name], values.dtype))
        kept.append((transform, changed))
    return kept


def _as_transform(name: str, value: Any) -> Transform:
    if not isinstance(value, Transform):
        raise TypeError(f"{name} must be transforms, got {value!r}")
    return value


def _describe(part: Any) -> str:
    if isinstance(part, Compose):
        return repr(part)
    if isinstance(part, Transform):
        return part.describe() if is_dataclass(part) else repr(part)
    if not isinstance(part, partial):
        return str(getattr(part, "__name__", repr(part)))
    options = [repr(value) for value in part.args]
    options += [f"{name}={value!r}" for name, value in part.keywords.items()]
    return f"{_describe(part.func)}({', '.join(options)})"
