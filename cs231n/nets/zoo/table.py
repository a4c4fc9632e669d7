"""All entries by name, and what builds them."""

import inspect
from collections.abc import Iterable
from typing import Any

from cs231n.nets.placing import place
from cs231n.nets.specs import Shape
from cs231n.nets.zoo import airbench, alexnet, course, fmp, nin, resnet, resnet9, vgg
from cs231n.nets.zoo.base import Architecture, Entry
from cs231n.validation import as_extent

FAMILIES = (vgg, nin, fmp, alexnet, resnet, resnet9, airbench, course)


class Zoo:
    """Published nets by name; called, it builds one.

    ``zoo.names()`` lists the names, ``zoo.entry(name)`` tells a net's paper and what it reached,
    ``print(zoo)`` shows a line for each.

    Examples
    --------
    >>> from cs231n.nets import Network, zoo
    >>> net = zoo("vgg-d", input_shape=(3, 32, 32), classes=10, width=1 / 16)
    >>> Network(net, net.input_shape, seed=0).params["W1"].shape
    (4, 3, 3, 3)
    >>> zoo.entry("vgg-d").figure
    '27.0 % top-1, 8.8 % top-5 error on ILSVRC-2012 validation, one scale of 256'
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {entry.name: entry for entry in entries}

    def __call__(
        self,
        name: str,
        input_shape: Shape | None = None,
        classes: int | None = None,
        **options: Any,
    ) -> Architecture:
        """Return the specs of a net, without allocating a weight.

        Parameters
        ----------
        name : str
        input_shape : (C, H, W), optional
            Of one image; by default the published one.
        classes : int, optional
        **options
            The keyword arguments of the net's function, such as ``width=0.5``; ``help`` of
            ``zoo.entry(name).build`` tells them.

        Raises
        ------
        ValueError
            If no net has this name, or the images are too small for it, which names the layer.
        TypeError
            If the net has no such option.
        """
        entry = self.entry(name)
        classes = entry.classes if classes is None else as_extent("classes", classes, minimum=1)
        shape = entry.input_shape if input_shape is None else _maps(input_shape)
        _check_options(entry, options)
        layers = entry.build(shape, classes, **options)
        net = Architecture(layers, entry.name, shape, classes)
        try:
            place(net, shape)
        except ValueError as error:
            raise ValueError(f"{name} cannot take input_shape {shape}: {error}") from None
        return net

    def names(self) -> tuple[str, ...]:
        """Return all names."""
        return tuple(self._entries)

    def entry(self, name: str) -> Entry:
        """Return what is known of a net, or refuse an unknown name."""
        if not isinstance(name, str):
            raise TypeError(f"name must be a string, got {name!r}")
        if name not in self._entries:
            wanted = name.lower().replace("_", "-").replace(" ", "-")
            raise ValueError(f"no net has the name {name!r}{_hint(wanted, self.names())}")
        return self._entries[name]

    def __str__(self) -> str:
        return "\n".join(map(str, self._entries.values()))

    def __repr__(self) -> str:
        return f"<a zoo of {len(self._entries)} nets: {', '.join(self._entries)}>"


def _maps(input_shape: Any) -> Shape:
    if not isinstance(input_shape, tuple | list) or len(input_shape) != 3:
        raise ValueError(f"input_shape must be (C, H, W), got {input_shape!r}")
    return tuple(as_extent("input_shape", extent, minimum=1) for extent in input_shape)


def _check_options(entry: Entry, options: dict[str, Any]) -> None:
    known = [
        name
        for name, parameter in inspect.signature(entry.build).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    for name in options:
        if name not in known:
            raise TypeError(f"{entry.name} has no option {name!r}{_hint(name, known)}")


def _hint(wanted: str, known: Iterable[str]) -> str:
    """Return a question if there is a near miss, or else all that there is."""
    import difflib  # only for a mistake

    near = difflib.get_close_matches(wanted, known, n=3)
    return f": did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(known)}"


zoo = Zoo(entry for family in FAMILIES for entry in family.ENTRIES)
