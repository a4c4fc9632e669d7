"""Residual blocks: a stack of layers whose result is added to its input."""

from dataclasses import dataclass

from cs231n.nets.specs.base import Shape, Spec, maps


@dataclass(frozen=True, repr=False)
class Residual(Spec):
    """``body(x) + shortcut(x)``; without a shortcut, ``body(x) + x``.

    A network runs the layers inside; their parameters are numbered as they stand, the body's first.

    Attributes
    ----------
    body, shortcut : tuples of specs

    References
    ----------
    He, Zhang, Ren & Sun, "Deep residual learning", 2015, https://arxiv.org/abs/1512.03385

    Examples
    --------
    >>> from cs231n.nets.specs import Conv, ReLU
    >>> Residual((Conv(8), ReLU(), Conv(8)))
    Residual(body=(Conv(filters=8), ReLU(), Conv(filters=8)))
    >>> Residual((Conv(16, stride=2),), (Conv(16, 1, 2, pad=0),)).output_shape((8, 6, 6))
    (16, 3, 3)
    """

    body: tuple[Spec, ...]
    shortcut: tuple[Spec, ...] = ()

    def __post_init__(self) -> None:
        for name in ("body", "shortcut"):
            layers = getattr(self, name)
            if not isinstance(layers, tuple | list) or not all(
                isinstance(layer, Spec) for layer in layers
            ):
                raise TypeError(f"Residual's {name} must be a tuple of specs, got {layers!r}")
            object.__setattr__(self, name, tuple(layers))
        if not self.body:
            raise ValueError("Residual's body must not be empty")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that both ways give, or refuse two that differ."""
        ways = [maps(shape), maps(shape)]
        for i, layers in enumerate((self.body, self.shortcut)):
            for layer in layers:
                ways[i] = maps(layer.output_shape(ways[i]))
        if ways[0] != ways[1]:
            raise ValueError(
                f"needs two ways that give the same shape, got {ways[0]} from the body and "
                f"{ways[1]} from the shortcut"
            )
        return ways[0]

    def multiply_adds(self, shape: Shape) -> int:
        """Return the sum over both ways."""
        total = 0
        for layers in (self.body, self.shortcut):
            at = shape
            for layer in layers:
                total += layer.multiply_adds(at)
                at = layer.output_shape(at)
        return total


@dataclass(frozen=True, repr=False)
class Sum(Spec):
    """What closes a residual block: the sum of body and shortcut; made where a block is placed.

    Examples
    --------
    >>> Sum().output_shape((8, 6, 6))
    (8, 6, 6)
    """
