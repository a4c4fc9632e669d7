"""The noisy end of a network: what stands in front of it is the same in every pass."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from cs231n import marginalize
from cs231n.layers.dropconnect_inference import dropconnect_inference
from cs231n.nets import DropConnect, Flatten, Network, ReLU, Residual, Spec
from cs231n.nets.network import NOISY
from cs231n.nets.placing import place
from cs231n.validation import Array


class Tail(NamedTuple):
    """The layers from the first noisy one on, as a network, and what goes into them."""

    network: Network
    features: Array  # (N, *network.input_shape)


def split_at_noise(network: Network, X: Array) -> Tail:
    """Run images as far as nothing is random, once for all passes.

    Batch normalisation is not random: at test time it has its running averages.

    Parameters
    ----------
    network : Network
    X : array (N, *network.input_shape)

    Raises
    ------
    ValueError
        If nothing in the network is random.

    Examples
    --------
    >>> network = Network("conv3-4 relu pool2 dropout0.5 fc-10", (1, 8, 8), seed=0)
    >>> X = np.ones((5, 1, 8, 8))
    >>> tail = split_at_noise(network, X)
    >>> str(tail.network), tail.features.shape
    ('dropout0.5 fc-10', (5, 4, 4, 4))
    >>> np.allclose(tail.network.scores(tail.features), network.scores(X))
    True
    """
    layers = network.layers
    first = next((i for i, layer in enumerate(layers) if _is_noisy(layer)), None)
    if first is None:
        raise ValueError(f"network must have a layer that is random, got {network}")
    if first == 0:
        return Tail(network, X)
    front = layers[:first]
    shape = place(front, network.input_shape, scores=False)[-1].output_shape
    names = iter(_names(network))
    head = _part(network, (*front, Flatten()), network.input_shape, names)
    end = _part(network, layers[first:], shape, names)
    return Tail(end, head.scores(X).reshape(len(X), *shape))  # (N, D) -> (N, C, H, W)


def match_moments(
    tail: Tail, samples: int | None = None, seed: int | np.random.Generator | None = None
) -> Array:
    """Return probabilities (N, C): DropConnect's expected activations, then the other layers.

    Parameters
    ----------
    tail : Tail
        Which begins with DropConnect and a ReLU, and has nothing random behind.
    samples : int, optional
        How many normal numbers are averaged; by default the ReLU's expectation is exact.
    seed : int or Generator, optional
        For the samples.

    Raises
    ------
    ValueError
        If the tail has other layers.

    References
    ----------
    Wan et al., "Regularization of neural networks using DropConnect", 2013, algorithm 2,
    https://proceedings.mlr.press/v28/wan13.html

    Examples
    --------
    >>> tail = split_at_noise(Network("dropconnect-8 relu fc-3", (4,), seed=0), np.ones((2, 4)))
    >>> match_moments(tail).shape
    (2, 3)
    """
    network = tail.network
    layers = network.layers
    dropping = layers[0]
    if (
        not isinstance(dropping, DropConnect)
        or layers[1:2] != (ReLU(),)
        or len(layers) == 2
        or any(map(_is_noisy, layers[1:]))
    ):
        raise ValueError(
            "moments are matched where, from the first random layer on, there are DropConnect, a "
            f"ReLU and others that are not random, got {network}"
        )
    names = iter(_names(network))
    w = network.params[next(names)]
    b = network.params[next(names)] if dropping.bias else np.zeros(dropping.units, w.dtype)
    param: dict[str, Any] = {"p": dropping.keep, "p_is_dropped": False, "seed": seed}
    if samples is not None:
        param["samples"] = samples
    hidden = dropconnect_inference(tail.features, w, b, param)
    behind = _part(network, layers[2:], (dropping.units,), names)
    return marginalize.softmax(behind.scores(hidden))


def _is_noisy(layer: Spec) -> bool:
    if isinstance(layer, Residual):
        return any(map(_is_noisy, (*layer.body, *layer.shortcut)))
    return isinstance(layer, NOISY)


def _names(network: Network) -> list[str]:
    """Return the names of all arrays, in the order of the layers that they belong to."""
    return [name for p in network.placed for name in (*p.parameters, *p.running)]


def _part(
    network: Network, layers: tuple[Spec, ...], shape: tuple[int, ...], names: Iterator[str]
) -> Network:
    """Return some of a network's layers, with its arrays of the next names."""
    part = Network(layers, shape, dtype=network.dtype, seed=0)
    # Its own names come first: where they end, zip takes none of the others too many.
    for own, name in zip(_names(part), names, strict=False):
        for mine, its in ((part.params, network.params), (part.state, network.state)):
            if own in mine:
                mine[own] = its[name]
    return part
