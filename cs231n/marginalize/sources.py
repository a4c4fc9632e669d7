"""Where noise comes from: the layers, the images, views of them, several models."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from cs231n.validation import Array

LAYERS = "layers"
Augmentation = Callable[[Array, np.random.Generator], Array]
Forward = Callable[[Array, int | None], Array]


class Views:
    """The views of each image that a function of :mod:`cs231n.augmentation.views` gives, in turn.

    Parameters
    ----------
    function : callable ``(X, *args, **options)``
        Yields batches, one view of every image at a time.
    *args, **options
        Its other arguments.

    Examples
    --------
    >>> import numpy as np
    >>> from cs231n.augmentation import ten_crop
    >>> views = Views(ten_crop, (6, 6))
    >>> [view.shape for view in views(np.zeros((5, 3, 8, 8)))][:1]
    [(5, 3, 6, 6)]
    >>> views.count(np.zeros((5, 3, 8, 8)))
    10
    """

    def __init__(self, function: Callable[..., Iterable[Array]], *args: Any, **options: Any):
        if not callable(function):
            raise TypeError(f"function must be a callable (X, ...) -> views, got {function!r}")
        self.function, self.args, self.options = function, args, options

    def __call__(self, X: Array) -> Iterator[Array]:
        """Yield one view of all images after the other."""
        return iter(self.function(X, *self.args, **self.options))

    def count(self, X: Array) -> int:
        """Return how many views there are of images like these; it tries one of them."""
        count = sum(1 for _ in self(X[:1]))
        if not count:
            raise ValueError(f"{self!r} must give at least one view, got none")
        return count

    def exactly(self, X: Array, count: int) -> Iterator[Array]:
        """Yield one view after the other, and refuse if they are not `count`, as of one image."""
        views = self(X)
        for taken in range(count):
            view = next(views, None)
            if view is None:
                raise ValueError(self._told(X, count, str(taken)))
            if taken == count - 1 and next(views, None) is not None:
                raise ValueError(self._told(X, count, "more"))
            yield view

    def _told(self, X: Array, count: int, came: str) -> str:
        return (
            f"{self!r} must give as many views of any number of images, got {count} of one, "
            f"{came} of {len(X)}"
        )

    def __repr__(self) -> str:
        told = [getattr(self.function, "__name__", repr(self.function))]
        told += [repr(arg) for arg in self.args]
        told += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"Views({', '.join(told)})"


def read_only(X: Array) -> Array:
    """Return a view that cannot be written into; what is no array stays as it is.

    Examples
    --------
    >>> import numpy as np
    >>> read_only(np.zeros(3)).flags.writeable
    False
    """
    if isinstance(X, np.ndarray):
        X = X.view()
        X.flags.writeable = False
    return X


def split(over: Any) -> tuple[bool, Views | None, list[Augmentation]]:
    """Sort sources: whether layers are noisy, the views, the augmentations in their order.

    Examples
    --------
    >>> split(("layers", Views(iter)))
    (True, Views(iter), [])
    """
    if isinstance(over, str) or not isinstance(over, Iterable):
        over = (over,)
    layers, views, augmentations = False, [], []
    for source in over:
        if isinstance(source, str):
            if source != LAYERS:
                raise ValueError(f"over has the unknown source {source!r}: {_EXPECTED}")
            layers = True
        elif isinstance(source, Views):
            views.append(source)
        elif isinstance(source, type):
            raise TypeError(f"over has a class: write {source.__name__}(...)")
        elif callable(source):
            augmentations.append(source)
        else:
            raise TypeError(f"over has the unknown source {source!r}: {_EXPECTED}")
    if len(views) > 1:
        raise ValueError(f"over must hold at most one Views, got {views}")
    return layers, views[0] if views else None, augmentations


_EXPECTED = (
    f"it takes {LAYERS!r}, augmentations (X, rng) -> X, and Views(function, ...); "
    "several models are given as a list of models"
)


def memory(model: Any) -> int:
    """Return the bytes of one image that a model, or all of a list, say in ``summary().memory``.

    Networks keep their arrays from pass to pass, so several add up; 0 stands for "unknown".

    Examples
    --------
    >>> memory(lambda X: X)
    0
    """
    models = model if isinstance(model, list | tuple) else [model]
    return sum(int(getattr(m.summary(), "memory", 0)) for m in models if _sums_up(m))


def _sums_up(model: Any) -> bool:
    summary = getattr(model, "summary", None)
    return callable(summary) and not inspect.signature(summary).parameters


def forwards(model: Any, layers: bool) -> list[Forward]:
    """Return how to run a model, or each of a list of models; with noise, if `layers` says so.

    Examples
    --------
    >>> forward, = forwards(lambda X: 2 * X, layers=False)
    >>> forward(3, None)
    6
    """
    models = list(model) if isinstance(model, list | tuple) else [model]
    if not models:
        raise ValueError("model must be a model, or a list of at least one, got an empty list")
    return [_forward(model, layers) for model in models]


def _forward(model: Any, layers: bool) -> Forward:
    run = next(
        (f for f in (getattr(model, "scores", None), getattr(model, "loss", None)) if callable(f)),
        model,
    )
    if not callable(run):
        raise TypeError(
            f"model must have scores(X) or loss(X), or be a callable X -> scores, got {model!r}"
        )
    if not layers:
        return lambda X, noise: run(X)
    if "noise" not in inspect.signature(run).parameters:
        raise ValueError(
            f"noise in the layers was asked for, but {type(model).__name__} has no "
            "scores(X, noise=) to draw it"
        )
    return lambda X, noise: run(X, noise=noise)
