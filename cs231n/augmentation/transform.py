"""What a transform is: it draws its parameters for a batch, then applies them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from cs231n.augmentation.images import Shape, as_images, as_planes, as_rng, in_layout
from cs231n.kernels.arrays import result
from cs231n.validation import Array

Parameters = dict[str, Array]
Step = tuple["Transform", Parameters]


class Transform:
    """A random change of images, described by a frozen dataclass of ranges.

    :meth:`draw` gives arrays with one row an image; :meth:`apply` is free of chance. So the result
    depends on the seed, and on nothing else. Transforms of a kind that stand next to each other in
    a chain are applied in one pass where :meth:`joins` allows it.
    """

    def draw(self, n: int, shape: Shape, rng: np.random.Generator) -> Parameters:
        """Draw the parameters of `n` images of `shape` (C, H, W)."""
        raise NotImplementedError

    def apply(self, X: Array, parameters: Parameters, out: Array | None = None) -> Array:
        """Return the images (N, C, H, W) changed as the parameters say."""
        return self.run(as_images(X), [(self, parameters)], out)

    @classmethod
    def run(cls, X: Array, steps: Sequence[Step], out: Array | None) -> Array:
        """Apply steps of this kind, which join, in one pass."""
        raise NotImplementedError

    def joins(self, steps: Sequence[Step]) -> bool:
        """Tell whether one pass can do `steps` and then this one."""
        return False

    def neutral(self, shape: Shape) -> Mapping[str, Any]:
        """Return the values of the parameters that leave an image as it is."""
        raise ValueError(f"{self!r} cannot be left out of some images: it changes their shape")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape (C, H, W) of what becomes of images of `shape`."""
        return shape

    def steps(self, n: int, shape: Shape, rng: np.random.Generator) -> list[Step]:
        """Draw, and return what there is to apply, one after the other."""
        return [(self, self.draw(n, shape, rng))]

    def __call__(
        self,
        X: Array,
        rng: np.random.Generator,
        out: Array | None = None,
        layout: str = "NCHW",
    ) -> Array:
        """Draw and apply.

        Parameters
        ----------
        X : array (N, C, H, W), integers or floats
        rng : numpy.random.Generator
        out : array, optional
            Where to write the result; `X` itself changes the images in place.
        layout : {'NCHW', 'NHWC'}
            How `X`, and the result, lie in memory.

        Returns
        -------
        array (N, C, HH, WW), or (N, HH, WW, C), of the dtype of `X`
            `out` if it is given, else a new array.

        Raises
        ------
        TypeError, ValueError
            If `X`, `rng`, `out` or `layout` is of another kind or shape than these, or the images
            do not suit the transform.
        """
        images = as_planes(X, layout)
        steps = self.steps(len(images), images.shape[1:], as_rng(rng))
        changed = run_steps(images, steps, out if layout == "NCHW" else None)
        return in_layout(changed, layout, out)

    def describe(self) -> str:
        """Name the transform and what it draws from."""
        if not is_dataclass(self):
            return repr(self)
        told = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if field.repr and repr(getattr(self, field.name)) != repr(field.default)
        ]
        return f"{type(self).__name__}({', '.join(told)})"


def grouped(steps: Sequence[Step]) -> list[list[Step]]:
    """Put steps that one pass can do together."""
    groups: list[list[Step]] = []
    for step in steps:
        transform = step[0]
        if groups and transform.joins(groups[-1]):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def run_steps(X: Array, steps: Sequence[Step], out: Array | None = None) -> Array:
    """Apply steps; what is no longer needed is written over, and `X` stays as it is.

    With `out` the last pass writes there, and as many of the others as can.
    """
    if out is not None:
        shape = X.shape[1:]
        for transform, _ in steps:
            shape = transform.output_shape(shape)
        result("out", out, (len(X), *shape), X.dtype)
    groups = grouped(steps)
    if not groups:
        if out is None or out is X:
            return X
        out[...] = X
        return out
    current = X
    for k, group in enumerate(groups):
        if k == len(groups) - 1:
            to = out if out is not None else _reusable(current, X, group)
        else:
            to = _reusable(current, X, group)
        current = group[0][0].run(current, group, to)
    return current


def _reusable(current: Array, X: Array, group: Sequence[Step]) -> Array | None:
    """Return the array that holds an intermediate result, if the next one has its shape."""
    if current is X or np.may_share_memory(current, X) or not current.flags.c_contiguous:
        return None
    shape = current.shape[1:]
    for transform, _ in group:
        shape = transform.output_shape(shape)
    return current if shape == current.shape[1:] else None
